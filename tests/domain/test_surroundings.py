"""Does a small sheet show what is near a fault, at its place and in its measure?"""

import math

import numpy as np
import pytest

from dispatch.domain.place import Point
from dispatch.domain.surroundings import HEIGHT, LONGEST_STREETS, WIDTH, Landmark, surroundings

FAULT = Point(28.2, 112.9)
DEGREE_METRES = 111_195


def north(metres):
    return Point(FAULT.lat + metres / DEGREE_METRES, FAULT.lon)


def square(half):
    west, east = FAULT.lon - half, FAULT.lon + half
    south, top = FAULT.lat - half, FAULT.lat + half
    ring = [[west, south], [east, south], [east, top], [west, top], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def test_without_anything_near_it_is_five_hundred_metres_high():
    sheet = surroundings(FAULT, [], [])
    assert (sheet.borders, sheet.marks) == ("", ())
    assert (sheet.bar_metres, sheet.bar) == (200, pytest.approx(200 * HEIGHT / 500, abs=0.1))


def test_a_stop_that_is_near_widens_the_sheet_and_one_far_off_does_not():
    places = [Landmark("stop", "W000002", north(1_000)), Landmark("base", "W1", north(9_000))]
    sheet = surroundings(FAULT, places, [])
    [mark] = sheet.marks
    assert (mark.kind, mark.name, mark.x) == ("stop", "W000002", WIDTH / 2)
    assert mark.y == pytest.approx(HEIGHT / 2 * (1 - 1 / 1.2), abs=0.2)
    assert sheet.bar == pytest.approx(500 * HEIGHT / 2_400, abs=0.1)


def test_a_border_is_drawn_where_it_crosses_the_sheet():
    inside = surroundings(FAULT, [], [square(0.001)]).borders
    assert inside.startswith("M")
    assert surroundings(FAULT, [], [square(1)]).borders == ""
    cut = surroundings(FAULT, [], [square(0.003)]).borders
    spots = [pair.split(",") for pair in cut[1:].replace("M", " ").split()]
    assert all(0 <= float(x) <= WIDTH and 0 <= float(y) <= HEIGHT for x, y in spots)


def stretch(east_metres, tilt=0.0):
    """Return a street from far south to far north, so many metres east of the fault."""
    here = FAULT.lon + east_metres / DEGREE_METRES / math.cos(math.radians(FAULT.lat))
    return [FAULT.lat - 0.01, here, FAULT.lat + 0.01, here + tilt]


def test_streets_are_drawn_up_to_the_edge_and_asked_for_a_little_beyond():
    asked = []

    def give(*box: float):
        asked.append(box)
        return np.array([stretch(0), stretch(100)])

    sheet = surroundings(FAULT, [], [], give)
    assert sorted(sheet.streets.split("M")[1:]) == ["180,220 180,0", "224,220 224,0"]
    [(south, west, north, east)] = asked
    assert (FAULT.lat - south) * DEGREE_METRES == pytest.approx(550, abs=1)
    assert north - FAULT.lat == pytest.approx(FAULT.lat - south)
    assert west < FAULT.lon < east


def test_no_road_map_is_another_thing_than_no_street():
    assert surroundings(FAULT, [], []).streets is None
    assert surroundings(FAULT, [], [], lambda *_box: np.empty((0, 4))).streets == ""


def test_the_streets_of_a_whole_city_are_cut_to_what_a_phone_keeps():
    choose = np.random.default_rng(1)
    middle = np.tile([FAULT.lat, FAULT.lon], 2)
    many = middle + choose.uniform(-0.002, 0.002, (5_000, 4))
    streets = surroundings(FAULT, [], [], lambda *_box: many).streets
    assert LONGEST_STREETS * 0.99 < len(streets) <= LONGEST_STREETS
