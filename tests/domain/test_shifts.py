"""Is a crew on duty when its shift says so, over midnight and through clock changes?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.shifts import Duty, ShiftRule, duties_between, duty_at

BOSTON = ZoneInfo("America/New_York")
SHANGHAI = ZoneInfo("Asia/Shanghai")


def boston(day: int, hour: int, minute: int = 0, month: int = 6) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BOSTON)


DAY = ShiftRule(6 * 60, 18 * 60)
NIGHT = ShiftRule(18 * 60, 6 * 60)


@pytest.mark.parametrize(
    ("rule", "at", "on"),
    [
        (DAY, boston(9, 6), True),
        (DAY, boston(9, 5, 59), False),
        (DAY, boston(9, 17, 59), True),
        (DAY, boston(9, 18), False),
        (NIGHT, boston(9, 23), True),
        (NIGHT, boston(10, 5, 59), True),
        (NIGHT, boston(10, 6), False),
        (NIGHT, boston(9, 12), False),
        (ShiftRule(0, 1440), boston(9, 23, 59), True),
    ],
)
def test_the_start_is_on_duty_and_the_end_is_not(rule, at, on):
    assert (duty_at([rule], BOSTON, at) is not None) is on


def test_a_night_shift_began_yesterday():
    duty = duty_at([NIGHT], BOSTON, boston(10, 2))
    assert duty == Duty(boston(9, 18), boston(10, 6))


def test_a_shift_belongs_to_the_day_it_begins():
    fridays = ShiftRule(22 * 60, 6 * 60, weekdays=1 << 4)
    saturday_night = datetime(2026, 6, 13, 2, tzinfo=BOSTON)
    assert duty_at([fridays], BOSTON, saturday_night) is not None
    assert duty_at([fridays], BOSTON, saturday_night - timedelta(days=1)) is None


def test_shifts_that_touch_are_one_duty():
    rules = [ShiftRule(6 * 60, 12 * 60), ShiftRule(12 * 60, 18 * 60)]
    assert duty_at(rules, BOSTON, boston(9, 7)) == Duty(boston(9, 6), boston(9, 18))


def test_a_pause_between_two_shifts_is_off_duty():
    rules = [ShiftRule(6 * 60, 10 * 60), ShiftRule(14 * 60, 18 * 60)]
    assert duty_at(rules, BOSTON, boston(9, 12)) is None
    assert duty_at(rules, BOSTON, boston(9, 7)) == Duty(boston(9, 6), boston(9, 10))
    assert duty_at(rules, BOSTON, boston(9, 15)) == Duty(boston(9, 14), boston(9, 18))


def test_around_the_clock_has_no_end_in_sight():
    duty = duty_at([ShiftRule(480, 480)], BOSTON, boston(9, 3))
    assert duty is not None
    assert duty.ends_at is None


def test_no_shift_is_no_duty():
    assert duty_at([], BOSTON, boston(9, 3)) is None


def test_a_shift_counts_only_while_it_is_valid():
    rule = ShiftRule(360, 1080, valid_from=boston(9, 8), valid_to=boston(10, 9))
    assert duty_at([rule], BOSTON, boston(9, 7)) is None
    assert duty_at([rule], BOSTON, boston(9, 8)) == Duty(boston(9, 8), boston(9, 18))
    assert duty_at([rule], BOSTON, boston(10, 7)) == Duty(boston(10, 6), boston(10, 9))
    assert duty_at([rule], BOSTON, boston(11, 7)) is None


@pytest.mark.parametrize(("month", "day", "hours"), [(3, 7, 11), (10, 31, 13), (6, 9, 12)])
def test_a_night_through_a_clock_change_is_an_hour_shorter_or_longer(month, day, hours):
    duty = duty_at([NIGHT], BOSTON, boston(day, 22, month=month))
    assert duty is not None
    assert duty.ends_at is not None
    assert duty.ends_at - duty.starts_at == timedelta(hours=hours)


@given(
    start=st.integers(0, 1439),
    end=st.integers(0, 1440),
    minutes=st.integers(0, 366 * 1440),
)
def test_without_clock_changes_the_local_minute_decides(start, end, minutes):
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    local = at.astimezone(SHANGHAI)
    minute = local.hour * 60 + local.minute
    inside = start <= minute < end if start < end else minute >= start or minute < end
    assert (duty_at([ShiftRule(start, end)], SHANGHAI, at) is not None) is inside


def test_a_window_holds_the_duties_that_touch_it_cut_to_it():
    rules = [ShiftRule(6 * 60, 12 * 60), ShiftRule(12 * 60, 14 * 60), ShiftRule(15 * 60, 18 * 60)]
    assert duties_between(rules, BOSTON, boston(9, 10), boston(9, 17)) == [
        (boston(9, 10), boston(9, 14)),
        (boston(9, 15), boston(9, 17)),
    ]
    assert duties_between(rules, BOSTON, boston(9, 18), boston(10, 6)) == []


def test_a_window_over_days_holds_each_night_and_one_begun_before_it():
    assert duties_between([NIGHT], BOSTON, boston(9, 2), boston(11, 2)) == [
        (boston(9, 2), boston(9, 6)),
        (boston(9, 18), boston(10, 6)),
        (boston(10, 18), boston(11, 2)),
    ]


def test_overlapping_shifts_are_one_duty_in_a_window():
    rules = [ShiftRule(6 * 60, 18 * 60), ShiftRule(8 * 60, 10 * 60)]
    assert duties_between(rules, BOSTON, boston(9, 5), boston(9, 20)) == [
        (boston(9, 6), boston(9, 18))
    ]


@given(st.integers(0, 1439), st.integers(0, 1439), st.integers(0, 2880))
def test_a_window_agrees_with_the_instant(start, end, minute):
    rule, begin = ShiftRule(start, end), datetime(2026, 3, 7, tzinfo=UTC)
    at = begin + timedelta(minutes=minute)
    spans = duties_between([rule], BOSTON, begin, begin + timedelta(days=3))
    inside = any(begun <= at < ended for begun, ended in spans)
    assert inside is (duty_at([rule], BOSTON, at) is not None)
