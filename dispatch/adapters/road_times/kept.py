"""Which source of travel times answers in this process, built once?"""

from __future__ import annotations

import logging
from threading import Lock
from typing import TYPE_CHECKING

from dispatch.adapters.road_times.sources import travel_times
from dispatch.domain.errors import Invalid

if TYPE_CHECKING:
    from dispatch.config import Settings
    from dispatch.domain.travel import StraightLine, TravelTimes

log = logging.getLogger(__name__)


class KeptTravel:
    """The configured source, made at the first question, because a road map takes seconds."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = Lock()
        self._source: TravelTimes | None = None

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
