"""How long is a drive between any two places, when a source was asked about some of them only?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dispatch.domain.travel import StraightLine, TravelTimes, great_circle_metres

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Places = NDArray[np.int64]

_NEIGHBOURS = 5
_QUICKEST, _SLOWEST = 0.25, 6.0
"""Bounds of asked over straight-line seconds: beyond them two anchors stand on one street."""


class AnchoredTimes(TravelTimes):
    """The straight line, stretched as a source says for the anchors nearest to both ends.

    `anchors` (k, 2) in WGS-84 degrees; `asked` (k, k) seconds between them, NaN where the source
    knows no way. `hour` is that of the asking when its answer holds for an hour only, else None.
    """

    def __init__(
        self,
        straight: StraightLine,
        anchors: Floats,
        asked: Floats,
        *,
        source: str,
        spread: float,
        hour: int | None = None,
    ) -> None:
        """Raise ValueError when the source knew no drive at all."""
        self.source, self.spread = source, spread
        self._straight, self._anchors = straight, anchors
        self._across = float(np.cos(np.radians(anchors[:, 0].mean())))
        self._stretch = _stretch(asked, straight.seconds(anchors, anchors, hour), anchors)

    def seconds(self, origins: Floats, goals: Floats, hour: int | None = None) -> Floats:
        """Return the (m, n) seconds."""
        found = self._straight.seconds(origins, goals, hour)
        found *= self._stretch[np.ix_(self._nearest(origins), self._nearest(goals))]
        return found

    def _nearest(self, places: Floats) -> Places:
        north = places[:, :1] - self._anchors[:, 0]
        east = (places[:, 1:] - self._anchors[:, 1]) * self._across
        nearest: Places = np.argmin(north**2 + east**2, axis=1)
        return nearest


def _stretch(asked: Floats, straight: Floats, anchors: Floats) -> Floats:
    """Return asked over straight-line seconds; within one anchor's reach as to its neighbours."""
    apart = ~np.eye(len(asked), dtype=np.bool_) & (straight > 0)
    known = apart & np.isfinite(asked)
    if not known.any():
        raise ValueError("the source knows no drive between these places")
    ratio = np.where(known, asked / np.where(straight > 0, straight, 1.0), np.nan)
    usual = float(np.nanmedian(ratio))
    near = np.argsort(great_circle_metres(anchors, anchors), axis=1, kind="stable")
    for row, around in enumerate(near[:, 1 : _NEIGHBOURS + 1]):
        own = ratio[row, around]
        ratio[row, row] = np.median(own[np.isfinite(own)]) if np.isfinite(own).any() else usual
    stretch: Floats = np.clip(np.where(np.isnan(ratio), usual, ratio), _QUICKEST, _SLOWEST)
    return stretch
