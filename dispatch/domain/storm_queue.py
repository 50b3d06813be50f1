"""Which place in the queue does a ticket have in a storm, and when is a crew really there?"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WINDOW = timedelta(hours=1)
STEP = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, order=True)
class Turn:
    """Whose turn it is: by level, then who needs water first, then the call that came first."""

    level: int
    waits_longer: bool
    received_at: datetime
    ticket_id: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a caller may honestly be told; no window where no crew is on duty."""

    position: int
    waiting: int
    from_at: datetime | None
    to_at: datetime | None

    def keeps(self, due_at: datetime | None) -> bool:
        """Tell whether the crew is expected by the usual promise, so that it may be given."""
        return due_at is not None and self.to_at is not None and self.to_at <= due_at


def turn_of(level: int, *, vulnerable: bool, received_at: datetime, ticket_id: int) -> Turn:
    """Return the turn of a ticket; a smaller one is served before."""
    return Turn(level, not vulnerable, received_at, ticket_id)


def position_of(turn: Turn, waiting: Iterable[Turn]) -> int:
    """Return the place of a ticket among those that wait, from 1; it need not be one of them."""
    return 1 + sum(each < turn for each in waiting)


def seconds_until_served(
    position: int, free_in: Sequence[float], *, drive: float, work: float
) -> float | None:
    """Return after how many seconds a crew is there, None where no crew is on duty.

    `free_in` are the seconds until each crew on duty is free; every ticket before takes one of
    them for a drive and a repair of mean length. Shifts that end and calls that are yet to come
    before this one are not foreseen.
    """
    if not free_in:
        return None
    crews = list(free_in)
    heapq.heapify(crews)
    for _ in range(position - 1):
        heapq.heapreplace(crews, crews[0] + drive + work)
    return crews[0] + drive


def outlook(position: int, waiting: int, seconds: float | None, now: datetime) -> Outlook:
    """Return the hour in which a crew is expected, begun at the half hour before it."""
    if seconds is None:
        return Outlook(position, waiting, None, None)
    at = now + timedelta(seconds=seconds)
    from_at = max(at - timedelta(seconds=at.timestamp() % STEP.total_seconds()), now)
    return Outlook(position, waiting, from_at, from_at + WINDOW)
