"""Does a call fall on the days and into the hours that are asked for?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import Sentence, say

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

DAYS_OF: dict[str, frozenset[int]] = {
    "weekdays": frozenset(range(5)),
    "weekend": frozenset({5, 6}),
    "mon": frozenset({0}),
    "tue": frozenset({1}),
    "wed": frozenset({2}),
    "thu": frozenset({3}),
    "fri": frozenset({4}),
    "sat": frozenset({5}),
    "sun": frozenset({6}),
}
"""The days that may be asked for by name, as numbers from Monday 0; holidays are no exception."""

DAY_NAMES: dict[str, Sentence] = {
    "weekdays": say("Monday to Friday"),
    "weekend": say("Saturday and Sunday"),
    "mon": say("Monday"),
    "tue": say("Tuesday"),
    "wed": say("Wednesday"),
    "thu": say("Thursday"),
    "fri": say("Friday"),
    "sat": say("Saturday"),
    "sun": say("Sunday"),
}
HOURS = 24
SINGLE_DAYS = tuple(name for name, days in DAYS_OF.items() if len(days) == 1)


@dataclass(frozen=True, slots=True)
class PartOfWeek:
    """Days by name, and local hours from `from_hour` up to `to_hour`, which is not included.

    The hours wrap around midnight when they begin after they end (22 to 6); the day is then the
    one on which the call came.
    """

    zone: ZoneInfo
    days: str | None = None
    from_hour: int = 0
    to_hour: int = HOURS

    @property
    def is_all_hours(self) -> bool:
        """Tell whether every hour of the day is let through."""
        return (self.from_hour, self.to_hour) == (0, HOURS)

    def holds(self, at: datetime) -> bool:
        """Tell whether an instant falls into it, by the clock on the wall."""
        local = at.astimezone(self.zone)
        if self.days is not None and local.weekday() not in DAYS_OF[self.days]:
            return False
        if self.from_hour < self.to_hour:
            return self.from_hour <= local.hour < self.to_hour
        return local.hour >= self.from_hour or local.hour < self.to_hour


def part_of_week(
    zone: ZoneInfo, days: str | None, from_hour: int | None, to_hour: int | None
) -> PartOfWeek | None:
    """Return the part of the week that is asked for, None when it is the whole week.

    Raises:
        Invalid: when the hours begin and end at the same hour, which is no time at all.
    """
    begin, end = from_hour or 0, HOURS if to_hour is None else to_hour
    if begin == end:
        fault = say(
            "The hours begin and end at %(hour)s:00. Give an end that is another hour.", hour=begin
        )
        raise Invalid(fault, fields={"to_hour": fault})
    found = PartOfWeek(zone, days, begin, end)
    return None if days is None and found.is_all_hours else found
