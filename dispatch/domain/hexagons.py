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
        x, y = Plane(self.lat).metres(np.column_stack([lons, lats])).T
        north = y / (1.5 * self._side)
        east = x / self.width - north / 2
        # The three axes of a hexagon sum to 0; the one that was rounded most follows the others.
        exact = np.stack([east, north, -east - north], axis=1)
        whole = np.rint(exact)
        worst = np.argmax(np.abs(whole - exact), axis=1)
        whole[np.arange(len(whole)), worst] -= whole.sum(axis=1)
        found: Ints = whole[:, :2].astype(np.int64)
        return found

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
