"""Which part of its time on duty is a crew busy, at each hour of the day?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dispatch.domain.strict_json import MINUTES_A_DAY

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from numpy.typing import NDArray

    from dispatch.domain.shifts import ShiftRule

    Floats = NDArray[np.float64]

HOURS = 24
MOST_UTILISATION = 0.95
"""Crews that are never free would say nothing of where to put them."""

_DAYS_A_WEEK = 7
_MINUTES_AN_HOUR = 60
_SECONDS_A_MINUTE = 60.0


def duty_seconds_by_hour(rules: Iterable[ShiftRule], now: datetime) -> Floats:
    """Add up the seconds on duty of a mean day for each of the 24 local hours.

    `rules` are the shifts of all crews; those that are not valid at `now` are left out. A day of
    the week counts a seventh. Changes of the clock are left out.
    """
    minutes = np.zeros(MINUTES_A_DAY)
    for rule in rules:
        begun = rule.valid_from is None or rule.valid_from <= now
        if not begun or (rule.valid_to is not None and rule.valid_to <= now):
            continue
        days = rule.weekdays.bit_count() / _DAYS_A_WEEK
        if rule.end_minute > rule.start_minute:
            minutes[rule.start_minute : rule.end_minute] += days
        else:
            minutes[rule.start_minute :] += days
            minutes[: rule.end_minute] += days
    found: Floats = minutes.reshape(HOURS, _MINUTES_AN_HOUR).sum(axis=1) * _SECONDS_A_MINUTE
    return found


def utilisation_by_hour(
    started: Floats, ended: Floats, duty_seconds: Floats, days: float
) -> Floats | None:
    """Return the share of its time on duty that a crew is busy, for each of the 24 local hours.

    `started` and `ended` are local seconds of past visits, from sent to left, on any day zero that
    is a midnight; `duty_seconds` are the crews' seconds on duty in each hour of a mean day; `days`
    is how long the past is. At most 0.95. An hour without duty takes the mean of the day. None
    without visits or duty.
    """
    known = (ended > started) & np.isfinite(started) & np.isfinite(ended)
    total = float(duty_seconds.sum())
    if not known.any() or not total > 0 or not days > 0:
        return None
    busy = np.array(
        [_spent(ended[known], hour) - _spent(started[known], hour) for hour in range(24)]
    )
    mean = busy.sum() / days / total
    on_duty = duty_seconds > 0
    share = np.divide(busy / days, duty_seconds, out=np.full(24, mean), where=on_duty)
    found: Floats = np.clip(share, 0.0, MOST_UTILISATION)
    return found


def _spent(at: Floats, hour: int) -> float:
    """Add up the seconds of one hour of the day that lie before each instant."""
    days, within = np.divmod(at, 86_400.0)
    return float(np.sum(days * 3_600.0 + np.clip(within - 3_600.0 * hour, 0.0, 3_600.0)))
