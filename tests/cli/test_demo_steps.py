"""Is a crew of the demo that has nothing to do back at its base?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from dispatch.actions.dispatching import dispatch_visit
from dispatch.actions.positions import record_position
from dispatch.actions.unit_of_work import transaction
from dispatch.cli.demo_cities import read_city
from dispatch.cli.demo_movement import Lapse, Step, habits_of
from dispatch.cli.demo_steps import do_step, go_home
from dispatch.domain.place import Point, metres_between
from dispatch.models.tickets import TicketEvent
from dispatch.queries.under_way import trips, whereabouts
from tests.factories import DESK, make_crew, make_team, make_ticket
from tests.trips import work

AWAY, BASE = Point(28.11, 112.91), Point(28.15, 112.95)


@pytest.fixture
def crew(session, now):
    found = make_crew("West 1", team=make_team())
    session.commit()
    with transaction():
        record_position(found.id, AWAY, measured_at=now)
    return found


def place():
    [found] = whereabouts()
    return found.place


def test_an_idle_crew_is_back_at_its_base(crew, now):
    with transaction():
        go_home(crew.id, now)
    assert place() == BASE


def test_a_crew_under_way_stays_where_it_is(crew, now):
    with transaction():
        dispatch_visit(make_ticket(now).ticket, crew, actor=DESK, now=now)
    with transaction():
        go_home(crew.id, now)
    assert place() == AWAY


def test_a_crew_without_a_base_stays_where_it_is(session, crew, now):
    crew.base_lat = None
    session.commit()
    with transaction():
        go_home(crew.id, now)
    assert place() == AWAY


@pytest.mark.parametrize(
    ("lapse", "metres"), [(None, (0, 1)), (Lapse.TAPS_AFAR, (600, 1_500)), (Lapse.HIDES, None)]
)
def test_a_lapse_is_seen_in_the_evidence(session, crew, now, lapse, metres):
    with transaction():
        dispatch_visit(make_ticket(now).ticket, crew, actor=DESK, now=now)
    at = work(1, crew.id, now, until="set-off")
    [trip] = trips()
    habits = replace(habits_of(1, work_minutes=5), lapse=lapse)
    with transaction():
        do_step(Step.ARRIVE, trip, habits, read_city("boston").said, at)
    event = session.query(TicketEvent).filter_by(kind="arrived").one()
    if metres is None:
        assert event.lat is None
    else:
        assert metres[0] <= metres_between(Point(event.lat, event.lon), trip.goal) <= metres[1]
