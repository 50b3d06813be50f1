"""Do polygons of the earth keep their shape and their place on the sheet?"""

import pytest

from dispatch.domain.drawn_map import WIDTH, drawn


def box(west, south, east, north):
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def test_nothing_is_no_sheet():
    assert drawn({}) is None
    assert drawn({"empty": {"type": "Polygon", "coordinates": []}}) is None


def test_north_is_up_and_the_sheet_is_filled():
    sheet = drawn({"north": box(0, 1, 1, 2), "south": box(0, 0, 1, 1)})
    assert sheet.shapes["north"].y < sheet.shapes["south"].y
    assert sheet.height == pytest.approx(1200)
    assert sheet.shapes["north"].width == pytest.approx(sheet.width, abs=0.2)
    assert sheet.shapes["north"].path.startswith("M")
    assert sheet.shapes["north"].path.endswith("Z")


def test_a_degree_of_longitude_is_shorter_far_north():
    sheet = drawn({"one": box(10, 59.5, 14, 60.5)})
    assert sheet.width == WIDTH
    assert sheet.height == pytest.approx(WIDTH / 2, rel=0.01)


def test_several_parts_and_holes_are_rings_of_one_path():
    hole = [[0.4, 0.4], [0.6, 0.4], [0.6, 0.6], [0.4, 0.6], [0.4, 0.4]]
    holed = {"type": "Polygon", "coordinates": [*box(0, 0, 1, 1)["coordinates"], hole]}
    both = {
        "type": "MultiPolygon",
        "coordinates": [holed["coordinates"], box(2, 0, 3, 1)["coordinates"]],
    }
    assert drawn({"both": both}).shapes["both"].path.count("M") == 3
