"""How much time does one promise allow?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dispatch.domain.sentences import say
from dispatch.domain.strict_json import MINUTES_A_DAY, read_object, read_whole, wrong

LONGEST_MINUTES = 366 * MINUTES_A_DAY
LONGEST_WORKING_DAYS = 366


@dataclass(frozen=True)
class Budget:
    """The time one promise allows: minutes, or working days, or the same working day.

    Raises Invalid unless exactly one of the three is given and it is in range.
    """

    minutes: int | None = None
    working_days: int | None = None
    same_working_day: bool = False

    def __post_init__(self) -> None:
        """Refuse a budget that names no time, or two."""
        given = (self.minutes is not None) + (self.working_days is not None)
        if given + (self.same_working_day is True) != 1:
            raise wrong("minutes", say("Give minutes, working days, or the same working day."))
        if self.minutes is not None:
            read_whole(1, LONGEST_MINUTES)(self.minutes, "minutes")
        if self.working_days is not None:
            read_whole(1, LONGEST_WORKING_DAYS)(self.working_days, "working_days")

    def as_json(self) -> dict[str, Any]:
        """Return a JSON object of the one field that is set."""
        if self.minutes is not None:
            return {"minutes": self.minutes}
        if self.working_days is not None:
            return {"working_days": self.working_days}
        return {"same_working_day": True}

    @classmethod
    def from_json(cls, stored: object, path: str = "") -> Budget:
        """Read what `as_json` wrote; raises Invalid, naming the field under `path`."""
        readers = {
            "minutes": read_whole(1, LONGEST_MINUTES),
            "working_days": read_whole(1, LONGEST_WORKING_DAYS),
            "same_working_day": _read_true,
        }
        named = [name for name in readers if isinstance(stored, dict) and name in stored]
        if stored is None or (isinstance(stored, dict) and len(named) != 1):
            raise wrong(path, say("Give minutes, working days, or the same working day."))
        return cls(**read_object(stored, path, {name: readers[name] for name in named}))


def _read_true(value: object, path: str) -> bool:
    if value is not True:
        raise wrong(path, say("This must be true."))
    return True
