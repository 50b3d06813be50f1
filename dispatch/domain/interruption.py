"""How long were how many households without water?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from dispatch.domain.instants import as_utc

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Interruption:
    """Households without water from an instant to another; None while it lasts."""

    households: int
    off_at: datetime
    on_at: datetime | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "off_at", as_utc(self.off_at))
        object.__setattr__(self, "on_at", self.on_at and as_utc(self.on_at))


def household_minutes(interruptions: Iterable[Interruption], now: datetime) -> float | None:
    """Add up households × minutes without water; None when there was no interruption.

    Formula: Σ households × (supply back − supply off), in minutes. In: ended interruptions, and
    those that last, up to `now`. Out: one that has not begun yet, or ends before it begins.
    Source: metrics.md, interruption.
    """
    begun = [one for one in interruptions if one.off_at <= now and one.off_at <= (one.on_at or now)]
    if not begun:
        return None
    return sum(
        one.households * ((min(one.on_at or now, now) - one.off_at) / timedelta(minutes=1))
        for one in begun
    )
