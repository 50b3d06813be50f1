"""Do points convert as published, and are distances those of geopy?"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from geopy.distance import geodesic, great_circle
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain import place
from dispatch.domain.errors import Invalid
from dispatch.domain.geometry_input import read_polygon
from dispatch.domain.place import (
    Datum,
    Point,
    check_point,
    from_wgs84,
    from_wgs84_many,
    metres_between,
    metres_from,
    to_wgs84,
    to_wgs84_many,
)

if TYPE_CHECKING:
    from pathlib import Path

# googollee/eviltransform, python/test.py; the last one wandergis/coordtransform, README.
WGS84_TO_GCJ02 = [
    ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
    ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
    ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
    ((39.915, 116.404), (39.91640428150164, 116.41024449916938)),
]
# wandergis/coordtransform, README, and a published check of the Shanghai point.
GCJ02_TO_BD09 = [
    ((39.915, 116.404), (39.92133699351021, 116.41036949371029)),
    ((31.17530398364597, 121.531541859215), (31.181328606874466, 121.53801568643858)),
]
# wandergis/coordtransform, README; its inverses take one step, so they are right to about 2 m.
GCJ02_TO_WGS84_ONE_STEP = ((39.915, 116.404), (39.91359571849836, 116.39775550083061))
BD09_TO_GCJ02_ONE_STEP = ((39.915, 116.404), (39.90865673957631, 116.39762729119315))
ONE_STEP_DEGREES = 2e-5

anywhere = st.builds(Point, st.floats(-90, 90), st.floats(-180, 180))
# A tenth of a degree inside the box, so that no conversion steps out of it.
in_china = st.builds(Point, st.floats(0.93, 55.72), st.floats(72.11, 137.73))
datums = st.sampled_from(Datum)


def close(point: Point, expected: tuple[float, float], tolerance: float) -> bool:
    return math.isclose(point.lat, expected[0], abs_tol=tolerance) and math.isclose(
        point.lon, expected[1], abs_tol=tolerance
    )


@pytest.mark.parametrize(("wgs84", "gcj02"), WGS84_TO_GCJ02)
def test_gcj02_agrees_with_the_published_vectors_both_ways(wgs84, gcj02):
    assert close(from_wgs84(Point(*wgs84), Datum.GCJ02), gcj02, 1e-9)
    assert close(to_wgs84(Point(*gcj02), Datum.GCJ02), wgs84, 1e-9)


@pytest.mark.parametrize(("gcj02", "bd09"), GCJ02_TO_BD09)
def test_bd09_agrees_with_the_published_vectors(gcj02, bd09):
    wgs84 = to_wgs84(Point(*gcj02), Datum.GCJ02)
    assert close(from_wgs84(wgs84, Datum.BD09), bd09, 1e-9)
    assert close(from_wgs84(to_wgs84(Point(*bd09), Datum.BD09), Datum.GCJ02), gcj02, 1e-9)


def test_the_exact_inverses_agree_with_the_published_one_step_inverses():
    gcj02, wgs84 = GCJ02_TO_WGS84_ONE_STEP
    assert close(to_wgs84(Point(*gcj02), Datum.GCJ02), wgs84, ONE_STEP_DEGREES)
    bd09, gcj02 = BD09_TO_GCJ02_ONE_STEP
    through_wgs84 = from_wgs84(to_wgs84(Point(*bd09), Datum.BD09), Datum.GCJ02)
    assert close(through_wgs84, gcj02, ONE_STEP_DEGREES)


def test_a_single_step_of_the_inverse_is_the_published_one(monkeypatch):
    monkeypatch.setattr(place, "INVERSE_ROUNDS", 1)
    gcj02, wgs84 = GCJ02_TO_WGS84_ONE_STEP
    assert close(to_wgs84(Point(*gcj02), Datum.GCJ02), wgs84, 1e-12)


@given(in_china, datums)
def test_a_conversion_there_and_back_changes_nothing(point, datum):
    assert close(to_wgs84(from_wgs84(point, datum), datum), (point.lat, point.lon), 1e-9)
    assert close(from_wgs84(to_wgs84(point, datum), datum), (point.lat, point.lon), 1e-9)


@given(in_china)
def test_gcj02_moves_a_point_in_china_by_less_than_a_kilometre_and_a_half(point):
    assert metres_between(point, from_wgs84(point, Datum.GCJ02)) < 1_500


@pytest.mark.parametrize("datum", Datum)
@pytest.mark.parametrize(
    "point", [Point(42.36, -71.06), Point(35.69, 139.69), Point(-33.9, 151.2), Point(60.0, 100.0)]
)
def test_outside_chinas_box_the_datums_are_one(point, datum):
    assert from_wgs84(point, datum) == point
    assert to_wgs84(point, datum) == point


def test_many_points_convert_as_one_by_one():
    lats, lons = np.array([28.2, 42.36]), np.array([112.97, -71.06])
    for datum in Datum:
        got = to_wgs84_many(lats, lons, datum)
        assert np.allclose(from_wgs84_many(*got, datum), (lats, lons), atol=1e-9, rtol=0)
        one_by_one = [to_wgs84(Point(a, o), datum) for a, o in zip(lats, lons, strict=True)]
        assert np.allclose(got[0], [point.lat for point in one_by_one], atol=1e-11, rtol=0)
        assert np.allclose(got[1], [point.lon for point in one_by_one], atol=1e-11, rtol=0)


@given(anywhere, anywhere)
def test_distance_is_the_great_circle_of_geopy(a, b):
    expected = great_circle((a.lat, a.lon), (b.lat, b.lon)).meters
    # Haversine is weak at the antipodes: half a metre in 20,000 km.
    assert metres_between(a, b) == pytest.approx(expected, rel=1e-6, abs=1e-3)
    assert metres_between(a, b) == metres_between(b, a)


def test_distance_across_a_city_is_within_half_a_percent_of_the_ellipsoid():
    a, b = Point(28.2278, 112.9388), Point(28.1127, 113.0130)
    assert metres_between(a, b) == pytest.approx(
        geodesic((a.lat, a.lon), (b.lat, b.lon)).meters, rel=0.005
    )


@given(anywhere, st.lists(anywhere, min_size=1, max_size=5))
def test_distances_to_many_are_the_distances_to_each(point, others):
    lats = np.array([other.lat for other in others])
    lons = np.array([other.lon for other in others])
    expected = [metres_between(point, other) for other in others]
    assert metres_from(point, lats, lons) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(
    ("lat", "lon"),
    [(90, 180), (-90, -180), (28, 113), (0, 1), (1, 0), (-54.9, -67.6), (78.2, 15.6)],
)
def test_a_sound_point_passes(lat, lon):
    assert check_point(lat, lon) == Point(float(lat), float(lon))


@pytest.mark.parametrize(
    ("lat", "lon", "fields", "says"),
    [
        (math.nan, 1.0, {"lat"}, "cannot be read"),
        (math.inf, -math.inf, {"lat", "lon"}, "cannot be read"),
        (28.0, 181.0, {"lon"}, "cannot be read"),
        (-90.1, -200.0, {"lat", "lon"}, "cannot be read"),
        (113.0, 28.0, {"lat"}, "look exchanged"),
        (-71.06, 42.35, {"lat"}, "look exchanged"),
        (88.36, 22.57, {"lat"}, "look exchanged"),
        (181.0, 28.0, {"lat"}, "cannot be read"),
        (0.0, 0.0, {"lat", "lon"}, "open sea"),
        (-0.0, 0.00001, {"lat", "lon"}, "open sea"),
    ],
)
def test_a_point_that_cannot_be_meant_is_refused_by_field(lat, lon, fields, says):
    with pytest.raises(Invalid, match=says) as refused:
        check_point(lat, lon)
    assert set(refused.value.fields) == fields


def test_the_caller_names_the_fields():
    with pytest.raises(Invalid) as refused:
        check_point(math.nan, 200.0, lat_field="place.lat", lon_field="place.lon")
    assert "is not a number" in str(refused.value.fields["place.lat"])
    assert "between -180 and 180" in str(refused.value.fields["place.lon"])


METRES_A_DEGREE = 111_000
DRAWING_METRES = 80


def districts(shared_data: Path, name: str, datum: Datum) -> dict[str, shapely.Geometry]:
    content = json.loads((shared_data / name).read_text(encoding="utf-8"))
    return {
        # Ningxiang became a city in 2017; one file is older.
        feature["properties"]["name"].replace("宁乡县", "宁乡市"): read_polygon(
            feature["geometry"], repair=True, datum=datum
        ).shape
        for feature in content["features"]
    }


def metres_apart(drawn: shapely.Geometry, other: shapely.Geometry) -> float:
    outline = drawn.boundary
    spots = shapely.line_interpolate_point(outline, np.linspace(0, 1, 1_000), normalized=True)
    return float(np.median(shapely.distance(other.boundary, spots))) * METRES_A_DEGREE


@pytest.mark.shared_data
def test_changsha_outlines_given_in_gcj02_fall_on_those_given_in_wgs84(shared_data):
    drawn = districts(shared_data, "changsha_districts_wgs84.geojson", Datum.WGS84)
    converted = districts(shared_data, "changsha_districts_gcj02.geojson", Datum.GCJ02)
    mistaken = districts(shared_data, "changsha_districts_gcj02.geojson", Datum.WGS84)
    assert len(drawn) == 9
    assert set(drawn) == set(converted)
    for name, shape in drawn.items():
        assert metres_apart(shape, converted[name]) < DRAWING_METRES
        assert metres_apart(shape, mistaken[name]) > 2.5 * DRAWING_METRES


@pytest.mark.shared_data
def test_a_point_of_changsha_lands_in_the_same_district_from_gcj02_and_wgs84(shared_data):
    drawn = districts(shared_data, "changsha_districts_wgs84.geojson", Datum.WGS84)
    converted = districts(shared_data, "changsha_districts_gcj02.geojson", Datum.GCJ02)
    chance = np.random.default_rng(1)
    for name, shape in drawn.items():
        core = shapely.buffer(shape, -2 * DRAWING_METRES / METRES_A_DEGREE)
        spots = shapely.points(chance.uniform(core.bounds[:2], core.bounds[2:], (5_000, 2)))
        spots = spots[shapely.contains(core, spots)]
        assert len(spots) > 2_000
        assert shapely.contains(converted[name], spots).mean() > 0.99
