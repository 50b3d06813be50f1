"""Are the broken promises those of the view, and of this moment?"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from dispatch.actions.facts import pack_span
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.broken_promises import SplitBy, broken_promises, broken_tickets, key_of
from dispatch.domain.fact_columns import BLOCK_US
from dispatch.domain.lost_minutes import usual_road
from dispatch.domain.part_of_week import PartOfWeek
from dispatch.domain.periods import Period
from dispatch.domain.permissions import Scope
from dispatch.domain.stages import Stage
from dispatch.domain.ticket_state import ticket_number
from dispatch.jobs.facts import run
from dispatch.models.base import db
from dispatch.models.facts import TicketFact
from dispatch.queries import fact_blocks
from dispatch.queries.circle_broken import broken_in, shown_tickets, tickets_behind
from dispatch.queries.facts import facts_for
from dispatch.queries.stories import FigureFilters
from tests.circle_history import MONDAY, SLOW_TO_SEND, ZONE, a_week_of_tickets, past_ticket
from tests.queries.histories import NOW as PAST_NOW
from tests.queries.histories import START, on_one_database, pasts, store, story_of
from tests.statements import statements

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
        found = tickets_behind(
            WEEK, CITY, filters, group, stage=stage, only_broken=only_broken, now=NOW
        )
        shown = shown_tickets(found.tickets, found.usual, NOW)
        assert [ticket_number(one) for one in found.tickets] == [one.story.number for one in shown]
        return shown

    east = (SplitBy.GRID, "East")
    assert len(behind(EVENINGS, east)) == 15
    assert len(behind(EVENINGS, east, Stage.DISPATCH)) == 15
    assert behind(EVENINGS, east, Stage.TRAVEL) == []
    assert len(behind(EVENINGS, east, only_broken=False)) == 25
    assert len(behind(FigureFilters(), None)) == 35
    assert behind(FigureFilters(), (SplitBy.GRID, "North")) == []


def test_a_new_ticket_changes_the_answer_at_once(week, session):
    run(NOW)
    before = broken_in(WEEK, CITY, EVENINGS, by=SplitBy.GRID, now=NOW)
    past_ticket(MONDAY + timedelta(hours=18), SLOW_TO_SEND)
    session.commit()
    after = broken_in(WEEK, CITY, EVENINGS, by=SplitBy.GRID, now=NOW)
    assert after.total.lost.broken.hits == before.total.lost.broken.hits + 1


def test_an_open_broken_promise_lasts_up_to_the_question(session):
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


def pack_all(now):
    numbers = {one // BLOCK_US for one in db.session.scalars(select(TicketFact.received_us))}
    db.session.rollback()
    for number in numbers:
        with transaction():
            pack_span(number, ZONE, now)


def test_of_a_block_on_postgresql_the_columns_of_the_road_are_read_alone(week, monkeypatch):
    monkeypatch.setattr(fact_blocks, "kept", fact_blocks.Kept(2**20))
    run(NOW)
    pack_all(NOW)
    wide = Period(date(2026, 2, 1), date(2026, 4, 1), ZONE)
    with statements(db.engine) as first:
        found = broken_in(wide, CITY, by=SplitBy.GRID, now=NOW)
    with statements(db.engine) as again:
        assert broken_in(wide, CITY, by=SplitBy.GRID, now=NOW) == found
    reads = [one.text for one in first if "fact_block.columns" in one.text]
    assert reads
    assert all("substring" in text for text in reads) == (db.engine.dialect.name == "postgresql")
    assert not any("fact_block.columns" in one.text for one in again)
    with statements(db.engine) as whole:
        facts_for(wide.from_at, wide.to_at, CITY, now=NOW)
    is_lite = db.engine.dialect.name == "sqlite"
    assert any("fact_block.columns" in one.text for one in whole) != is_lite


@on_one_database
@given(
    found=pasts(),
    by=st.sampled_from(SplitBy),
    begin=st.integers(0, 4),
    length=st.sampled_from([2, 60]),
    written=st.integers(0, 60),
    is_packed=st.booleans(),
)
def test_any_history_says_what_its_stories_say(
    places, found, by, begin, length, written, is_packed
):
    for past in found:
        past.ticket["arrive_due_at"] = past.ticket["received_at"] + timedelta(minutes=30)
    store(found)
    if written:
        run(PAST_NOW, most=written)
    if is_packed:
        pack_all(PAST_NOW)
    first = START.date() + timedelta(days=begin)
    days = Period(first, first + timedelta(days=length), ZONE)
    stories = [
        story_of(past, found)
        for past in sorted(found, key=lambda one: (one.ticket["received_at"], one.ticket["id"]))
        if days.from_at <= past.ticket["received_at"] < days.to_at
    ]
    shown = broken_in(days, CITY, by=by, now=PAST_NOW)
    assert shown == broken_promises(stories, by, ZONE, PAST_NOW)
    for row in shown.rows:
        behind = tickets_behind(
            days, CITY, FigureFilters(), (by, row.key), stage=None, only_broken=False, now=PAST_NOW
        )
        mine = [one for one in stories if key_of(one, by, ZONE) == row.key]
        listed = broken_tickets(mine, usual_road(stories, PAST_NOW), PAST_NOW)
        assert shown_tickets(behind.tickets, behind.usual, PAST_NOW) == listed
