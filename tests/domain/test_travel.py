"""Are drives estimated in the right unit, one by one and all at once?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.place import Point, metres_between
from dispatch.domain.travel import (
    GREAT_CIRCLE,
    STRAIGHT_LINE,
    Leg,
    StraightLine,
    TravelAnswer,
    drive_seconds,
    great_circle_legs,
    great_circle_metres,
    great_circle_pairs,
    legs_of,
)

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


PLACES = st.lists(POINTS, max_size=6).map(
    lambda points: np.array([(each.lat, each.lon) for each in points]).reshape(-1, 2)
)


@given(PLACES, PLACES)
def test_a_matrix_of_metres_holds_the_distance_of_each_pair(origins, goals):
    metres = great_circle_metres(origins, goals)
    assert metres.shape == (len(origins), len(goals))
    for row, origin in enumerate(origins):
        for column, goal in enumerate(goals):
            expected = metres_between(Point(*origin), Point(*goal))
            assert metres[row, column] == pytest.approx(expected, rel=1e-6, abs=0.01)


@given(PLACES)
def test_from_a_place_to_itself_is_no_way_at_all(places):
    assert not np.any(np.diagonal(great_circle_metres(places, places)))


@given(PLACES)
def test_pairs_are_the_diagonal_of_the_matrix(places):
    others = places[::-1]
    expected = np.diagonal(great_circle_metres(places, others))
    assert great_circle_pairs(places, others) == pytest.approx(expected, rel=1e-9, abs=1e-6)


def test_the_far_side_of_the_earth_is_half_its_girth_away():
    metres = great_circle_metres(np.array([[10.0, 20.0]]), np.array([[-10.0, -160.0]]))
    assert metres.item() == pytest.approx(20_015_115, rel=1e-6)


def test_the_straight_line_drives_the_detour_at_its_speed():
    times = StraightLine(speed_kmh=36.0, detour=1.5)
    origins, goals = np.array([[28.2, 113.0]]), np.array([[28.3, 113.0], [np.nan, np.nan]])
    seconds = times.seconds(origins, goals)
    assert seconds[0, 0] == pytest.approx(great_circle_metres(origins, goals)[0, 0] * 1.5 / 10)
    assert np.isnan(seconds[0, 1])


def test_each_hour_has_its_own_speed_and_an_unknown_one_their_mean():
    times = StraightLine(speed_kmh=(20.0,) * 12 + (40.0,) * 12)
    assert [times.speed_at(hour) for hour in (0, 11, 12, 23, None)] == [20, 20, 40, 40, 30]
    assert StraightLine().speed_at(8) == StraightLine().speed_at(None) == 32
    places = np.array([[28.2, 113.0], [28.21, 113.01]])
    slow, quick = times.seconds(places, places, 3), times.seconds(places, places, 20)
    assert slow == pytest.approx(2 * quick)


def test_the_hours_stretch_drives_against_the_mean_of_the_day():
    times = StraightLine(speed_kmh=(20.0,) * 12 + (40.0,) * 12)
    assert times.hour_factors() == pytest.approx((1.5,) * 12 + (0.75,) * 12)
    assert StraightLine().hour_factors() == (1.0,) * 24


def test_an_answer_names_its_source_and_what_error_to_reckon_with():
    places = np.array([[28.2, 113.0], [28.21, 113.01]])
    answer = StraightLine(spread=0.2).answer(places, places, 8)
    assert (answer.source, answer.spread, answer.note) == (STRAIGHT_LINE, 0.2, None)
    assert answer.seconds == pytest.approx(StraightLine().seconds(places, places))


@pytest.mark.parametrize("speeds", [(), (30.0,), (30.0,) * 23, (0.0,) * 24, float("inf"), -1.0])
def test_speeds_that_are_no_day_or_no_speed_are_refused(speeds):
    with pytest.raises(ValueError, match=r"24 by hour|positive"):
        StraightLine(speed_kmh=speeds)


def test_a_detour_shorter_than_nothing_is_refused():
    with pytest.raises(ValueError, match="positive"):
        StraightLine(detour=0.0)


def test_legs_carry_their_author_and_leave_out_what_has_no_way():
    seconds = np.array([[600.0], [np.nan]])
    answer = TravelAnswer(seconds, "osrm", 0.15)
    origins = {7: Point(28.1, 112.9), 8: Point(28.2, 112.9)}
    found = legs_of(answer, Point(28.15, 112.9), origins)
    assert list(found) == [7]
    assert (found[7].seconds, found[7].source, found[7].spread) == (600.0, "osrm", 0.15)
    assert found[7].metres == pytest.approx(5_560, rel=0.01)
