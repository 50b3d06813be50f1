"""Does each repair that was not fixed at once get one reason, the same in bulk as by itself?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.facts import Keys, fact_of, facts_of, with_followers
from dispatch.domain.return_visits import (
    WHY_NAMES,
    WHYS,
    Again,
    fix_rows,
    is_fixed,
    is_judged,
    why_not_first_time,
    whys_of,
)
from dispatch.domain.same_place import next_at_same_place
from dispatch.domain.samples import MINIMUM_SAMPLE, Share
from dispatch.domain.stories import AnswerStory, VisitStory
from tests.domain.story_samples import after, fixed


def visit(minutes, outcome="completed", cause=None):
    at = after(minutes)
    return VisitStory(arrived_at=at, ended_at=at, outcome=outcome, cause=cause)


FAILED = visit(5, "cannot_complete", "no_access")
NOT_FIXED = AnswerStory(asked_at=after(90), answered_at=after(95), fixed=False)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, None),
        ({"visits": (FAILED, visit(50)), "reopened": 1}, "no_access"),
        ({"visits": (visit(5, "cannot_complete", "the moon"), visit(50))}, "not_recorded"),
        ({"visits": (visit(5), visit(50)), "reopened": 1}, Again.REOPENED),
        ({"visits": (visit(5), visit(50)), "answers": (NOT_FIXED,)}, Again.SAID_NOT_FIXED),
        ({"visits": (visit(5), visit(50))}, Again.SEVERAL_VISITS),
        ({"visits": (visit(5, None),)}, Again.ENDED_OTHERWISE),
    ],
)
def test_the_first_reason_that_holds_counts(changes, why):
    assert why_not_first_time(fixed(**changes), {}) == why


def test_a_fault_that_came_back_says_so():
    one = fixed()
    assert why_not_first_time(one, {one.number: after(days=2)}) is Again.CAME_BACK
    assert why_not_first_time(one, {one.number: after(days=40)}) is None


def test_every_reason_has_a_name():
    assert set(WHY_NAMES) == {why for why in WHYS if why is not None}


visits = st.builds(
    visit,
    st.integers(1, 300),
    st.sampled_from(["completed", "completed", "cannot_complete", None]),
    st.sampled_from(["no_access", "part_missing", "the moon", None]),
)


@st.composite
def repairs(draw):
    return fixed(
        category=draw(st.sampled_from(["burst", "leak"])),
        household=draw(st.sampled_from(["1", "2", None])),
        received_at=after(days=draw(st.integers(0, 60))),
        completed_at=after(60, days=draw(st.integers(0, 90))),
        closed_at=draw(st.sampled_from([None, after(days=100), after(days=100)])),
        visits=tuple(draw(st.lists(visits, max_size=3))),
        answers=draw(st.sampled_from([(), (), (NOT_FIXED,)])),
        reopened=draw(st.sampled_from([0, 0, 1])),
        flags=draw(st.sampled_from([frozenset(), frozenset({"closes_before_opening"})])),
    )


@given(st.lists(repairs(), max_size=8))
def test_very_many_rows_have_the_reasons_of_their_stories(stories):
    rows = facts_of(
        fact_of(one, Keys(number, None, None, one.household and int(one.household)))
        for number, one in enumerate(stories)
    )
    rows = with_followers(rows, rows)
    judged = is_judged(rows)
    mine = [one for one, is_mine in zip(stories, judged.tolist(), strict=True) if is_mine]
    followers = next_at_same_place(stories)
    found = [WHYS[code] for code in whys_of(rows[judged]).tolist()]
    assert found == [why_not_first_time(one, followers) for one in mine]
    assert int(is_fixed(rows).sum()) == found.count(None)


def test_the_worst_group_stands_first_and_small_ones_last():
    sizes = {"good": (MINIMUM_SAMPLE, 0), "bad": (10, 10), "few": (1, 2), "fewer": (0, 1)}
    codes, whys = [], []
    for number, (hits, missed) in enumerate(sizes.values()):
        codes += [number] * (hits + missed)
        whys += [0] * hits + [WHYS.index(Again.CAME_BACK)] * missed
    rows = fix_rows(list(sizes), np.array(codes), np.array(whys))
    assert [row.key for row in rows] == ["bad", "good", "few", "fewer"]
    assert rows[0].fixed == Share(10, 20)
    assert rows[0].worst == "came_back"
    assert rows[1].worst is None
    assert rows[2].whys == {"came_back": 2}
