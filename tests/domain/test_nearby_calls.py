"""Do cells find the neighbours in space and time that looking at every two finds?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain import nearby_calls
from dispatch.domain.nearby_calls import NearbyCalls, Spots, in_reach
from dispatch.domain.place import Point, metres_between

METRES, LONG = 200.0, 7.0
PLACES = [
    (28.2, 112.9),
    (0.0, 180.0),
    (-0.001, -180.0),
    (64.1, -21.9),
    (89.999, 10.0),
    (-33.9, 0.0),
]

call = st.tuples(
    st.sampled_from(PLACES),
    st.floats(-0.004, 0.004),
    st.floats(-0.004, 0.004),
    st.integers(0, 20),
)


def spots(rows):
    """Turn (place, degrees to the north, to the east, time) into columns."""
    lat = np.array([place[0] + north for place, north, _, _ in rows], dtype=float)
    lon = np.array([place[1] + east for place, _, east, _ in rows], dtype=float)
    times = np.array([each[3] for each in rows], dtype=float)
    return Spots(np.arange(len(rows)) + 1, np.full(len(rows), 7), lat, lon, times)


def is_near(one, other):
    places = (Point(row.lat.item(), row.lon.item()) for row in (one, other))
    return metres_between(*places) <= METRES


def row_of(columns, place):
    return Spots(*(column[place] for column in columns))


@pytest.mark.parametrize("pairs_at_once", [1, 1 << 18])
@given(st.lists(call, max_size=30), st.lists(call, max_size=8))
def test_neighbours_are_those_that_looking_at_every_two_finds(pairs_at_once, rows, others):
    kept, nearby_calls._PAIRS_AT_ONCE = nearby_calls._PAIRS_AT_ONCE, pairs_at_once
    try:
        calls, elsewhere = NearbyCalls(spots(rows), METRES, LONG), spots(others)
        each = [row_of(calls.spots, place) for place in range(calls.size)]
        around = [
            {
                place
                for place, other in enumerate(each)
                if is_near(one, other) and 0 <= other.received - one.received <= LONG
            }
            for one in each
        ]
        every = np.arange(calls.size)
        assert calls.counts_soon(every).tolist() == [len(found) for found in around]
        assert (calls.most_soon() >= calls.counts_soon(every)).all()
        found = calls.members(every)
        assert [set(one.tolist()) for one in found] == around
        asked = [row_of(elsewhere, place) for place in range(len(others))]
        counts = [sum(is_near(one, other) for other in each) for one in asked]
        assert calls.counts_around(elsewhere).tolist() == counts
    finally:
        nearby_calls._PAIRS_AT_ONCE = kept


@pytest.mark.parametrize("slots", [4, 1 << 18])
@given(st.lists(call, max_size=30), st.lists(call, max_size=4))
def test_what_is_near_one_of_a_few_is_in_reach(slots, rows, others):
    kept, nearby_calls._SLOTS = nearby_calls._SLOTS, slots
    try:
        calls, few = (
            each._replace(lat=np.minimum(each.lat, 90.0)) for each in (spots(rows), spots(others))
        )
        asked = [row_of(few, place) for place in range(len(others))]
        near = {
            place
            for place in range(len(rows))
            if any(is_near(row_of(calls, place), one) for one in asked)
        }
        assert near <= set(in_reach(calls, few, METRES).tolist())
    finally:
        nearby_calls._SLOTS = kept


def test_most_of_a_city_is_not_in_reach_of_a_few():
    dice = np.random.default_rng(1)
    numbers = np.arange(10_000)
    lat, lon = (edge + 0.2 * dice.random(numbers.size) for edge in (28.1, 112.9))
    city = Spots(numbers, numbers, lat, lon, numbers.astype(float))
    assert in_reach(city, city.at(np.arange(5)), METRES).size < 200
    assert in_reach(city, city.at(np.arange(0)), METRES).size == 0


@given(st.lists(call, max_size=30))
def test_calls_stand_in_their_order(rows):
    calls = NearbyCalls(spots(rows), METRES, LONG).spots
    timely = list(zip(calls.received.tolist(), calls.ticket.tolist(), strict=True))
    assert timely == sorted((row[3], place + 1) for place, row in enumerate(rows))


def test_spots_are_told_apart_by_category():
    rows = spots([(PLACES[0], 0, 0, at) for at in range(4)])._replace(
        category=np.array([5, 3, 5, -2])
    )
    assert [each.ticket.tolist() for each in rows.by_category()] == [[4], [2], [1, 3]]
