"""Is every sound area read, every mendable one mended, and all else refused in a sentence?"""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain import geometry_input
from dispatch.domain.errors import Invalid
from dispatch.domain.geometry_input import MAX_CROSSINGS, read_polygon
from dispatch.domain.place import Datum, Point, metres_between

SQUARE = [[113.0, 28.0], [113.1, 28.0], [113.1, 28.1], [113.0, 28.1], [113.0, 28.0]]
HOLE = [[113.02, 28.02], [113.02, 28.04], [113.04, 28.04], [113.04, 28.02], [113.02, 28.02]]
BOW_TIE = [[113.0, 28.0], [113.1, 28.1], [113.1, 28.0], [113.0, 28.1], [113.0, 28.0]]
FLAT = [[113.0, 28.0], [113.1, 28.0], [113.05, 28.0], [113.0, 28.0]]


def polygon(*rings: object) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": list(rings)}


def circle(corners, lon=113.0, lat=28.0):
    turns = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    ring = np.column_stack([lon + 0.1 * np.cos(turns), lat + 0.1 * np.sin(turns)]).tolist()
    return [*ring, ring[0]]


def star(corners):
    """Return a ring that crosses itself at nearly every pair of its sides."""
    ring = circle(corners)[:-1]
    order = [(step * (corners // 2)) % corners for step in range(corners)]
    return [ring[place] for place in [*order, 0]]


def test_a_polygon_with_a_hole_is_read_as_it_is():
    read = read_polygon(polygon(SQUARE, HOLE))
    assert read.shape.equals(shapely.Polygon(SQUARE, [HOLE]))
    assert (read.repaired, read.dropped) == (False, None)


def test_a_multipolygon_is_read_as_it_is():
    far = [[lon + 1, lat] for lon, lat in SQUARE]
    read = read_polygon({"type": "MultiPolygon", "coordinates": [[SQUARE], [far]]})
    assert read.shape.equals(shapely.MultiPolygon([[SQUARE, []], [far, []]]))


def test_heights_are_left_aside():
    read = read_polygon(polygon([[*position, 44.0] for position in SQUARE]))
    assert not read.shape.has_z
    assert read.shape.equals(shapely.Polygon(SQUARE))


def test_a_ring_in_gcj02_is_moved_to_wgs84():
    read = read_polygon(polygon(SQUARE), datum=Datum.GCJ02)
    lon, lat = read.shape.exterior.coords[0]
    assert 400 < metres_between(Point(lat, lon), Point(28.0, 113.0)) < 900


@pytest.mark.parametrize(
    ("geometry", "says"),
    [
        (None, "not a GeoJSON geometry"),
        ([SQUARE], "not a GeoJSON geometry"),
        ({"type": "Point", "coordinates": [113, 28]}, "not Point"),
        ({"type": "Feature", "geometry": polygon(SQUARE)}, "not Feature"),
        ({"coordinates": [SQUARE]}, "not None"),
        ({"type": "Polygon"}, "not nested"),
        ({"type": "Polygon", "coordinates": "ring"}, "not nested"),
        ({"type": "Polygon", "coordinates": [1, 2]}, "not nested"),
        ({"type": "MultiPolygon", "coordinates": None}, "not nested"),
        ({"type": "MultiPolygon", "coordinates": [[1]]}, "not nested"),
        ({"type": "MultiPolygon", "coordinates": []}, "is empty"),
        ({"type": "MultiPolygon", "coordinates": [[]]}, "is empty"),
        (polygon(), "is empty"),
        (polygon([]), "is empty"),
        (polygon(SQUARE, []), "is empty"),
        (polygon([[113.0], *SQUARE]), "not a pair of numbers"),
        (polygon([[113.0, "28"], *SQUARE]), "not a pair of numbers"),
        (polygon([[True, 28.0], *SQUARE]), "not a pair of numbers"),
        (polygon([113.0, 28.0]), "not a pair of numbers"),
        (polygon([[113.0, math.nan], *SQUARE]), "not a finite number"),
        (polygon([[113.0, math.inf], *SQUARE]), "not a finite number"),
        (polygon([[10**400, 28.0], *SQUARE]), "not a finite number"),
        (polygon([[lat, lon] for lon, lat in SQUARE]), r"exchanged at \[28.0, 113.0\]"),
        (polygon([[42.3, -71.1], [42.4, -71.1], [42.4, -71.0], [42.3, -71.1]]), "look exchanged"),
        (polygon([[12_579_000.0, 3_248_000.0], *SQUARE]), "not metres of a map projection"),
        (polygon(SQUARE[:-1]), "not closed"),
        (polygon([SQUARE[0], SQUARE[1], SQUARE[0]]), "fewer than three corners"),
        (polygon(BOW_TIE), r"not sound near \[113.05 28.05\]"),
        (polygon(SQUARE, [[lon + 1, lat] for lon, lat in HOLE]), "not sound near"),
        (polygon(FLAT), "not sound near"),
    ],
)
def test_what_is_not_an_area_is_refused_in_a_sentence(geometry, says):
    with pytest.raises(Invalid, match=says):
        read_polygon(geometry)


def test_a_needle_without_an_inside_is_refused():
    needle = [[113.0, 28.0], [113.0 + 1e-7, 28.0], [113.0, 28.0 + 1e-7], [113.0, 28.0]]
    with pytest.raises(Invalid, match="no inside"):
        read_polygon(polygon(needle))


def test_the_number_of_corners_and_rings_is_limited():
    read_polygon(polygon(circle(1_999)))
    with pytest.raises(Invalid, match="has 2001 corners; at most 2000"):
        read_polygon(polygon(circle(2_000)))
    with pytest.raises(Invalid, match="has 2 rings; at most 1"):
        read_polygon(polygon(SQUARE, HOLE), max_rings=1)


def test_the_import_takes_a_hundred_thousand_corners_and_refuses_too_many():
    read = read_polygon(polygon(circle(100_000)), repair=True)
    assert shapely.get_num_coordinates(read.shape) == 100_001
    with pytest.raises(Invalid, match="at most 200000"):
        read_polygon(polygon(circle(200_001)), repair=True)


def test_the_import_mends_a_bow_tie():
    read = read_polygon(polygon(BOW_TIE), repair=True)
    assert read.repaired
    assert read.shape.is_valid
    assert read.shape.area == pytest.approx(0.005)
    assert read.dropped is None


def test_the_import_joins_pieces_that_share_an_edge():
    diagonal_twice = [[0, 0], [10, 0], [10, 10], [0, 0], [0, 10], [10, 10], [0, 0]]
    read = read_polygon(polygon(diagonal_twice), repair=True)
    assert read.repaired
    assert read.shape.equals(shapely.box(0, 0, 10, 10))
    assert read.shape.is_valid


def test_the_import_closes_an_open_ring():
    read = read_polygon(polygon(SQUARE[:-1]), repair=True)
    assert read.repaired
    assert read.shape.equals(shapely.Polygon(SQUARE))


def test_the_import_drops_what_has_no_inside_and_says_so():
    geometry = {"type": "MultiPolygon", "coordinates": [[SQUARE], [FLAT]]}
    read = read_polygon(geometry, repair=True)
    assert read.repaired
    assert read.shape.equals(shapely.Polygon(SQUARE))
    assert str(read.dropped) == "Parts without an inside were left out: 1."


@pytest.mark.parametrize("ring", [FLAT, [[113.0, 28.0]] * 4])
def test_the_import_refuses_what_has_no_inside_at_all(ring):
    with pytest.raises(Invalid, match="no inside"):
        read_polygon(polygon(ring), repair=True)


@pytest.mark.parametrize("corners", [301, 10_001])
def test_the_import_refuses_a_scribble_before_mending_it(corners, monkeypatch):
    monkeypatch.setattr(shapely, "make_valid", lambda *_, **__: pytest.fail("was mended"))
    with pytest.raises(Invalid, match=f"more than {MAX_CROSSINGS} times"):
        read_polygon(polygon(star(corners)), repair=True)


def test_crossings_are_counted_a_few_segments_at_a_time(monkeypatch):
    monkeypatch.setattr(geometry_input, "CROSSING_PAIRS_AT_ONCE", 0)
    read = read_polygon(polygon(star(31)), repair=True)
    assert read.repaired
    assert read.shape.is_valid


@given(
    st.lists(st.tuples(st.floats(112, 114), st.floats(27, 29)).map(list), min_size=3, max_size=25)
)
def test_whatever_ring_is_imported_comes_out_as_a_valid_area_or_a_refusal(ring):
    try:
        read = read_polygon(polygon(ring), repair=True)
    except Invalid:
        return
    assert read.shape.is_valid
    assert read.shape.geom_type in ("Polygon", "MultiPolygon")
    assert read.shape.area > 0


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=5),
        max_leaves=30,
    ),
    st.sampled_from(["Polygon", "MultiPolygon"]),
    st.booleans(),
)
def test_no_coordinates_whatever_raise_anything_but_a_refusal(coordinates, kind, repair):
    with pytest.raises(Invalid):
        read_polygon({"type": kind, "coordinates": coordinates}, repair=repair)


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "datum", "areas", "unsound"),
    [
        ("boston_grids.geojson", Datum.WGS84, 26, 4),
        ("sf_neighborhoods.geojson", Datum.WGS84, 37, 3),
        ("changsha_districts_gcj02.geojson", Datum.GCJ02, 9, 9),
        ("changsha_districts_wgs84.geojson", Datum.WGS84, 9, 0),
        ("changsha_village_grids.geojson", Datum.WGS84, 7, 0),
    ],
)
def test_real_files_come_in_whole(shared_data, name, datum, areas, unsound):
    content = json.loads((shared_data / name).read_text(encoding="utf-8"))
    geometries = [feature["geometry"] for feature in content["features"]]
    read = [read_polygon(geometry, repair=True, datum=datum) for geometry in geometries]
    assert len(read) == areas
    assert sum(one.repaired for one in read) == unsound
    for one, geometry in zip(read, geometries, strict=True):
        assert one.shape.is_valid
        assert one.dropped is None
        drawn = shapely.buffer(shapely.from_geojson(json.dumps(geometry)), 0).area
        # The shift of the datum stretches an area by a little; mending keeps it.
        assert one.shape.area == pytest.approx(drawn, rel=0.005)
