"""Do the figures of a period say what the domain says about its tickets?"""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from dispatch.domain.fact_sums import SHOWN_STAGES
from dispatch.domain.figures import By, figures_for
from dispatch.domain.flow import is_overdue
from dispatch.domain.periods import Period
from dispatch.domain.permissions import Scope
from dispatch.jobs.facts import run
from dispatch.models.base import db
from dispatch.models.people import Team
from dispatch.queries.figures import (
    chinese_names,
    circle_figures,
    figure_rows,
    history_span,
    open_now,
)
from dispatch.queries.stories import FigureFilters
from tests.queries.histories import (
    NOW,
    SHANGHAI,
    on_one_database,
    pasts,
    store,
    story_of,
)

EVERYTHING = Scope(everything=True)
SPRING = Period(date(2026, 2, 1), date(2026, 4, 1), SHANGHAI)
days = st.integers(0, 7).map(lambda number: date(2026, 3, 1) + timedelta(days=number))


def told(found):
    stories = [story_of(past, found) for past in found]
    return sorted(stories, key=lambda story: (story.received_at, story.number))


def split(stories, period):
    inside = [s for s in stories if period.from_at <= s.received_at < period.to_at]
    return inside, [s for s in stories if s.received_at >= period.to_at]


@on_one_database
@given(
    earlier=pasts(),
    found=pasts(),
    changes=st.integers(0, 60),
    first=days,
    length=st.integers(0, 5),
    by=st.sampled_from([None, *By]),
)
def test_rows_are_what_the_domain_says_however_much_of_the_facts_is_written(
    places, earlier, found, changes, first, length, by
):
    """Facts of another past stand there, and some of the changes to this one are in them."""
    store(earlier)
    run(NOW)
    store(found)
    if changes:
        run(NOW, most=changes)
    period = Period(first, first + timedelta(days=length), SHANGHAI)
    inside, later = split(told(found), period)
    expected = figures_for(inside, by=by, zone=SHANGHAI, now=NOW, later=later)
    assert figure_rows(period, EVERYTHING, by=by, now=NOW) == expected


@on_one_database
@given(found=pasts(), first=days, length=st.integers(1, 4))
def test_the_circle_shows_the_same_figures_in_all_and_by_group(places, found, first, length):
    store(found)
    period = Period(first, first + timedelta(days=length), SHANGHAI)
    shown = circle_figures(period, EVERYTHING, now=NOW)
    [total] = figure_rows(period, EVERYTHING, by=None, now=NOW)
    assert (shown.repair, shown.causes) == (total.repair, total.return_visit_causes)
    assert shown.five_ones == total.five_ones
    groups = [(None, [shown.total])]
    groups += [(By.TEAM, shown.by_team), (By.GRID, shown.by_grid), (By.HOUR, shown.by_hour)]
    groups += [(By.STORM, shown.by_storm), (By.EVIDENCE, shown.by_evidence)]
    for by, rows in groups:
        for row, expected in zip(
            rows, figure_rows(period, EVERYTHING, by=by, now=NOW), strict=True
        ):
            stages = {stage: expected.stages[stage] for stage in SHOWN_STAGES}
            assert (row.key, row.n, row.stages) == (expected.key, expected.n, stages)
            assert (row.circle, row.within_30) == (expected.circle, expected.attainment_30)
            assert row.first_time_fix == expected.first_time_fix
    [before] = figure_rows(period.before, EVERYTHING, by=None, now=NOW)
    assert shown.before is not None
    assert (shown.before.n, shown.before.circle) == (before.n, before.circle)
    assert shown.before.first_time_fix == before.first_time_fix


@on_one_database
@given(found=pasts(), first=days, length=st.integers(1, 4))
def test_flow_counts_what_was_closed_in_the_period_whenever_it_was_received(
    places, found, first, length
):
    store(found)
    period = Period(first, first + timedelta(days=length), SHANGHAI)
    flow = circle_figures(period, EVERYTHING, compare=False, now=NOW).flow
    stories = told(found)
    assert flow.opened == len(split(stories, period)[0])
    assert flow.closed == sum(
        s.closed_at is not None
        and period.from_at <= s.closed_at < period.to_at
        and s.received_at < period.to_at
        for s in stories
    )


@on_one_database
@given(found=pasts())
def test_a_follower_outside_the_scope_still_spoils_a_fix(places, found):
    store(found)
    whole = {s.number: s for s in told(found)}
    mine = [s for s in whole.values() if s.team == "First team"]
    rest = [s for s in whole.values() if s.team != "First team"]
    expected = figures_for(mine, by=None, zone=SHANGHAI, now=NOW, later=rest)[0]
    filters = FigureFilters(team="First team")
    shown = circle_figures(SPRING, EVERYTHING, filters, now=NOW).total
    assert shown.first_time_fix == expected.first_time_fix


@on_one_database
@given(found=pasts())
def test_what_is_overdue_now_is_listed_the_most_urgent_first(places, found):
    store(found)
    ended = {"closed", "duplicate", "cancelled"}
    waiting = [
        story_of(past, found)
        for past in found
        if past.ticket["state"] not in ended and not past.ticket["imported"]
    ]
    shown = open_now(EVERYTHING, now=NOW)
    assert shown.open == len(waiting)
    late = {story.number for story in waiting if is_overdue(story, NOW)}
    assert {story.number for story in shown.overdue} == late
    levels = [story.level for story in shown.overdue]
    assert levels == sorted(levels)


def test_a_view_without_comparison_has_no_period_before(places):
    store([])
    shown = circle_figures(SPRING, EVERYTHING, compare=False, now=NOW)
    assert shown.before is None
    assert shown.total.circle.rate is None
    assert (shown.by_team, shown.by_grid, shown.by_hour) == ([], [], [])


@on_one_database
@given(found=pasts())
def test_the_span_of_the_history_runs_from_the_first_call_to_the_last(places, found):
    store(found)
    calls = [past.ticket["received_at"] for past in found]
    assert history_span(EVERYTHING) == ((min(calls), max(calls)) if calls else None)
    assert history_span(Scope(crew_id=99)) is None


def test_only_names_with_a_chinese_one_are_given(places):
    db.session.execute(update(Team).where(Team.id == 1).values(name_zh="一队"))
    assert chinese_names() == {"team": {"First team": "一队"}, "grid": {}}
