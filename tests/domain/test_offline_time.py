"""Is a late event dated by the best evidence, and never outside what is possible?"""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.errors import Invalid
from dispatch.domain.offline_time import (
    QUALITY_NAMES,
    TimeQuality,
    corrected_time,
    effective_time,
    remark_on,
    skew_words,
)

RECEIVED = datetime(2026, 3, 4, 9, tzinfo=UTC)
OFFERED = datetime(2026, 3, 4, 8, tzinfo=UTC)
NUMBERS = st.none() | st.floats()


def timed(**evidence: object):
    return effective_time(
        **{
            "device_time": None,
            "mono_event_ms": None,
            "mono_now_ms": None,
            "received_at": RECEIVED,
            "offered_at": OFFERED,
            "last_offset_seconds": None,
            "same_session": False,
            **evidence,
        }
    )


def ago(**time: float):
    return RECEIVED - timedelta(**time)


def test_within_one_session_the_monotonic_clock_decides():
    found = timed(
        same_session=True, mono_event_ms=1_000, mono_now_ms=1_201_000, device_time=ago(minutes=20)
    )
    assert found.at == ago(minutes=20)
    assert found.quality is TimeQuality.OFFLINE_TRUSTED
    assert (found.late_seconds, found.skew_seconds) == (1200, 0)
    assert found.is_late
    assert not found.is_skewed
    assert found.is_flagged


def test_a_wrong_wall_clock_does_not_matter_within_one_session_but_is_flagged():
    found = timed(
        same_session=True,
        mono_event_ms=0,
        mono_now_ms=500,
        device_time=RECEIVED + timedelta(days=1),
    )
    assert found.at == ago(seconds=0.5)
    assert found.quality is TimeQuality.ONLINE
    assert found.is_skewed
    assert found.is_flagged


@pytest.mark.parametrize(
    ("late_ms", "quality", "is_late"),
    [
        (299_999, TimeQuality.ONLINE, False),
        (300_000, TimeQuality.OFFLINE_TRUSTED, True),
    ],
)
def test_an_event_is_late_from_five_minutes_on(late_ms, quality, is_late):
    found = timed(same_session=True, mono_event_ms=0, mono_now_ms=late_ms)
    assert (found.quality, found.is_late) == (quality, is_late)


def test_another_session_falls_back_to_the_wall_clock_and_its_measured_offset():
    found = timed(
        mono_event_ms=900_000_000,
        mono_now_ms=5_000,
        device_time=ago(minutes=31),
        last_offset_seconds=60,
    )
    assert (found.at, found.quality) == (ago(minutes=30), TimeQuality.OFFLINE_TRUSTED)
    assert found.skew_seconds == -60


def test_the_monotonic_clock_of_another_session_is_not_believed():
    found = timed(
        mono_event_ms=0, mono_now_ms=60_000, device_time=ago(minutes=30), last_offset_seconds=0
    )
    assert found.at == ago(minutes=30)


@pytest.mark.parametrize(
    ("offset", "quality"),
    [
        (119, TimeQuality.OFFLINE_TRUSTED),
        (120, TimeQuality.OFFLINE_SKEWED),
        (-120, TimeQuality.OFFLINE_SKEWED),
        (None, TimeQuality.OFFLINE_SKEWED),
        (math.nan, TimeQuality.OFFLINE_SKEWED),
    ],
)
def test_a_wall_clock_two_minutes_off_or_never_measured_is_skewed(offset, quality):
    found = timed(device_time=ago(minutes=30), last_offset_seconds=offset)
    assert found.quality is quality


def test_a_monotonic_clock_that_ran_backwards_is_not_believed():
    found = timed(
        same_session=True,
        mono_event_ms=9_000,
        mono_now_ms=1_000,
        device_time=ago(minutes=3),
        last_offset_seconds=0,
    )
    assert (found.at, found.quality) == (ago(minutes=3), TimeQuality.OFFLINE_TRUSTED)


def test_nothing_happens_before_it_was_offered():
    found = timed(device_time=ago(hours=5), last_offset_seconds=0)
    assert (found.at, found.quality) == (OFFERED, TimeQuality.OFFLINE_SKEWED)


