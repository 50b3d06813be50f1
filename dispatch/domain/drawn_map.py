"""How are polygons of the earth drawn on a small sheet, without a map library?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely
from shapely.geometry import shape

if TYPE_CHECKING:
    from collections.abc import Mapping

WIDTH = 1000.0
_FINENESS = 1.0
_MOST_HEIGHT = 1200.0


@dataclass(frozen=True, slots=True)
class DrawnShape:
    """One polygon on the sheet: its outline as an SVG path, and where its label may stand."""

    path: str
    x: float
    y: float
    width: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of `width` by `height` units with its polygons by name, north up."""

    width: float
    height: float
    shapes: dict[str, DrawnShape]


def drawn(polygons: Mapping[str, dict[str, Any]]) -> Sheet | None:
    """Draw GeoJSON polygons in WGS-84 degrees on one sheet; None when there is none.

    Degrees of longitude are shortened by the cosine of the middle latitude, which keeps the shapes
    of a city; outlines are simplified to one unit of a thousand.
    """
    shapes = {name: shape(geometry) for name, geometry in polygons.items()}
    shapes = {name: found for name, found in shapes.items() if not found.is_empty}
    if not shapes:
        return None
    west, south, east, north = shapely.total_bounds(list(shapes.values())).tolist()
    shortened = math.cos(math.radians((south + north) / 2))
    wide, high = max((east - west) * shortened, 1e-9), max(north - south, 1e-9)
    scale = min(WIDTH / wide, _MOST_HEIGHT / high)

    def on_sheet(points: Any) -> Any:
        return [((lon - west) * shortened * scale, (north - lat) * scale) for lon, lat in points]

    found = {
        name: _drawn(shapely.transform(one, on_sheet).simplify(_FINENESS))
        for name, one in shapes.items()
    }
    return Sheet(round(wide * scale, 1), round(high * scale, 1), found)


def _drawn(found: Any) -> DrawnShape:
    parts = getattr(found, "geoms", [found])
    rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
    label = found.representative_point()
    west, _south, east, _north = found.bounds
    return DrawnShape(
        "".join(_ring(ring) for ring in rings),
        round(label.x, 1),
        round(label.y, 1),
        round(east - west, 1),
    )


def _ring(ring: Any) -> str:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in ring.coords[:-1])
    return f"M{points}Z"
