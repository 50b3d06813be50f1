"""Which area or line was drawn, and what comes of an area that is cut, joined or fitted?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import shapely
from shapely import ops

from dispatch.domain.errors import Invalid
from dispatch.domain.geometry_input import read_polygon
from dispatch.domain.place import Datum, Point, check_point, to_wgs84
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

LONGEST_TEXT = 400_000
SNAP_DEGREES = 5e-6
"""About half a metre: nearer corners are meant to be one."""

MOST_LINE_POINTS = 500
_LEAST_LINE_POINTS = 2


def read_area(text: str, datum: Datum = Datum.WGS84) -> BaseGeometry:
    """Read GeoJSON or WKT as a valid area in WGS-84.

    Raises:
        Invalid: saying what is wrong with it, under the field ``outline``.
    """
    try:
        return read_polygon(_geometry(text), datum=datum).shape
    except Invalid as refusal:
        raise _of_outline(refusal) from refusal


def read_line(text: str, datum: Datum = Datum.WGS84) -> BaseGeometry:
    """Read GeoJSON or WKT as a line in WGS-84.

    Raises:
        Invalid: saying what is wrong with it, under the field ``outline``.
    """
    try:
        points = [to_wgs84(_point(each), datum) for each in _line_of(_geometry(text))]
    except Invalid as refusal:
        raise _of_outline(refusal) from refusal
    return shapely.LineString([(point.lon, point.lat) for point in points])


def _line_of(geometry: dict[str, Any]) -> list[object]:
    given = geometry.get("coordinates")
    if geometry.get("type") != "LineString" or not isinstance(given, list):
        raise Invalid(say("A cut is a line: give a LineString."))
    if not _LEAST_LINE_POINTS <= len(given) <= MOST_LINE_POINTS:
        raise Invalid(say("A line has 2 to %(most)s points.", most=MOST_LINE_POINTS))
    return given


def _geometry(text: str) -> dict[str, Any]:
    """Return a GeoJSON geometry; a Feature gives its own."""
    bare = text.strip()
    if not bare:
        raise Invalid(say("Draw it on the map, or write its coordinates."))
    if len(bare) > LONGEST_TEXT:
        raise Invalid(say("The text is too long: at most %(most)s letters.", most=LONGEST_TEXT))
    if bare[0] != "{":
        return _from_wkt(bare)
    try:
        found = json.loads(bare)
    except (ValueError, RecursionError) as fault:
        raise Invalid(say("This is neither GeoJSON nor WKT that can be read.")) from fault
    inner = found.get("geometry") if found.get("type") == "Feature" else found
    if not isinstance(inner, dict):
        raise Invalid(say("This is neither GeoJSON nor WKT that can be read."))
    return inner


def _from_wkt(text: str) -> dict[str, Any]:
    try:
        shape = shapely.from_wkt(text)
    except (shapely.errors.GEOSException, ValueError) as fault:
        raise Invalid(say("This is neither GeoJSON nor WKT that can be read.")) from fault
    found: dict[str, Any] = json.loads(shapely.to_geojson(shape))
    return found


def _point(position: object) -> Point:
    if isinstance(position, list) and len(position) > 1:
        lon, lat = position[0], position[1]
        if all(isinstance(each, int | float) for each in (lon, lat)):
            return check_point(float(lat), float(lon))
    raise Invalid(
        say("A position is not a pair of numbers: write [longitude, latitude] in degrees.")
    )


def _of_outline(refusal: Invalid) -> Invalid:
    return Invalid(refusal.sentence, fields={"outline": refusal.sentence})


def split_area(area: BaseGeometry, line: BaseGeometry) -> tuple[BaseGeometry, BaseGeometry]:
    """Cut an area by a line into two, the larger first.

    Parts that the line does not touch stay with the larger. Raises `Invalid` for a line that does
    not cut, or that makes more than two of a part.
    """
    cut: list[BaseGeometry] = []
    whole: list[BaseGeometry] = []
    for part in shapely.get_parts(area):
        pieces = list(ops.split(part, line).geoms)
        (cut if len(pieces) > 1 else whole).extend(pieces)
    if not cut:
        fault = say("The line does not cut the grid. Draw it from one side to the other.")
        raise Invalid(fault, fields={"outline": fault})
    if len(cut) > _LEAST_LINE_POINTS:
        fault = say("The line makes %(count)s pieces. Draw one that makes two.", count=len(cut))
        raise Invalid(fault, fields={"outline": fault})
    small, large = sorted(cut, key=shapely.area)
    return _one([large, *whole]), small


def merge_areas(one: BaseGeometry, other: BaseGeometry) -> BaseGeometry:
    """Join two neighbours; raises `Invalid` where they do not touch."""
    near = shapely.snap(other, one, SNAP_DEGREES)
    if not shapely.intersects(one, near):
        raise Invalid(say("The two grids do not touch, so they stay two."))
    return _sound(shapely.union(one, near))


def fit_area(area: BaseGeometry, neighbours: Sequence[BaseGeometry]) -> BaseGeometry:
    """Move corners onto the outlines of neighbours that they all but touch."""
    if not neighbours:
        return area
    edges = shapely.union_all(shapely.boundary(list(neighbours)))
    fitted = _sound(shapely.snap(area, edges, SNAP_DEGREES))
    return area if fitted.is_empty else fitted


def _sound(shape: BaseGeometry) -> BaseGeometry:
    valid = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    return _one([each for each in shapely.get_parts(valid) if isinstance(each, shapely.Polygon)])


def _one(parts: list[BaseGeometry]) -> BaseGeometry:
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
