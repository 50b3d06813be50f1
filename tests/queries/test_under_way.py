"""Is every trip seen with its goal and with where its crew is?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.dispatching import dispatch_visit
from dispatch.actions.holds import hold_ticket
from dispatch.actions.positions import record_position
from dispatch.actions.unit_of_work import transaction
from dispatch.actions.visits import arrive, complete_visit
from dispatch.domain.place import Point
from dispatch.queries.under_way import Whereabouts, trip_of, trips, whereabouts
from tests.factories import DESK, make_crew, make_team, make_ticket


@pytest.fixture
def crew(session):
    found = make_crew("West 1", team=make_team())
    session.commit()
    return found


@pytest.fixture
def visit(session, crew, now):
    with transaction():
        ticket = make_ticket(now).ticket
        return dispatch_visit(ticket, crew, actor=DESK, now=now), ticket


def test_a_trip_starts_at_the_base(session, crew, visit, now):
    [trip] = trips()
    assert (trip.crew, trip.state, trip.dispatched_at) == ("West 1", "dispatched", now)
    assert (trip.place, trip.goal) == (Point(28.15, 112.95), Point(28.15, 112.95))
    assert trip_of(visit[0].id) == trip
    assert not trip.is_held
    assert not trip.is_restored


def test_a_position_counts_before_the_base(session, crew, visit, now):
    with transaction():
        record_position(crew.id, Point(28.11, 112.91), measured_at=now)
    assert trips()[0].place == Point(28.11, 112.91)
    [found] = whereabouts()
    assert found == Whereabouts(crew.id, Point(28.11, 112.91), now, base=Point(28.15, 112.95))


def test_a_crew_without_position_is_at_its_base_or_left_out(session, crew):
    base = Point(28.15, 112.95)
    assert list(whereabouts()) == [Whereabouts(crew.id, base, None, base)]
    crew.base_lat = None
    session.commit()
    assert list(whereabouts()) == []


def test_a_hold_is_seen(session, crew, visit, now):
    with transaction():
        hold_ticket(visit[1], reason="waiting_for_part", actor=DESK, now=now)
    assert trips()[0].is_held


def test_an_ended_visit_is_no_trip(session, crew, visit, now):
    with transaction():
        arrive(visit[1], visit[0], actor=DESK, now=now + timedelta(minutes=9))
        complete_visit(visit[1], visit[0], actor=DESK, now=now + timedelta(minutes=9))
    assert trips() == []
    assert trip_of(visit[0].id) is None


def test_some_crews_may_be_left_out(session, crew, visit):
    assert trips(but=[crew.id]) == []
