"""Do sums say at any later instant what the tickets would say, counted anew?"""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain import fact_sums
from dispatch.domain.fact_columns import in_columns, packed, unpacked
from dispatch.domain.fact_figures import Columns, Tally
from dispatch.domain.fact_sums import (
    SHOWN_STAGES,
    SPLITS,
    SPLITS_OF_A_TEAM,
    Sums,
    is_settled,
    nothing,
    packed_sums,
    regrouped,
    sum_anew_at,
    sums_of,
    turned,
    unpacked_sums,
    word_of,
)
from dispatch.domain.figures import By
from tests.domain.story_samples import after, any_story, fixed, worked_example
from tests.domain.test_fact_figures import rows_of

BERLIN = ZoneInfo("Europe/Berlin")
stories = st.lists(any_story(), max_size=8)
minutes = st.integers(-100, 150_000)


def same(one, other):
    """Tell whether sums are equal, whatever groups without a ticket are in one of them."""
    difference = Sums(one.codes, {name: each.astype("i8") for name, each in one.tables.items()})
    difference.add(other, -1)
    is_nothing = not any(table.any() for table in difference.tables.values())
    return one.tables.keys() == other.tables.keys() and is_nothing


def columns_of(found):
    return in_columns(unpacked(packed(rows_of(found))))


@given(stories, minutes, minutes, st.sampled_from(SPLITS))
def test_sums_are_brought_forward_by_what_has_turned_alone(found, one, other, by):
    then, now = after(min(one, other)), after(max(one, other))
    facts = columns_of(found)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fact_sums, "MOST_APART", 1)
        kept = {
            word: unpacked_sums(each) for word, each in packed_sums(facts, BERLIN, then).items()
        }
    turning = kept[""].turning(now)
    columns = Columns(facts[np.isin(facts["ticket"], turning)])
    forward = nothing(by)
    forward.add(kept[word_of(by)].sums)
    forward.add(turned(columns, by, BERLIN, then, now))
    assert same(forward, sums_of(Columns(facts[is_settled(facts, then)]), by, BERLIN, now))


@given(stories, minutes)
def test_what_is_written_is_what_is_read_and_the_rest_stands_apart(found, at):
    facts, now = columns_of(found), after(at)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fact_sums, "MOST_APART", 1)
        kept = unpacked_sums(packed_sums(facts, BERLIN, now)[""])
    settled = is_settled(facts, now)
    whole = nothing(None)
    whole.add(kept.sums)
    assert same(whole, sums_of(Columns(facts[settled]), None, BERLIN, now))
    assert (kept.as_at, kept.zone) == (now, "Europe/Berlin")
    assert kept.apart.tobytes() == facts[~settled].rows().tobytes()


def test_figures_out_of_sums_are_those_of_the_rows():
    facts = columns_of([worked_example(grid="A"), worked_example(grid="B"), fixed(grid="A")])
    now = after(days=200)
    codes = facts["grid"].astype(np.int64)
    exact = Tally(Columns(facts), codes, 2, now)
    sums = sums_of(Columns(facts), By.GRID, BERLIN, now)
    assert sums.codes.tolist() == [1, 2]
    summed = regrouped(sums, np.array([0, 1]), 2)
    assert summed.n() == exact.n() == [2, 1]
    assert summed.attainment("circle") == exact.attainment("circle")
    assert summed.first_time_fix() == exact.first_time_fix()
    total = regrouped(sums_of(Columns(facts), None, BERLIN, now), np.array([0]), 1)
    assert total.repeat(30) == Tally(Columns(facts), codes * 0, 1, now).repeat(30)
    for stage in SHOWN_STAGES:
        assert [one and one.n for one in summed.spread(stage)] == [
            one and one.n for one in exact.spread(stage)
        ]


def test_groups_of_one_name_are_added_up():
    sums = Sums(np.array([3, 5, 6, 9]), {"n": np.array([[1], [2], [4], [8]])})
    assert regrouped(sums, np.array([1, 0, 1, -1]), 2).n() == [2, 5]


def test_sums_of_other_groups_are_added_in_their_order():
    sums = Sums(np.array([2, 9]), {"n": np.array([[1], [2]])})
    sums.add(Sums(np.array([2, 5]), {"n": np.array([[10], [20]], dtype="u1"), "other": sums.codes}))
    assert sums.codes.tolist() == [2, 5, 9]
    assert sums.tables["n"].tolist() == [[11], [20], [2]]
    sums.add(Sums(np.array([5]), {"n": np.array([[20]], dtype="u1")}), -1)
    assert sums.tables["n"].tolist() == [[11], [0], [2]]


@given(stories, minutes)
def test_the_sums_of_teams_are_those_of_their_tickets(found, at):
    rows, now = rows_of(found), after(at)
    rows["team"] = np.arange(rows.size) % 3 - 1
    facts = in_columns(unpacked(packed(rows)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fact_sums, "MOST_APART", 1)
        kept = {word: unpacked_sums(each) for word, each in packed_sums(facts, BERLIN, now).items()}
    settled = facts[is_settled(facts, now)]
    for team in (-1, 0, 1):
        own = settled[settled["team"] == team]
        for by in SPLITS_OF_A_TEAM:
            assert (word_of(by, team) in kept) == bool(own.size)
            if own.size:
                assert same(kept[word_of(by, team)].sums, sums_of(Columns(own), by, BERLIN, now))


def test_an_open_ticket_and_one_that_waited_long_are_not_summed():
    found = [fixed(), fixed(closed_at=None), fixed(closed_at=after(days=31))]
    assert is_settled(rows_of(found), after(days=60)).tolist() == [True, False, False]


def test_a_span_of_which_much_is_unsettled_has_no_sums():
    assert packed_sums(columns_of([fixed(), fixed(closed_at=None)]), UTC, after(days=60)) == {}


def test_sums_are_written_anew_at_the_turn_that_is_one_too_many(monkeypatch):
    monkeypatch.setattr(fact_sums, "TURNS_TO_SUM_ANEW", 2)
    facts = rows_of([fixed()])
    [fixed_at] = facts["fixed_at"]
    assert sum_anew_at(facts, after(days=1)) is not None
    ends = [fact_sums.instant(fixed_at + days * fact_sums.DAY) for days in (7, 30, 90)]
    assert sum_anew_at(facts, after(days=1)) == ends[1]
    assert sum_anew_at(facts, ends[0]) == ends[2]
    assert sum_anew_at(facts, ends[1]) is None
