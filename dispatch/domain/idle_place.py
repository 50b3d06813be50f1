"""Where should a crew with nothing to do wait, so that the next call is reached soonest?

The next call is taken to come where the last ones came from. One more crew is worth most where it
shortens the arrival of whoever is there first (the p-median of Hakimi 1964, one crew at a time).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEAST_GAIN_SECONDS = 20.0
"""A move that brings the mean arrival down by less is not worth the drive."""

_NO_WAY_SECONDS = 7_200.0


def better_place(others: Floats, here: Floats, places: Floats) -> tuple[int, float] | None:
    """Return the place where one more crew helps most, with the seconds won; None: it stays.

    `others` (k,) are the seconds until the soonest of all other crews is at each of k points that
    stand for demand; `here` (k,) those of the crew if it stays, `places` (p, k) those from each
    place where it may wait. inf is no way; the first of equals wins.
    """
    if not places.size:
        return None
    others = np.minimum(others, _NO_WAY_SECONDS)
    gains = np.minimum(here, others).mean() - np.minimum(places, others).mean(axis=1)
    best = int(np.argmax(gains))
    return (best, float(gains[best])) if gains[best] >= LEAST_GAIN_SECONDS else None
