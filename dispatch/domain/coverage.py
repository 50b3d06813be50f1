"""How likely is it that a free crew on duty reaches each place within 30 minutes?

Expected coverage with crews that may be busy: the MEXCLP model of Daskin (1983, Transportation
Science 17, 48-70), with a chance for each crew and each drive in place of one busy fraction and one
radius. Crews are taken to be busy independently of one another, as in that model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from dispatch.domain.outlook import REPAIR_MEAN_SECONDS, REPAIR_SIGMA
from dispatch.domain.repair_time import chance_done
from dispatch.domain.travel import STRAIGHT_LINE_SPREAD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Whole = NDArray[np.intp]

CIRCLE_SECONDS = 1_800.0
"""The 30-minute service circle, from setting off to arrival."""

_STEP_SECONDS = 2.0
_TIMES_LIMIT = 3.0
_POINTS_AT_ONCE = 4_096
_TOO_SMALL = 1e-6
# Gauss-Hermite nodes and weights for a standard normal variable (Abramowitz and Stegun 25.4.46).
_NODES, _NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(7)
_NODE_WEIGHTS = _NODE_WEIGHTS / _NODE_WEIGHTS.sum()


@dataclass(frozen=True, slots=True)
class RepairTimes:
    """Lognormal time on site: the mean in seconds, and the deviation of its logarithm."""

    mean_seconds: float = REPAIR_MEAN_SECONDS
    sigma: float = REPAIR_SIGMA

    def __post_init__(self) -> None:
        """Raise ValueError for a mean or deviation that no time has."""
        if not (0 < self.mean_seconds < np.inf and 0 < self.sigma < np.inf):
            raise ValueError("mean and sigma of the time on site must be positive")

    def ends_within(self, seconds: Floats, elapsed: float) -> Floats:
        """Return the chance that work ends within so many seconds more, `elapsed` being spent."""
        spent, mean, sigma = np.array(elapsed), np.array(self.mean_seconds), np.array(self.sigma)
        return chance_done(spent, np.asarray(seconds, dtype=np.float64), mean, sigma)


@dataclass(frozen=True, slots=True)
class Work:
    """What keeps a crew: the seconds until it is there, and the seconds spent on site so far.

    `repair` is the law of its time on site where the crew has said how much longer it needs.
    """

    arrives_in: float = 0.0
    elapsed: float = 0.0
    repair: RepairTimes | None = None


def chances_in_time(
    seconds: Floats,
    free: Floats,
    *,
    work: Sequence[Work | None] | None = None,
    repair: RepairTimes | None = None,
    limit: float = CIRCLE_SECONDS,
    spread: float = STRAIGHT_LINE_SPREAD,
) -> Floats:
    """Return the chance that each crew can go and is at each point in time, crews × points.

    `seconds` are the estimated drives (crews × points); NaN, infinity and a negative number are no
    way, chance 0. `free` is the chance that each crew may go at all: 1 for a crew that is idle or
    at work now, on shift × (1 − utilisation) for an hour to come, 0 off duty. `work` says what
    keeps each crew, None where it can set off at once; its time on site follows `repair`. `spread`
    is the relative error of the drives, taken for the deviation of their logarithm, 0 for exact
    ones. Drives are rounded to two seconds.

    Raises:
        ValueError: when shapes do not fit, or a chance lies outside 0 … 1.
    """
    seconds, free = np.asarray(seconds, dtype=np.float64), np.asarray(free, dtype=np.float64)
    work = [None] * len(free) if work is None else work
    _check_crews(seconds, free, work)
    repair = repair or RepairTimes()
    idle = _by_drive(None, repair, limit, spread)
    found = np.zeros(seconds.shape)
    last = len(idle) - 1
    for crew, kept_by in enumerate(work):
        if free[crew] == 0:
            continue
        table = idle if kept_by is None else _by_drive(kept_by, repair, limit, spread)
        drives = seconds[crew]
        usable = (drives >= 0) & (drives < last * _STEP_SECONDS)
        places = np.where(usable, drives, last * _STEP_SECONDS) / _STEP_SECONDS
        found[crew] = free[crew] * table[np.rint(places).astype(np.intp)]
    return found


def _check_crews(seconds: Floats, free: Floats, work: Sequence[Work | None]) -> None:
    if seconds.ndim != 2 or not len(seconds) == len(free) == len(work):  # noqa: PLR2004
        raise ValueError("drives must be crews × points, with a chance and work for each crew")
    if not np.all((free >= 0) & (free <= 1)):
        raise ValueError("the chance that a crew is free must lie between 0 and 1")


def _by_drive(work: Work | None, repair: RepairTimes, limit: float, spread: float) -> Floats:
    """Tabulate the chance of being in time by the estimated drive, in steps of two seconds.

    The last entry, for every longer drive and for no way at all, is 0.
    """
    drives = np.arange(0.0, limit * _TIMES_LIMIT + _STEP_SECONDS, _STEP_SECONDS)
    if work is None:
        chance = _drive_within(drives, limit, spread)
    else:
        left = limit - work.arrives_in - drives[:, None] * np.exp(spread * _NODES)
        chance = (work.repair or repair).ends_within(left, work.elapsed) @ _NODE_WEIGHTS
    chance[-1] = 0.0
    return np.clip(chance, 0.0, 1.0)


def _drive_within(drives: Floats, limit: float, spread: float) -> Floats:
    if spread == 0:
        return (drives <= limit).astype(np.float64)
    with np.errstate(divide="ignore"):
        chance: Floats = ndtr(np.log(limit / drives) / spread)
    return chance


def chance_of_points(chances: Floats) -> Floats:
    """Return the chance that at least one crew is at each point in time, from crews × points.

    1 − Π (1 − chance of a crew); 0 without any crew.
    """
    reached: Floats = 1.0 - np.prod(1.0 - chances, axis=0)
    return reached


def weighted_means(values: Floats, weights: Floats, grid_of: Whole, grids: int) -> Floats:
    """Return the mean of the points of each grid, weighted by demand; NaN for one without points.

    `values` is (…, points); `weights` are not negative, and where those of a grid are all 0 its
    points count alike. `grid_of` names the grid of each point, 0 … grids − 1.
    """
    share = _shares(weights, grid_of, grids)
    values = np.asarray(values, dtype=np.float64)
    outer = values.shape[:-1]
    rows = values.reshape(int(np.prod(outer)), len(grid_of)) * share
    sums = np.zeros((len(rows), grids))
    for row, total in zip(rows, sums, strict=True):
        total[:] = np.bincount(grid_of, row, grids)
    sums[:, np.bincount(grid_of, minlength=grids) == 0] = np.nan
    return sums.reshape(*outer, grids)


def _shares(weights: Floats, grid_of: Whole, grids: int) -> Floats:
    """Return the part of its grid's weight that each point carries."""
    weights = _checked(weights)
    total = np.bincount(grid_of, weights, grids)
    count = np.bincount(grid_of, minlength=grids)
    known = total[grid_of] > 0
    return np.divide(weights, total[grid_of], out=1.0 / count[grid_of], where=known)


