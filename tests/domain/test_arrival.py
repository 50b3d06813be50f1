"""Are crossed times named, and is each arrival graded by what proves it?"""

import itertools
import math
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.arrival import (
    STEPS,
    ArrivalGrade,
    ArrivalRules,
    check_order,
    grade,
    needs_review,
)
from dispatch.domain.errors import Invalid

EIGHT = datetime(2026, 3, 4, 8, tzinfo=UTC)
EXAMPLE = {
    "received": EIGHT,
    "dispatched": EIGHT + timedelta(seconds=90),
    "acknowledged": EIGHT + timedelta(minutes=3),
    "en_route": EIGHT + timedelta(minutes=7),
    "arrived": EIGHT + timedelta(minutes=29, seconds=59),
    "completed": EIGHT + timedelta(minutes=70),
}


def test_the_worked_example_is_in_order_though_steps_are_missing():
    check_order({**EXAMPLE, "working": None})


def test_equal_times_are_in_order():
    check_order(dict.fromkeys(STEPS, EIGHT))


@pytest.mark.parametrize(("earlier", "later"), list(itertools.combinations(STEPS, 2)))
def test_any_two_crossed_steps_are_refused_and_named(earlier, later):
    with pytest.raises(Invalid) as refused:
        check_order({later: EIGHT, earlier: EIGHT + timedelta(seconds=1)})
    assert refused.value.facts == {"steps": [earlier, later]}
    assert list(refused.value.fields) == [later]


def test_the_refusal_is_a_sentence():
    with pytest.raises(Invalid) as refused:
        check_order({**EXAMPLE, "arrived": EIGHT + timedelta(minutes=5)})
    assert str(refused.value) == "“Arrived” cannot be before “En route”."


def test_order_is_kept_in_the_repeated_hour_of_autumn():
    boston = ZoneInfo("America/New_York")
    first = datetime(2015, 11, 1, 1, 50, tzinfo=boston)
    second = datetime(2015, 11, 1, 1, 10, tzinfo=boston, fold=1)
    check_order({"received": first, "arrived": second})
    with pytest.raises(Invalid):
        check_order({"received": second, "arrived": first})


def test_an_unknown_step_is_a_mistake_of_ours():
    with pytest.raises(ValueError, match="left"):
        check_order({"left": EIGHT})


def test_a_late_event_that_fits_needs_no_review():
    known = {step: at for step, at in EXAMPLE.items() if step != "arrived"}
    assert needs_review(known, step="arrived", at=EXAMPLE["arrived"]) is None


@pytest.mark.parametrize(
    ("minutes", "reason"),
    [
        (6, "“Arrived” cannot be before “En route”."),
        (71, "“Completed” cannot be before “Arrived”."),
    ],
)
def test_a_late_event_that_breaks_the_order_goes_to_review(minutes, reason):
    known = {step: at for step, at in EXAMPLE.items() if step != "arrived"}
    at = EIGHT + timedelta(minutes=minutes)
    assert str(needs_review(known, step="arrived", at=at)) == reason


def test_a_late_event_is_not_blamed_for_times_crossed_before_it():
    crossed = {**EXAMPLE, "dispatched": EIGHT - timedelta(minutes=1)}
    assert needs_review(crossed, step="closed", at=EIGHT + timedelta(hours=2)) is None


@given(st.dictionaries(st.sampled_from(STEPS), st.integers(0, 9)))
def test_order_is_accepted_exactly_when_the_times_are_sorted(offsets):
    times = {step: EIGHT + timedelta(minutes=offset) for step, offset in offsets.items()}
    in_order = [times[step] for step in STEPS if step in times]
    if in_order == sorted(in_order):
        check_order(times)
    else:
        with pytest.raises(Invalid):
            check_order(times)


def graded(evidence, metres=None, accuracy=None):
    return grade(
        tapped="t" in evidence,
        geofence="g" in evidence,
        resident_code="c" in evidence,
        photo="p" in evidence,
        metres_from_place=metres,
        accuracy_m=accuracy,
    )


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        ("t", ArrivalGrade.CREW_ONLY),
        ("g", ArrivalGrade.GEOFENCE_ONLY),
        ("c", ArrivalGrade.CREW_ONLY),
        ("cp", ArrivalGrade.CREW_ONLY),
        ("tg", ArrivalGrade.CONFIRMED),
        ("tc", ArrivalGrade.CONFIRMED),
        ("tp", ArrivalGrade.CONFIRMED),
        ("gp", ArrivalGrade.CONFIRMED),
        ("tgcp", ArrivalGrade.CONFIRMED),
    ],
)
def test_two_kinds_of_evidence_confirm_an_arrival(evidence, expected):
    assert graded(evidence) is expected


@pytest.mark.parametrize(
    ("metres", "accuracy", "expected"),
    [
        (2_000, 10, ArrivalGrade.DISPUTED),
        (160.5, 10, ArrivalGrade.DISPUTED),
        (160, 10, ArrivalGrade.CREW_ONLY),
        (2_000, 201, ArrivalGrade.CREW_ONLY),
        (2_000, None, ArrivalGrade.CREW_ONLY),
        (None, 10, ArrivalGrade.CREW_ONLY),
        (math.nan, 10, ArrivalGrade.CREW_ONLY),
        (math.inf, 10, ArrivalGrade.CREW_ONLY),
        (2_000, -1, ArrivalGrade.CREW_ONLY),
        (2_000, math.nan, ArrivalGrade.CREW_ONLY),
    ],
)
def test_only_an_exact_position_outside_the_fence_disputes_a_tap(metres, accuracy, expected):
    assert graded("t", metres, accuracy) is expected


def test_a_position_elsewhere_disputes_even_a_code_read_out_by_telephone():
    assert graded("tc", 2_000, 10) is ArrivalGrade.DISPUTED


def test_an_arrival_without_evidence_is_refused():
    with pytest.raises(Invalid, match="no evidence"):
        graded("")


@given(fence=st.integers(20, 2_000), dwell=st.integers(1, 60))
def test_the_rules_are_read_back_as_they_were_written(fence, dwell):
    rules = ArrivalRules(fence, dwell)
    assert ArrivalRules.from_json(rules.as_json()) == rules


@pytest.mark.parametrize(
    ("rules", "named"),
    [
        (
            {"fence_metres": 19, "dwell_minutes": 61},
            {"arrival.fence_metres", "arrival.dwell_minutes"},
        ),
        ({"fence_metres": 150}, {"arrival.dwell_minutes"}),
        ({"fence_metres": 150.5, "dwell_minutes": 2}, {"arrival.fence_metres"}),
    ],
)
def test_rules_that_cannot_be_are_refused_by_name(rules, named):
    with pytest.raises(Invalid) as refused:
        ArrivalRules.from_json(rules, "arrival")
    assert set(refused.value.fields) == named
