"""How does a loop of the clockwork stay alive, whatever happens to it?"""

from __future__ import annotations

import logging
import os
import socket
import time
from dataclasses import dataclass
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from dispatch.actions.clockwork import beat
from dispatch.actions.unit_of_work import transaction
from dispatch.adapters.steady_clock import wall_clock

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from flask import Flask

log = logging.getLogger(__name__)

BEAT_EVERY = 5.0
LONGEST_BACK_OFF = 5.0
RUNNER = f"{socket.gethostname()}/{os.getpid()}"


@dataclass
class Loop:
    """One job that runs again and again in a thread of its own.

    `run` does one round and returns counts for the heartbeat; `pause` gives the seconds until the
    next round; `at_end` tidies up after the last; `clock` tells the time to each. All run in an
    application context. Nothing ends a loop but `stop`: a round that fails is logged and tried
    again, after a pause that grows to five seconds. `number` tells loops of one name apart.
    """

    name: str
    app: Flask
    run: Callable[[datetime], dict[str, Any]]
    pause: Callable[[datetime], float]
    stop: Event
    at_end: Callable[[], None] | None = None
    clock: Callable[[], datetime] = wall_clock
    number: int = 1
    failures: int = 0
    last_beat: float = float("-inf")
    counts: dict[str, Any] | None = None
    error: str | None = None
    started_at: datetime | None = None

    def start(self) -> Thread:
        """Start the loop in a daemon thread."""
        thread = Thread(target=self.go, name=self.name, daemon=True)
        thread.start()
        return thread

    def go(self) -> None:
        """Run round after round until stopped."""
        self.started_at = wall_clock()
        while not self.stop.is_set():
            self.stop.wait(self.once())
        if self.at_end is not None:
            with self.app.app_context():
                self.at_end()

    def once(self) -> float:
        """Run one round and return the seconds to wait, whatever happened."""
        begun = time.monotonic()
        try:
            with self.app.app_context():
                wait = self._round(begun)
        except Exception as fault:
            self.failures += 1
            self.error = f"{type(fault).__name__}: {fault}"[:500]
            log.exception("%s: round failed; it is tried again", self.name)
            return float(min(0.25 * 2 ** min(self.failures, 10), LONGEST_BACK_OFF))
        self.failures = 0
        return wait

    def _round(self, begun: float) -> float:
        counts = self.run(self.clock())
        self.counts = _added(self.counts, counts)
        if time.monotonic() - self.last_beat >= BEAT_EVERY:
            self._beat(round((time.monotonic() - begun) * 1000))
        return max(0.0, self.pause(self.clock()))

    def _beat(self, took_ms: int) -> None:
        now = self.clock()
        with transaction():
            beat(
                self.name,
                RUNNER if self.number == 1 else f"{RUNNER}/{self.number}",
                now=now,
                started_at=self.started_at or now,
                took_ms=took_ms,
                result=self.counts,
                error=self.error,
            )
        self.last_beat = time.monotonic()
        self.counts = self.error = None


def _added(before: dict[str, Any] | None, counts: dict[str, Any]) -> dict[str, Any]:
    """Add up what the rounds since the last heartbeat did."""
    if before is None:
        return counts
    return {name: before.get(name, 0) + value for name, value in counts.items()}


def seconds_until(due_at: datetime | None, now: datetime, most: float) -> float:
    """Return the wait until an instant, at most `most` seconds.

    What is past was just tried in vain: it waits the longest, or one that fails would never rest.
    """
    if due_at is None or due_at <= now:
        return most
    return min((due_at - now).total_seconds(), most)
