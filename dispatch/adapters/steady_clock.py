"""What time is it, for a process whose machine may have its clock set back?"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SMALL_STEP = timedelta(seconds=1)
"""A step back of at most this is waited out; a larger one is gone on over."""


def wall_clock() -> datetime:
    """Return what the machine's clock shows, in UTC."""
    return datetime.now(UTC)


class SteadyClock:
    """The machine's clock, but never behind the highest instant that was seen.

    After it was set back, time goes on from there as it passes, so that what was armed before is
    due when it was meant to be. `mark` is an instant that another process has seen.
    """

    def __init__(
        self,
        mark: datetime | None = None,
        *,
        wall: Callable[[], datetime] = wall_clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin at the later of the machine's clock and the mark."""
        self._wall, self._monotonic = wall, monotonic
        self._lock = Lock()
        self._passed = monotonic()
        self._highest = max(wall(), mark) if mark is not None else wall()

    def __call__(self) -> datetime:
        """Return the present instant in UTC."""
        with self._lock:
            wall, passed = self._wall(), self._monotonic()
            expected = self._highest + timedelta(seconds=passed - self._passed)
            is_small = expected - wall <= SMALL_STEP
            self._highest = max(wall, self._highest if is_small else expected)
            self._passed = passed
            return self._highest

    def ahead(self) -> timedelta:
        """Return how far this is ahead of the machine's clock."""
        return self() - self._wall()
