"""What do n measured values say, and are they enough to say it?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

MINIMUM_SAMPLE = 20
"""Below this n a figure is greyed and no ranking uses it (metrics.md, rules for every figure)."""

_SECONDS_PER_MINUTE = 60.0
_Z_95 = 1.959963984540054
_RANKS = np.array([50, 80, 90, 95, 100]) / 100
_KEY_BITS = 63


@dataclass(frozen=True, slots=True)
class Percentiles:
    """The spread of n values, in the unit of the values. There is no mean, on purpose."""

    p50: float
    p80: float
    p90: float
    p95: float
    max: float
    n: int

    @property
    def greyed(self) -> bool:
        """Tell whether the sample is too small to lean on."""
        return self.n < MINIMUM_SAMPLE

    def as_minutes(self) -> dict[str, float | int]:
        """Return seconds as minutes, unrounded, under the names of `figures --json`."""
        names = ("p50", "p80", "p90", "p95", "max")
        return {name: getattr(self, name) / _SECONDS_PER_MINUTE for name in names} | {"n": self.n}


@dataclass(frozen=True, slots=True)
class Share:
    """How many of n, and which share that is; nothing of nothing is no data, never 100 %."""

    hits: int
    n: int

    @property
    def rate(self) -> float | None:
        """Return hits ÷ n, or None when n is 0."""
        return self.hits / self.n if self.n else None

    @property
    def greyed(self) -> bool:
        """Tell whether the sample is too small to lean on."""
        return self.n < MINIMUM_SAMPLE

    @property
    def between(self) -> tuple[float, float] | None:
        """Return Wilson's interval at 95 %, the shares that fit what was seen; None when n is 0.

        Source: Wilson, Journal of the American Statistical Association 22 (1927), page 209.
        """
        if not self.n:
            return None
        rate, turns = self.hits / self.n, _Z_95**2 / self.n
        middle = rate + turns / 2
        reach = _Z_95 * math.sqrt(rate * (1 - rate) / self.n + turns / self.n / 4)
        low, high = (middle - reach) / (1 + turns), (middle + reach) / (1 + turns)
        return (0.0 if self.hits == 0 else low, 1.0 if self.hits == self.n else high)

    def as_json(self) -> dict[str, Any]:
        """Return the rate with its n; the rate is null when n is 0."""
        return {"rate": self.rate, "hits": self.hits, "n": self.n}


def shown_percent(rate: float) -> float:
    """Return a share of one in per cent with one decimal; 100 and 0 only where they are exact."""
    shown = round(rate * 100, 1)
    if rate < 1:
        shown = min(shown, 99.9)
    return max(shown, 0.1) if rate > 0 else shown


def percentiles(values: ArrayLike) -> Percentiles | None:
    """Return P50, P80, P90, P95, the largest value and n; None when there are no values.

    The p-th percentile lies at rank 1 + (n − 1) × p ÷ 100 of the sorted values; between two ranks
    it is interpolated in a straight line (the default of numpy, pandas and spreadsheets'
    PERCENTILE.INC). Values that are missing (NaN) are left out and not counted in n.
    Where 250,000 tickets and more are added up by the month, each time is told within 1 % or half
    a second, and the page and the file say so; counts and shares are exact there too.
    """
    known = np.asarray(values, dtype=np.float64)
    known = known[~np.isnan(known)]
    if known.size == 0:
        return None
    p50, p80, p90, p95, largest = np.percentile(known, [50, 80, 90, 95, 100]).tolist()
    return Percentiles(p50, p80, p90, p95, largest, int(known.size))


def median(values: ArrayLike) -> float | None:
    """Return the P50 of `percentiles` alone, in a sixth of the time."""
    known = np.asarray(values, dtype=np.float64)
    if np.isnan(known).any():
        known = known[~np.isnan(known)]
    if not known.size:
        return None
    middle = known.size // 2
    # To look for one place takes an eighth of looking for two.
    parted = np.partition(known, middle)
    upper = parted[middle]
    lower = upper if known.size % 2 else parted[:middle].max()
    # The same form as numpy's, so that the last bit is the same too.
    return float(upper - (upper - lower) * 0.5)


def percentiles_by_group(
    values: NDArray[np.int64], codes: NDArray[np.int64], size: int, unit: float
) -> list[Percentiles | None]:
    """Return the percentiles of each of `size` groups at once, as `percentiles` gives each alone.

    What is given is as for `ranks_by_group`.
    """
    found: list[Percentiles | None] = [None] * size
    ranks, counts = ranks_by_group(values, codes, size, unit, _RANKS)
    known = np.flatnonzero(counts)
    for group, (p50, p80, p90, p95, largest), count in zip(
        known.tolist(), ranks[known].tolist(), counts[known].tolist(), strict=True
    ):
        found[group] = Percentiles(p50, p80, p90, p95, largest, count)
    return found


def ranks_by_group(
    values: NDArray[np.int64],
    codes: NDArray[np.int64],
    size: int,
    unit: float,
    shares: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return for `size` groups the values at some ranks, given as shares of one, and their counts.

    `values` are whole and not negative, `codes` the group of each from 0 on; what is returned is
    in `unit` values, 1e6 for seconds out of microseconds: a row a group, NaN where it has none.
    """
    found = np.full((size, shares.size), np.nan)
    if not values.size:
        return found, np.zeros(size, dtype=np.int64)
    ranked, mask, edges = _ranked(values, codes, size)
    counts = np.diff(edges)
    known = np.flatnonzero(counts)
    n, first = counts[known], edges[known]
    low, share = between_ranks(n, shares)
    below = (ranked[first[:, None] + low] & mask) / unit
    above = (ranked[first[:, None] + np.minimum(low + 1, (n - 1)[:, None])] & mask) / unit
    # The same two forms as numpy's, so that the last bit is the same too.
    step = above - below
    found[known] = np.where(share < 0.5, below + step * share, above - step * (1 - share))  # noqa: PLR2004  half
    return found, counts


def between_ranks(
    n: NDArray[np.int64], shares: NDArray[np.float64] = _RANKS
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return below which ranks, from 0, the percentiles of n values lie, and how far above each.

    A row for each n, in the order of `Percentiles` where no other shares of one are asked for.
    """
    rank = (n - 1)[:, None] * shares
    low = np.floor(rank).astype(np.int64)
    return low, rank - low


def _ranked(
    values: NDArray[np.int64], codes: NDArray[np.int64], size: int
) -> tuple[NDArray[np.int64], int, NDArray[np.intp]]:
    """Sort values within their groups, by one number for both where they fit into it.

    The values are those bits of what is returned that the mask beside it has. Last stands where
    each group begins and the last ends.
    """
    width = int(values.max()).bit_length()
    begins = np.arange(size + 1)
    if width + size.bit_length() > _KEY_BITS:
        order = np.lexsort((values, codes))
        return values[order], -1, np.searchsorted(codes[order], begins)
    ranked = codes << width
    ranked |= values
    ranked.sort()
    return ranked, (1 << width) - 1, np.searchsorted(ranked, begins << width)
