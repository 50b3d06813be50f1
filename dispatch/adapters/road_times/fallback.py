"""What is said about a drive when the road server does not answer in time?"""

from __future__ import annotations

import logging
import math
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING

from dispatch.adapters.road_times.asking import NoAnswer, TooMuch
from dispatch.domain.sentences import say
from dispatch.domain.travel import TravelAnswer, TravelTimes

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from dispatch.domain.place import Point
    from dispatch.domain.sentences import Sentence

    Floats = NDArray[np.float64]

log = logging.getLogger(__name__)

#: Failures in a row after which the server is left alone for a while.
MOST_FAILURES = 3
REST_SECONDS = 30.0
LONGEST_REST_SECONDS = 600.0


class WithFallback(TravelTimes):
    """A source of which every answer comes within a budget: its own, or the default's.

    `first` may hang, fail or answer nonsense; `default` answers at once. After three failures in
    a row the first is left alone for 30 seconds, then 60, up to ten minutes, and tried again. A
    late answer is not awaited, yet what it taught the first's memory stays.
    """

    def __init__(
        self,
        first: TravelTimes,
        default: TravelTimes,
        budget_seconds: float,
        *,
        name: Sentence | str = "",
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.source, self.spread = first.source, first.spread
        self._first, self._default, self._budget = first, default, budget_seconds
        self._name, self._clock = name or first.source, clock
        self._lock = Lock()
        self._failures = 0
        self._rests_until = -math.inf
        self._last_reason: Sentence | None = None
        self._is_asking = False
        self._is_drawing = False

    def seconds(self, origins: Floats, goals: Floats, hour: int | None) -> Floats:
        """Return the seconds of the first that answers; `answer` says which it was."""
        return self.answer(origins, goals, hour).seconds

    def answer(self, origins: Floats, goals: Floats, hour: int | None) -> TravelAnswer:
        """Return the matrix with its author, and why it is not the configured source's."""
        reason = self._turned_away()
        if reason is None:
            found, reason = self._within_budget(origins, goals, hour)
            if found is not None:
                return TravelAnswer(found, self.source, self.spread)
        estimate = self._default.answer(origins, goals, hour)
        note = say(
            "Estimated from the straight line, because %(name)s did not answer: %(reason)s",
            name=self._name,
            reason=reason,
        )
        return TravelAnswer(estimate.seconds, estimate.source, estimate.spread, note)

    def way(self, origin: Point, goal: Point) -> Floats | None:
        """Return the line of the first; None when it does not give one within the budget.

        A line on a map never takes the place of the planner's question, nor counts as its failure.
        """
        with self._lock:
            if self._is_drawing or self._clock() < self._rests_until:
                return None
            self._is_drawing = True
        outcome: SimpleQueue[Floats | None] = SimpleQueue()

        def draw() -> None:
            found = None
            try:
                found = self._first.way(origin, goal)
            except NoAnswer as silence:
                log.info("%s drew no line: %s", self.source, silence.sentence)
            finally:
                with self._lock:
                    self._is_drawing = False
                outcome.put(found)

        Thread(target=draw, name=f"draw {self.source}", daemon=True).start()
        try:
            return outcome.get(timeout=self._budget)
        except Empty:
            return None

    def _turned_away(self) -> Sentence | None:
        """Return why the first is not asked now; None when it is, and its turn is taken."""
        with self._lock:
            if self._clock() < self._rests_until:
                return self._last_reason
            if self._is_asking:
                return say("It still works on an earlier question.")
            self._is_asking = True
            return None

    def _within_budget(
        self, origins: Floats, goals: Floats, hour: int | None
    ) -> tuple[Floats | None, Sentence | None]:
        outcome: SimpleQueue[tuple[Floats | None, Sentence | None]] = SimpleQueue()
        given_up = Event()

        def ask() -> None:
            outcome.put(self._asked(origins, goals, hour, given_up))

        Thread(target=ask, name=f"ask {self.source}", daemon=True).start()
        try:
            return outcome.get(timeout=self._budget)
        except Empty:
            given_up.set()
            return None, self._failed(say("It took too long."))

    def _asked(
        self, origins: Floats, goals: Floats, hour: int | None, given_up: Event
    ) -> tuple[Floats | None, Sentence | None]:
        try:
            found = self._first.seconds(origins, goals, hour)
        except TooMuch as limit:
            return None, limit.sentence
        except NoAnswer as silence:
            reason = silence.sentence
        except Exception as fault:
            log.exception("%s failed", self.source)
            reason = say("It failed with %(fault)s.", fault=type(fault).__name__)
        else:
            self._succeeded()
            return found, None
        finally:
            with self._lock:
                self._is_asking = False
        # A failure that nobody waited for any more has been counted as too late.
        return None, reason if given_up.is_set() else self._failed(reason)

    def _succeeded(self) -> None:
        """Forget the failures before it, though the answer may have come too late for us."""
        with self._lock:
            self._failures, self._rests_until = 0, -math.inf

    def _failed(self, reason: Sentence) -> Sentence:
        """Count a failure; the third in a row and each one after it begin a longer rest."""
        with self._lock:
            self._last_reason = reason
            self._failures += 1
            beyond = self._failures - MOST_FAILURES
            if beyond < 0:
                return reason
            rest = min(REST_SECONDS * 2 ** min(beyond, 10), LONGEST_REST_SECONDS)
            self._rests_until = self._clock() + rest
        log.warning("%s is left alone for %d s: %s", self.source, rest, reason)
        return reason