def _checked(weights: Floats) -> Floats:
    weights = np.asarray(weights, dtype=np.float64)
    if not np.all((weights >= 0) & np.isfinite(weights)):
        raise ValueError("a demand must be a number that is not negative")
    return weights


def expected_coverage(chance: Floats, weights: Floats) -> float | None:
    """Measure the chance that a free crew on duty arrives within 30 minutes, over the demand.

    Formula: Σ demand of a grid × chance ÷ Σ demand; chance = 1 − Π (1 − chance that a crew is free
    and drives there within 30 minutes), over all crews on duty; the chance of a grid is the mean of
    the places of its newest tickets. An idle crew is free; one at work is free when it is likely to
    end in time; in the hours to come a crew starts from its base and is free as often as crews were
    at that hour. Demand: the newest 20,000 located tickets that a crew had to visit.
    In: every grid in force, whatever range of days is shown; where no ticket is known, all alike.
    Out: places outside every grid, enquiries, duplicates, cancelled, solved by phone or notice.
    Skills and the time from the call until a crew sets off are not counted.

    `chance` and `weights` are equal one-dimensional arrays; without any the answer is `None`.
    Source: MEXCLP (Daskin 1983); metrics.md, coverage.
    """
    weights = _checked(weights)
    if not len(weights):
        return None
    if not weights.sum() > 0:
        weights = np.ones(len(weights))
    return float(np.dot(chance, weights) / weights.sum())


def misses_without_each(chances: Floats) -> Floats:
    """Return the chance that nobody is in time were one crew gone, crews × points.

    Π (1 − chance) over all others, as the product of those before and those after: no division, so
    that a crew that is certain to arrive does no harm.
    """
    crews, points = chances.shape
    found = np.empty((crews, points))
    for start in range(0, points, _POINTS_AT_ONCE):
        block = slice(start, start + _POINTS_AT_ONCE)
        found[:, block] = _products_of_others(1.0 - chances[:, block])
    return found


def _products_of_others(factors: Floats) -> Floats:
    products = np.ones_like(factors)
    np.cumprod(factors[:-1], axis=0, out=products[1:])
    after = np.ones(factors.shape[1])
    for crew in range(len(factors) - 1, 0, -1):
        after = after * factors[crew]
        products[crew - 1] *= after
    return products


def losses_by_grid(chances: Floats, weights: Floats, grid_of: Whole, grids: int) -> Floats:
    """Return by how much the chance of each grid falls if one crew goes, crews × grids."""
    reached = chance_of_points(chances)
    fall = misses_without_each(chances) - (1.0 - reached)
    return weighted_means(np.maximum(fall, 0.0), weights, grid_of, grids)


@dataclass(frozen=True, slots=True)
class Wait:
    """A better place for one idle crew: places of the crew and the candidate, coverage then."""

    crew: int
    place: int
    before: float
    after: float


def best_wait(
    chances: Floats,
    idle: Whole,
    seconds: Floats,
    weights: Floats,
    *,
    spread: float = STRAIGHT_LINE_SPREAD,
) -> Wait | None:
    """Return the one move of an idle crew that raises expected coverage most, None where none does.

    `chances` as from `chances_in_time`; `idle` are the rows of the crews that may be moved;
    `seconds` are the drives from each candidate place (places × points). The first of equals wins.
    Points that are all but certain without it are left out, at an error below a millionth.
    Source: the objective of MEXCLP (Daskin 1983) with all other crews where they are.
    """
    weights = _checked(weights)
    before = expected_coverage(chance_of_points(chances), weights)
    if before is None or not len(idle) or not len(seconds):
        return None
    share = np.ones(len(weights)) if not weights.sum() > 0 else weights
    alone = misses_without_each(chances)[idle] * (share / share.sum())
    open_to_gain = alone.max(axis=0) > _TOO_SMALL / len(weights)
    alone = alone[:, open_to_gain]
    there = chances_in_time(seconds[:, open_to_gain], np.ones(len(seconds)), spread=spread)
    after = 1.0 - (alone.sum(axis=1, keepdims=True) - alone @ there.T)
    crew, place = np.unravel_index(int(np.argmax(after)), after.shape)
    best = float(after[crew, place])
    if not best > before:
        return None
    return Wait(int(idle[crew]), int(place), before, best)
