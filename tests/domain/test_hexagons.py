"""Do hexagons cover the ground once, do neighbours share edges, and are they as wide as said?"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.hexagons import (
    _AT_ONCE,
    FARTHEST_PARALLEL,
    Hexagons,
    cells_apart,
    hexagons_near,
)
from dispatch.domain.place import Point, metres_between

CITIES = st.sampled_from([(28.2, 112.9), (42.35, -71.06), (-33.9, 151.2), (0.02, -78.5)])
WIDTHS = st.sampled_from([500.0, 1_000.0])
ACROSS = ((1, 0), (0, 1), (-1, 1), (-1, 0), (0, -1), (1, -1))


@st.composite
def places(draw):
    lat, lon = draw(CITIES)
    near = st.floats(-0.4, 0.4)
    points = draw(st.lists(st.tuples(near, near), min_size=1, max_size=20))
    found = np.add(points, (lat, lon))
    return hexagons_near(lat, draw(WIDTHS)), found[:, 0], found[:, 1]


def metres(hexagons, degrees):
    """Return degrees of longitude and latitude as metres, by another way than the product."""
    down = math.pi / 180 * 6_371_008.8
    return degrees * (down * math.cos(math.radians(hexagons.lat)), down)


@given(places())
def test_a_point_lies_between_all_sides_of_its_cell(given_places):
    hexagons, lats, lons = given_places
    cells = hexagons.cells_of(lats, lons)
    points = metres(hexagons, np.column_stack([lons, lats]))
    for point, corners in zip(points, metres(hexagons, hexagons.corners(cells)), strict=True):
        for (ax, ay), (bx, by) in pairwise([*corners, corners[0]]):
            side = (bx - ax) * (point[1] - ay) - (by - ay) * (point[0] - ax)
            assert side <= 1e-3 * hexagons.width, "the corners run clockwise"


@given(places())
def test_the_middle_of_a_cell_lies_in_it(given_places):
    hexagons, lats, lons = given_places
    cells = hexagons.cells_of(lats, lons)
    east, north = hexagons.middles(cells).T
    assert (hexagons.cells_of(north, east) == cells).all()


@given(places())
def test_neighbours_share_an_edge_to_the_last_digit(given_places):
    hexagons, lats, lons = given_places
    cells = hexagons.cells_of(lats, lons)[:1]
    own = {tuple(corner) for corner in hexagons.corners(cells)[0].tolist()}
    assert len(own) == 6
    edges = []
    for step in ACROSS:
        other = {tuple(corner) for corner in hexagons.corners(cells + step)[0].tolist()}
        edges.append(own & other)
        assert len(edges[-1]) == 2
    assert set().union(*edges) == own
    assert own.isdisjoint(map(tuple, hexagons.corners(np.add(cells, (2, 0)))[0].tolist()))


@pytest.mark.parametrize("width", [500.0, 1_000.0])
def test_a_cell_is_as_wide_as_it_says_near_the_parallel_of_the_city(width):
    for lat in (28.0, 28.5, 42.4, 60.2):
        hexagons = hexagons_near(lat, width)
        cells = hexagons.cells_of(np.array([lat]), np.array([9.0]))
        [(here_lon, here_lat)] = hexagons.middles(cells)
        for step in ACROSS:
            [(lon, north)] = hexagons.middles(cells + step)
            assert metres_between(Point(here_lat, here_lon), Point(north, lon)) == pytest.approx(
                width, rel=0.012
            )


def test_the_parallel_is_a_whole_degree_and_never_at_a_pole():
    assert hexagons_near(28.4, 500.0) == hexagons_near(27.6, 500.0) == Hexagons(28, 500.0)
    assert hexagons_near(89.9, 500.0).lat == FARTHEST_PARALLEL
    assert hexagons_near(-89.9, 500.0).lat == -FARTHEST_PARALLEL


def test_no_points_have_no_cells():
    nothing = np.empty(0)
    cells = hexagons_near(28.0, 500.0).cells_of(nothing, nothing)
    assert cells.shape == (0, 2)
    assert hexagons_near(28.0, 500.0).corners(cells).shape == (0, 6, 2)


def test_the_last_of_very_many_points_has_the_cell_that_it_has_alone():
    lats, lons = np.random.default_rng(7).uniform((28, 112), (29, 113), (_AT_ONCE + 3, 2)).T
    hexagons = Hexagons(28, 500.0)
    alone = [hexagons.cells_of(lats[[at]], lons[[at]])[0] for at in (0, -4, -3, -1)]
    assert (hexagons.cells_of(lats, lons)[[0, -4, -3, -1]] == alone).all()


@given(st.lists(st.tuples(st.integers(-300, 300), st.integers(-300, 300))))
def test_cells_are_told_apart_in_order(cells):
    given_cells = np.array(cells, dtype=np.int64).reshape(-1, 2)
    found, of_each = cells_apart(given_cells)
    assert [tuple(cell) for cell in found.tolist()] == sorted(set(cells))
    assert (found[of_each] == given_cells).all()
