"""Which crews come on top of those of life, and from when to when?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from dispatch.domain.sentences import Sentence

MOST_CREWS = 500
MOST_BLOCKS = 3

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewsOnTop:
    """So many crews of a team from minute `begins` to `ends` of a local day, of every day if None.

    An end at or before the beginning is on the next day, so that equal times are 24 hours.
    """

    crews: int
    team: str
    day: date | None = None
    begins: int = 17 * 60
    ends: int = 22 * 60

    @property
    def wraps(self) -> bool:
        """Tell whether they go home on the day after."""
        return self.ends <= self.begins

    @property
    def is_whole_day(self) -> bool:
        """Tell whether they are there for 24 hours."""
        return self.ends == self.begins

    def faults(self, first: date, last: date) -> dict[str, Sentence]:
        """Say what is wrong with each field, ``crews``, ``team`` or ``day``, for some days."""
        if not 0 <= self.crews <= MOST_CREWS:
            return {"crews": say("Give from 0 to %(most)s crews on top.", most=MOST_CREWS)}
        found: dict[str, Sentence] = {}
        if self.crews and not self.team:
            found["team"] = say("Choose the team of the crews on top.")
        if self.crews and self.day is not None and not first <= self.day <= last:
            found["day"] = outside()
        return found

    def spans(self, days: Sequence[date], zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
        """Return from when to when they are there, in UTC, for those of the days that are meant."""
        return [
            (instant(day, self.begins, zone), instant(day + self.wraps * _DAY, self.ends, zone))
            for day in ([self.day] if self.day else days)
        ]

    def as_json(self) -> dict[str, Any]:
        """Return a JSON object that `from_json` reads back."""
        return asdict(self) | {"day": self.day and self.day.isoformat()}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> CrewsOnTop:
        """Rebuild what `as_json` wrote."""
        return cls(**stored | {"day": stored["day"] and date.fromisoformat(stored["day"])})


def instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """Return a local minute of a day in UTC."""
    return datetime.combine(day, time(*divmod(minute, 60)), zone).astimezone(UTC)


def outside() -> Sentence:
    """Return the refusal of a day that is not rehearsed."""
    return say("This day is not among those that are rehearsed.")
