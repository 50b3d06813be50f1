"""When does a promise in working time fall due?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from dispatch.domain.instants import as_utc
from dispatch.domain.sentences import say
from dispatch.domain.strict_json import (
    MINUTES_A_DAY,
    build,
    clock_time,
    read_clock_time,
    read_date,
    read_list,
    read_object,
    read_whole,
    wrong,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_DAY = timedelta(days=1)
_HOURS_A_SPAN = 2


@dataclass(frozen=True)
class WorkCalendar:
    """The hours in which a promise in working days runs.

    `hours` are spans in minutes after local midnight, in order; `weekdays` are ISO numbers,
    Monday 1 to Sunday 7. `holidays` are days off, `working_weekends` the weekend days worked in
    exchange for them. Raises Invalid, naming the field.
    """

    zone: ZoneInfo
    hours: tuple[tuple[int, int], ...] = ((8 * 60 + 30, 17 * 60 + 30),)
    weekdays: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    holidays: frozenset[date] = frozenset()
    working_weekends: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        """Refuse a calendar on which nothing could ever fall due."""
        edges = [minute for span in self.hours for minute in span]
        if not edges or any(a >= b for a, b in pairwise((-1, *edges, MINUTES_A_DAY + 1))):
            raise wrong("hours", say("Working hours must be in order and must not overlap."))
        if not self.weekdays or not self.weekdays <= set(range(1, 8)):
            raise wrong("weekdays", say("Name at least one weekday, Monday 1 to Sunday 7."))
        for day in sorted(self.holidays & self.working_weekends):
            raise wrong(
                "working_weekends",
                say("%(day)s is both a holiday and a working weekend.", day=day.isoformat()),
            )

    def is_working_day(self, day: date) -> bool:
        """Tell whether people work on this local date."""
        if day in self.working_weekends:
            return True
        return day.isoweekday() in self.weekdays and day not in self.holidays

    def end_of_working_day(self, at: datetime) -> datetime:
        """Return the instant, in UTC, at which "the same working day" is over.

        What comes in outside working hours counts as received when they next begin.
        """
        return self.add_working_days(at, 0)

    def add_working_days(self, start: datetime, n: int) -> datetime:
        """Return the end, in UTC, of the n-th working day after the one that `start` counts for.

        The day of receipt is not counted and the last day counts to the end of its hours
        (Civil Code of China, articles 201 and 203). Raises ValueError when n is negative.
        """
        if n < 0:
            raise ValueError("working days cannot be negative")
        start = as_utc(start)
        day = start.astimezone(self.zone).date()
        while not self.is_working_day(day) or self._closes(day) <= start:
            day += _DAY
        while n:
            day += _DAY
            n -= self.is_working_day(day)
        return self._closes(day)

    def working_minutes_between(self, a: datetime, b: datetime) -> float:
        """Return the working minutes from a to b, with their fraction; 0 when b is not after a."""
        a, b = as_utc(a), as_utc(b)
        worked = timedelta()
        for opens, closes in self._spans(a, b):
            worked += max(min(closes, b) - max(opens, a), timedelta())
        return worked / timedelta(minutes=1)

    def as_json(self) -> dict[str, Any]:
        """Return a JSON object that `from_json` reads back."""
        return {
            "zone": self.zone.key,
            "hours": [[clock_time(start), clock_time(end)] for start, end in self.hours],
            "weekdays": sorted(self.weekdays),
            "holidays": [day.isoformat() for day in sorted(self.holidays)],
            "working_weekends": [day.isoformat() for day in sorted(self.working_weekends)],
        }

    @classmethod
    def from_json(cls, stored: object, path: str = "") -> WorkCalendar:
        """Read what `as_json` wrote; raises Invalid, naming every wrong field under `path`."""
        found = read_object(
            stored,
            path,
            {
                "zone": read_zone,
                "hours": read_list(_read_span),
                "weekdays": read_list(read_whole(1, 7)),
                "holidays": read_list(read_date),
                "working_weekends": read_list(read_date),
            },
        )
        for name in ("weekdays", "holidays", "working_weekends"):
            found[name] = frozenset(found[name])
        return build(cls, path, found)

    def _instant(self, day: date, minute: int) -> datetime:
        """Return the UTC instant of a local minute; one that a clock change skips moves forward."""
        midnight = datetime.combine(day + _DAY * (minute // MINUTES_A_DAY), time())
        local = midnight + timedelta(minutes=minute % MINUTES_A_DAY)
        return local.replace(tzinfo=self.zone).astimezone(UTC)

    def _closes(self, day: date) -> datetime:
        return self._instant(day, self.hours[-1][1])

    def _spans(self, a: datetime, b: datetime) -> Iterator[tuple[datetime, datetime]]:
        day = a.astimezone(self.zone).date()
        last = b.astimezone(self.zone).date()
        while day <= last:
            if self.is_working_day(day):
                for start, end in self.hours:
                    yield self._instant(day, start), self._instant(day, end)
            day += _DAY


def read_zone(value: object, path: str) -> ZoneInfo:
    """Read the name of a time zone such as Asia/Shanghai."""
    try:
        return ZoneInfo(value if isinstance(value, str) else "")
    except (KeyError, ValueError, OSError):
        raise wrong(path, say("This must be a time zone such as Asia/Shanghai.")) from None


def _read_span(value: object, path: str) -> tuple[int, int]:
    if isinstance(value, list) and len(value) == _HOURS_A_SPAN:
        start, end = read_list(read_clock_time)(value, path)
        return start, end
    raise wrong(path, say("This must be a pair of times such as 08:30 and 17:30."))
