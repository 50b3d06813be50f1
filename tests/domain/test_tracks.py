"""Is a thinned way still the way that was driven, and is what is packed what was given?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.place import Point
from dispatch.domain.tracks import (
    GAP,
    TAIL,
    TOLERANCE_METRES,
    Fix,
    Track,
    add_fix,
    is_worth_drawing,
    metres_off,
    pack,
    point_at,
    stretch_of,
    thin,
    unpack,
)

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
METRE = 1 / 111_195
SECOND = timedelta(seconds=1)


def at(seconds: float, north: float = 0.0, east: float = 0.0) -> Fix:
    return Fix(NINE + seconds * SECOND, Point(north * METRE, 112.9 + east * METRE))


@st.composite
def drives(draw):
    """Draw some minutes with a position every few seconds, sometimes with a long silence."""
    steps = st.tuples(
        st.sampled_from([1, 5, 15, 40, 400]), st.integers(-60, 60), st.integers(-60, 60)
    )
    seconds = north = east = 0
    found = []
    for wait, up, right in draw(st.lists(steps, min_size=1, max_size=80)):
        seconds, north, east = seconds + wait, north + up, east + right
        if seconds >= 3600:
            break
        found.append(at(seconds, north, east))
    return found


def between(track: list[Fix], fix: Fix) -> tuple[Fix, Fix]:
    before = max((each for each in track if each.at <= fix.at), key=lambda each: each.at)
    after = min((each for each in track if each.at >= fix.at), key=lambda each: each.at)
    return before, after


@given(drives())
def test_no_position_is_further_from_the_drawn_way_than_promised(fixes):
    track = Track()
    for fix in fixes:
        track = add_fix(track, fix)
    for fix in fixes:
        before, after = between(list(track.fixes), fix)
        assert metres_off(before, after, fix) <= TOLERANCE_METRES + 0.01


@given(drives())
def test_a_way_has_the_gaps_that_the_positions_have_and_no_others(fixes):
    track = Track()
    for fix in fixes:
        track = add_fix(track, fix)

    def gaps(of):
        pairs = pairwise(of)
        return [(one.at, two.at) for one, two in pairs if two.at - one.at > GAP]

    assert gaps(list(track.fixes)) == gaps(fixes)


def test_an_even_drive_keeps_its_ends_and_a_wait_keeps_its_beginning():
    straight = [at(5 * place, north=50 * place) for place in range(20)]
    assert thin(straight) == [straight[0], straight[-1]]
    waits = [*straight, *[at(95 + 10 * place, north=950) for place in range(1, 8)]]
    assert thin(waits) == [straight[0], straight[-1], waits[-1]]
    assert thin([]) == []
    assert thin(straight[:1]) == straight[:1]


def test_a_crew_that_stands_still_is_known_to_have_been_there():
    still = [at(15 * place) for place in range(60)]
    kept = thin(still)
    assert all(two.at - one.at <= GAP for one, two in pairwise(kept))
    assert len(kept) <= 10


def test_an_hour_of_driving_takes_few_positions():
    track = Track()
    for place in range(720):
        turns = place // 24
        track = add_fix(track, at(5 * place, north=40 * place, east=300 * (turns % 2)))
    assert len(track.fixes) < 720 / 5


def test_positions_come_late_and_twice():
    track = Track()
    for seconds in (30, 10, 20):
        track = add_fix(track, at(seconds))
    assert [fix.at for fix in track.fixes] == [at(each).at for each in (10, 20, 30)]
    again = add_fix(track, at(20.4, north=9))
    assert [fix.point for fix in again.fixes] == [at(0).point, at(0, north=9).point, at(0).point]
    assert again.settled == 0


def test_a_late_position_opens_what_was_thinned_after_it():
    track = Track()
    for place in range(TAIL):
        track = add_fix(track, at(100 + 10 * place, north=30 * place))
    assert track.settled == len(track.fixes) < TAIL
    reopened = add_fix(track, at(105, north=400))
    assert reopened.settled == 1
    assert at(105, north=400) in reopened.fixes


@given(drives())
def test_what_is_packed_comes_back_to_the_second_and_the_decimetre(fixes):
    packed = pack(NINE, fixes)
    assert len(packed) == 12 * len(fixes)
    for given_fix, found in zip(fixes, unpack(NINE, packed), strict=True):
        assert found.at == given_fix.at
        assert found.point.lat == pytest.approx(given_fix.point.lat, abs=1e-6)
        assert found.point.lon == pytest.approx(given_fix.point.lon, abs=1e-6)
        assert found.accuracy_metres is None


def test_the_accuracy_is_kept_and_a_bad_one_draws_nothing():
    fix = at(0)._replace(accuracy_metres=8.4)
    assert unpack(NINE, pack(NINE, [fix]))[0].accuracy_metres == 8.0
    made_up = at(1)._replace(mocked=True), fix._replace(mocked=True)
    assert [(each.accuracy_metres, each.mocked) for each in unpack(NINE, pack(NINE, made_up))] == [
        (None, True), (8.0, True),
    ]  # fmt: skip
    assert is_worth_drawing(None)
    assert is_worth_drawing(250.0)
    assert not is_worth_drawing(251.0)


def test_a_way_over_the_date_line_goes_the_short_way():
    west, east = Fix(NINE, Point(0, 179.9)), Fix(NINE + 10 * SECOND, Point(0, -179.9))
    middle = point_at(west, east, NINE + 5 * SECOND)
    assert abs(middle.lon) == pytest.approx(180.0)
    assert point_at(west, west, NINE) == Point(0, pytest.approx(179.9))


def test_a_stretch_is_an_hour():
    assert stretch_of(NINE + timedelta(minutes=59, seconds=59, microseconds=7)) == NINE
