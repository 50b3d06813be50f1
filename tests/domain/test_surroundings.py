"""Does a small sheet show what is near a fault, at its place and in its measure?"""

import pytest

from dispatch.domain.place import Point
from dispatch.domain.surroundings import HEIGHT, WIDTH, Landmark, surroundings

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
