"""How are the times of very many tickets kept, so that their percentiles can be added up?

A bucket is a second wide up to fifty seconds, and 2 % of its time from there on. A time is told as
one in the middle of its bucket, so that it is off by half a second, or by less than `WITHIN` of it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from dispatch.domain.microseconds import MICROSECONDS
from dispatch.domain.samples import Percentiles, between_ranks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

WITHIN = 0.01
"""How far a percentile may be from the exact one, as a share of it (metrics.md)."""
_FINE, _GROWTH = 50, 1.02
_LONGEST = 20 * 366 * 86_400
BUCKETS = _FINE + math.ceil(math.log(_LONGEST / _FINE) / math.log(_GROWTH))
_EDGES = _FINE * _GROWTH ** np.arange(BUCKETS - _FINE)
# As far above the lower edge as below the upper one, in shares of either.
MIDDLES = np.concatenate([np.arange(_FINE) + 0.5, _EDGES * (2 * _GROWTH / (1 + _GROWTH))])
"""The time, in seconds, that stands for each bucket; what is longer than years is in the last."""


def buckets_of(spans: Ints) -> Ints:
    """Return the bucket of each time, given in microseconds and not negative."""
    # Half the digits are enough to tell buckets apart, and several times as quick.
    seconds = (spans / MICROSECONDS).astype(np.float32)
    grown = np.log(np.maximum(seconds, _FINE) / np.float32(_FINE)) / np.float32(math.log(_GROWTH))
    found = np.where(seconds < _FINE, seconds, _FINE + grown).astype(np.int64)
    return np.minimum(found, BUCKETS - 1)


def histogram(buckets: Ints, codes: Ints, size: int) -> Ints:
    """Count times by group and bucket: `size` rows of `BUCKETS` numbers."""
    table = codes * BUCKETS + buckets
    return np.bincount(table, minlength=size * BUCKETS).reshape(-1, BUCKETS)


def percentiles_of(counted: Ints) -> list[Percentiles | None]:
    """Return for each row of a histogram what `percentiles` says of its times, in seconds."""
    found: list[Percentiles | None] = [None] * len(counted)
    if not counted.size:
        return found
    ranked = counted.cumsum(axis=1, dtype=np.int64)
    known = np.flatnonzero(ranked[:, -1])
    n = ranked[known, -1]
    # Each row goes on where the one before it ends, so that one search finds places in all.
    starts = np.cumsum(n) - n
    ends = (ranked[known] + starts[:, None]).ravel()

    firsts = np.arange(known.size)[:, None] * counted.shape[1]

    def value(places: Ints) -> NDArray[np.float64]:
        at = np.searchsorted(ends, places + starts[:, None], side="right")
        times: NDArray[np.float64] = MIDDLES[at - firsts]
        return times

    low, share = between_ranks(n)
    below, above = value(low), value(np.minimum(low + 1, (n - 1)[:, None]))
    between = (below + (above - below) * share).tolist()
    for group, (p50, p80, p90, p95, largest), count in zip(
        known.tolist(), between, n.tolist(), strict=True
    ):
        found[group] = Percentiles(p50, p80, p90, p95, largest, count)
    return found
