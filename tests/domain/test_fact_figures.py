"""Are the figures of very many rows those of their stories, to the last bit?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.fact_figures import Columns, Tally, falls_into, grouped, local_hours
from dispatch.domain.facts import Keys, fact_of, facts_of, with_followers
from dispatch.domain.figures import figures_for
from dispatch.domain.flow import flow
from dispatch.domain.microseconds import micros
from dispatch.domain.part_of_week import DAYS_OF, PartOfWeek
from tests.domain.story_samples import after, any_story, worked_example

GRIDS = ["A", "B", None]
BERLIN = ZoneInfo("Europe/Berlin")


def tally_of(stories, now):
    rows = facts_of(
        fact_of(one, Keys(number, GRIDS.index(one.grid), None, None))
        for number, one in enumerate(stories)
    )
    rows = with_followers(rows, rows)
    keys, codes = grouped(GRIDS, rows["grid"].astype(np.int64))
    return keys, Tally(Columns(rows), codes, len(keys), now)


def figures_of(stories, now):
    keys, tally = tally_of(stories, now)
    return keys, tally.every_figure()


@given(st.lists(any_story(), max_size=8), st.integers(-100, 150_000))
def test_every_figure_is_that_of_the_stories(stories, now):
    at = after(now)
    expected = figures_for(stories, by="grid", zone=BERLIN, now=at)
    keys, columns = figures_of(stories, at)
    assert keys == [row.key for row in expected]
    for name, column in columns.items():
        assert column == [getattr(row, name) for row in expected], name


@given(
    st.lists(any_story(), max_size=8),
    st.integers(0, 6_000),
    st.integers(-100, 6_000),
    st.booleans(),
)
def test_flow_of_a_period_is_that_of_the_stories(stories, length, now, has_end):
    at, since = after(now), after(0)
    before = after(length) if has_end else None
    rows = tally_of(stories, at)[1].columns.rows
    tally = Tally(Columns(rows), np.zeros(rows.size, dtype=np.int64), 1, at)
    assert tally.flow(since=since, before=before) == [flow(stories, at, since=since, before=before)]


def test_the_worked_example_to_the_second():
    for seconds, (met, late) in ((-1, (1, 0)), (0, (1, 0)), (1, (0, 1))):
        one = worked_example(grid="A", arrived_at=after(30, seconds=seconds))
        tally = tally_of([one], after(days=1))[1]
        [circle] = tally.attainment("circle")
        assert (circle.met, circle.late) == (met, late)


def test_groups_of_one_name_are_one_and_unused_ones_none():
    keys, codes = grouped(["B", "A", "B", None, "C"], np.array([0, 2, 1, 3, 0]))
    assert keys == ["A", "B", None]
    assert codes.tolist() == [1, 1, 0, 2, 1]


@pytest.mark.parametrize("zone", [BERLIN, ZoneInfo("Asia/Shanghai"), ZoneInfo("Asia/Kathmandu")])
@given(st.lists(st.integers(0, 2 * 365 * 1440), min_size=1, max_size=40))
def test_hours_are_those_on_the_wall(zone, minutes):
    instants = [datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=one) for one in minutes]
    expected = [at.astimezone(zone).hour for at in instants]
    assert local_hours(micros(instants), zone).tolist() == expected


def test_both_hours_of_one_name_are_the_same_when_clocks_go_back():
    first = datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    times = [first + timedelta(hours=hour) for hour in range(-1, 3)]
    assert local_hours(micros(times), BERLIN).tolist() == [1, 2, 2, 3]


@given(
    st.lists(st.integers(0, 2 * 365 * 1440), max_size=40),
    st.sampled_from([None, *DAYS_OF]),
    st.integers(0, 23),
    st.integers(1, 24),
)
def test_a_part_of_the_week_holds_the_same_instants_at_once(minutes, days, first, last):
    part = PartOfWeek(BERLIN, days, first, last)
    instants = [datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=one) for one in minutes]
    expected = [part.holds(at) for at in instants]
    assert falls_into(micros(instants), part).tolist() == expected
