"""Do cells find the neighbours in space and time that looking at every two finds?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain import nearby_calls
from dispatch.domain.nearby_calls import NearbyCalls, Spots
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
    st.integers(1, 3),
    st.sampled_from(PLACES),
    st.floats(-0.004, 0.004),
    st.floats(-0.004, 0.004),
    st.integers(0, 20),
)


def spots(rows):
    """Turn (category, place, degrees to the north, to the east, time) into columns."""
    lat = np.array([place[0] + north for _, place, north, _, _ in rows], dtype=float)
    lon = np.array([place[1] + east for _, place, _, east, _ in rows], dtype=float)
    category = np.array([each[0] for each in rows], dtype=np.int64)
    times = np.array([each[4] for each in rows], dtype=float)
    return Spots(np.arange(len(rows)) + 1, category, lat, lon, times)


def is_near(one, other):
    places = (Point(row.lat.item(), row.lon.item()) for row in (one, other))
    return one.category == other.category and metres_between(*places) <= METRES


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
        assert calls.counts_soon().tolist() == [len(found) for found in around]
        found = calls.members(np.arange(calls.size))
        assert [set(one.tolist()) for one in found] == around
        asked = [row_of(elsewhere, place) for place in range(len(others))]
        counts = [sum(is_near(one, other) for other in each) for one in asked]
        assert calls.counts_around(elsewhere).tolist() == counts
    finally:
        nearby_calls._PAIRS_AT_ONCE = kept


@given(st.lists(call, max_size=30))
def test_a_rank_is_the_place_in_the_order_of_calls(rows):
    calls = NearbyCalls(spots(rows), METRES, LONG)
    order = np.argsort(calls.rank)
    timely = [(at.item(), ticket.item()) for at, ticket in zip(
        calls.spots.received[order], calls.spots.ticket[order], strict=True
    )]  # fmt: skip
    assert timely == sorted((row[4], place + 1) for place, row in enumerate(rows))
