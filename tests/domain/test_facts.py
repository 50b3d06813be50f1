"""Does a row hold what the figures need of a ticket, byte for byte what it held before?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.attainment import MEASURES, reasons_left_out
from dispatch.domain.exclusions import Exclusion
from dispatch.domain.facts import (
    CAUSES,
    EXCLUSIONS,
    FACT,
    NONE,
    TIMES,
    Keys,
    fact_of,
    facts_of,
    followed_within,
    layout_number,
    number_of,
    received_or_waiting,
    with_followers,
)
from dispatch.domain.microseconds import micros
from dispatch.domain.same_place import next_at_same_place
from dispatch.domain.stories import VisitStory
from tests.domain.story_samples import after, any_story, fixed, story

LAYOUT = 1_765_322_956


def row_of(one, **keys: Any):
    return facts_of(
        [fact_of(one, Keys(**({"ticket": 1, "grid": 2, "team": 3, "household": 4} | keys)))]
    )


def test_the_layout_of_a_row_is_the_one_that_stands_in_the_tables():
    """When this fails: a migration writes the facts anew, and empties fact_block and fact_sum."""
    assert layout_number() == LAYOUT


@given(any_story())
def test_times_and_reasons_come_back_as_they_went_in(one):
    [row] = row_of(one)
    expected = micros(getattr(one, name) for name in TIMES)
    assert np.array_equal([row[name] for name in TIMES], expected, equal_nan=True)
    assert tuple(EXCLUSIONS[row[name]] for name in MEASURES) == reasons_left_out(one)
    assert row["held_seconds"] == one.held_seconds


def test_what_a_ticket_does_not_have_is_none():
    [row] = row_of(story(), grid=None, team=None, household=None)
    assert (row["grid"], row["team"], row["household"], row["level"]) == (NONE,) * 4
    assert np.isnan(row["lat"])
    assert np.isnan(row["followed_at"])


def test_a_cause_that_is_not_on_the_list_counts_as_not_recorded():
    failed = VisitStory(arrived_at=after(5), outcome="cannot_complete", cause="no_access")
    odd = VisitStory(arrived_at=after(5), outcome="cannot_complete", cause="the moon")
    causes = [CAUSES[row_of(story(visits=(one,)))[0]["cause"]] for one in (failed, odd)]
    assert causes == ["no_access", "not_recorded"]
    assert CAUSES[row_of(story())[0]["cause"]] is None


def test_an_outcome_is_kept_as_the_reason_it_is():
    assert EXCLUSIONS[row_of(story(outcome="cancelled"))[0]["outcome"]] is Exclusion.CANCELLED


def test_nothing_is_read_from_nothing():
    assert facts_of([]).dtype == FACT
    assert facts_of([]).size == 0


@pytest.mark.parametrize(
    ("facts", "keys", "is_asked"),
    [
        ({}, {}, True),
        ({"received_at": after(days=1)}, {}, False),
        ({"received_at": after(days=-1)}, {}, False),
        ({"received_at": after(days=-1)}, {"is_open": True}, True),
        ({"received_at": after(days=-1), "closed_at": after(0)}, {}, True),
        ({"received_at": after(days=-1), "closed_at": after(-1)}, {"is_open": True}, False),
    ],
)
def test_a_range_holds_its_calls_and_what_waited_when_it_began(facts, keys, is_asked):
    begin, end = micros([after(0), after(days=1)])
    assert received_or_waiting(row_of(story(**facts), **keys), begin, end).tolist() == [is_asked]


places = st.sampled_from([(42.36, -71.06), (42.3601, -71.06), (42.4, -71.1), (None, None)])


@st.composite
def placed_story(draw):
    lat, lon = draw(places)
    ends = draw(st.none() | st.integers(1, 60_000))
    return story(
        category=draw(st.sampled_from(["burst", "leak"])),
        household=draw(st.sampled_from([None, "1", "2"])),
        lat=lat,
        lon=lon,
        received_at=after(draw(st.integers(0, 60_000))),
        closed_at=None if ends is None else after(ends),
        outcome=draw(st.sampled_from([None, None, "duplicate", "cancelled", "solved_by_phone"])),
    )


@given(st.lists(placed_story(), max_size=6), st.lists(placed_story(), max_size=4))
def test_followers_are_those_that_stories_have(stories, later):
    def rows(some, first):
        return facts_of(
            fact_of(one, Keys(first + number, None, None, one.household and int(one.household)))
            for number, one in enumerate(some)
        )

    asked, pool = rows(stories, 0), rows([*stories, *later], 0)
    followers = next_at_same_place(stories, later)
    found = with_followers(asked, pool)
    expected = micros(followers.get(one.number) for one in stories)
    assert np.array_equal(found["followed_at"], expected, equal_nan=True)


def test_a_follower_counts_up_to_the_last_instant_of_its_days():
    row = row_of(fixed())
    for days, is_followed in ((7, True), (6, False)):
        row = row.copy()
        row["followed_at"] = micros([after(60, days=7)])
        assert followed_within(row, days).tolist() == [is_followed]


def test_words_have_numbers_that_stay():
    assert number_of("burst") == number_of("burst") != number_of("leak")
