"""Are drawn outlines read, cut, joined and fitted, and what cannot be refused in words?"""

from __future__ import annotations

import json

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.errors import Invalid
from dispatch.domain.grid_outline import (
    LONGEST_TEXT,
    MOST_LINE_POINTS,
    fit_area,
    merge_areas,
    read_area,
    read_line,
    split_area,
)
from dispatch.domain.place import Datum, Point, from_wgs84

WEST = shapely.box(112.90, 28.10, 113.00, 28.20)
EAST = shapely.box(113.00, 28.10, 113.10, 28.20)
ISLAND = shapely.box(112.80, 28.10, 112.81, 28.11)


def line(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString(points)


@pytest.mark.parametrize(
    "text",
    [
        shapely.to_wkt(WEST),
        shapely.to_geojson(WEST),
        json.dumps({"type": "Feature", "geometry": json.loads(shapely.to_geojson(WEST))}),
    ],
)
def test_an_area_is_read_in_either_form(text):
    assert read_area(text).equals(WEST)


def test_an_area_in_another_datum_is_moved():
    moved = from_wgs84(Point(28.15, 112.95), Datum.GCJ02)
    corners = [(moved.lon, moved.lat), (moved.lon + 0.01, moved.lat), (moved.lon, moved.lat + 0.01)]
    found = read_area(shapely.to_wkt(shapely.Polygon(corners), rounding_precision=-1), Datum.GCJ02)
    assert found.exterior.coords[0] == pytest.approx((112.95, 28.15), abs=1e-7)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "POLYGON",
        "{",
        '{"type": "Feature", "geometry": 1}',
        "POINT (112 28)",
        "x" * (LONGEST_TEXT + 1),
        "POLYGON EMPTY",
    ],
)
def test_what_is_no_area_is_refused_at_its_field(text):
    with pytest.raises(Invalid) as refusal:
        read_area(text)
    assert list(refusal.value.fields) == ["outline"]


def test_a_line_is_read_and_moved():
    moved = from_wgs84(Point(28.15, 112.95), Datum.GCJ02)
    text = f"LINESTRING ({moved.lon!r} {moved.lat!r}, 113 28.2)"
    assert read_line(text, Datum.GCJ02).coords[0] == pytest.approx((112.95, 28.15), abs=1e-7)


@pytest.mark.parametrize(
    "text",
    [
        shapely.to_wkt(WEST),
        '{"type": "LineString", "coordinates": 3}',
        '{"type": "LineString", "coordinates": [[112.9, 28.1]]}',
        '{"type": "LineString", "coordinates": [[112.9], 5]}',
        '{"type": "LineString", "coordinates": [["a", "b"], [1, 2]]}',
        '{"type": "LineString", "coordinates": [[900, 28.1], [112.9, 28.1]]}',
        json.dumps({"type": "LineString", "coordinates": [[1, 2]] * (MOST_LINE_POINTS + 1)}),
    ],
)
def test_what_is_no_line_is_refused_at_its_field(text):
    with pytest.raises(Invalid) as refusal:
        read_line(text)
    assert list(refusal.value.fields) == ["outline"]


@given(
    st.floats(min_value=112.901, max_value=112.999), st.floats(min_value=112.901, max_value=112.999)
)
def test_a_cut_keeps_the_area_and_its_parts_join_again(south, north):
    larger, smaller = split_area(WEST, line((south, 28.0), (north, 28.3)))
    assert larger.area >= smaller.area
    assert larger.area + smaller.area == pytest.approx(WEST.area)
    assert merge_areas(larger, smaller).symmetric_difference(WEST).area < 1e-9


def test_an_island_stays_with_the_larger_part():
    both = shapely.MultiPolygon([WEST, ISLAND])
    larger, smaller = split_area(both, line((112.98, 28.0), (112.98, 28.3)))
    assert larger.intersects(ISLAND.centroid)
    assert smaller.bounds[0] == pytest.approx(112.98)


@pytest.mark.parametrize(
    ("cut", "words"),
    [
        (line((112.0, 28.0), (112.0, 28.3)), "does not cut"),
        (line((112.95, 28.15), (112.95, 28.3)), "does not cut"),
        (line((112.89, 28.12), (112.99, 28.12), (112.99, 28.14), (112.89, 28.14)), None),
        (
            line((112.92, 28.0), (112.92, 28.3), (112.97, 28.3), (112.97, 28.0)),
            "3 pieces",
        ),
    ],
)
def test_a_line_makes_two_parts_or_is_refused(cut, words):
    if words is None:
        assert len(split_area(WEST, cut)) == 2
        return
    with pytest.raises(Invalid, match=words):
        split_area(WEST, cut)


def test_grids_that_do_not_touch_stay_two():
    with pytest.raises(Invalid, match="do not touch"):
        merge_areas(WEST, ISLAND)


def test_neighbours_with_a_hair_between_them_become_one():
    near = shapely.box(113.000002, 28.10, 113.10, 28.20)
    assert isinstance(merge_areas(WEST, near), shapely.Polygon)


def test_corners_that_all_but_touch_a_neighbour_lie_on_it():
    drawn = shapely.box(113.000003, 28.10, 113.10, 28.20)
    assert fit_area(drawn, [WEST]).bounds[0] == 113.0
    assert fit_area(drawn, []) is drawn


def test_an_area_smaller_than_the_reach_of_the_fitting_stays():
    speck = shapely.box(113.000001, 28.15, 113.000002, 28.150001)
    assert not fit_area(speck, [WEST]).is_empty
