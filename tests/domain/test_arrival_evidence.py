"""Is an arrival graded by what positions, tap, photo and signature prove, and no more?"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.arrival import ArrivalGrade
from dispatch.domain.arrival_evidence import (
    GRADE_NAMES,
    EvidenceFlag,
    Fence,
    Photo,
    Tap,
    Witnesses,
    skew_words,
    stay_at,
    weigh,
)
from dispatch.domain.place import Point
from dispatch.domain.tracks import Fix

EIGHT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
PLACE = Point(28.15, 112.95)
FENCE = Fence(PLACE)
METRES_A_DEGREE = 111_195.0


def minute(at):
    return EIGHT + timedelta(minutes=at)


def north(metres):
    return Point(PLACE.lat + metres / METRES_A_DEGREE, PLACE.lon)


def fix(at, metres=0.0, accuracy=10.0, *, mocked=False):
    return Fix(minute(at), north(metres), accuracy, mocked)


def drive(arrives=29, stays=10):
    """Come from three kilometres away, stand there, and stay."""
    far = [fix(arrives - 5 + step, 3_000 - 550 * step) for step in range(5)]
    return far + [fix(arrives + step, 20) for step in range(stays + 1)]


def weighed(*fixes: Fix, tap=None, **more: object):
    return weigh(Witnesses(EIGHT, tap=tap, fixes=fixes, **more), FENCE)


def tap(at, metres=None, accuracy=10.0, **more: object):
    point = None if metres is None else north(metres)
    return Tap(minute(at), point, accuracy if metres is not None else None, **more)


def test_a_phone_that_came_and_stayed_was_there_since_then():
    stay = stay_at(drive(), FENCE, EIGHT)
    assert (stay.since, stay.until, stay.already) == (minute(29), minute(39), False)


@given(st.permutations(drive()))
def test_the_order_in_which_positions_come_does_not_matter(fixes):
    assert stay_at(fixes, FENCE, EIGHT).since == minute(29)


def test_a_van_that_drives_by_was_not_there():
    by = [fix(10 + step / 4, 600 - 150 * step) for step in range(9)]
    assert stay_at(by, FENCE, EIGHT) is None
    assert weighed(*by) is None


def test_who_was_there_when_the_ticket_was_given_is_there_from_then_on():
    stay = stay_at([fix(at) for at in range(-3, 2)], FENCE, EIGHT)
    assert (stay.since, stay.already) == (EIGHT, True)
    assert stay_at([fix(at) for at in range(-9, -1)], FENCE, EIGHT) is None
    found = weighed(*[fix(at) for at in range(-3, 2)], tap=tap(30))
    assert found.grade is ArrivalGrade.CONFIRMED
    assert found.flags == {}
    assert "already" in str(found.reasons[1])


def test_a_phone_in_a_cellar_is_taken_to_be_there_still_for_an_hour():
    assert stay_at([fix(5), fix(60)], FENCE, EIGHT).since == minute(5)
    assert stay_at([fix(5), fix(66)], FENCE, EIGHT) is None
    assert stay_at([fix(1), fix(4), fix(90)], FENCE, EIGHT).until == minute(4)


@pytest.mark.parametrize("accuracy", [2_000.0, 151.0, None, math.nan, -1.0])
def test_a_position_less_exact_than_the_fence_proves_nothing(accuracy):
    assert stay_at([fix(at, accuracy=accuracy) for at in range(9)], FENCE, EIGHT) is None
    found = weighed(tap=tap(5, 2_000, accuracy))
    assert found.grade is ArrivalGrade.CREW_ONLY
    is_vague = accuracy is not None and accuracy > FENCE.metres
    assert (EvidenceFlag.VAGUE_POSITION in found.flags) is is_vague


def test_places_that_are_no_numbers_prove_nothing():
    odd = [Fix(minute(at), Point(math.nan, math.inf), 5.0) for at in range(9)]
    assert stay_at(odd, FENCE, EIGHT) is None


def test_the_width_of_the_fence_can_be_set():
    fixes = [fix(at, 250) for at in range(5)]
    assert stay_at(fixes, FENCE, EIGHT) is None
    assert stay_at(fixes, Fence(PLACE, 300.0), EIGHT).since == EIGHT
    told = Witnesses(EIGHT, tap=tap(9, 250))
    assert weigh(told, FENCE).grade is ArrivalGrade.DISPUTED
    assert weigh(told, Fence(PLACE, 300.0)).grade is ArrivalGrade.CREW_ONLY


def test_tap_and_positions_confirm_each_other():
    found = weighed(*drive(), tap=tap(29.5, 15))
    assert (found.grade, found.since, found.metres) == (
        ArrivalGrade.CONFIRMED, minute(29), 15.0,
    )  # fmt: skip
    assert found.flags == {}
    kept = found.as_json()
    assert kept["since"] == minute(29).isoformat()
    assert [each["text"] for each in kept["reasons"]] == [each.text for each in found.reasons]


def test_without_a_tap_the_positions_alone_say_so():
    found = weighed(*drive())
    assert (found.grade, found.metres) == (ArrivalGrade.GEOFENCE_ONLY, None)
    assert weighed() is None


def test_a_tap_far_away_is_disputed_and_says_how_far():
    found = weighed(tap=tap(5, 2_000))
    assert found.grade is ArrivalGrade.DISPUTED
    assert str(found.flags[EvidenceFlag.TAPPED_FAR]) == "Tapped 2000 m from the place."


def test_a_tap_that_tells_no_place_is_looked_up_among_the_positions():
    found = weighed(*drive(), tap=tap(24))
    assert found.grade is ArrivalGrade.DISPUTED
    assert found.metres == pytest.approx(3_000, abs=5)
    assert EvidenceFlag.TAPPED_EARLY in found.flags
    assert weighed(*drive(), tap=tap(24, by_desk=True)).grade is ArrivalGrade.CONFIRMED
    assert weighed(*drive(), tap=tap(12)).metres is None


@pytest.mark.parametrize(
    ("at", "flag"),
    [
        (23, EvidenceFlag.TAPPED_EARLY),
        (24.1, None),
        (38.9, None),
        (39, EvidenceFlag.TAPPED_LATE),
    ],
)
def test_a_tap_long_before_or_after_the_phone_came_is_named(at, flag):
    found = weighed(*drive(), tap=tap(at, 10))
    assert list(found.flags) == ([flag] if flag else [])


@pytest.mark.parametrize(("hours", "words"), [(9, "9 h 0 min ahead"), (-0.05, "3 min behind")])
def test_a_clock_that_was_wrong_is_named(hours, words):
    found = weighed(tap=tap(5, 10, skew_seconds=hours * 3_600))
    assert words in str(found.flags[EvidenceFlag.SKEWED_CLOCK])
    assert words in str(skew_words(hours * 3_600))


def test_a_position_that_was_made_up_is_named_and_proves_nothing():
    made_up = [fix(at, mocked=True) for at in range(9)]
    found = weighed(*made_up, tap=tap(5, 10))
    assert (found.grade, list(found.flags)) == (ArrivalGrade.CREW_ONLY, [EvidenceFlag.MOCKED])
    assert list(weighed(tap=tap(5, 10, mocked=True)).flags) == [EvidenceFlag.MOCKED]


def test_a_jump_is_named_and_a_jump_into_the_fence_begins_no_stay():
    jumped = [fix(1, 60_000), *[fix(at) for at in range(2, 9)]]
    found = weighed(*jumped, tap=tap(5, 10))
    assert found.grade is ArrivalGrade.CREW_ONLY
    assert "60.0 km" in str(found.flags[EvidenceFlag.JUMP])
    back = [*jumped, fix(12, 900), *[fix(at) for at in range(14, 18)]]
    assert stay_at(back, FENCE, EIGHT).since == minute(14)
    later = [*[fix(at) for at in range(4)], fix(5, 60_000)]
    assert stay_at(later, FENCE, EIGHT).since == EIGHT


def test_a_photo_taken_there_confirms_and_one_from_elsewhere_is_named():
    there = Photo(minute(31), north(40), 20.0)
    found = weighed(tap=tap(30), photos=[there])
    assert found.grade is ArrivalGrade.CONFIRMED
    assert any("photo was taken there" in str(each) for each in found.reasons)
    away = Photo(minute(31), north(900), 20.0)
    found = weighed(tap=tap(30), photos=[away])
    assert found.grade is ArrivalGrade.CREW_ONLY
    assert str(found.flags[EvidenceFlag.PHOTO_ELSEWHERE]).startswith("A photo was taken 900 m")


@pytest.mark.parametrize(
    "photo",
    [
        Photo(None, PLACE, 5.0),
        Photo(minute(31), None, 5.0),
        Photo(minute(31), PLACE, None),
        Photo(minute(31), PLACE, 2_000.0),
        Photo(minute(-1), PLACE, 5.0),
        Photo(minute(9), PLACE, 5.0),
    ],
)
def test_a_photo_of_another_time_or_an_unknown_place_proves_nothing(photo):
    assert weighed(tap=tap(40), photos=[photo]).grade is ArrivalGrade.CREW_ONLY


def test_a_photo_alone_and_a_signature_count_as_the_crews_word():
    assert weighed(photos=[Photo(EIGHT, PLACE, 5.0)]).grade is ArrivalGrade.CREW_ONLY
    found = weighed(tap=tap(40), signed=True)
    assert found.grade is ArrivalGrade.CONFIRMED
    assert str(found.reasons[-1]) == "The resident confirmed it by a signature or a code."
    assert weighed(signed=True).grade is ArrivalGrade.CREW_ONLY


def test_the_desk_that_speaks_for_a_crew_is_named():
    found = weighed(tap=tap(5, by_desk=True))
    assert str(found.reasons[0]).startswith("The desk said so")


def test_every_grade_has_a_name():
    assert set(GRADE_NAMES) == set(ArrivalGrade)


places = st.builds(
    Fix,
    st.floats(-600, 600).map(minute),
    st.builds(
        Point,
        st.floats(28.0, 28.3) | st.sampled_from([28.15, math.nan]),
        st.floats(112.8, 113.1) | st.just(112.95),
    ),
    st.none() | st.floats(-10, 3_000),
    st.booleans(),
)
taps = st.none() | st.builds(
    Tap,
    st.floats(0, 600).map(minute),
    st.none() | st.builds(Point, st.floats(28.1, 28.2), st.just(112.95)),
    st.none() | st.floats(0, 3_000),
    st.booleans(),
    st.floats(-40_000, 40_000),
    st.booleans(),
)


@given(st.lists(places, max_size=12), taps, st.booleans(), st.randoms(use_true_random=False))
def test_whatever_comes_is_graded_the_same_in_any_order(fixes, told, signed, chance):
    unique = list({each.at: each for each in fixes}.values())
    mixed = chance.sample(unique, len(unique))
    first = weigh(Witnesses(EIGHT, told, unique, (), signed), FENCE)
    again = weigh(Witnesses(EIGHT, told, mixed, (), signed), FENCE)
    assert first == again
    if first is None:
        assert told is None
        assert not signed
    elif first.since is not None:
        assert first.since >= EIGHT
        inside = [each for each in unique if each.accuracy_metres is not None]
        assert any(abs(each.point.lat - PLACE.lat) < 0.002 for each in inside)
