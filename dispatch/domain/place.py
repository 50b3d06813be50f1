"""Where is a point, in which datum was it given, and how far is it from another?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dispatch.domain.sentences import Sentence

    Floats = NDArray[np.float64]

MEAN_EARTH_RADIUS_METRES = 6_371_008.8
"""IUGG mean radius R1 of GRS 80 (Moritz 2000, Journal of Geodesy 74, 128-133)."""

KRASOVSKY_AXIS_METRES = 6_378_245.0
KRASOVSKY_ECCENTRICITY_SQUARED = 0.00669342162296594323
BAIDU_TURN = math.pi * 3000.0 / 180.0

CHINA_LAT = (0.8293, 55.8271)
CHINA_LON = (72.004, 137.8347)
"""The box of the published GCJ-02 code; outside it the three datums are one."""

INVERSE_TOLERANCE_DEGREES = 1e-12
INVERSE_ROUNDS = 30
#: Between these latitudes lies every town that has water mains.
SOUTHERNMOST_TOWN, NORTHERNMOST_TOWN = -60.0, 80.0
NULL_ISLAND_DEGREES = 1e-4


class Datum(StrEnum):
    """The datum that a coordinate was given in."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


@dataclass(frozen=True, slots=True)
class Point:
    """A place in degrees; WGS-84 unless a `Datum` stands beside it."""

    lat: float
    lon: float


def check_point(lat: float, lon: float, *, lat_field: str = "lat", lon_field: str = "lon") -> Point:
    """Return the point if both coordinates can be meant.

    Degrees. Raises `Invalid`, with a sentence for each wrong field, for a coordinate that is not
    finite, out of range or (0, 0), and says so when latitude and longitude look exchanged.
    """
    fields: dict[str, Sentence] = {}
    for name, value, limit in ((lat_field, lat, 90), (lon_field, lon, 180)):
        if not math.isfinite(value):
            fields[name] = say("This is not a number. Give degrees, for example 28.2278.")
        elif abs(value) > limit:
            fields[name] = say(
                "%(value)s is out of range: give degrees between -%(limit)s and %(limit)s.",
                value=value,
                limit=limit,
            )
    if fields:
        raise Invalid(_summary(lat, lon), fields=fields)
    if abs(lat) < NULL_ISLAND_DEGREES and abs(lon) < NULL_ISLAND_DEGREES:
        empty = say("Latitude 0, longitude 0 is open sea: the place was probably left empty.")
        raise Invalid(empty, fields={lat_field: empty, lon_field: empty})
    if looks_swapped(lat, lon):
        swapped = _summary(lat, lon)
        raise Invalid(swapped, fields={lat_field: swapped})
    return Point(float(lat), float(lon))


def looks_swapped(lat: float, lon: float) -> bool:
    """Tell whether no town lies at this latitude, and towns do with the axes exchanged.

    A latitude may be possible and still not meant: Boston exchanged lies in Antarctica.
    """
    return not _lies_a_town(lat) and abs(lat) <= 180 and _lies_a_town(lon)  # noqa: PLR2004  degrees


def _lies_a_town(lat: float) -> bool:
    return SOUTHERNMOST_TOWN < lat < NORTHERNMOST_TOWN


def _summary(lat: float, lon: float) -> Sentence:
    if looks_swapped(lat, lon):
        return say(
            "Latitude and longitude look exchanged: no town lies at latitude %(lat)s. "
            "Exchange the two and try again.",
            lat=lat,
        )
    return say("The place cannot be read: check its latitude and longitude.")


def to_wgs84(point: Point, datum: Datum) -> Point:
    """Convert a point given in `datum` to WGS-84; the inverse of `from_wgs84` to 1e-9 degrees."""
    if datum is Datum.WGS84:
        return point
    lats, lons = to_wgs84_many(np.array([point.lat]), np.array([point.lon]), datum)
    return Point(float(lats[0]), float(lons[0]))


def from_wgs84(point: Point, datum: Datum) -> Point:
    """Convert a WGS-84 point to `datum`."""
    if datum is Datum.WGS84:
        return point
    lats, lons = from_wgs84_many(np.array([point.lat]), np.array([point.lon]), datum)
    return Point(float(lats[0]), float(lons[0]))


def from_wgs84_many(lats: Floats, lons: Floats, datum: Datum) -> tuple[Floats, Floats]:
    """Convert WGS-84 arrays to `datum`; a point outside China's box stays as it is.

    Degrees, equal shapes. The formulas of the published GCJ-02 and BD-09 code (coordtransform,
    eviltransform), on the Krasovsky 1940 ellipsoid.
    """
    if datum is Datum.WGS84:
        return lats, lons
    inside = _in_china(lats, lons)
    new_lats, new_lons = _encode(np.where(inside, lats, 35.0), np.where(inside, lons, 105.0), datum)
    return np.where(inside, new_lats, lats), np.where(inside, new_lons, lons)


