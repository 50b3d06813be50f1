"""Are the broken promises those of the view, and is an answer kept no longer than it holds?"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dispatch.domain.broken_promises import SplitBy
from dispatch.domain.part_of_week import PartOfWeek
from dispatch.domain.periods import Period
from dispatch.domain.permissions import Scope
from dispatch.domain.stages import Stage
from dispatch.queries.circle_broken import broken_in, tickets_behind
from dispatch.queries.stories import FigureFilters
from tests.circle_history import MONDAY, SLOW_TO_SEND, ZONE, a_week_of_tickets, past_ticket

WEEK = Period(date(2026, 3, 2), date(2026, 3, 9), ZONE)
CITY = Scope(everything=True)
EVENINGS = FigureFilters(part_of_week=PartOfWeek(ZONE, "weekdays", 17, 22))
NOW = MONDAY + timedelta(days=8)


@pytest.fixture
def week(session):
    a_week_of_tickets()
    session.commit()


def test_the_whole_week_blames_the_road_in_the_west(week):
    found = broken_in(WEEK, CITY, by=SplitBy.GRID, now=NOW)
    assert [(row.key, row.lost.broken.hits, row.lost.worst) for row in found.rows] == [
        ("West", 20, Stage.TRAVEL),
        ("East", 15, Stage.DISPATCH),
    ]


def test_weekday_evenings_blame_the_dispatch_in_the_east(week):
    found = broken_in(WEEK, CITY, EVENINGS, by=SplitBy.GRID, now=NOW)
    assert [(row.key, row.lost.broken.hits, row.lost.broken.n) for row in found.rows] == [
        ("East", 15, 25),
        ("West", 0, 25),
    ]
    assert found.rows[0].lost.worst is Stage.DISPATCH
    assert set(found.week) == {(day, 18) for day in range(5)}


def test_the_tickets_behind_a_row_are_as_many_as_it_says(week):
    def behind(filters, group, stage=None, *, only_broken=True):
        return tickets_behind(
            WEEK, CITY, filters, group, stage=stage, only_broken=only_broken, now=NOW
        )

    east = (SplitBy.GRID, "East")
    assert len(behind(EVENINGS, east)) == 15
    assert len(behind(EVENINGS, east, Stage.DISPATCH)) == 15
    assert behind(EVENINGS, east, Stage.TRAVEL) == []
    assert len(behind(EVENINGS, east, only_broken=False)) == 25
    assert len(behind(FigureFilters(), None)) == 35


def test_a_new_ticket_changes_an_answer_that_was_kept(week, session):
    before = broken_in(WEEK, CITY, EVENINGS, by=SplitBy.GRID, now=NOW)
    assert broken_in(WEEK, CITY, EVENINGS, by=SplitBy.GRID, now=NOW) is before
    past_ticket(MONDAY + timedelta(hours=18), SLOW_TO_SEND)
    session.commit()
    after = broken_in(WEEK, CITY, EVENINGS, by=SplitBy.GRID, now=NOW)
    assert after.total.lost.broken.hits == before.total.lost.broken.hits + 1


def test_an_open_broken_promise_is_looked_at_again_after_a_minute(session):
    waiting = {
        "state": "accepted", "arrived_at": None, "completed_at": None, "closed_at": None,
        "dispatched_at": None, "acknowledged_at": None, "en_route_at": None,
    }  # fmt: skip
    past_ticket(MONDAY, SLOW_TO_SEND, **waiting)
    session.commit()

    def lost(minutes):
        now = MONDAY + timedelta(minutes=minutes)
        return broken_in(WEEK, CITY, by=SplitBy.GRID, now=now).total.lost.over

    assert lost(20) == {}
    assert lost(40) == {Stage.DISPATCH: 2400.0}
    assert lost(41) == {Stage.DISPATCH: 2460.0}


def test_a_team_sees_its_own_tickets_alone(week):
    assert broken_in(WEEK, Scope(team_id=0), by=SplitBy.GRID, now=NOW).rows == []
