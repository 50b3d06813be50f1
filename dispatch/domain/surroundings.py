"""What lies around a fault, drawn so small that a phone keeps it with the ticket?"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from shapely.geometry import shape

from dispatch.domain.place import MEAN_EARTH_RADIUS_METRES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dispatch.domain.place import Point
    from dispatch.domain.travel import Floats

WIDTH, HEIGHT = 360.0, 220.0
_LEAST_METRES, _MOST_METRES = 250.0, 1_500.0
"""From the fault to the upper edge, at least and at most."""
_MARGIN = 1.2
LONGEST_STREETS = 16_000
"""Letters of the path of all streets of a sheet; where a town has more, the shortest are left."""
_BESIDE_METRES = 300.0
"""A street may cross the sheet with both of its ends outside."""
_BARS = (50, 100, 200, 500)
_LONGEST_BAR = 110.0
_METRES_PER_DEGREE = math.radians(1) * MEAN_EARTH_RADIUS_METRES

StreetsIn = Callable[[float, float, float, float], "Floats"]
"""Give the (k, 4) stretches of street in a box: south, west, north, east in degrees."""


@dataclass(frozen=True, slots=True)
class Landmark:
    """A place that a crew knows: a `stop` of its day or its `base`, and what it is called."""

    kind: str
    name: str
    point: Point


@dataclass(frozen=True, slots=True)
class Mark:
    """A landmark on the sheet."""

    kind: str
    name: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A sheet of `WIDTH` by `HEIGHT` units with the fault in its middle, north up.

    `borders` and `streets` are SVG paths, the latter None where no road map is known; a bar of
    `bar_metres` is `bar` units long.
    """

    borders: str
    streets: str | None
    marks: tuple[Mark, ...]
    bar_metres: int
    bar: float


def surroundings(
    fault: Point,
    landmarks: Sequence[Landmark],
    grids: Iterable[dict[str, Any]],
    streets_in: StreetsIn | None = None,
) -> Surroundings:
    """Draw streets, the borders of grids and the landmarks near a fault; what is far is left out.

    `grids` are GeoJSON polygons. All in WGS-84 degrees, on a plane that is true at the fault.
    """
    across = math.cos(math.radians(fault.lat)) * _METRES_PER_DEGREE
    sides = [
        max(
            abs(each.point.lat - fault.lat) * _METRES_PER_DEGREE,
            abs(each.point.lon - fault.lon) * across * HEIGHT / WIDTH,
        )
        * _MARGIN
        for each in landmarks
    ]
    reach = max([_LEAST_METRES, *(side for side in sides if side <= _MOST_METRES)])
    unit = HEIGHT / 2 / reach

    def on_sheet(lat: float, lon: float) -> tuple[float, float]:
        x = WIDTH / 2 + (lon - fault.lon) * across * unit
        y = HEIGHT / 2 - (lat - fault.lat) * _METRES_PER_DEGREE * unit
        return round(x, 1), round(y, 1)

    marks = [
        Mark(each.kind, each.name, *on_sheet(each.point.lat, each.point.lon))
        for each, side in zip(landmarks, sides, strict=True)
        if side <= reach
    ]
    metres = max(each for each in _BARS if each == _BARS[0] or each * unit <= _LONGEST_BAR)
    borders = "".join(_border(grid, on_sheet) for grid in grids)
    streets = None
    if streets_in is not None:
        found = streets_in(*_box(fault, reach, across))
        streets = _streets([on_sheet(lat, lon) for lat, lon in found.reshape(-1, 2)])
    return Surroundings(borders, streets, tuple(marks), metres, round(metres * unit, 1))


def _box(fault: Point, reach: float, across: float) -> tuple[float, float, float, float]:
    """Return the sheet and a little beyond: south, west, north, east in degrees."""
    up = (reach + _BESIDE_METRES) / _METRES_PER_DEGREE
    aside = (reach * WIDTH / HEIGHT + _BESIDE_METRES) / across
    return fault.lat - up, fault.lon - aside, fault.lat + up, fault.lon + aside


def _streets(ends: list[tuple[float, float]]) -> str:
    """Return the path of stretches of street, two ends each, joined where they meet."""
    if not ends:
        return ""
    stretches = shapely.linestrings(np.array(ends).reshape(-1, 2, 2))
    joined = shapely.line_merge(shapely.multilinestrings(stretches))
    seen = shapely.clip_by_rect(joined, 0, 0, WIDTH, HEIGHT).simplify(0.8)
    drawn, length = [], 0
    lines = [each for each in shapely.get_parts(seen) if each.geom_type == "LineString"]
    for line in sorted(lines, key=lambda each: (-each.length, each.wkt)):
        path = "M" + " ".join(f"{x:.0f},{y:.0f}" for x, y in line.coords)
        length += len(path)
        if length > LONGEST_STREETS:
            break
        drawn.append(path)
    return "".join(drawn)


def _border(grid: dict[str, Any], on_sheet: Any) -> str:
    outline = shapely.transform(
        shape(grid).boundary, lambda points: [on_sheet(lat, lon) for lon, lat in points]
    )
    seen = shapely.clip_by_rect(outline, 0, 0, WIDTH, HEIGHT).simplify(0.5)
    lines = getattr(seen, "geoms", [seen])
    return "".join(
        "M" + " ".join(f"{x:g},{y:g}" for x, y in line.coords)
        for line in lines
        if line.geom_type == "LineString" and not line.is_empty
    )