def test_nothing_happens_after_it_was_received():
    found = timed(device_time=RECEIVED + timedelta(hours=8), last_offset_seconds=0)
    assert (found.at, found.skew_seconds) == (RECEIVED, 8 * 3600)
    assert found.quality is TimeQuality.OFFLINE_SKEWED


def test_without_evidence_the_receipt_counts():
    found = timed()
    assert (found.at, found.quality) == (RECEIVED, TimeQuality.ONLINE)
    assert not found.is_flagged


def test_an_offer_after_the_receipt_leaves_the_receipt():
    assert timed(device_time=ago(hours=2), offered_at=RECEIVED + timedelta(hours=1)).at == RECEIVED


EVIDENCE = st.fixed_dictionaries(
    {
        "device_time": st.none() | st.datetimes(timezones=st.just(UTC)),
        "mono_event_ms": NUMBERS,
        "mono_now_ms": NUMBERS,
        "offered_at": st.none() | st.just(OFFERED),
        "last_offset_seconds": NUMBERS,
        "same_session": st.booleans(),
    }
)


@given(EVIDENCE)
def test_no_device_can_date_an_event_outside_its_bounds(evidence):
    found = timed(**evidence)
    assert found.at <= RECEIVED
    assert evidence["offered_at"] is None or found.at >= OFFERED
    assert found.late_seconds == pytest.approx((RECEIVED - found.at).total_seconds(), abs=1e-6)


@given(st.integers(0, 3_599_000), st.integers(0, 10**12), st.integers(-(10**6), 10**6))
def test_in_one_session_the_answer_does_not_depend_on_the_wall_clock(elapsed, begun, skew):
    found = timed(
        same_session=True,
        mono_event_ms=begun,
        mono_now_ms=begun + elapsed,
        device_time=RECEIVED + timedelta(seconds=skew),
        last_offset_seconds=float(skew),
    )
    assert found.at == ago(milliseconds=elapsed)


def test_a_person_may_correct_a_time():
    found = corrected_time(ago(minutes=10), recorded_at=ago(minutes=7), now=RECEIVED)
    assert (found.at, found.quality) == (ago(minutes=10), TimeQuality.CORRECTED)
    assert found.skew_seconds == 180


def test_a_person_may_not_correct_a_time_into_the_future():
    with pytest.raises(Invalid, match="future") as refused:
        corrected_time(RECEIVED + timedelta(seconds=1), recorded_at=RECEIVED, now=RECEIVED)
    assert list(refused.value.fields) == ["at"]


def remark(quality, *, late=0.0, skew=0.0, phone=True):
    at = ago(minutes=late)
    device = at + timedelta(minutes=skew) if phone else None
    found = remark_on(at, recorded_at=RECEIVED, quality=quality, device_at=device)
    return str(found.note) if found.note else None, found.flags


@pytest.mark.parametrize(
    ("asked", "words", "flags"),
    [
        (("online", 0, 0), None, ()),
        (("online", 2, 0), f"sent at {RECEIVED}", ()),
        (("offline_trusted", 41, 0), f"sent at {RECEIVED}, offline, trusted", ("late",)),
        (
            ("offline_skewed", 2, 0),
            f"sent at {RECEIVED}, offline, clock not trusted",
            (),
        ),
        (
            ("offline_trusted", 41, 540),
            f"sent at {RECEIVED}, offline, trusted. The clock of the phone was 9 h 0 min ahead.",
            ("late", "skewed"),
        ),
        (("online", 0, -3), "The clock of the phone was 3 min behind.", ("skewed",)),
    ],
)
def test_a_late_step_says_when_it_was_sent_and_how_far_its_time_is_trusted(asked, words, flags):
    quality, late, skew = asked
    assert remark(quality, late=late, skew=skew) == (words, flags)


def test_nothing_is_said_of_a_step_that_no_phone_told():
    assert remark("online", late=90, phone=False) == (None, ())
    assert remark("corrected", late=90, phone=False) == (None, ())
    assert remark("offline_trusted", late=90, phone=False)[1] == ("late",)


def test_every_quality_has_a_name():
    assert set(QUALITY_NAMES) == set(TimeQuality)
    assert "59 min ahead" in str(skew_words(59 * 60))
