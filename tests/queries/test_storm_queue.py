"""What is a caller told in a storm: which place, which hour?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.storms import begin_storm
from dispatch.domain.permissions import Role
from dispatch.domain.place import Point
from dispatch.domain.storm import Wanted
from dispatch.models.people import Crew
from dispatch.models.places import Household
from dispatch.queries.outlook import planning_board
from dispatch.queries.storm_queue import outlook_of_call, outlook_of_ticket, served_first
from tests.factories import IN_EAST, IN_WEST, make_account, make_city, make_household, make_ticket
from tests.trips import send

MINUTES = timedelta(minutes=1)
WEST, EAST = Point(28.15, 112.95), Point(28.15, 113.05)


@pytest.fixture
def storm(session, now):
    make_city(now)
    duty = make_account(Role.MANAGER, now)
    return begin_storm(
        Wanted("flood", "River", ("West",), now + timedelta(hours=6)), actor=duty, now=now
    )


def test_outside_a_storm_nothing_is_told(storm, now):
    east = make_ticket(now, place=IN_EAST).ticket
    assert outlook_of_ticket(east, now) is None
    assert outlook_of_call(EAST, 1, now) is None
    assert outlook_of_call(WEST, 4, now) is None
    assert outlook_of_call(WEST, 2, now + timedelta(hours=6)) is None


def test_the_hour_follows_from_the_tickets_before_and_the_crews_of_these_grids(storm, now):
    tickets = [make_ticket(now, category="leak").ticket for _ in range(5)]
    found = [outlook_of_ticket(each, now) for each in tickets]
    assert [(each.position, each.waiting) for each in found] == [(at, 5) for at in range(1, 6)]
    # Two crews, 15 minutes of driving, 45 of work: an hour for each pair of tickets.
    assert [each.from_at - now for each in found] == [
        timedelta(), timedelta(), 60 * MINUTES, 60 * MINUTES, 120 * MINUTES,
    ]  # fmt: skip
    call = outlook_of_call(WEST, 2, now)
    assert (call.position, call.waiting) == (6, 6)
    assert outlook_of_call(WEST, 1, now).position == 1


def test_who_needs_water_first_stands_before_the_others_of_the_level(session, storm, now):
    make_household()
    session.flush()
    first = make_ticket(now, category="leak").ticket
    needy = make_ticket(now, category="leak", household_id=1).ticket
    session.get(Household, 1).vulnerable = True
    assert outlook_of_ticket(needy, now).position == 1
    later = now + 11 * timedelta(seconds=1)
    assert outlook_of_ticket(first, later).position == 2


def test_a_crew_on_its_way_is_free_after_its_repair(session, storm, now):
    busy, waiting = (make_ticket(now, category="leak").ticket for _ in range(2))
    session.get(Crew, 2).active = False
    session.commit()
    send(busy.id, 1, now)
    assert outlook_of_ticket(busy, now) is None
    found = outlook_of_ticket(waiting, now)
    assert found.position == 1
    assert found.from_at > now


def test_without_a_crew_on_duty_no_hour_is_told(session, storm, now):
    for crew in session.query(Crew):
        crew.active = False
    ticket = make_ticket(now).ticket
    found = outlook_of_ticket(ticket, now)
    assert (found.position, found.from_at, found.to_at) == (1, None, None)


def test_the_planner_hears_of_those_only_while_a_storm_is_on_there(session, storm, now):
    make_household()
    session.flush()
    needy, east = (
        make_ticket(now, category="leak", household_id=1, place=place).ticket
        for place in (IN_WEST, IN_EAST)
    )
    make_ticket(now, category="leak")
    assert served_first(now) == frozenset()
    session.get(Household, 1).vulnerable = True
    session.commit()
    assert served_first(now) == {needy.id}
    board = {each.need.ticket_id: each.first for each in planning_board(now).tickets}
    assert board[needy.id]
    assert not board[east.id]
    later = now + timedelta(hours=6)
    assert served_first(later) == frozenset()
    assert not any(each.first for each in planning_board(later).tickets)
