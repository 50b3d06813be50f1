"""Which instant does a date and time name?"""

from __future__ import annotations

from datetime import UTC, datetime


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
