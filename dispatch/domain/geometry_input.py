"""Is this GeoJSON geometry an area that a team can own, and if not, what is wrong with it?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from dispatch.domain.errors import Invalid
from dispatch.domain.place import Datum, looks_swapped, to_wgs84_many
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from dispatch.domain.sentences import Sentence

IMPORT_VERTICES = 200_000
IMPORT_RINGS = 20_000
RING_POSITIONS = 4
MAX_CROSSINGS = 10_000
"""Mending takes about 7 microseconds a crossing, and one scribble of n corners has n²/4 of them."""

CROSSING_PAIRS_AT_ONCE = 2_000_000
MIN_AREA_SQUARE_DEGREES = 1e-12
"""About a hundredth of a square metre: below it a shape is a line or a rounding error."""


@dataclass(frozen=True, slots=True)
class ReadPolygon:
    """A valid Polygon or MultiPolygon in WGS-84 (x is longitude), and what was done to get it.

    `repaired` says that rings were closed or mended, `dropped` names what could not be kept.
    """

    shape: BaseGeometry
    repaired: bool
    dropped: Sentence | None


def read_polygon(
    geojson_geometry: object,
    *,
    max_vertices: int = 2000,
    max_rings: int = 100,
    repair: bool = False,
    datum: Datum = Datum.WGS84,
) -> ReadPolygon:
    """Read one GeoJSON Polygon or MultiPolygon and return it valid and in WGS-84.

    With `repair` (the import command) the limits are at least 200,000 vertices and 20,000 rings,
    open rings are closed and self-crossing rings mended by GEOS's "structure" method, keeping only
    areas; a shape that crosses itself more than 10,000 times is refused, for mending it could take
    minutes. Raises `Invalid` with a sentence that says what is wrong and how to mend it.
    """
    if repair:
        max_vertices = max(max_vertices, IMPORT_VERTICES)
        max_rings = max(max_rings, IMPORT_RINGS)
    parts = _parts_of(geojson_geometry)
    _check_size(parts, max_vertices, max_rings)
    closed_any = False
    polygons = []
    for part in parts:
        rings = []
        for ring in part:
            positions, was_closed = _ring_of(ring, close=repair)
            closed_any |= was_closed
            rings.append(_in_wgs84(positions, datum))
        polygons.append(shapely.Polygon(rings[0], rings[1:]))
    shape = polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
    return _valid(shape, repair=repair, closed_any=closed_any)


def _parts_of(geometry: object) -> list[list[list[object]]]:
    if not isinstance(geometry, Mapping):
        raise Invalid(say("This is not a GeoJSON geometry: give a Polygon or a MultiPolygon."))
    kind = geometry.get("type")
    if kind not in ("Polygon", "MultiPolygon"):
        raise Invalid(
            say(
                "A grid is an area: give a Polygon or a MultiPolygon, not %(kind)s.",
                kind=str(kind)[:40],
            )
        )
    coordinates = geometry.get("coordinates")
    parts = [coordinates] if kind == "Polygon" else coordinates
    if not isinstance(parts, list) or not all(isinstance(part, list) for part in parts):
        raise _misnested()
    if not all(isinstance(ring, list) for part in parts for ring in part):
        raise _misnested()
    if not parts or not all(parts) or not all(ring for part in parts for ring in part):
        raise Invalid(say("The area is empty: draw at least one ring of three corners."))
    return parts


def _misnested() -> Invalid:
    return Invalid(
        say(
            "The coordinates are not nested as GeoJSON asks: a Polygon is a list of rings, "
            "a MultiPolygon a list of Polygons."
        )
    )


def _check_size(parts: list[list[list[object]]], max_vertices: int, max_rings: int) -> None:
    rings = sum(len(part) for part in parts)
    if rings > max_rings:
        raise Invalid(
            say(
                "The area has %(count)s rings; at most %(limit)s are taken. "
                "Remove small islands and holes and try again.",
                count=rings,
                limit=max_rings,
            )
        )
    vertices = sum(len(ring) for part in parts for ring in part)
    if vertices > max_vertices:
        raise Invalid(
            say(
                "The area has %(count)s corners; at most %(limit)s are taken. "
                "Simplify the outline and try again.",
                count=vertices,
                limit=max_vertices,
            )
        )


def _ring_of(ring: list[object], *, close: bool) -> tuple[NDArray[np.float64], bool]:
    positions = np.array([_position(position) for position in ring], dtype=np.float64)
    _check_range(positions)
    is_open = bool(np.any(positions[0] != positions[-1]))
    if is_open and not close:
        raise Invalid(
            say("A ring is not closed: repeat its first position as its last and try again.")
        )
    if is_open:
        positions = np.vstack([positions, positions[:1]])
    if len(positions) < RING_POSITIONS:
        raise Invalid(
            say("A ring has fewer than three corners: draw at least three, or remove the ring.")
        )
    return positions, is_open


def _position(position: object) -> tuple[float, float]:
    if isinstance(position, (list, tuple)) and len(position) in (2, 3, 4):
        lon, lat = position[0], position[1]
        if _is_number(lon) and _is_number(lat):
            try:
                return float(lon), float(lat)
            except OverflowError:
                return math.inf, math.inf
    raise Invalid(
        say("A position is not a pair of numbers: write [longitude, latitude] in degrees.")
    )


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _check_range(positions: NDArray[np.float64]) -> None:
    if not np.isfinite(positions).all():
        raise Invalid(
            say("A coordinate is not a finite number: remove NaN and Infinity and try again.")
        )
    wrong = (np.abs(positions[:, 0]) > 180) | (np.abs(positions[:, 1]) > 90)  # noqa: PLR2004
    if not wrong.any() and not looks_swapped(float(positions[0, 1]), float(positions[0, 0])):
        return
    lon, lat = (float(value) for value in positions[np.argmax(wrong)])
    if looks_swapped(lat, lon):
        raise Invalid(
            say(
                "The axes look exchanged at [%(first)s, %(second)s]: GeoJSON puts longitude before "
                "latitude. Exchange them and try again.",
                first=lon,
                second=lat,
            )
        )
    raise Invalid(
        say(
            "The position [%(first)s, %(second)s] is out of range: give longitude and latitude in "
            "degrees, not metres of a map projection.",
            first=lon,
            second=lat,
        )
    )


def _in_wgs84(positions: NDArray[np.float64], datum: Datum) -> NDArray[np.float64]:
    lats, lons = to_wgs84_many(positions[:, 1], positions[:, 0], datum)
    return np.column_stack([lons, lats])


def _valid(shape: BaseGeometry, *, repair: bool, closed_any: bool) -> ReadPolygon:
    if shapely.is_valid(shape):
        if shape.area < MIN_AREA_SQUARE_DEGREES:
            raise _flat()
        return ReadPolygon(shape, repaired=closed_any, dropped=None)
    if not repair:
        raise Invalid(
            say(
                "The outline is not sound near [%(place)s]: its rings cross, touch or overlap. "
                "Redraw it there and try again.",
                place=shapely.is_valid_reason(shape).partition("[")[2].rstrip("]"),
            )
        )
    if _crosses_too_often(shape):
        raise Invalid(
            say(
                "The outline crosses itself more than %(limit)s times, so its inside cannot be "
                "told. Redraw or simplify it and import again.",
                limit=MAX_CROSSINGS,
            )
        )
    return _mended(shape)


def _flat() -> Invalid:
    return Invalid(
        say("The area has no inside: its corners lie on one line. Draw at least three corners.")
    )


def _mended(shape: BaseGeometry) -> ReadPolygon:
    mended = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    # GEOS may return neighbours that share an edge, which is not valid; the union joins them.
    whole = shapely.union_all(_areas_in(mended))
    parts = _areas_in(whole)
    if not parts:
        raise _flat()
    flat = shapely.area(shapely.convex_hull(shapely.get_parts(shape))) < MIN_AREA_SQUARE_DEGREES
    lost = int(np.count_nonzero(flat))
    dropped = say("Parts without an inside were left out: %(count)s.", count=lost) if lost else None
    whole = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    return ReadPolygon(whole, repaired=True, dropped=dropped)


def _areas_in(shape: BaseGeometry) -> list[BaseGeometry]:
    return [
        part
        for part in shapely.get_parts(shape)
        if isinstance(part, shapely.Polygon) and part.area >= MIN_AREA_SQUARE_DEGREES
    ]


def _crosses_too_often(shape: BaseGeometry) -> bool:
    """Count meetings of segments that do not follow each other, and stop once there are too many.

    Asked a few segments at a time, for the pairs of a scribble would fill the memory.
    """
    segments = _segments(shape)
    tree = shapely.STRtree(segments)
    chunk = 1 + CROSSING_PAIRS_AT_ONCE // (1 + len(segments))
    excess = 0
    for start in range(0, len(segments), chunk):
        asked = segments[start : start + chunk]
        hits = tree.query(asked, predicate="intersects").shape[1]
        # Each segment meets itself and its two neighbours in every sound ring.
        excess += max(0, hits - 3 * len(asked))
        if excess > 2 * MAX_CROSSINGS:
            return True
    return False


def _segments(shape: BaseGeometry) -> NDArray[np.object_]:
    coordinates, ring_of = shapely.get_coordinates(
        shapely.get_rings(shapely.get_parts(shape)), return_index=True
    )
    pairs = np.stack([coordinates[:-1], coordinates[1:]], axis=1)
    real = (ring_of[:-1] == ring_of[1:]) & np.any(pairs[:, 0] != pairs[:, 1], axis=1)
    segments: NDArray[np.object_] = shapely.linestrings(pairs[real])
    return segments
