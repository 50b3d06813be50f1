"""Which instant does a date and time name, and how short may it be said?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, tzinfo


def as_utc(at: datetime) -> datetime:
    """Return the same instant in UTC.

    Two times of one zone are compared and subtracted by the face of the clock in Python, which is
    an hour wrong across a change to or from summer time; in UTC it is right. Raises ValueError for
    a time without a zone.
    """
    if at.utcoffset() is None:
        raise ValueError(f"{at.isoformat()} has no time zone")
    return at.astimezone(UTC)


def seconds_between(earlier: datetime, later: datetime) -> float:
    """Return the seconds from one instant to another, negative when the second comes first."""
    return (as_utc(later) - as_utc(earlier)).total_seconds()


def day_words(day: date, *, in_chinese: bool) -> str:
    """Return a day without its year: 24 Nov, or 11月24日."""
    return f"{day.month}月{day.day}日" if in_chinese else f"{day.day} {day:%b}"


def clock_words(at: datetime, zone: tzinfo, now: datetime | None, *, in_chinese: bool) -> str:
    """Return the time of day in a zone, 14:03, with the day before it when that is not today.

    The year stands there when it is another one, and without `now`.
    """
    local = at.astimezone(zone)
    today = now.astimezone(zone) if now else None
    if today is None or local.year != today.year:
        return f"{local:%Y-%m-%d %H:%M}"
    clock = f"{local:%H:%M}"
    is_today = local.date() == today.date()
    return clock if is_today else f"{day_words(local, in_chinese=in_chinese)} {clock}"
