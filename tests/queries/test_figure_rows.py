"""Can the rows behind a figure be opened in a spreadsheet without danger?"""

from __future__ import annotations

import csv
import io
from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.actions.unit_of_work import transaction
from dispatch.domain.attainment import Promise, attainment, attainment_30, circle_attainment
from dispatch.domain.part_of_week import part_of_week
from dispatch.domain.periods import Period
from dispatch.domain.permissions import Scope
from dispatch.domain.samples import Share
from dispatch.domain.satisfaction import satisfaction
from dispatch.queries import figure_rows
from dispatch.queries.figure_rows import (
    BYTE_ORDER_MARK,
    COLUMNS,
    count_of,
    csv_of,
    followers_in,
    ids_of,
    stories_in_turn,
)
from dispatch.queries.figures import circle_figures
from dispatch.queries.stories import ALL_TICKETS, FigureFilters, stories_for
from tests.circle_history import MONDAY, a_week_of_tickets
from tests.domain.story_samples import after, any_story, story, worked_example
from tests.queries.histories import NOW, on_one_database, pasts, store

if TYPE_CHECKING:
    from dispatch.domain.stories import TicketStory

SHANGHAI = ZoneInfo("Asia/Shanghai")


def rows_of(*stories: TicketStory) -> list[dict[str, str]]:
    text = "".join(csv_of(stories, {}, SHANGHAI, after(100)))
    assert text.startswith(BYTE_ORDER_MARK)
    return list(csv.DictReader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline="")))


def test_a_ticket_is_one_line_with_local_times_and_its_verdict():
    [row] = rows_of(worked_example(number="W000001", flags=frozenset()))
    assert tuple(row) == COLUMNS
    assert row["received_at"] == "2026-03-02 16:00:00+08:00"
    assert row["arrived_at"] == "2026-03-02 16:29:59+08:00"
    assert (row["circle"], row["left_out"], row["returns"]) == ("met", "", "1")


@pytest.mark.parametrize(
    ("facts", "verdict", "why"),
    [
        ({"arrived_at": after(31), "arrive_due_at": after(30)}, "late", ""),
        ({"arrive_due_at": after(30)}, "open_overdue", ""),
        ({"arrive_due_at": after(30), "received_at": after(0)}, "open_overdue", ""),
        ({}, "", "no_arrival_promise"),
        ({"outcome": "duplicate"}, "", "duplicate"),
    ],
)
def test_the_verdict_says_how_the_promise_fared_or_why_it_is_left_out(facts, verdict, why):
    [row] = rows_of(story(**facts))
    assert (row["circle"], row["left_out"]) == (verdict, why)


def test_a_ticket_that_is_not_due_yet_says_so():
    text = "".join(csv_of([story(arrive_due_at=after(30))], {}, SHANGHAI, after(5)))
    assert ",not_due," in text


@pytest.mark.parametrize("text", ["=1+1", "+86", "-2", "@SUM(A1)", "\tx", "\rx", "\n=x"])
def test_text_that_a_spreadsheet_would_work_out_is_marked_as_text(text):
    [row] = rows_of(story(grid=text))
    assert row["grid"] == f"'{text}"


@given(stories=st.lists(any_story(), max_size=5))
def test_every_ticket_has_its_line(stories):
    assert [row["number"] for row in rows_of(*stories)] == [one.number for one in stories]


@given(stories=st.lists(any_story(), max_size=8))
def test_the_verdicts_and_answers_of_the_rows_add_up_to_the_figures(stories):
    now, rows = after(100), rows_of(*stories)
    figures = {
        "circle": circle_attainment(stories, now),
        "within_30": attainment_30(stories, now),
        "call_back": attainment(stories, Promise.CALL_BACK, now),
        "repair": attainment(stories, Promise.REPAIR, now),
    }
    for name, figure in figures.items():
        verdicts = [row[name] for row in rows]
        found = {each: verdicts.count(each) for each in ("met", "late", "open_overdue", "not_due")}
        assert found == {each: getattr(figure, each) for each in found}
    said = satisfaction(stories)
    names = ("asked", "answered", "said_fixed", "satisfied_process", "satisfied_result")
    assert [sum(int(row[name]) for row in rows) for name in names] == [
        said.asked, said.answered.hits, said.solved.hits, said.process.hits, said.result.hits
    ]  # fmt: skip


def share_in(rows, name):
    cells = [int(row[name]) for row in rows if row[name]]
    return Share(sum(cells), len(cells))


@on_one_database
@given(found=pasts(), team=st.sampled_from([None, "First team"]))
def test_a_column_of_the_rows_adds_up_to_the_figure_that_looks_at_what_followed(
    places, found, team
):
    """What followed may have come to another team, so that it is not among the rows."""
    store(found)
    period = Period(date(2026, 2, 1), date(2026, 4, 1), SHANGHAI)
    view = (period, Scope(everything=True), FigureFilters(team=team))
    figures = circle_figures(*view, compare=False, now=NOW)
    followers = followers_in(*view, now=NOW)
    text = "".join(csv_of(stories_in_turn(ids_of(*view), NOW), followers, SHANGHAI, NOW))
    rows = list(csv.DictReader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline="")))
    fix = figures.total.first_time_fix
    assert share_in(rows, "first_time_fix") == fix.share
    assert share_in(rows, "first_time_fix_confirmed") == fix.confirmed
    for repeat in figures.repeats:
        assert share_in(rows, f"repeat_{repeat.days}_days") == repeat.share
    for one in fields(figures.five_ones):
        assert share_in(rows, one.name) == getattr(figures.five_ones, one.name)


def test_tickets_are_read_some_at_a_time_in_the_order_that_is_asked_for(session, monkeypatch):
    with transaction():
        a_week_of_tickets()
    period = Period(MONDAY.date(), MONDAY.date().replace(day=9), MONDAY.tzinfo)
    everything, now = Scope(everything=True), MONDAY.replace(day=20)
    ids = ids_of(period, everything, ALL_TICKETS)
    monkeypatch.setattr(figure_rows, "TICKETS_AT_ONCE", 7)
    told = []
    found = list(stories_in_turn(ids, now, told.append))
    assert found == stories_for(period.from_at, period.to_at, everything, now=now)
    assert told == [*range(7, len(ids), 7), len(ids)]
    assert count_of(period, everything, ALL_TICKETS) == len(ids)
    backwards = [story.number for story in stories_in_turn(ids[::-1], now)]
    assert backwards == [story.number for story in found][::-1]
    part = part_of_week(MONDAY.tzinfo, "weekdays", 17, 22)
    evenings = FigureFilters(grid="East", part_of_week=part)
    assert len(ids_of(period, everything, evenings)) == 25
    assert count_of(period, everything, evenings) == 55
    assert ids_of(period, Scope(team_id=0), ALL_TICKETS) == []
