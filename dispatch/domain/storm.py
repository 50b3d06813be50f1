"""When and where is storm mode on, and who is served first while it is?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from dispatch.domain.errors import Forbidden, Invalid
from dispatch.domain.sentences import Sentence, say

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

LONGEST = timedelta(days=14)
"""A storm that lasts longer is switched on anew, so that nobody forgets one."""


class StormKind(StrEnum):
    """What storm mode is switched on for."""

    FROST = "frost"
    FLOOD = "flood"
    BURST_MAIN = "burst_main"


STORM_NAMES: dict[StormKind, Sentence] = {
    StormKind.FROST: say("Frost"),
    StormKind.FLOOD: say("Flood"),
    StormKind.BURST_MAIN: say("Burst main"),
}


@dataclass(frozen=True, slots=True)
class Spell:
    """One time that storm mode is or was on; no `grids` are the whole city.

    `until` is when it ended, or when it ends unless somebody ends it before.
    """

    id: int
    kind: StormKind
    grids: frozenset[str]
    begun_at: datetime
    until: datetime

    def is_on(self, at: datetime) -> bool:
        """Tell whether it is on at an instant; at its end it is over."""
        return self.begun_at <= at < self.until

    def covers(self, grid: str | None) -> bool:
        """Tell whether a grid is in it; a place in no grid is in a storm of the whole city."""
        return not self.grids or grid in self.grids

    def overlaps(self, grids: Collection[str]) -> bool:
        """Tell whether some of these grids, or the whole city for none, are in it."""
        return not grids or not self.grids or bool(self.grids.intersection(grids))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for when storm mode is switched on."""

    kind: str
    reason: str
    grids: tuple[str, ...]
    ends_at: datetime


def check_wanted(
    wanted: Wanted, *, known_grids: Collection[str], on: Iterable[Spell], now: datetime
) -> StormKind:
    """Return the kind of a storm that may begin now.

    Raises:
        Invalid: naming the kind, the reason, the grids or the end.
        Forbidden: when one of its grids is in a storm already.
    """
    if wanted.kind not in set(StormKind):
        raise _wrong("kind", say("Choose frost, flood or burst main."))
    if not wanted.reason.strip():
        raise _wrong("reason", say("Give a reason."))
    unknown = [grid for grid in wanted.grids if grid not in known_grids]
    if unknown:
        raise _wrong("grids", say("There is no grid named “%(name)s”.", name=unknown[0]))
    check_end(wanted.ends_at, begun_at=now, now=now)
    if any(each.overlaps(wanted.grids) for each in on):
        raise Forbidden(
            say("Storm mode is on there already. Change its end, or end it before another begins.")
        )
    return StormKind(wanted.kind)


def check_end(ends_at: datetime, *, begun_at: datetime, now: datetime) -> None:
    """Refuse an end that is not ahead, or too far.

    Raises:
        Invalid: naming the end.
    """
    if ends_at <= now:
        raise _wrong("ends_at", say("The expected end lies in the past."))
    if ends_at > begun_at + LONGEST:
        fault = say("Storm mode lasts at most %(days)s days at a time.", days=LONGEST.days)
        raise _wrong("ends_at", fault)


def spell_over(spells: Iterable[Spell], grid: str | None, at: datetime) -> Spell | None:
    """Return the storm that was on in a grid at an instant, the oldest where there were two."""
    found = [each for each in spells if each.is_on(at) and each.covers(grid)]
    return min(found, key=lambda each: each.id, default=None)


def _wrong(field: str, fault: Sentence) -> Invalid:
    return Invalid(fault, fields={field: fault})
