"""How much longer does a crew say that it needs, and how is the rest of its work reckoned then?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from dispatch.domain.coverage import RepairTimes
from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from datetime import datetime

TIMES_OFFERED = (10, 20, 40, 80)
"""Minutes that a crew says with one tap; each is twice the one before, so the nearest is near."""

LONGEST_MINUTES = 480
TOLD_SIGMA = 0.4
"""Spread of the logarithm of what a crew still needs around what it says."""

_MINUTE = 60.0


class TimeLeft(NamedTuple):
    """What a crew said on site: when, and how many minutes more it needed."""

    told_at: datetime
    minutes: int

    @property
    def done_at(self) -> datetime:
        """Return when it should be done by its own word."""
        return self.told_at + timedelta(minutes=self.minutes)


def check_minutes(given: object) -> int:
    """Return the minutes that a crew still needs.

    Raises:
        Invalid: when they are no whole number from 1 to 480.
    """
    text = str(given).strip()
    whole = int(text) if text.isascii() and text.isdigit() and len(text) <= len("480") else 0
    if isinstance(given, bool) or not 1 <= whole <= LONGEST_MINUTES:
        fault = say(
            "Say how many minutes more: a whole number from 1 to %(most)s.", most=LONGEST_MINUTES
        )
        raise Invalid(fault, fields={"minutes": fault})
    return whole


def law_told(minutes: float) -> RepairTimes:
    """Return how long work lasts of which a crew says that it needs so many minutes more."""
    return RepairTimes(minutes * _MINUTE, TOLD_SIGMA)


def reckoned(
    arrived_at: datetime, usual: RepairTimes, told: TimeLeft | None
) -> tuple[datetime, RepairTimes]:
    """Return from when on, and by which law, the rest of the work on site is reckoned.

    What the crew said begins the count anew.
    """
    if told is None:
        return arrived_at, usual
    return told.told_at, law_told(told.minutes)
