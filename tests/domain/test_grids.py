"""Does every point get one grid, at once and always the same, and do hexagons cover a city?"""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain import grids
from dispatch.domain.errors import Invalid
from dispatch.domain.geometry_input import read_polygon
from dispatch.domain.grids import Found, GridIndex, GridShape, Overlap, Plane, hexagons
from dispatch.domain.place import Point, metres_between

LAT, LON = 28.0, 113.0
PLANE = Plane(LAT)
WEST, SOUTH = PLANE.point(Point(LAT, LON))


def place(x: float, y: float) -> Point:
    """Return the point x metres east and y metres north of the test city's corner."""
    lon, lat = PLANE.degrees(np.array([WEST + x, SOUTH + y]))
    return Point(float(lat), float(lon))


def area(*corners: tuple[float, float]) -> shapely.Polygon:
    return shapely.Polygon([(spot.lon, spot.lat) for spot in (place(*one) for one in corners)])


def block(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return area((west, south), (east, south), (east, north), (west, north))


def grid(key: int, shape: shapely.Geometry) -> GridShape:
    return GridShape(key, f"grid {key}", 1, shape)


# 1 and 2 share a border; 3 lies inside 1, which has a hole of the same outline; 4 stands apart.
COURT = block(400, 400, 600, 600)
TOWN = [
    grid(1, block(0, 0, 1000, 1000).difference(COURT)),
    grid(2, block(1000, 0, 2000, 1000)),
    grid(3, COURT),
    grid(4, block(3000, 0, 4000, 1000)),
]

metres_in_town = st.floats(-7_000, 11_000)
spots = st.builds(place, metres_in_town, st.floats(-7_000, 8_000))


def one_of_many(index: GridIndex, point: Point) -> int:
    return int(index.find_many(np.array([point.lat]), np.array([point.lon]))[0])


@pytest.mark.parametrize(
    ("x", "y", "key", "standing", "others"),
    [
        (200, 200, 1, "inside", ()),
        (984, 500, 1, "inside", ()),
        (990, 500, 1, "border", (2,)),
        (1010, 500, 2, "border", (1,)),
        (1016, 500, 2, "inside", ()),
        (5, 500, 1, "inside", ()),
        (500, 500, 3, "inside", ()),
        (410, 500, 3, "border", (1,)),
        (390, 500, 1, "border", (3,)),
    ],
)
def test_a_point_inside_a_grid_gets_it_and_a_border_names_the_other(x, y, key, standing, others):
    index = GridIndex(TOWN)
    assert index.find_grid(place(x, y)) == Found(key, standing, others)
    assert one_of_many(index, place(x, y)) == key


@pytest.mark.parametrize(
    ("x", "y", "key", "metres"),
    [(2010, 500, 2, 10), (2499, 500, 2, 499), (2501, 500, 4, 499), (-4_990, 500, 1, 4_990)],
)
def test_a_point_outside_gets_the_nearest_grid_and_its_distance(x, y, key, metres):
    index = GridIndex(TOWN)
    found = index.find_grid(place(x, y))
    assert (found.key, found.standing, found.others) == (key, "outside", ())
    assert found.metres == pytest.approx(metres, abs=1)
    assert one_of_many(index, place(x, y)) == -1


def test_a_point_in_a_narrow_gap_names_the_grid_across_it():
    index = GridIndex([grid(1, block(0, 0, 100, 100)), grid(2, block(120, 0, 220, 100))])
    found = index.find_grid(place(109, 50))
    assert (found.key, found.standing, found.others) == (1, "outside", (2,))


def test_a_point_over_five_kilometres_away_gets_no_grid():
    assert GridIndex(TOWN).find_grid(place(-5_010, 500)) == Found(None, "outside")


def test_of_grids_that_hold_the_same_point_the_smallest_wins_then_the_lowest_key():
    index = GridIndex(
        [
            grid(9, block(0, 0, 1000, 1000)),
            grid(7, block(0, 0, 500, 500)),
            grid(5, block(0, 0, 500, 500)),
        ]
    )
    assert index.find_grid(place(250, 250)) == Found(5, "border", (7, 9))
    assert one_of_many(index, place(250, 250)) == 5


def test_a_shared_corner_and_edge_go_to_one_grid_whatever_the_order():
    quarters = [
        GridShape(1, "sw", None, shapely.box(113.0, 28.0, 113.25, 28.25)),
        GridShape(2, "se", None, shapely.box(113.25, 28.0, 113.5, 28.25)),
        GridShape(3, "nw", None, shapely.box(113.0, 28.25, 113.25, 28.5)),
        GridShape(4, "ne", None, shapely.box(113.25, 28.25, 113.5, 28.5)),
    ]
    middle, edge = Point(28.25, 113.25), Point(28.25, 113.1)
    answers = set()
    for order in itertools.permutations(quarters):
        index = GridIndex(order)
        found = index.find_grid(middle)
        assert found.standing == "border"
        assert sorted([found.key, *found.others]) == [1, 2, 3, 4]
        assert one_of_many(index, middle) == found.key
        answers.add((found, index.find_grid(edge)))
    assert len(answers) == 1


@given(spots)
def test_one_by_one_and_in_bulk_agree(point):
    index = GridIndex(TOWN)
    found, bulk = index.find_grid(point), one_of_many(index, point)
    if found.standing == "outside":
        assert bulk == -1
        assert (found.metres is None) == (found.key is None)
    else:
        assert bulk == found.key
        assert (found.standing == "border") == bool(found.others)


@given(spots, st.permutations(TOWN))
def test_the_order_of_the_grids_changes_nothing(point, order):
    assert GridIndex(order).find_grid(point) == GridIndex(TOWN).find_grid(point)


@given(spots)
def test_a_grid_is_found_exactly_when_one_is_within_five_kilometres(point):
    spot = shapely.Point(point.lon, point.lat)
    ends = [shapely.shortest_line(spot, each.shape).coords[1] for each in TOWN]
    nearest = min(metres_between(point, Point(lat, lon)) for lon, lat in ends)
    found = GridIndex(TOWN).find_grid(point)
    # A nearest place in degrees is not quite the nearest in metres.
    if nearest < 4_900:
        assert found.key is not None
        assert (found.metres or 0.0) <= nearest * 1.001 + 0.01
    elif nearest > 6_000:
        assert found.key is None


def test_points_that_are_not_numbers_are_in_no_grid_and_parts_join_up(monkeypatch):
    monkeypatch.setattr(grids, "POINTS_AT_ONCE", 2)
    asked = [place(200, 200), Point(math.nan, LON), place(1500, 10), place(500, 500), place(-1, 0)]
    lats = np.array([point.lat for point in asked])
    lons = np.array([point.lon for point in asked])
    assert GridIndex(TOWN).find_many(lats, lons).tolist() == [1, -1, 2, 3, -1]


def test_an_index_of_nothing_answers_nothing():
    index = GridIndex([])
    assert len(index) == 0
    assert index.find_grid(place(0, 0)) == Found(None, "outside")
    assert one_of_many(index, place(0, 0)) == -1
    assert index.overlaps_and_gaps() == []


def test_the_index_hands_out_its_grids():
    index = GridIndex(TOWN)
    assert len(index) == 4
    assert index.grid(3) is TOWN[2]
    with pytest.raises(KeyError):
        index.grid(99)


def test_neighbours_come_longest_shared_border_first():
    index = GridIndex(
        [
            grid(1, block(0, 0, 1000, 1000)),
            grid(2, block(1000, 0, 1300, 200)),
            grid(3, block(0, 1000, 1000, 1300)),
            grid(4, block(-500, 0, -40, 600)),
            grid(5, block(-500, 700, -60, 900)),
        ]
    )
    assert index.neighbours(1) == (3, 4, 2)
    assert index.neighbours(1) is index.neighbours(1)
    assert index.neighbours(2) == (1,)
    assert index.neighbours(5) == ()
    assert GridIndex(TOWN).neighbours(3) == (1,)


def test_neighbours_with_equal_borders_come_lowest_key_first():
    index = GridIndex([grid(key, block(0, 0, 100, 100)) for key in (8, 3, 5)])
    assert index.neighbours(3) == (5, 8)


def test_overlaps_and_gaps_are_listed_largest_first():
    ring = block(0, 0, 1000, 1000).difference(block(300, 300, 700, 700))
    index = GridIndex(
        [
            grid(1, ring),
            grid(2, block(900, 0, 2000, 1000)),
            grid(3, block(0, 1000, 1000, 2000)),
            grid(4, block(0, 1999.95, 1000, 3000)),
        ]
    )
    faults = index.overlaps_and_gaps()
    assert [(fault.a, fault.b) for fault in faults] == [(1, None), (1, 2)]
    assert faults[0].square_metres == pytest.approx(160_000, rel=0.001)
    assert faults[1].square_metres == pytest.approx(100_000, rel=0.001)
    assert isinstance(faults[0], Overlap)
    with_slivers = index.overlaps_and_gaps(at_least=1.0)
    assert [(fault.a, fault.b) for fault in with_slivers] == [(1, None), (1, 2), (3, 4)]


def test_a_sound_town_has_neither_overlap_nor_gap():
    assert GridIndex(TOWN).overlaps_and_gaps() == []


CITY = area((0, 0), (5000, 300), (4200, 4000), (2500, 1500), (300, 3500)).difference(
    block(2000, 600, 2600, 1000)
)


@given(st.floats(150, 3_000))
def test_hexagons_cover_the_boundary_without_overlap(edge):
    cells = hexagons(CITY, edge)
    assert all(shapely.is_valid(cells))
    assert sum(shapely.area(cells)) == pytest.approx(CITY.area, rel=1e-9)
    assert shapely.union_all(cells).symmetric_difference(CITY).area < CITY.area * 1e-9


def test_a_hexagon_has_six_equal_edges_in_metres():
    cells = hexagons(block(0, 0, 10_000, 10_000), 500)
    whole = max(cells, key=lambda cell: cell.area)
    corners = [Point(lat, lon) for lon, lat in whole.exterior.coords]
    edges = [metres_between(a, b) for a, b in itertools.pairwise(corners)]
    assert edges == pytest.approx([500.0] * 6, rel=0.002)


def test_hexagons_make_grids_that_touch_six_neighbours():
    cells = hexagons(block(0, 0, 10_000, 10_000), 800)
    index = GridIndex([grid(key, cell) for key, cell in enumerate(cells)])
    middle = index.find_grid(place(5_000, 5_000))
    assert len(index.neighbours(middle.key)) == 6
    assert index.overlaps_and_gaps() == []


def test_a_hexagon_cut_in_two_stays_one_grid():
    horseshoe = area(
        (0, 0), (1000, 0), (1000, 1000), (0, 1000), (0, 900), (900, 900), (900, 100), (0, 100)
    )
    cells = hexagons(horseshoe, 5_000)
    assert len(cells) <= 4
    assert sum(shapely.area(cells)) == pytest.approx(horseshoe.area, rel=1e-9)


def test_only_areas_are_kept_where_a_boundary_is_met_in_a_line_too():
    both = shapely.GeometryCollection(
        [shapely.box(0, 0, 1, 1), shapely.LineString([(2, 0), (3, 0)]), shapely.box(4, 0, 5, 1)]
    )
    assert grids._areas_of(both).equals(
        shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(4, 0, 5, 1)])
    )
    assert grids._areas_of(shapely.Point(0, 0)).is_empty


