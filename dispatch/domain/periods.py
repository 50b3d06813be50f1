"""Which stretch of time do two days of the utility name, and which came before it?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

EARLIEST = date(1970, 1, 1)
LATEST = date(2200, 1, 1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days in the utility's zone, from the first one up to `until`, which is not in it."""

    first: date
    until: date
    zone: ZoneInfo

    @property
    def from_at(self) -> datetime:
        """Return the instant at which the first day begins, in UTC."""
        return self._midnight(self.first)

    @property
    def to_at(self) -> datetime:
        """Return the instant at which the last day ends, in UTC."""
        return self._midnight(self.until)

    @property
    def last(self) -> date:
        """Return the last day that is in the period."""
        return self.until - _DAY

    @property
    def days(self) -> int:
        """Return how many days are in the period."""
        return (self.until - self.first).days

    @property
    def before(self) -> Period:
        """Return the period of as many days that ends where this one begins."""
        return Period(self.first - (self.until - self.first), self.first, self.zone)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC)


def period_between(first: str, until: str, zone: ZoneInfo) -> Period:
    """Read two days such as 2015-01-01; the second is the first day not in the period.

    Raises:
        Invalid: naming the field that is not a date, is out of reach, or ends before it starts.
    """
    period = Period(read_day(first, "from"), read_day(until, "to"), zone)
    if period.until < period.first:
        fault = say(
            "The range ends (%(end)s) before it starts (%(start)s). Give the earlier day first.",
            end=until,
            start=first,
        )
        raise Invalid(fault, fields={"to": fault})
    return period


def read_day(text: str, field: str) -> date:
    """Read one day, written as year-month-day.

    Raises:
        Invalid: naming the field and what to write instead.
    """
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        fault = say("“%(day)s” is not a day. Write it as 2015-01-31.", day=text)
        raise Invalid(fault, fields={field: fault}) from None
    if not EARLIEST <= day <= LATEST:
        fault = say(
            "The day %(day)s is out of reach. Give one from %(earliest)s to %(latest)s.",
            day=text,
            earliest=EARLIEST.isoformat(),
            latest=LATEST.isoformat(),
        )
        raise Invalid(fault, fields={field: fault})
    return day


def last_days(first: str, last: str, *, today: date, days: int, zone: ZoneInfo) -> Period:
    """Read the first and the last day of a range, both in it; empty is the last days up to today.

    Raises:
        Invalid: naming the field, as `period_between` does.
    """
    begin = first or (today - timedelta(days=days - 1)).isoformat()
    period = period_between(begin, last or today.isoformat(), zone)
    return Period(period.first, period.until + _DAY, zone)