def to_wgs84_many(lats: Floats, lons: Floats, datum: Datum) -> tuple[Floats, Floats]:
    """Convert arrays given in `datum` to WGS-84; a point outside China's box stays as it is.

    Degrees, equal shapes. Iterates the forward formula, which moves points by almost the same
    vector everywhere nearby, so a handful of rounds reach 1e-12 degrees.
    """
    if datum is Datum.WGS84:
        return lats, lons
    inside = _in_china(lats, lons)
    wanted_lats, wanted_lons = np.where(inside, lats, 35.0), np.where(inside, lons, 105.0)
    found_lats, found_lons = wanted_lats, wanted_lons
    for _ in range(INVERSE_ROUNDS):
        seen_lats, seen_lons = _encode(found_lats, found_lons, datum)
        miss_lats, miss_lons = wanted_lats - seen_lats, wanted_lons - seen_lons
        found_lats, found_lons = found_lats + miss_lats, found_lons + miss_lons
        miss = np.maximum(np.abs(miss_lats), np.abs(miss_lons))
        if not np.any(miss > INVERSE_TOLERANCE_DEGREES):
            break
    return np.where(inside, found_lats, lats), np.where(inside, found_lons, lons)


def _in_china(lats: Floats, lons: Floats) -> NDArray[np.bool_]:
    return (
        (lats >= CHINA_LAT[0])
        & (lats <= CHINA_LAT[1])
        & (lons >= CHINA_LON[0])
        & (lons <= CHINA_LON[1])
    )


def _encode(lats: Floats, lons: Floats, datum: Datum) -> tuple[Floats, Floats]:
    lats, lons = _gcj02(lats, lons)
    return _bd09(lats, lons) if datum is Datum.BD09 else (lats, lons)


def _gcj02(lats: Floats, lons: Floats) -> tuple[Floats, Floats]:
    x, y = lons - 105.0, lats - 35.0
    root = np.sqrt(np.abs(x))
    common = 20.0 * (np.sin(6.0 * x * np.pi) + np.sin(2.0 * x * np.pi))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (common + _waves(y, (20.0, 1.0), (40.0, 3.0), (160.0, 12.0), (320.0, 30.0))) * 2 / 3
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (common + _waves(x, (20.0, 1.0), (40.0, 3.0), (150.0, 12.0), (300.0, 30.0))) * 2 / 3
    radians = np.radians(lats)
    flat = 1.0 - KRASOVSKY_ECCENTRICITY_SQUARED * np.sin(radians) ** 2
    meridian = KRASOVSKY_AXIS_METRES * (1.0 - KRASOVSKY_ECCENTRICITY_SQUARED) / flat**1.5
    parallel = KRASOVSKY_AXIS_METRES / np.sqrt(flat) * np.cos(radians)
    return lats + np.degrees(north / meridian), lons + np.degrees(east / parallel)


def _waves(offsets: Floats, *terms: tuple[float, float]) -> Floats:
    total = np.zeros_like(offsets)
    for height, period in terms:
        total += height * np.sin(offsets * np.pi / period)
    return total


def _bd09(lats: Floats, lons: Floats) -> tuple[Floats, Floats]:
    reach = np.hypot(lats, lons) + 0.00002 * np.sin(lats * BAIDU_TURN)
    angle = np.arctan2(lats, lons) + 0.000003 * np.cos(lons * BAIDU_TURN)
    return reach * np.sin(angle) + 0.006, reach * np.cos(angle) + 0.0065


def metres_between(a: Point, b: Point) -> float:
    """Return the great-circle distance of two WGS-84 points in metres.

    Haversine on the sphere of mean radius (Sinnott 1984, Sky and Telescope 68, 159), within 0.6 %
    of the geodesic.
    """
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    across = math.sin(math.radians(b.lon - a.lon) / 2) ** 2
    chord = math.sin((lat_b - lat_a) / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * across
    return 2 * MEAN_EARTH_RADIUS_METRES * math.asin(math.sqrt(min(1.0, chord)))


def metres_from(point: Point, lats: Floats, lons: Floats) -> Floats:
    """Return the great-circle distances in metres from one point to many, by `metres_between`."""
    return metres_apart(point.lat, point.lon, lats, lons)


def metres_apart(
    lats: Floats | float, lons: Floats | float, to_lats: Floats, to_lons: Floats
) -> Floats:
    """Return the great-circle distances in metres between places, NaN where one is not known."""
    near, far = np.radians(lats), np.radians(to_lats)
    across = np.sin(np.radians(to_lons - lons) / 2) ** 2
    chord = np.sin((far - near) / 2) ** 2 + np.cos(near) * np.cos(far) * across
    distances: Floats = 2 * MEAN_EARTH_RADIUS_METRES * np.arcsin(np.sqrt(np.minimum(1.0, chord)))
    return distances
