"""Are the features of a GeoJSON file read as grids, and is every fault of them named?"""

from __future__ import annotations

import json
from typing import Any

import pytest
import shapely

from dispatch.domain.errors import Invalid
from dispatch.domain.grid_features import GridFields, read_grid_features
from dispatch.domain.grids import GridIndex, GridShape
from dispatch.domain.place import Datum, Point, to_wgs84
from tests.past_files import BOW_TIE, CITY, EAST, WEST, collection, feature


def read(content: bytes, **fields: Any):
    return read_grid_features(content, "g.geojson", GridFields(**fields))


def test_fields_are_read_where_they_are_named():
    west, east = read(CITY, team="team", zone="zone")
    assert (west.name, west.team, west.zone) == ("West", "West Team", "town")
    assert east.zone == "suburb"
    assert not west.repaired
    plain, _ = read(CITY)
    assert (plain.team, plain.zone) == (None, None)


@pytest.mark.parametrize("given", ["name", "team", "zone"])
def test_a_field_that_no_feature_has_is_refused_once_with_those_that_are_there(given: str):
    with pytest.raises(Invalid) as caught:
        read(CITY, **{given: "nope"})
    (reason,) = caught.value.fields.values()
    assert str(reason).startswith("No feature has a field of that name. Found: ")
    assert "name, " in str(reason)
    assert [each["field"] for each in caught.value.facts["refused"]] == ["nope"]


def test_chinese_names_come_along():
    content = collection(feature("Yuelu", WEST, name_zh="岳麓", t="Team", t_zh="队"))
    (draft,) = read(content, team="t")
    assert (draft.name_zh, draft.team_zh) == ("岳麓", "队")


def test_a_number_may_be_a_name_and_a_crossing_ring_is_repaired():
    (draft,) = read(collection(feature("x", BOW_TIE, number=7)), name="number")
    assert draft.name == "7"
    assert draft.repaired
    assert shapely.is_valid(draft.shape)


@pytest.mark.parametrize(
    ("content", "fields", "field"),
    [
        (collection(feature("A", WEST, n=None)), {"name": "n"}, "n"),
        (collection(feature("A", WEST, n=True)), {"name": "n"}, "n"),
        (collection(feature(" ", WEST)), {}, "name"),
        (collection(feature("a\0", WEST)), {}, "name"),
        (collection(feature("A", WEST)), {"name": "title"}, "title"),
        (collection(feature("A", WEST)), {"team": "team"}, "team"),
        (collection(feature("A", WEST, z="moon")), {"zone": "z"}, "z"),
        (collection(feature("A", WEST), feature("A", EAST)), {}, "name"),
        (json.dumps({"features": [{"properties": {}}]}).encode(), {}, "properties"),
        (json.dumps({"features": [1]}).encode(), {}, None),
        (json.dumps({"features": {}}).encode(), {}, None),
        (json.dumps({"features": []}).encode(), {}, "features"),
        (json.dumps({"features": [feature("A", WEST)], "crs": "EPSG:1"}).encode(), {}, "crs"),
        (collection(feature("A", WEST[:2])), {}, "geometry"),
        (b"NaN", {}, None),
        (b"\xff", {}, None),
        (b"{", {}, None),
        (b"1" * 10_000, {}, None),
    ],
)
def test_a_bad_file_names_its_field(content, fields, field):
    with pytest.raises(Invalid) as refusal:
        read(content, **fields)
    assert field in [place["field"] for place in refusal.value.facts["refused"]]


def test_the_usual_coordinate_system_may_be_named():
    named = {"features": [feature("A", WEST)], "crs": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    assert len(read(json.dumps(named).encode())) == 1


@pytest.mark.shared_data
def test_a_point_in_gcj02_lands_in_the_same_district_of_changsha(shared_data):
    drawn = {}
    for datum in (Datum.GCJ02, Datum.WGS84):
        path = shared_data / f"changsha_districts_{datum}.geojson"
        drawn[datum] = read(path.read_bytes(), datum=datum)
    index = GridIndex(
        [GridShape(n, each.name, None, each.shape) for n, each in enumerate(drawn[Datum.WGS84])]
    )
    raw = json.loads((shared_data / "changsha_districts_gcj02.geojson").read_text("utf-8"))
    for each in raw["features"]:
        spot = shapely.from_geojson(json.dumps(each["geometry"])).representative_point()
        found = index.find_grid(to_wgs84(Point(spot.y, spot.x), Datum.GCJ02))
        # Ningxiang became a city between the two files: 宁乡县, 宁乡市.
        assert index.grid(found.key).name[:2] == each["properties"]["name"][:2]
    assert len(drawn[Datum.GCJ02]) == len(drawn[Datum.WGS84]) == 9