@pytest.mark.parametrize("edge", [0.0, -5.0, math.nan, math.inf])
def test_an_edge_must_be_a_length(edge):
    with pytest.raises(Invalid, match="longer than 0"):
        hexagons(CITY, edge)


@pytest.mark.parametrize("edge", [1e-6, 5.0])
def test_too_many_hexagons_are_refused_before_they_are_made(edge):
    with pytest.raises(Invalid, match="more than 20000"):
        hexagons(CITY, edge)


@pytest.mark.shared_data
def test_boston_points_find_the_neighbourhood_that_holds_them(shared_data):
    content = json.loads((shared_data / "boston_grids.geojson").read_text(encoding="utf-8"))
    shapes = [read_polygon(each["geometry"], repair=True).shape for each in content["features"]]
    names = [each["properties"]["name"] for each in content["features"]]
    index = GridIndex([GridShape(key, names[key], key, shapes[key]) for key in range(len(names))])
    chance = np.random.default_rng(3)
    lats, lons = chance.uniform(42.23, 42.40, 3_000), chance.uniform(-71.19, -70.98, 3_000)
    keys = index.find_many(lats, lons)
    for key, lat, lon in zip(keys.tolist(), lats.tolist(), lons.tolist(), strict=True):
        holding = [
            one for one, shape in enumerate(shapes) if shapely.intersects_xy(shape, lon, lat)
        ]
        found = index.find_grid(Point(lat, lon))
        assert (key in holding) if holding else (key == -1 and found.standing == "outside")
        assert found.key == key or found.standing == "outside"
    city_hall = index.find_grid(Point(42.3594, -71.0587))
    assert "Downtown" in index.grid(city_hall.key).name
    assert "Hyde Park" in [names[key] for key in index.neighbours(names.index("Roslindale"))]
