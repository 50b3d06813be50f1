"""Which drives does the history hold, from where to where and how long?"""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from dispatch.actions.ticket_log import Told
from dispatch.actions.unit_of_work import transaction
from dispatch.actions.visits import arrive, complete_visit, set_off
from dispatch.domain.place import Point, metres_between
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.models.tickets import Ticket, Visit
from dispatch.queries.travel_history import LOOK_BACK, past_drives, travel_fit
from tests.factories import DESK, IN_EAST, IN_WEST, make_city, make_ticket
from tests.trips import send

ZONE = ZoneInfo("Asia/Shanghai")
BASE = Point(28.15, 113.05)
HOUR = timedelta(hours=1)
WEST, EAST = Point(IN_WEST.lat, IN_WEST.lon), Point(IN_EAST.lat, IN_EAST.lon)


@pytest.fixture
def crew_id(session, now):
    """Return the crew of the east, whose base is its grid's middle."""
    with transaction():
        return make_city(now).crews[2].id


def drive(crew_id, at, minutes, *, place=IN_WEST, told=None):
    """Send a crew, let it drive and work an hour; return the ticket and the visit."""
    with transaction():
        ticket_id = make_ticket(at, place=place).ticket.id
    send(ticket_id, crew_id, at)
    with transaction():
        ticket = db.session.get_one(Ticket, ticket_id)
        [visit] = db.session.query(Visit).filter_by(ticket_id=ticket_id)
        set_off(ticket, visit, actor=DESK, now=at, told=told or Told())
        there = at + timedelta(minutes=minutes)
        arrive(ticket, visit, actor=DESK, now=there)
        complete_visit(ticket, visit, actor=DESK, now=there + HOUR)
    return ticket_id, visit.id


def drives(now, days=1):
    found = past_drives(now - timedelta(days=days), now + timedelta(days=days), ZONE)
    return list(
        zip(found.metres.tolist(), found.seconds.tolist(), found.hours.tolist(), strict=True)
    )


def metres(start, end):
    return pytest.approx(metres_between(start, end), rel=1e-6, abs=1e-3)


def test_nothing_driven_is_no_drives(session, now):
    assert drives(now) == []


def test_the_first_drive_begins_at_the_base_and_the_next_where_the_crew_was(crew_id, now):
    drive(crew_id, now, 15)
    drive(crew_id, now + 2 * HOUR, 12, place=IN_EAST)
    hour = now.astimezone(ZONE).hour
    assert drives(now) == [
        (metres(BASE, WEST), 900.0, hour),
        (metres(WEST, EAST), 720.0, (hour + 2) % 24),
    ]


def test_after_a_long_pause_it_begins_at_the_base_again(crew_id, now):
    drive(crew_id, now, 15)
    drive(crew_id, now + 4 * HOUR, 12)
    assert [metres for metres, _seconds, _hour in drives(now)] == [metres(BASE, WEST)] * 2


def test_the_phone_knows_better(crew_id, now):
    drive(crew_id, now, 15, told=Told(position=EAST, datum="wgs84", accuracy_metres=9.0))
    assert drives(now)[0][0] == metres(EAST, WEST)


def test_a_crew_without_a_base_has_no_first_drive(crew_id, now):
    with transaction():
        crew = db.session.get_one(Crew, crew_id)
        crew.base_lat = crew.base_lon = None
    drive(crew_id, now, 15)
    assert drives(now) == []


@pytest.mark.parametrize(
    ("of_ticket", "of_visit"),
    [
        ({"imported": True}, {}),
        ({}, {"arrival_grade": "disputed"}),
        ({}, {"en_route_at": None}),
        ({}, {"arrived_at": None}),
        ({"lat": None, "lon": None}, {}),
    ],
)
def test_what_was_no_drive_of_ours_is_left_out(crew_id, now, of_ticket, of_visit):
    ticket_id, visit_id = drive(crew_id, now, 15)
    with transaction():
        for row, columns in (
            (db.session.get_one(Ticket, ticket_id), of_ticket),
            (db.session.get_one(Visit, visit_id), of_visit),
        ):
            for name, value in columns.items():
                setattr(row, name, value)
    assert drives(now) == []


def test_only_the_stretch_that_was_asked_for(crew_id, now):
    drive(crew_id, now, 15)
    later = now + timedelta(days=2)
    assert len(past_drives(now, later, ZONE).metres) == 1
    assert len(past_drives(now - HOUR, now, ZONE).metres) == 0


def test_few_drives_are_no_fit_and_many_are(crew_id, now):
    assert travel_fit(ZONE, now=now) is None
    with transaction():
        ticket = make_ticket(now).ticket
        for day in range(60):
            at = now - timedelta(days=day + 1)
            times = {"dispatched_at": at, "en_route_at": at, "arrived_at": at + HOUR / 4}
            db.session.add(Visit(state="completed", ticket_id=ticket.id, crew_id=crew_id, **times))
    fit = travel_fit(ZONE, now=now + 2 * HOUR)
    assert fit.n == 60
    assert fit.error_minutes == pytest.approx(0)
    assert travel_fit(ZONE, now=now + LOOK_BACK) is None
