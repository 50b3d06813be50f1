"""Is the share of time that crews are busy counted by the hour it falls into?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from dispatch.domain.shifts import ShiftRule
from dispatch.domain.utilisation import MOST_UTILISATION, duty_seconds_by_hour, utilisation_by_hour

HOUR, DAY = 3_600.0, 86_400.0
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def test_utilisation_is_busy_time_over_time_on_duty_by_hour():
    # One crew on duty from 08:00 to 10:00; two days; busy 08:30-09:15 on one of them.
    duty = np.zeros(24)
    duty[8:10] = HOUR
    found = utilisation_by_hour(np.array([8.5 * HOUR]), np.array([9.25 * HOUR]), duty, 2)
    assert found[8:10] == pytest.approx([0.25, 0.125])
    assert found[3] == pytest.approx(0.75 / 4)


def test_work_over_midnight_counts_in_the_hours_it_falls_into():
    duty = np.full(24, HOUR)
    found = utilisation_by_hour(np.array([23.5 * HOUR]), np.array([24.25 * HOUR]), duty, 1)
    assert (found[23], found[0], found[1]) == pytest.approx((0.5, 0.25, 0))


def test_crews_are_never_taken_for_busy_without_end():
    duty = np.full(24, HOUR)
    found = utilisation_by_hour(np.zeros(3), np.full(3, DAY), duty, 1)
    assert (found == MOST_UTILISATION).all()


@pytest.mark.parametrize(
    ("started", "ended", "duty", "days"),
    [([], [], 1.0, 1), ([5.0], [4.0], 1.0, 1), ([0.0], [9.0], 0.0, 1), ([0.0], [9.0], 1.0, 0)],
)
def test_without_visits_or_duty_no_utilisation_is_known(started, ended, duty, days):
    hours = np.full(24, duty * HOUR)
    assert utilisation_by_hour(np.array(started), np.array(ended), hours, days) is None


def test_duty_is_counted_by_hour_over_midnight_and_by_days_of_the_week():
    night = ShiftRule(22 * 60 + 30, 60)
    mondays = ShiftRule(8 * 60, 10 * 60, weekdays=1)
    whole_day = ShiftRule(0, 0)
    found = duty_seconds_by_hour([night, mondays], NOW) / HOUR
    assert found[[22, 23, 0, 1]] == pytest.approx([0.5, 1, 1, 0])
    assert found[8] == pytest.approx(1 / 7)
    assert (duty_seconds_by_hour([whole_day], NOW) == HOUR).all()


def test_a_shift_that_is_not_valid_now_is_no_duty():
    past = ShiftRule(0, 0, valid_to=NOW)
    future = ShiftRule(0, 0, valid_from=NOW + timedelta(hours=1))
    assert not duty_seconds_by_hour([past, future], NOW).any()
