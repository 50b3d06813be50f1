"""What do n measured values say, and are they enough to say it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

MINIMUM_SAMPLE = 20
"""Below this n a figure is greyed and no ranking uses it (metrics.md, rules for every figure)."""

_SECONDS_PER_MINUTE = 60.0


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

    def as_json(self) -> dict[str, Any]:
        """Return the rate with its n; the rate is null when n is 0."""
        return {"rate": self.rate, "hits": self.hits, "n": self.n}


def percentiles(values: ArrayLike) -> Percentiles | None:
    """Return P50, P80, P90, P95, the largest value and n; None when there are no values.

    The p-th percentile lies at rank 1 + (n − 1) × p ÷ 100 of the sorted values; between two ranks
    it is interpolated in a straight line (the default of numpy, pandas and spreadsheets'
    PERCENTILE.INC). Values that are missing (NaN) are left out and not counted in n.
    """
    known = np.asarray(values, dtype=np.float64)
    known = known[~np.isnan(known)]
    if known.size == 0:
        return None
    p50, p80, p90, p95, largest = np.percentile(known, [50, 80, 90, 95, 100]).tolist()
    return Percentiles(p50, p80, p90, p95, largest, int(known.size))
