"""Is a ticket that comes back to the same place found, and no other?"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dispatch.domain.place import Point, metres_between
from dispatch.domain.same_place import (
    cells_in_reach,
    cells_of,
    fixed_at,
    next_at_same_place,
    repeat_rate,
)
from tests.domain.story_samples import after, fixed, story

METRE = 180 / (math.pi * 6_371_008.8)
NOW = after(days=365)


def at(north=0.0, east=0.0, **facts: Any):
    """Make a ticket so many metres from a corner in Boston, closed after an hour."""
    lat = 42.36 + north * METRE
    lon = -71.06 + east * METRE / math.cos(math.radians(42.36))
    return story(**({"lat": lat, "lon": lon, "closed_at": after(60)} | facts))


def follower(days=1.0, **facts: Any):
    return at(**({"received_at": after(days=days), "closed_at": None} | facts))


@pytest.mark.parametrize(("north", "east"), [(29.9, 0), (0, 29.9), (-21, 21), (0, 0)])
def test_a_ticket_within_thirty_metres_follows(north, east):
    first, second = at(), follower(north=north, east=east)
    assert next_at_same_place([first, second]) == {first.number: second.received_at}


@pytest.mark.parametrize(
    "facts",
    [
        {"north": 30.1},
        {"east": 30.1},
        {"category": "leak"},
        {"outcome": "duplicate"},
        {"outcome": "cancelled"},
        {"located": False},
        {"lat": None},
        {"received_at": after(59)},
        {"received_at": after(60)},
    ],
)
def test_another_place_kind_or_time_does_not_follow(facts):
    assert next_at_same_place([at(), follower(**facts)]) == {}


def test_the_same_household_follows_wherever_its_pin_lies():
    first, second = at(household="H"), follower(north=5000, household="H")
    assert next_at_same_place([first, second]) == {first.number: second.received_at}
    unplaced = follower(located=False, household="H")
    assert next_at_same_place([first, unplaced]) == {first.number: unplaced.received_at}


def test_the_earliest_of_several_is_found():
    stories = [at(), follower(9, east=20), follower(3, north=-20), follower(5)]
    assert next_at_same_place(stories)[stories[0].number] == after(days=3)


def test_the_nearest_across_the_date_line_is_found():
    first = at(lat=-17.0, lon=180 - 5 * METRE)
    second = follower(lat=-17.0, lon=-180 + 5 * METRE)
    assert first.number in next_at_same_place([first, second])


def test_tickets_outside_the_range_are_looked_at_but_not_asked():
    first, second = at(), follower(closed_at=after(days=2))
    third = follower(5)
    assert next_at_same_place([first], [second, third]) == {first.number: after(days=1)}


def test_nothing_follows_nothing():
    assert next_at_same_place([]) == {}
    assert next_at_same_place([story()]) == {}
    assert next_at_same_place([story(closed_at=after(5))]) == {}


def test_the_work_ends_at_the_completion_and_never_before_the_call():
    assert fixed_at(story(completed_at=after(5), closed_at=after(9))) == after(5)
    assert fixed_at(story(closed_at=after(9))) == after(9)
    assert fixed_at(story(closed_at=after(-9))) == after(0)
    assert fixed_at(story(completed_at=after(5))) is None
    assert fixed_at(fixed(flags=frozenset({"closes_before_opening"}))) is None


@st.composite
def crowds(draw):
    count = draw(st.integers(0, 25))
    return [
        at(
            north=draw(st.integers(-70, 70)),
            east=draw(st.integers(-70, 70)),
            received_at=after(draw(st.integers(0, 20))),
            closed_at=draw(st.none() | st.integers(0, 20).map(after)),
            category=draw(st.sampled_from(["burst", "leak"])),
            household=draw(st.sampled_from([None, None, "H1", "H2"])),
            located=draw(st.sampled_from([True, True, False])),
            outcome=draw(st.sampled_from([None, None, "duplicate", "solved_by_phone"])),
        )
        for _ in range(count)
    ]


def _is_same_place(one, other):
    if one.household is not None and one.household == other.household:
        return True
    if not (one.located and other.located):
        return False
    metres = metres_between(Point(one.lat, one.lon), Point(other.lat, other.lon))
    assume(abs(metres - 30) > 1e-4)
    return metres < 30


@given(crowds())
def test_followers_agree_with_looking_at_every_pair(stories):
    expected = {}
    for one in stories:
        end = fixed_at(one)
        times = [
            other.received_at
            for other in stories
            if end is not None
            and other is not one
            and other.outcome != "duplicate"
            and other.category == one.category
            and other.received_at > end
            and _is_same_place(one, other)
        ]
        if times:
            expected[one.number] = min(times)
    assert next_at_same_place(stories) == expected


@pytest.mark.parametrize(("days", "hits"), [(7, 0), (30, 1), (90, 1)])
def test_the_repeat_rate_counts_followers_within_its_days(days, hits):
    found = repeat_rate([at(), follower(20), at(north=500)], days, NOW)
    assert (found.share.hits, found.share.n, found.days) == (hits, 2, days)


def test_the_last_instant_of_the_days_still_counts():
    end = after(60)
    for late, hits in ((timedelta(), 1), (timedelta(microseconds=1), 0)):
        stories = [at(), follower(received_at=end + timedelta(days=7) + late)]
        assert repeat_rate(stories, 7, NOW).share.hits == hits


def test_a_repeat_rate_lists_what_it_cannot_see():
    stories = [
        at(located=False),
        at(flags=frozenset({"closes_before_opening"})),
        at(outcome="duplicate"),
        at(closed_at=None),
        at(located=False, household="H"),
    ]
    found = repeat_rate(stories, 30, after(days=3))
    assert found.as_json() == {
        "rate": 0.0,
        "hits": 0,
        "n": 1,
        "provisional": 1,
        "excluded": {"flagged": 1, "place_not_known": 1},
    }
    assert repeat_rate([], 30, NOW).share.rate is None


@given(
    lat=st.floats(-89.9, 89.9),
    lon=st.floats(-180, 180),
    bearing=st.floats(0, 2 * math.pi),
    metres=st.floats(0, 29.9),
)
def test_what_is_within_thirty_metres_lies_in_a_cell_in_reach(lat, lon, bearing, metres):
    north = lat + metres * math.cos(bearing) * METRE
    east = lon + metres * math.sin(bearing) * METRE / math.cos(math.radians(lat))
    assume(abs(north) < 90)
    assume(metres_between(Point(lat, lon), Point(north, east)) <= 30)
    reach = cells_in_reach(np.array([lat]), np.array([lon]))
    assert 1 <= reach.size <= 8
    assert np.isin(cells_of(np.array([north]), np.array([east])), reach).all()
