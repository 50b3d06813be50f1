"""Is a crew on duty now, since when, and until when?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from dispatch.domain.strict_json import MINUTES_A_DAY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date
    from zoneinfo import ZoneInfo

EVERY_DAY = 0b111_1111
_DAY = timedelta(days=1)
# Yesterday's shift may still last; two days on, no end is in sight.
_DAYS_AROUND = range(-1, 3)


@dataclass(frozen=True, slots=True)
class ShiftRule:
    """A shift in minutes of the utility's local day; an end at or before the start is next day's.

    `weekdays` is a bit mask of the days on which it begins, Monday = 1.
    """

    start_minute: int
    end_minute: int
    weekdays: int = EVERY_DAY
    valid_from: datetime | None = None
    valid_to: datetime | None = None


class Duty(NamedTuple):
    """A crew's time on duty in UTC; `ends_at` is None when no end is in sight for a day."""

    starts_at: datetime
    ends_at: datetime | None


def duty_at(rules: Iterable[ShiftRule], zone: ZoneInfo, now: datetime) -> Duty | None:
    """Return the duty that holds an instant, None off duty; shifts that touch count as one.

    The start is on duty, the end is not. Wall-clock times follow the zone through clock changes.
    """
    spans = sorted(span for rule in rules for span in _spans(rule, zone, now))
    begun = ended = None
    for starts_at, ends_at in spans:
        if begun is None or ended is None or starts_at > ended:
            if ended is not None and now < ended:
                break
            begun, ended = starts_at, ends_at
        else:
            ended = max(ended, ends_at)
    if begun is None or ended is None or not begun <= now < ended:
        return None
    return Duty(begun, None if ended >= now + _DAY else ended)


def duties_between(
    rules: Iterable[ShiftRule], zone: ZoneInfo, from_at: datetime, to_at: datetime
) -> list[tuple[datetime, datetime]]:
    """Return the times on duty within a window, cut to it, in order; those that touch are one."""
    days = range(-1, (to_at - from_at) // _DAY + 2)
    joined: list[tuple[datetime, datetime]] = []
    for starts_at, ends_at in sorted(
        span for rule in rules for span in _spans(rule, zone, from_at, days)
    ):
        begun, ended = max(starts_at, from_at), min(ends_at, to_at)
        if begun >= ended:
            continue
        if joined and begun <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], ended))
        else:
            joined.append((begun, ended))
    return joined


def _spans(
    rule: ShiftRule, zone: ZoneInfo, now: datetime, days: range = _DAYS_AROUND
) -> Iterator[tuple[datetime, datetime]]:
    today = now.astimezone(zone).date()
    for offset in days:
        day = today + offset * _DAY
        if not rule.weekdays >> day.weekday() & 1:
            continue
        wraps = rule.end_minute <= rule.start_minute
        starts_at = _instant(day, rule.start_minute, zone)
        ends_at = _instant(day + _DAY if wraps else day, rule.end_minute, zone)
        if rule.valid_from is not None:
            starts_at = max(starts_at, rule.valid_from.astimezone(UTC))
        if rule.valid_to is not None:
            ends_at = min(ends_at, rule.valid_to.astimezone(UTC))
        if starts_at < ends_at:
            yield starts_at, ends_at


def _instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """Return the instant of a local minute; minute 1,440 is the next midnight."""
    days, minute = divmod(minute, MINUTES_A_DAY)
    day += days * _DAY
    local = datetime(day.year, day.month, day.day, *divmod(minute, 60), tzinfo=zone)
    return local.astimezone(UTC)
