"""Which grid owns a point, who lives next door, and where do the grids overlap or leave gaps?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import shapely

from dispatch.domain.errors import Invalid
from dispatch.domain.place import MEAN_EARTH_RADIUS_METRES
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from dispatch.domain.place import Point

    Floats = NDArray[np.float64]
    Shapes = NDArray[np.object_]

BORDER_METRES = 15.0
OUTSIDE_LIMIT_METRES = 5_000.0
NEIGHBOUR_METRES = 50.0
LEAST_FAULT_SQUARE_METRES = 100.0
POINTS_AT_ONCE = 100_000
MOST_HEXAGONS = 20_000
NO_GRID = -1

Standing = Literal["inside", "border", "outside"]


@dataclass(frozen=True, slots=True)
class GridShape:
    """One grid as the index needs it: a valid polygon in WGS-84 (x is longitude)."""

    key: int
    name: str
    team_id: int | None
    shape: BaseGeometry
    zone: str = "town"


@dataclass(frozen=True, slots=True)
class Found:
    """The grid of a point.

    `standing` is "border" when another grid also holds the point or lies within 15 m; `others`
    then names those grids by key. A point outside every grid has the nearest one as its `key`, at
    `metres`, or no key when even that is over 5,000 m away.
    """

    key: int | None
    standing: Standing
    others: tuple[int, ...] = ()
    metres: float | None = None


@dataclass(frozen=True, slots=True)
class Overlap:
    """Ground that two grids own, or, when `b` is None, a gap beside `a` that no grid owns."""

    a: int
    b: int | None
    square_metres: float


class Plane:
    """A flat map in metres around one latitude.

    Equirectangular: lengths are true at that latitude and off by up to 1.5 % half a degree away
    from it in any inhabited city (the change of the cosine), so it serves a city, not a country.
    """

    def __init__(self, lat: float) -> None:
        self._down = math.radians(1.0) * MEAN_EARTH_RADIUS_METRES
        self._across = self._down * math.cos(math.radians(lat))

    @classmethod
    def around(cls, shapes: Shapes) -> Plane:
        """Centre the plane on the middle latitude of the shapes."""
        if not len(shapes):
            return cls(0.0)
        _, south, _, north = shapely.total_bounds(shapes)
        return cls((south + north) / 2)

    def point(self, point: Point) -> tuple[float, float]:
        """Return x and y in metres."""
        return point.lon * self._across, point.lat * self._down

    def metres(self, lons_lats: Floats) -> Floats:
        """Turn an (n, 2) array of longitude and latitude into metres."""
        flat: Floats = lons_lats * np.array([self._across, self._down])
        return flat

    def degrees(self, xs_ys: Floats) -> Floats:
        """Turn an (…, 2) array of metres into longitude and latitude."""
        lons_lats: Floats = xs_ys / np.array([self._across, self._down])
        return lons_lats


class GridIndex:
    """Every grid in force at one time, ready to be asked; build a new one when a grid changes."""

    def __init__(self, grids: Sequence[GridShape]) -> None:
        """Index the grids; where several hold a point the smallest wins, then the lowest key."""
        flat = np.array([grid.shape for grid in grids], dtype=np.object_)
        self._plane = Plane.around(flat)
        flat = shapely.transform(flat, self._plane.metres)
        keys = np.array([grid.key for grid in grids], dtype=np.int64)
        rank = np.lexsort((keys, shapely.area(flat)))
        self._keys = keys[rank]
        self._shapes: Shapes = flat[rank]
        self._place_of = {int(key): place for place, key in enumerate(self._keys)}
        self._grids = {grid.key: grid for grid in grids}
        self._tree = shapely.STRtree(self._shapes)
        shapely.prepare(self._shapes)
        self._neighbours: dict[int, tuple[int, ...]] = {}
        self._finish_building()

    def _finish_building(self) -> None:
        """Ask everything once: GEOS builds on the first question, and not safely in two threads."""
        self._tree.query(shapely.Point(0.0, 0.0))
        west, south, east, north = shapely.bounds(self._shapes).reshape(-1, 4).T
        shapely.intersects_xy(self._shapes, (west + east) / 2, (south + north) / 2)

    def __len__(self) -> int:
        return len(self._keys)

    def grid(self, key: int) -> GridShape:
        """Return the grid of that key; KeyError when the index does not hold it."""
        return self._grids[key]

    def find_grid(self, point: Point) -> Found:
        """Return the grid that takes a WGS-84 point, at once, even on a border or outside."""
        x, y = self._plane.point(point)
        spot = shapely.Point(x, y)
        near = self._tree.query(spot, predicate="dwithin", distance=BORDER_METRES)
        if len(near) > 1:
            near.sort()
        holding = near[shapely.intersects_xy(self._shapes[near], x, y)]
        if not len(holding):
            return self._nearest(spot, near)
        owner = holding[0]
        others = self._keys_of(near, owner)
        return Found(int(self._keys[owner]), "border" if others else "inside", others)

    def _nearest(self, spot: BaseGeometry, near: NDArray[np.int64]) -> Found:
        places, metres = self._tree.query_nearest(
            spot, max_distance=OUTSIDE_LIMIT_METRES, return_distance=True
        )
        if not len(places):
            return Found(None, "outside")
        owner = places.min()
        others = self._keys_of(near, owner)
        return Found(int(self._keys[owner]), "outside", others, float(metres[0]))

    def _keys_of(self, places: NDArray[np.int64], but: int) -> tuple[int, ...]:
        if len(places) < 2:  # noqa: PLR2004  only the owner, or nobody
            return ()
        return tuple(sorted(int(self._keys[place]) for place in places if place != but))

    def find_many(self, lats: Floats, lons: Floats) -> NDArray[np.int64]:
        """Return for each WGS-84 point the key of the grid that holds it, -1 where none does.

        Two equal one-dimensional arrays in degrees; NaN is in no grid. The same choice as
        `find_grid` inside and on borders; points outside are left to the caller.
        """
        found = np.full(len(lats), NO_GRID, dtype=np.int64)
        for start in range(0, len(lats), POINTS_AT_ONCE):
            part = slice(start, start + POINTS_AT_ONCE)
            xs_ys = self._plane.metres(np.column_stack([lons[part], lats[part]]))
            asked, places = self._tree.query(shapely.points(xs_ys))
            holds = shapely.intersects_xy(self._shapes[places], xs_ys[asked, 0], xs_ys[asked, 1])
            best = np.full(len(xs_ys), len(self._keys), dtype=np.int64)
            np.minimum.at(best, asked[holds], places[holds])
            inside = best < len(self._keys)
            found[part][inside] = self._keys[best[inside]]
        return found

    def neighbours(self, key: int) -> tuple[int, ...]:
        """Return the grids within 50 m of one, longest shared border first, then lowest key.

        The shared border is the part of this grid's outline within 50 m of the other, since
        outlines drawn by different hands do not meet exactly. Kept after the first question.
        """
        known = self._neighbours.get(key)
        if known is None:
            known = self._neighbours[key] = self._find_neighbours(self._place_of[key])
        return known

    def _find_neighbours(self, place: int) -> tuple[int, ...]:
        shape = self._shapes[place]
        near = self._tree.query(shape, predicate="dwithin", distance=NEIGHBOUR_METRES)
        near = near[near != place]
        reached = shapely.buffer(self._shapes[near], NEIGHBOUR_METRES, quad_segs=4)
        shared = shapely.length(shapely.intersection(shapely.boundary(shape), reached))
        order = np.lexsort((self._keys[near], -shared))
        return tuple(int(key) for key in self._keys[near[order]])

    def overlaps_and_gaps(self, *, at_least: float = LEAST_FAULT_SQUARE_METRES) -> list[Overlap]:
        """List ground owned twice and enclosed ground owned by nobody, largest first.

        `at_least` is in square metres and keeps out the slivers of outlines drawn by hand.
        """
        faults = [*self._overlaps(), *self._gaps()]
        kept = [fault for fault in faults if fault.square_metres >= at_least]
        return sorted(kept, key=lambda fault: (-fault.square_metres, fault.a, fault.b or 0))

    def _overlaps(self) -> list[Overlap]:
        first, second = self._tree.query(self._shapes, predicate="intersects")
        once = self._keys[first] < self._keys[second]
        first, second = first[once], second[once]
        areas = shapely.area(shapely.intersection(self._shapes[first], self._shapes[second]))
        return [
            Overlap(int(a), int(b), float(area))
            for a, b, area in zip(self._keys[first], self._keys[second], areas, strict=True)
        ]

    def _gaps(self) -> list[Overlap]:
        owned = shapely.get_parts(shapely.union_all(self._shapes))
        gaps = []
        for part in owned:
            for ring in part.interiors:
                hole = shapely.Polygon(ring)
                beside = self._tree.query(hole, predicate="dwithin", distance=1.0)
                gaps.append(Overlap(int(self._keys[beside].min()), None, float(hole.area)))
        return gaps


def hexagons(boundary: BaseGeometry, edge_metres: float) -> list[BaseGeometry]:
    """Cover a boundary (WGS-84, x is longitude) with hexagons of one edge, clipped to it.

    Pointed at the top, in rows from south to north. Neighbours share the same corner values, so
    there is neither overlap nor gap. A hexagon cut in two by the boundary stays one MultiPolygon.
    Raises `Invalid` for an edge that is not positive or that makes more than 20,000 hexagons.
    """
    if not 0 < edge_metres < math.inf:
        raise Invalid(say("The edge of a hexagon must be longer than 0 metres."))
    plane = Plane.around(np.array([boundary], dtype=np.object_))
    corners = _hexagon_corners(shapely.transform(boundary, plane.metres).bounds, edge_metres)
    cells = shapely.polygons(plane.degrees(corners))
    shapely.prepare(boundary)
    cells = cells[shapely.intersects(boundary, cells)]
    clipped = [_areas_of(cell) for cell in shapely.intersection(cells, boundary)]
    return [cell for cell in clipped if not cell.is_empty]


def _hexagon_corners(bounds: tuple[float, float, float, float], edge: float) -> Floats:
    """Return the corners as an array (hexagons, 6, 2) in metres."""
    half, quarter = edge * math.sqrt(3) / 2, edge / 2
    west, south, east, north = bounds
    first_column, last_column = math.floor(west / half) - 2, math.ceil(east / half) + 2
    first_row = math.floor(south / (3 * quarter)) - 1
    last_row = math.ceil(north / (3 * quarter)) + 1
    if (last_column - first_column) * (last_row - first_row) / 2 > MOST_HEXAGONS:
        raise Invalid(
            say(
                "Hexagons of this edge would be more than %(limit)s. Choose a longer edge.",
                limit=MOST_HEXAGONS,
            )
        )
    columns, rows = np.arange(first_column, last_column + 1), np.arange(first_row, last_row + 1)
    column, row = (axis.ravel() for axis in np.meshgrid(columns, rows))
    whole = (column + row) % 2 == 0
    # Whole steps first, metres last: a corner gets the same floats from each of its hexagons.
    across = column[whole][:, None] + np.array([0, 1, 1, 0, -1, -1])
    up = 3 * row[whole][:, None] + np.array([2, 1, -1, -2, -1, 1])
    return np.stack([across * half, up * quarter], axis=-1)


def _areas_of(shape: BaseGeometry) -> BaseGeometry:
    parts = [part for part in shapely.get_parts(shape) if isinstance(part, shapely.Polygon)]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
