"""Where may a crew be by now whose last position is some minutes old?

A position up to five minutes old is taken as it is, one older than two hours not at all: the crew
is then reckoned from its base. In between the crew may have gone on. It is taken to drive one leg
of ten minutes an hour in any direction, a random walk, so that after an age `a` its root mean
square distance from where it was last seen, in seconds of driving, is

    drift(a) = 600 s × √((a - 5 min) / 1 h),

and the root mean square drive to a place that was `d` seconds from there is

    drive(d, a) = √(d² + drift(a)²).

That drive counts in the match, in the chance to be in time and in the end of the shift. The error
of a drive is a share of it, so it grows with the age, too: the chance to be in time only falls, and
of two crews that are equal but for it the one that was seen last is preferred.
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING, overload

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

STALE_POSITION_SECONDS = 300
"""A position older than this is named in the reasons; a van is elsewhere by then."""

POSITION_LIFETIME = timedelta(hours=2)
"""A position older than this says nothing; the crew is counted from its base."""

LEG_SECONDS = 600.0
"""What a crew drives from one ticket to the next, one an hour."""

_HOUR = 3_600.0


def drift_seconds(age_seconds: float | None) -> float:
    """Return how far, in seconds of driving, a crew may be from where it was seen."""
    if age_seconds is None:
        return 0.0
    old = min(age_seconds, POSITION_LIFETIME.total_seconds()) - STALE_POSITION_SECONDS
    return LEG_SECONDS * math.sqrt(max(0.0, old) / _HOUR)


@overload
def with_drift(seconds: float, drift: float) -> float: ...


@overload
def with_drift(seconds: Floats, drift: Floats) -> Floats: ...


def with_drift(seconds: float | Floats, drift: float | Floats) -> float | Floats:
    """Return the drive in seconds from somewhere around a place, for a number or arrays."""
    if isinstance(seconds, np.ndarray):
        if not np.any(drift):
            return seconds
        longer: Floats = np.hypot(seconds, drift)
        return longer
    return math.hypot(seconds, drift) if drift else seconds
