"""Are the figures of very many rows those of their stories, to the last bit?"""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.fact_figures import Columns, Tally, grouped
from dispatch.domain.facts import Keys, fact_of, facts_of, with_followers
from dispatch.domain.figures import figures_for
from dispatch.domain.flow import flow
from tests.domain.story_samples import after, any_story, worked_example

GRIDS = ["A", "B", None]
BERLIN = ZoneInfo("Europe/Berlin")


def rows_of(stories):
    rows = facts_of(
        fact_of(one, Keys(number, GRIDS.index(one.grid), None, None))
        for number, one in enumerate(stories)
    )
    return with_followers(rows, rows)


def tally_of(stories, now):
    rows = rows_of(stories)
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
    codes = np.zeros(rows.size, dtype=np.int64)
    tally = Tally(Columns(rows), codes, 1, at, since=since, before=before)
    assert tally.flow() == [flow(stories, at, since=since, before=before)]


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
