"""Is a datum that was taken for another found by its one vector, and nothing else called so?"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.datum_mixup import DATUM_NAMES, Miss, MixUp, find_mix_up
from dispatch.domain.place import Datum, Point, from_wgs84, to_wgs84
from dispatch.domain.sentences import say

CENTRE = Point(28.2, 112.95)
PIN = say("Pin on the map")


def arrivals(count, seed=1, noise=0.0001):
    """Return true places over a city, and where the vans stopped beside them."""
    dice = np.random.default_rng(seed)
    places = CENTRE.lat + dice.normal(0, 0.05, count), CENTRE.lon + dice.normal(0, 0.05, count)
    stops = [dice.normal(0, noise, 2) for _ in range(count)]
    return [
        (Point(float(lat), float(lon)), Point(float(lat + stop[0]), float(lon + stop[1])))
        for lat, lon, stop in zip(*places, stops, strict=True)
    ]


def kept(true, given_in, taken_for):
    """Return the place that we keep when coordinates in one datum are taken for another."""
    return to_wgs84(from_wgs84(true, given_in), taken_for)


@pytest.mark.parametrize(
    ("given_in", "taken_for"),
    [(one, other) for one in Datum for other in Datum if one is not other],
)
def test_each_mix_up_is_named(given_in, taken_for):
    misses = [
        Miss(f"W{number}", kept(true, given_in, taken_for), here)
        for number, (true, here) in enumerate(arrivals(9))
    ]
    found = find_mix_up(misses)
    assert (found.given, found.taken, found.arrivals) == (given_in, taken_for, 9)
    assert len(found.numbers) >= 8
    words = str(found.in_words(PIN))
    assert DATUM_NAMES[given_in] in words
    assert DATUM_NAMES[taken_for] in words


def test_good_arrivals_beside_the_bad_ones_hide_nothing():
    good = [Miss(f"G{number}", *pair) for number, pair in enumerate(arrivals(30, 2))]
    bad = [
        Miss(f"B{number}", kept(true, Datum.GCJ02, Datum.WGS84), here)
        for number, (true, here) in enumerate(arrivals(6, 3))
    ]
    found = find_mix_up([*good, *bad])
    assert (found.arrivals, found.numbers) == (36, tuple(f"B{number}" for number in range(6)))
    assert find_mix_up([*good, *bad[:4]]) is None


def test_crews_that_tap_far_away_in_all_directions_are_no_mix_up():
    dice = np.random.default_rng(4)
    misses = []
    for number, (true, _) in enumerate(arrivals(40, 5)):
        turn, far = dice.uniform(0, 2 * math.pi), dice.uniform(0.003, 0.03)
        here = Point(true.lat + far * math.sin(turn), true.lon + far * math.cos(turn))
        misses.append(Miss(f"W{number}", true, here))
    assert find_mix_up(misses) is None


def test_a_shift_that_no_datum_explains_is_a_shift():
    misses = [
        Miss(f"W{number}", true, Point(here.lat - 0.0027, here.lon))
        for number, (true, here) in enumerate(arrivals(7))
    ]
    found = find_mix_up(misses)
    assert (found.given, found.taken) == (None, None)
    assert found.metres == pytest.approx(300, abs=25)
    assert "to the south of the place. The places seem to be shifted" in str(found.in_words(PIN))


def test_vans_that_stop_around_the_corner_are_no_mix_up():
    misses = [Miss(f"W{number}", *pair) for number, pair in enumerate(arrivals(20))]
    assert find_mix_up(misses) is None
    assert find_mix_up([]) is None


def test_vectors_around_the_place_make_no_direction():
    far = 101 / 111_195
    ring = [
        Miss(
            f"W{turn}",
            CENTRE,
            Point(
                CENTRE.lat + far * math.cos(turn),
                CENTRE.lon + far * math.sin(turn) / math.cos(math.radians(CENTRE.lat)),
            ),
        )
        for turn in (-0.95, -0.5, 0.0, 0.5, 0.95)
    ]
    assert find_mix_up(ring) is None
    assert MixUp(1, (), 0.0, 150.0).metres == 150


@given(st.floats(-20_000, 20_000), st.floats(-20_000, 20_000))
def test_every_vector_has_a_direction_in_words(east, north):
    assert "m to the" in str(MixUp(9, ("W1",), east, north).in_words(PIN))
