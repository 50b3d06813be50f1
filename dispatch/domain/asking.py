"""Whom do we ask after a repair, when, how often, and how many a second time by managers?"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from dispatch.domain.instants import as_utc
from dispatch.domain.sentences import say
from dispatch.domain.strict_json import (
    MINUTES_A_DAY,
    build,
    clock_time,
    read_clock_time,
    read_list,
    read_object,
    read_whole,
    wrong,
)

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

MOST_DAYS = 60
MOST_TRIES = 10
LEVELS = (1, 2, 3, 4)
_KEY = re.compile("[a-z][a-z0-9_]{0,63}", re.ASCII)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class AskingRules:
    """Whom a utility asks after a repair; a part of the service policy, with its version.

    Levels and categories say which tickets are asked about; `left_out` names categories that never
    are. `hours` are the first and the last minute after local midnight at which anybody is asked.
    Minutes count from the completion to the link, from the link to the call, and between calls;
    `later_days` from the completion to the second round. `audit_percent` of the closed tickets of
    a team and a week, and at least `audit_least`, are drawn for a manager's call.
    Raises Invalid, naming the field.
    """

    same_day_levels: tuple[int, ...] = (1, 2, 3)
    later_levels: tuple[int, ...] = (1, 2, 3)
    left_out: tuple[str, ...] = ()
    link_after_minutes: int = 60
    call_after_minutes: int = 120
    later_days: int = 7
    hours: tuple[int, int] = (9 * 60, 20 * 60)
    tries: int = 3
    retry_minutes: int = 120
    audit_percent: int = 5
    audit_least: int = 1

    def __post_init__(self) -> None:
        """Refuse hours that never come, and levels that are not there."""
        if self.hours[0] >= self.hours[1]:
            raise wrong("hours", say("People are asked between two times of one day."))
        for name in ("same_day_levels", "later_levels"):
            if set(getattr(self, name)) - set(LEVELS):
                raise wrong(name, say("Name levels from 1 to 4."))

    def as_json(self) -> dict[str, Any]:
        """Return a JSON object that `from_json` reads back."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in values.items()
        } | {"hours": [clock_time(minute) for minute in self.hours]}

    @classmethod
    def from_json(cls, stored: object, path: str = "") -> AskingRules:
        """Read what `as_json` wrote; raises Invalid, naming every wrong field."""
        return build(cls, path, read_object(stored, path, _READERS))

    def within_hours(self, at: datetime, zone: ZoneInfo) -> datetime:
        """Return the first instant, in UTC, from `at` on at which people may be asked."""
        local = as_utc(at).astimezone(zone)
        first, last = self.hours
        minute = local.hour * 60 + local.minute
        if first <= minute < last:
            return as_utc(at)
        day = local.date() + (_DAY if minute >= last else timedelta())
        begins = datetime(day.year, day.month, day.day, first // 60, first % 60, tzinfo=zone)
        return begins.astimezone(UTC)


def _read_hours(value: object, path: str) -> tuple[int, int]:
    found = read_list(read_clock_time)(value, path)
    if len(found) != len(("first", "last")):
        raise wrong(path, say("This must be a pair of times such as 08:30 and 17:30."))
    return cast("tuple[int, int]", found)


def _read_key(value: object, path: str) -> str:
    if isinstance(value, str) and _KEY.fullmatch(value):
        return value
    raise wrong(path, say("Name the category by its key, such as no_water."))


_READERS = {
    "same_day_levels": read_list(read_whole(1, 4)),
    "later_levels": read_list(read_whole(1, 4)),
    "left_out": read_list(_read_key),
    "link_after_minutes": read_whole(0, MINUTES_A_DAY),
    "call_after_minutes": read_whole(0, MINUTES_A_DAY),
    "later_days": read_whole(1, MOST_DAYS),
    "hours": _read_hours,
    "tries": read_whole(1, MOST_TRIES),
    "retry_minutes": read_whole(5, MINUTES_A_DAY),
    "audit_percent": read_whole(0, 100),
    "audit_least": read_whole(0, 100),
}
DEFAULT_ASKING = AskingRules()
