"""Are drives estimated in the right unit, one by one and all at once?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.place import Point, metres_between
from dispatch.domain.travel import GREAT_CIRCLE, Leg, drive_seconds, great_circle_legs

POINTS = st.builds(Point, st.floats(-80, 80), st.floats(-179, 179))
METRES = st.floats(0, 1e6)


def test_an_hour_of_straight_road_at_thirty_two_kilometres():
    assert drive_seconds(32_000, detour=1.0) == pytest.approx(3600)


def test_a_detour_lengthens_the_drive_and_speed_shortens_it():
    assert drive_seconds(32_000) == pytest.approx(3600 * 1.3)
    assert drive_seconds(32_000, speed_kmh=64) == pytest.approx(1800 * 1.3)


@given(st.lists(METRES))
def test_an_array_gives_what_its_numbers_give(metres):
    together = drive_seconds(np.array(metres, dtype=np.float64))
    assert together.tolist() == [drive_seconds(one) for one in metres]


@given(METRES, METRES)
def test_farther_is_never_sooner(one, other):
    near, far = sorted((one, other))
    assert drive_seconds(near) <= drive_seconds(far)


@pytest.mark.parametrize(("speed", "detour"), [(0, 1.3), (-5, 1.3), (32, 0), (float("nan"), 1.3)])
def test_a_speed_that_cannot_be_meant_is_refused(speed, detour):
    with pytest.raises(ValueError, match="positive"):
        drive_seconds(1000, speed_kmh=speed, detour=detour)


@given(POINTS, st.lists(POINTS, max_size=5))
def test_each_leg_is_the_drive_from_its_origin(to, origins):
    legs = great_circle_legs(to, origins)
    assert len(legs) == len(origins)
    for leg, origin in zip(legs, origins, strict=True):
        assert leg.source == GREAT_CIRCLE
        assert leg.metres == pytest.approx(metres_between(origin, to), rel=0.01, abs=1)
        assert leg.seconds == pytest.approx(drive_seconds(leg.metres))


def test_no_crews_have_no_legs():
    assert great_circle_legs(Point(28.2, 113.0), []) == []


def test_legs_of_one_value_are_equal():
    assert Leg(1.0, 2.0, "osrm") == Leg(1.0, 2.0, "osrm")
