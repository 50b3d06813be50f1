"""Is each crew seen where it is, with what keeps it and when it is on duty?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.dispatching import dispatch_visit
from dispatch.actions.unit_of_work import transaction
from dispatch.actions.visits import arrive
from dispatch.domain.coverage import Work
from dispatch.models.base import db
from dispatch.models.people import Crew, Position, Shift
from dispatch.models.tickets import Ticket, Visit
from dispatch.queries.crews_ahead import crews_ahead
from tests.factories import DESK, IN_EAST, make_city, make_ticket

MINUTE = timedelta(minutes=1)


@pytest.fixture
def city(session, now):
    with transaction():
        return make_city(now)


def sent(city, now, crew=0):
    ticket = make_ticket(now, place=IN_EAST).ticket
    return dispatch_visit(ticket, city.crews[crew], actor=DESK, now=now)


def test_an_idle_crew_counts_from_its_base_until_it_has_a_position(city, now):
    first = crews_ahead(now)[0]
    assert (first.origin, first.base, first.from_base) == ((28.15, 112.95), (28.15, 112.95), True)
    assert (first.is_idle, first.free_now, first.work) == (True, 1.0, None)
    with transaction():
        db.session.add(Position(crew_id=first.crew_id, lat=28.2, lon=113.0, measured_at=now))
    first = crews_ahead(now)[0]
    assert (first.origin, first.from_base) == ((28.2, 113.0), False)


def test_a_crew_without_position_or_base_is_nowhere(city, now):
    with transaction():
        db.session.get_one(Crew, city.crews[0].id).base_lat = None
    first = crews_ahead(now)[0]
    assert (first.origin, first.base, first.from_base) == (None, None, False)


def test_a_crew_on_its_way_is_there_at_its_estimate_or_within_half_an_hour(city, now):
    with transaction():
        visit = sent(city, now)
        visit.eta_at = None
    assert crews_ahead(now)[0].work == Work(arrives_in=1_800)
    with transaction():
        db.session.get_one(Visit, visit.id).eta_at = now + 10 * MINUTE
    first = crews_ahead(now + 4 * MINUTE)[0]
    assert first.work == Work(arrives_in=360)
    assert (first.origin, first.from_base) == ((IN_EAST.lat, IN_EAST.lon), False)
    assert (first.is_idle, first.free_now) == (False, 1.0)


def test_a_crew_at_work_has_been_there_since_it_arrived(city, now):
    with transaction():
        visit = sent(city, now)
        ticket = db.session.get_one(Ticket, visit.ticket_id)
        arrive(ticket, visit, actor=DESK, now=now + 5 * MINUTE)
    assert crews_ahead(now + 25 * MINUTE)[0].work == Work(elapsed=1_200)


def test_a_crew_on_two_tickets_is_never_free(city, now):
    with transaction():
        for _ in range(2):
            ticket = make_ticket(now).ticket
            db.session.add(
                Visit(
                    ticket_id=ticket.id,
                    crew_id=city.crews[0].id,
                    state="dispatched",
                    dispatched_at=now,
                )
            )
    first = crews_ahead(now)[0]
    assert (first.tickets, first.free_now) == (2, 0.0)


def test_duty_follows_the_shifts(city, now):
    # It is 17:30 in the tests' zone.
    with transaction():
        shift = db.session.query(Shift).filter_by(crew_id=city.crews[0].id).one()
        shift.start_minute, shift.end_minute = 8 * 60, 18 * 60
    first = crews_ahead(now)[0]
    assert [first.is_on_duty(now + hours * 60 * MINUTE) for hours in (0, 1, 15)] == [
        True, False, True,
    ]  # fmt: skip
    later = crews_ahead(now + 60 * MINUTE)[0]
    assert (later.is_idle, later.free_now) == (False, 0.0)
