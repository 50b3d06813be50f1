"""Which instant does a date and time name, and how short may it be said?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import tzinfo


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


def clock_words(at: datetime, zone: tzinfo, now: datetime | None) -> str:
    """Return the time of day in a zone, 14:03, with the date before it when that is not today's.

    Figures only, so that they are the same in every language. Without `now` the date is there.
    """
    local = at.astimezone(zone)
    today = now.astimezone(zone) if now else None
    if today and local.date() == today.date():
        return f"{local:%H:%M}"
    return (
        f"{local:%m-%d %H:%M}" if today and local.year == today.year else f"{local:%Y-%m-%d %H:%M}"
    )
