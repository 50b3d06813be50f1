"""In which hexagon of a city does a point lie, and where are the corners of a hexagon?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dispatch.domain.grids import Plane

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

FARTHEST_PARALLEL = 80
"""Degrees; nearer to a pole a plane that is true along one parallel says little."""

_AT_ONCE = 20_000
"""So many points are worked out at once that what stands in between stays near the processor."""
_CORNERS = np.array([(0, 2), (1, 1), (1, -1), (0, -2), (-1, -1), (-1, 1)])


@dataclass(frozen=True, slots=True)
class Hexagons:
    """Hexagons that stand on a corner, `width` metres from side to side, numbered by two axes.

    They lie on the plane that is true along the parallel `lat`. It is a whole number of degrees, so
    that a hexagon is the same one whichever tickets are looked at.
    """

    lat: int
    width: float

    def cells_of(self, lats: Floats, lons: Floats) -> Ints:
        """Return the numbers (n, 2) of the hexagon that each WGS-84 point lies in."""
        found = np.empty((len(lats), 2), dtype=np.int64)
        for start in range(0, len(lats), _AT_ONCE):
            some = slice(start, start + _AT_ONCE)
            found[some] = self._cells_of(np.column_stack([lons[some], lats[some]])).T
        return found

    def _cells_of(self, points: Floats) -> Floats:
        x, y = Plane(self.lat).metres(points).T
        north = y / (1.5 * self._side)
        east = x / self.width - north / 2
        # The three axes of a hexagon sum to 0; the one that was rounded most follows the others.
        exact = np.stack([east, north, -east - north])
        whole = np.rint(exact)
        off, over = np.abs(whole - exact), whole.sum(axis=0)
        is_east = (off[0] >= off[1]) & (off[0] >= off[2])
        whole[0] -= np.where(is_east, over, 0)
        whole[1] -= np.where(~is_east & (off[1] >= off[2]), over, 0)
        numbers: Floats = whole[:2]
        return numbers

    def corners(self, cells: Ints) -> Floats:
        """Return the corners (n, 6, 2) as degrees of longitude and latitude, clockwise from north.

        Hexagons that touch have equal numbers for the corners that they share.
        """
        return self._degrees(_middles(cells)[:, None, :] + _CORNERS)

    def middles(self, cells: Ints) -> Floats:
        """Return the middle (n, 2) of each hexagon as degrees of longitude and latitude."""
        return self._degrees(_middles(cells))

    @property
    def _side(self) -> float:
        return self.width / math.sqrt(3)

    def _degrees(self, steps: Ints) -> Floats:
        return Plane(self.lat).degrees(steps * np.array([self.width / 2, self._side / 2]))


def _middles(cells: Ints) -> Ints:
    """Return middles in half widths to the east and half sides to the north, whole numbers."""
    east, north = cells.reshape(-1, 2).T
    return np.stack([2 * east + north, 3 * north], axis=1)


def hexagons_near(lat: float, width: float) -> Hexagons:
    """Return the hexagons that are true near a latitude, `width` metres from side to side."""
    return Hexagons(min(max(round(lat), -FARTHEST_PARALLEL), FARTHEST_PARALLEL), width)


def cells_apart(cells: Ints) -> tuple[Ints, Ints]:
    """Return the different cells (n, 2) among many, in order, and the place of each of the many."""
    (easts, east), (norths, north) = (numbers_apart(axis) for axis in cells.T)
    found, of_each = numbers_apart(east * norths.size + north)
    if not found.size:
        return cells, of_each
    return np.column_stack([easts[found // norths.size], norths[found % norths.size]]), of_each


def numbers_apart(numbers: Ints) -> tuple[Ints, Ints]:
    """Return what `np.unique` does of whole numbers near one another, without sorting them."""
    if not numbers.size:
        return numbers, numbers
    low = numbers.min()
    is_there = np.bincount(numbers - low) > 0
    return np.flatnonzero(is_there) + low, (np.cumsum(is_there) - 1)[numbers - low]
