"""Is nobody ranked by chance, by too few tickets, or by the tickets that they were given?"""

from __future__ import annotations

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.attainment import circle_attainment
from dispatch.domain.facts import Keys, fact_of, facts_of
from dispatch.domain.place import Point, metres_between
from dispatch.domain.ranking import Fared, due_and_kept, expected_rates, ranked
from dispatch.domain.samples import MINIMUM_SAMPLE, Share
from tests.domain.story_samples import after, any_story, worked_example

BASE = Point(28.2, 112.9)


def fared(kept, n, expected=0.8):
    return Fared(Share(kept, n), expected)


def test_the_highest_above_what_was_expected_is_first():
    [first, second] = ranked([fared(900, 1000, 0.95), fared(700, 1000, 0.5)])
    assert (first.number, first.first, first.last, first.alike) == (1, 1, 1, ())
    assert (second.number, second.first, second.last) == (0, 2, 2)


def test_those_whose_intervals_overlap_are_not_told_apart():
    places = ranked([fared(18, 20), fared(19, 20), fared(100, 1000)])
    assert [(one.number, one.first, one.last) for one in places] == [
        (1, 1, 2),
        (0, 1, 2),
        (2, 3, 3),
    ]
    assert [one.alike for one in places] == [(0,), (1,), ()]


def test_too_few_promises_have_no_place():
    few = fared(MINIMUM_SAMPLE - 1, MINIMUM_SAMPLE - 1)
    assert ranked([few, fared(0, 0, None)]) == []
    assert (fared(0, 0, None).beyond, fared(0, 0, None).between) == (None, None)
    assert Fared(Share(1, 2), None).between is None


def facts_of_stories(stories, teams=None):
    return facts_of(
        fact_of(one, Keys(number, None, (teams or {}).get(number, 1), None))
        for number, one in enumerate(stories)
    )


@given(st.lists(any_story(), max_size=8), st.integers(-100, 150_000))
def test_what_is_due_and_kept_is_what_circle_attainment_counts(stories, now):
    at = after(now)
    is_due, is_kept = due_and_kept(facts_of_stories(stories), at)
    found = [circle_attainment([one], at) for one in stories]
    assert is_due.tolist() == [one.n == 1 for one in found]
    assert is_kept.tolist() == [one.met == 1 for one in found]


def stories_of(counts):
    """Return stories by (category, level, hours after midnight, kept): how many of them."""
    found = []
    for (category, level, hours, is_kept), count in counts.items():
        shift = timedelta(hours=hours)
        one = worked_example(category=category, level=level)
        received = one.received_at.replace(hour=0, minute=0) + shift
        found += [
            worked_example(
                category=category,
                level=level,
                received_at=received,
                arrive_due_at=received + timedelta(minutes=30),
                arrived_at=received + timedelta(minutes=20 if is_kept else 40),
            )
        ] * count
    return found


def test_a_ticket_is_expected_to_fare_as_those_that_are_like_it():
    stories = stories_of({
        ("burst", 1, 1, True): 15, ("burst", 1, 1, False): 5,
        ("leak", 1, 1, True): 5, ("leak", 1, 1, False): 15,
        ("burst", 1, 9, True): 4,
    })  # fmt: skip
    rates = expected_rates(facts_of_stories(stories), after(9_999), ZoneInfo("UTC"), {})
    assert rates[0] == 15 / 20
    assert rates[20] == 5 / 20
    assert rates[-1] == 19 / 24, "too few calls at nine: any burst of the level"


def test_categories_are_told_apart_whatever_their_numbers_are():
    stories = stories_of({("burst", 1, 1, True): 20, ("leak", 1, 1, False): 20})
    facts = facts_of_stories(stories).copy()
    facts["category"] = np.repeat(np.array([-(2**62), 2**63 - 1]), 20)
    rates = expected_rates(facts, after(9_999), UTC, {})
    assert rates.tolist() == [1.0] * 20 + [0.0] * 20


def test_who_drives_far_is_compared_with_those_who_drive_far():
    near, far = Point(28.21, 112.9), Point(28.3, 112.9)
    assert metres_between(BASE, far) > 10_000
    stories = []
    for place, kept in ((near, 19), (far, 4)):
        known = {("burst", 1, 1, True): kept, ("burst", 1, 1, False): 20 - kept}
        stories += [one_at(one, place) for one in stories_of(known)]
    facts = facts_of_stories(stories)
    rates = expected_rates(facts, after(9_999), ZoneInfo("UTC"), {1: BASE})
    assert (rates[0], rates[-1]) == (19 / 20, 4 / 20)
    without = expected_rates(facts, after(9_999), ZoneInfo("UTC"), {2: BASE})
    assert set(without.tolist()) == {23 / 40}


def one_at(story, place):
    return worked_example(
        category=story.category, level=story.level, received_at=story.received_at,
        arrive_due_at=story.arrive_due_at, arrived_at=story.arrived_at,
        lat=place.lat, lon=place.lon, located=True,
    )  # fmt: skip


@pytest.mark.parametrize("stories", [[], [worked_example(arrive_due_at=None)]])
def test_where_nothing_was_due_nothing_is_expected(stories):
    rates = expected_rates(facts_of_stories(stories), after(60), UTC, {})
    assert np.isnan(rates).tolist() == [True] * len(stories)
