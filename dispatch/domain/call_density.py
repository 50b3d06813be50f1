"""At most how many calls of very many may have come near each one, soon after it?

Counting them takes a look at every two neighbours. Here calls are counted by cells of the ground
and of time, and the cells within reach of each are added up: too many, never too few, and quickly.
So only the few calls that may have very many neighbours need be looked at.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Counts = NDArray[Any]

_CELLS_AROUND = 128
"""The ground is rolled up after so many times the distance; what meets there counts as near."""
_FINENESS = ((2, 7), (1, 7), (1, 2))
"""Into how many cells a distance and a length of time are cut, the finest first."""
_CELLS_A_CALL, _MOST_CELLS = 64, 1 << 25
_WIDER = 1 + 1e-9
"""What rounding takes must not put a neighbour out of reach."""


def most_soon(ground: Floats, received: Floats, metres: float, microseconds: float) -> Ints:
    """Return for each call no less than the number near it that came soon after, itself too.

    `ground` are metres along two axes, one row a call. Where calls are too few for so long a time
    that a grid were worth while, it is the number of all.
    """
    everybody = np.full(received.size, received.size)
    if not received.size:
        return everybody
    near, soon = metres * _WIDER, microseconds * _WIDER
    low, start = ground.min(axis=0), received.min()
    wide = float(np.ptp(ground, axis=0).max()) / near
    grid = _grid_for(received.size, wide, float(np.ptp(received)) / soon)
    if grid is None:
        return everybody
    fine, steps, shape = grid
    cells = ((ground - low) * (fine / near)).astype(np.int64)
    when = ((received - start) * (steps / soon)).astype(np.int64)
    largest = _in_a_row(np.bincount(when, minlength=shape[2]), 0, steps + 1).max()
    counts = np.zeros(shape, dtype=np.min_scalar_type(largest))
    np.add.at(counts.reshape(-1), _places(cells, when, shape), counts.dtype.type(1))
    # Behind the last call lie empty cells: no row of cells that is looked at counts the next one.
    counts = _in_a_row(counts.reshape(-1), 0, steps + 1).reshape(shape)
    for axis in (0, 1):
        counts = _in_a_row(counts, axis, 2 * fine + 1)
    found: Ints = counts.reshape(-1)[_places(cells - fine, when, shape)].astype(np.int64)
    return found


def _grid_for(size: int, wide: float, long: float) -> tuple[int, int, tuple[int, int, int]] | None:
    """Return how fine a grid is worth while, and how many cells it has; None for no grid.

    `wide` and `long` say how many times the distance and the time calls are apart. Behind the last
    cells there are as many empty ones as are looked at, so that only wide ground is rolled up.
    """
    for fine, steps in _FINENESS:
        side = min(_CELLS_AROUND * fine, math.floor(wide * fine) + 1 + 2 * fine)
        days = math.floor(long * steps) + 1 + steps
        if side**2 * days <= min(_CELLS_A_CALL * size, _MOST_CELLS):
            return fine, steps, (side, side, days)
    return None


def _places(cells: Ints, when: Ints, shape: tuple[int, int, int]) -> Ints:
    along, across = (cells % shape[0]).T
    places: Ints = (along * shape[1] + across) * shape[2] + when
    return places


def _in_a_row(counts: Counts, axis: int, width: int) -> Counts:
    """Add to each cell those behind it along an axis, so many in all; the first follow the last."""
    found = counts.copy()
    whole, part = np.moveaxis(found, axis, 0), np.moveaxis(counts, axis, 0)
    for step in range(1, width):
        whole[:-step] += part[step:]
        whole[-step:] += part[:step]
    return found
