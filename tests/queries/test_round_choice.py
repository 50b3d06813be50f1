"""Are those offered for a round who waited longest, each once?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.rounds import end_stop
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Scope
from dispatch.domain.rounds import StopState
from dispatch.models.places import Grid, Household
from dispatch.queries.round_choice import (
    crews_to_choose,
    grids_to_choose,
    households_waiting,
    is_waiting,
    planned_waiting,
)
from dispatch.queries.rounds import stop_for_change
from tests.factories import IN_EAST, IN_WEST
from tests.rounds import TODAY, add_households, go_round
from tests.trips import another_ticket, open_burst, send, steward, work

EVERYTHING = Scope(everything=True)
NEXT = TODAY + timedelta(days=1)


@pytest.fixture
def city(session, now):
    """Add the city, its burst and three households in the west, one in the east."""
    open_burst(now)
    add_households()
    with transaction():
        session.add(Household(account="E-1", address="Renmin Road", lat=28.15, lon=113.05))


@pytest.fixture
def west(city, session):
    return session.query(Grid).filter_by(name="West").one()


def test_a_leader_chooses_among_the_own(city, now):
    assert [row.name for row in crews_to_choose(EVERYTHING)] == ["E1", "W1", "W2"]
    assert [row.name for row in crews_to_choose(Scope(team_id=1))] == ["W1", "W2"]
    assert [grid.name for grid in grids_to_choose(EVERYTHING, now)] == ["East", "West"]
    assert [grid.name for grid in grids_to_choose(Scope(team_id=1), now)] == ["West"]
    assert grids_to_choose(Scope(team_id=0), now) == []


def numbers(scope, grid_id, today):
    return [each["number"] for each in planned_waiting(scope, grid_id, today)]


def test_planned_tickets_wait_until_they_are_on_a_round(west, now):
    another_ticket(now, kind="planned", category="other", place=IN_WEST)
    another_ticket(now, kind="inspection", category="other", place=IN_EAST)
    assert [each["number"] for each in planned_waiting(EVERYTHING, None, TODAY)] == [
        "W000002",
        "W000003",
    ]
    assert [each["number"] for each in planned_waiting(EVERYTHING, west.id, TODAY)] == ["W000002"]
    assert [each["number"] for each in planned_waiting(Scope(team_id=2), None, TODAY)] == [
        "W000003"
    ]
    go_round(now, tickets=["W000002"])
    assert numbers(EVERYTHING, west.id, TODAY) == []


def test_a_planned_visit_that_was_not_reached_on_its_day_waits_again(west, now):
    another_ticket(now, kind="planned", category="other", place=IN_WEST)
    go_round(now, tickets=["W000002"])
    assert numbers(EVERYTHING, west.id, TODAY) == []
    assert numbers(EVERYTHING, west.id, NEXT) == ["W000002"]
    go_round(now, tickets=["W000002"], day=NEXT, today=NEXT)
    assert numbers(EVERYTHING, west.id, NEXT) == []


def test_who_was_visited_longest_ago_comes_first(west, now):
    def waiting():
        return [(each["account"], each["last"]) for each in households_waiting(west, TODAY)]

    assert waiting() == [("H-1", None), ("H-2", None), ("H-3", None)]
    another_ticket(now, household_id=1)
    send(2, 1, now)
    work(2, 1, now)
    go_round(now, ["H-2"])
    assert [account for account, _last in waiting()] == ["H-3", "H-1"]
    assert is_waiting(2, None, TODAY)
    assert not is_waiting(2, None, NEXT)
    later = now + timedelta(hours=3)
    with transaction():
        row, crew = stop_for_change(1, EVERYTHING)
        end_stop(row, crew, StopState.NOBODY_HOME, actor=steward(1), now=later)
    arrived = now + timedelta(minutes=15)
    assert waiting() == [("H-3", None), ("H-1", arrived), ("H-2", later)]
