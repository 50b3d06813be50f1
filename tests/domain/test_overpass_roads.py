"""Do the ways of OpenStreetMap become arcs in the direction and at the speed of their tags?"""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.errors import Invalid
from dispatch.domain.overpass_roads import directions_of, is_drivable, read_overpass, speed_of
from dispatch.domain.place import Point, metres_between


def node(number, lat, lon):
    return {"type": "node", "id": number, "lat": lat, "lon": lon}


def way(*nodes: int, **tags: str):
    return {"type": "way", "id": 9, "nodes": list(nodes), "tags": tags}


CORNERS = [node(1, 42.36, -71.06), node(2, 42.37, -71.06), node(3, 42.37, -71.05)]


def read(*elements: object):
    return read_overpass(json.dumps({"elements": list(elements)}).encode(), "roads.json")


def test_a_two_way_street_is_driven_both_ways_at_its_share_of_the_limit():
    network = read(*CORNERS, way(1, 2, highway="residential", maxspeed="30"))
    assert network.arcs.tolist() == [[0, 1], [1, 0]]
    metres = metres_between(Point(42.36, -71.06), Point(42.37, -71.06))
    assert network.seconds == pytest.approx([metres / (24 / 3.6)] * 2)
    assert network.accessible.tolist() == [True, True, False]


def test_a_one_way_street_and_one_against_its_nodes():
    network = read(
        *CORNERS,
        way(1, 2, 3, highway="primary", oneway="yes"),
        way(1, 3, highway="tertiary", oneway="-1"),
    )
    assert network.arcs.tolist() == [[0, 1], [1, 2], [2, 0]]


def test_a_motorway_is_no_place_to_leave_the_road():
    network = read(*CORNERS, way(1, 2, highway="motorway"), way(2, 3, highway="primary"))
    assert network.accessible.tolist() == [False, True, True]
    assert network.arcs.tolist() == [[0, 1], [1, 2], [2, 1]]


def test_footpaths_private_roads_and_what_lies_outside_are_left_out():
    relation = {"type": "relation", "id": 3, "members": []}
    network = read(
        *CORNERS,
        relation,
        way(1, 2, highway="footway"),
        way(1, 2, highway="service", access="private"),
        way(2, 3, 77, highway="residential"),
    )
    assert network.arcs.tolist() == [[1, 2], [2, 1]]


def test_an_answer_without_ways_has_no_arcs():
    network = read()
    assert network.places.shape == (0, 2)
    assert network.arcs.shape == (0, 2)


@pytest.mark.parametrize(
    ("tags", "kmh"),
    [
        ({"highway": "primary"}, 65),
        ({"highway": "primary", "maxspeed": "50"}, 40),
        ({"highway": "primary", "maxspeed": "50 km/h"}, 40),
        ({"highway": "primary", "maxspeed": "25 mph"}, 25 * 1.609344 * 0.8),
        ({"highway": "primary", "maxspeed": "signals"}, 65),
        ({"highway": "primary", "maxspeed": "0"}, 5),
        ({"highway": "motorway", "maxspeed": "900"}, 120),
    ],
)
def test_speeds(tags, kmh):
    assert speed_of(tags) == pytest.approx(kmh)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, (True, True)),
        ({"oneway": "no"}, (True, True)),
        ({"oneway": "yes"}, (True, False)),
        ({"oneway": "reverse"}, (False, True)),
        ({"highway": "motorway"}, (True, False)),
        ({"highway": "motorway", "oneway": "no"}, (True, True)),
        ({"junction": "roundabout"}, (True, False)),
    ],
)
def test_directions(tags, expected):
    assert directions_of(tags) == expected


def test_the_most_special_access_decides():
    assert is_drivable({"highway": "service", "access": "private", "motor_vehicle": "yes"})
    assert not is_drivable({"highway": "residential", "vehicle": "no"})
    assert not is_drivable({"building": "yes"})


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        ({"type": "node", "id": 1, "lat": "north", "lon": 1}, "feature 1, lat: This is not"),
        ({"type": "node", "id": 1, "lat": 42, "lon": 1000}, "feature 1, lon: This is not"),
        ({"type": "node", "lat": 42, "lon": 1}, "feature 1, id: A node needs"),
        ({"type": "way", "id": 1}, "feature 1, nodes: A way needs"),
        ({"type": "way", "nodes": ["a"]}, "feature 1, nodes: A way needs"),
        ({"type": "way", "nodes": [1], "tags": []}, "feature 1, tags: This must be"),
        ({"type": "area"}, "feature 1, type: This is neither"),
        ("node", "feature 1, type: This is neither"),
    ],
)
def test_a_fault_is_named_by_file_element_and_field(element, expected):
    with pytest.raises(Invalid, match=f"roads.json, {expected}"):
        read(element)


@pytest.mark.parametrize("content", [b"<html>", b"[]", b'{"elements": 3}'])
def test_what_is_no_answer_of_overpass_is_refused(content):
    with pytest.raises(Invalid, match=r"roads\.json"):
        read_overpass(content, "roads.json")


SCALARS = st.none() | st.booleans() | st.floats() | st.integers() | st.sampled_from(["", "primary"])
ANYTHING = SCALARS | st.lists(SCALARS, max_size=2) | st.just({"highway": []})
TAGS = st.dictionaries(st.sampled_from(["highway", "oneway", "maxspeed", "junction"]), ANYTHING)
ELEMENTS = st.fixed_dictionaries(
    {"type": st.sampled_from(["node", "way"])},
    optional={
        "id": st.integers(0, 3) | ANYTHING,
        "lat": st.floats(-90, 90) | ANYTHING,
        "lon": st.floats(-180, 180) | ANYTHING,
        "nodes": st.lists(st.integers(0, 3), max_size=3) | ANYTHING,
        "tags": TAGS | ANYTHING,
    },
)


@given(st.lists(ELEMENTS, max_size=6))
def test_whatever_is_written_is_read_or_refused(elements):
    try:
        network = read(*elements)
    except Invalid:
        return
    assert len(network.arcs) == len(network.seconds)
