"""Which source of travel times answers in this process, built once?"""

from __future__ import annotations

import logging
from threading import Lock, Thread
from typing import TYPE_CHECKING

from dispatch.adapters.road_times.sources import travel_times
from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import say
from dispatch.domain.travel import TravelAnswer, TravelTimes

if TYPE_CHECKING:
    from dispatch.config import Settings
    from dispatch.domain.travel import Floats, StraightLine

log = logging.getLogger(__name__)

KEPT = "onevisit-travel"
"""Under which name an application keeps its `KeptTravel`."""


class KeptTravel:
    """The configured source, made at the first question, because a road map takes seconds."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = Lock()
        self._source: TravelTimes | None = None
        self.reading: Thread | None = None

    @property
    def known(self) -> TravelTimes | None:
        """Return the source where it has answered before, None until then."""
        return self._source

    def source(self, fitted: StraightLine) -> TravelTimes:
        """Return the source; `fitted` is the straight line at the speeds of our own drives.

        Where the road map cannot be read the straight line answers, and the log says why.
        """
        if self._settings.travel == "straight":
            return fitted
        with self._lock:
            if self._source is None:
                try:
                    self._source = travel_times(self._settings, fitted)
                except Invalid:
                    log.exception("no road map: the straight line answers")
                    self._source = fitted
            return self._source

    def within_budget(self, fitted: StraightLine) -> TravelTimes:
        """Return what answers somebody who waits within the budget, from the first question on.

        A road map is read beside; the straight line answers meanwhile and says so.
        """
        if self._settings.travel != "roads" or self._source is not None:
            return self.source(fitted)
        if self.reading is None:
            self.reading = Thread(target=self.source, args=[fitted], name="read roads", daemon=True)
            self.reading.start()
        return _Meanwhile(fitted)


class _Meanwhile(TravelTimes):
    """The straight line, with the reason why it answers."""

    def __init__(self, straight: StraightLine) -> None:
        self.source, self.spread = straight.source, straight.spread
        self._straight = straight

    def seconds(self, origins: Floats, goals: Floats, hour: int | None) -> Floats:
        """Return the (m, n) seconds of the straight line."""
        return self._straight.seconds(origins, goals, hour)

    def answer(self, origins: Floats, goals: Floats, hour: int | None) -> TravelAnswer:
        """Return the same with its author."""
        note = say("Estimated from the straight line while the road map is read.")
        return TravelAnswer(self.seconds(origins, goals, hour), self.source, self.spread, note)
