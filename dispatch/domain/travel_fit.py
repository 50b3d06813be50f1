"""How fast do our own crews drive, hour by hour, and how wrong is that estimate?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dispatch.domain.travel import DETOUR, HOURS, StraightLine

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

#: Fewer drives than this say less than the usual speed of cities does.
FEWEST_DRIVES = 50

#: An hour with so many drives is believed by half, and by the rest of the day by half.
SHRINKAGE = 20.0

#: A shorter drive is mostly parking; a longer, slower or faster one had another errand or a
#: button pressed late.
SHORTEST_METRES = 300.0
SHORTEST_SECONDS, LONGEST_SECONDS = 60.0, 7_200.0
SLOWEST_METRES_PER_SECOND, FASTEST_METRES_PER_SECOND = 0.5, 35.0

#: The median of absolute errors times this is the standard deviation, where errors are normal.
MEDIAN_TO_DEVIATION = 1.4826
LEAST_SPREAD, MOST_SPREAD = 0.05, 1.0


@dataclass(frozen=True)
class TravelFit:
    """The seconds a straight-line metre takes by local hour, from `n` drives.

    `error_minutes` is the median absolute error on drives that were not fitted, `usual_error` that
    of the embedded default on the same drives, `spread` the relative error; `left_out` counts
    drives that cannot have been one.
    """

    pace: tuple[float, ...]
    n: int
    n_by_hour: tuple[int, ...]
    left_out: int
    error_minutes: float
    usual_error_minutes: float
    spread: float

    def straight_line(self) -> StraightLine:
        """Return the straight line at these speeds, with this error."""
        speeds = tuple(DETOUR / pace * 3.6 for pace in self.pace)
        return StraightLine(speed_kmh=speeds, spread=self.spread)


def fit_drives(metres: Floats, seconds: Floats, hours: Ints) -> TravelFit | None:
    """Fit the pace of each hour to drives of straight-line metres; None when there are too few.

    Arrays of equal length, hours local from 0 to 23. The median resists the drives with a lunch
    in them; an hour with few drives is drawn to the pace of the whole day.
    """
    usable = (
        (metres >= SHORTEST_METRES)
        & (seconds >= SHORTEST_SECONDS)
        & (seconds <= LONGEST_SECONDS)
        & (metres >= seconds * SLOWEST_METRES_PER_SECOND)
        & (metres <= seconds * FASTEST_METRES_PER_SECOND)
    )
    metres, seconds, hours = metres[usable], seconds[usable], hours[usable]
    if len(metres) < FEWEST_DRIVES:
        return None
    estimates = _estimates_of_the_other_half(metres, seconds, hours)
    missed = np.abs(seconds - estimates)
    usual = StraightLine()
    usual_seconds = metres * usual.detour / (usual.speed_at(None) / 3.6)
    spread = MEDIAN_TO_DEVIATION * float(np.median(missed / estimates))
    return TravelFit(
        pace=tuple(_paces(seconds / metres, hours).tolist()),
        n=len(metres),
        n_by_hour=tuple(np.bincount(hours, minlength=HOURS).tolist()),
        left_out=int(np.count_nonzero(~usable)),
        error_minutes=float(np.median(missed)) / 60,
        usual_error_minutes=float(np.median(np.abs(seconds - usual_seconds))) / 60,
        spread=min(max(spread, LEAST_SPREAD), MOST_SPREAD),
    )


def _paces(pace: Floats, hours: Ints) -> Floats:
    whole_day = float(np.median(pace))
    found = np.full(HOURS, whole_day)
    for hour in np.unique(hours).tolist():
        of_hour = pace[hours == hour]
        weight = len(of_hour) / (len(of_hour) + SHRINKAGE)
        found[hour] = np.median(of_hour) ** weight * whole_day ** (1 - weight)
    return found


def _estimates_of_the_other_half(metres: Floats, seconds: Floats, hours: Ints) -> Floats:
    """Estimate every second drive from the others and the others from them."""
    estimates = np.empty_like(metres)
    for half in (0, 1):
        told, asked = slice(half, None, 2), slice(1 - half, None, 2)
        paces = _paces(seconds[told] / metres[told], hours[told])
        estimates[asked] = metres[asked] * paces[hours[asked]]
    return estimates
