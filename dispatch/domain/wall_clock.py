"""What did a clock on the wall show at very many instants at once?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from dispatch.domain.microseconds import MICROSECONDS, instant
from dispatch.domain.part_of_week import DAYS_OF, HOURS

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from numpy.typing import NDArray

    from dispatch.domain.part_of_week import PartOfWeek

    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

_HOUR = int(3_600 * MICROSECONDS)
_DAY = HOURS * _HOUR
_WEEK = 7
_FIRST_WEEKDAY = 3
"""The first of January 1970 was a Thursday, which is 3 when Monday is 0."""


def local_hours(received: Floats, zone: ZoneInfo) -> Ints:
    """Return the hour on the wall at each instant, given in microseconds since 1970."""
    return local_hours_of_week(received, zone) % HOURS


def local_weekdays(received: Floats, zone: ZoneInfo) -> Ints:
    """Return the day of the week at each instant as `local_hours` has the hour, Monday is 0."""
    return local_hours_of_week(received, zone) // HOURS


def local_hours_of_week(received: Floats, zone: ZoneInfo) -> Ints:
    """Return the hour of the week at each instant as `local_hours` has that of the day.

    0 is the first hour of Monday.
    """
    return (_on_the_wall(received, zone) // _HOUR + _FIRST_WEEKDAY * HOURS) % (_WEEK * HOURS)


def falls_into(received: Floats, part: PartOfWeek) -> Bools:
    """Tell which instants, in microseconds since 1970, `part` holds."""
    days, hours = np.divmod(local_hours_of_week(received, part.zone), HOURS)
    since, until = hours >= part.from_hour, hours < part.to_hour
    found: Bools = since & until if part.from_hour < part.to_hour else since | until
    if part.days is not None:
        found &= np.isin(days, list(DAYS_OF[part.days]))
    return found


def _on_the_wall(received: Floats, zone: ZoneInfo) -> Ints:
    """Return what a clock in the zone shows, counted as if there were no zones."""
    local = received.astype(np.int64)
    if not local.size:
        return local
    place = local // _DAY
    first = int(place.min())
    place -= first
    days = np.flatnonzero(np.bincount(place))
    begins, ends = np.zeros((2, int(days[-1]) + 1), dtype=np.int64)
    for day in days.tolist():
        begins[day], ends[day] = (_offset((first + day + one) * _DAY, zone) for one in (0, 1))
    changes = np.flatnonzero((begins != ends)[place])
    local += begins[place]
    for row in changes.tolist():
        local[row] = int(received[row]) + _offset(received[row], zone)
    return local


def _offset(at: float, zone: ZoneInfo) -> int:
    offset = instant(at).astimezone(zone).utcoffset() or timedelta(0)
    return int(offset.total_seconds() * MICROSECONDS)
