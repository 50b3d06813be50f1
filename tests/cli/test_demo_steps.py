"""Is a crew of the demo that has nothing to do back at its base?"""

from __future__ import annotations

import pytest

from dispatch.actions.dispatching import dispatch_visit
from dispatch.actions.positions import record_position
from dispatch.actions.unit_of_work import transaction
from dispatch.cli.demo_steps import go_home
from dispatch.domain.place import Point
from dispatch.queries.under_way import whereabouts
from tests.factories import DESK, make_crew, make_team, make_ticket

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
