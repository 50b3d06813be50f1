"""Is an OpenStreetMap file read as the same streets would be from Overpass?"""

from __future__ import annotations

import json

import pytest

from dispatch.domain.errors import Invalid
from dispatch.domain.osm_xml import read_osm_xml
from dispatch.domain.overpass_roads import read_overpass

XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6" generator="test">
 <bounds minlat="42" minlon="-72" maxlat="43" maxlon="-71"/>
 <node id="1" lat="42.36" lon="-71.06"/>
 <node id="2" lat="42.37" lon="-71.06"><tag k="highway" v="crossing"/></node>
 <node id="3" lat="42.37" lon="-71.05"/>
 <way id="9"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way>
 <way id="8"><nd ref="2"/><nd ref="3"/><tag k="highway" v="primary"/><tag k="oneway" v="yes"/></way>
 <relation id="7"><member type="way" ref="9" role=""/></relation>
</osm>
"""
OVERPASS = {
    "elements": [
        {"type": "node", "id": 1, "lat": 42.36, "lon": -71.06},
        {"type": "node", "id": 2, "lat": 42.37, "lon": -71.06},
        {"type": "node", "id": 3, "lat": 42.37, "lon": -71.05},
        {"type": "way", "nodes": [1, 2], "tags": {"highway": "residential"}},
        {"type": "way", "nodes": [2, 3], "tags": {"highway": "primary", "oneway": "yes"}},
    ]
}


def test_both_forms_of_a_file_are_the_same_streets():
    from_xml = read_osm_xml(XML, "town.osm")
    from_json = read_overpass(json.dumps(OVERPASS).encode(), "town.json")
    assert from_xml.arcs.tolist() == from_json.arcs.tolist() == [[0, 1], [1, 0], [1, 2]]
    assert from_xml.seconds.tolist() == from_json.seconds.tolist()
    assert from_xml.places.tolist() == from_json.places.tolist()
    assert from_xml.accessible.tolist() == from_json.accessible.tolist()


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        (XML.replace(b'id="1"', b'id="one"'), "town.osm, feature 1, id: A node needs"),
        (XML.replace(b'lon="-71.05"', b""), "town.osm, feature 3, lon: This is not a number"),
        (XML.replace(b'lat="42.36"', b'lat="nan"'), "town.osm, feature 1, lat: This is not"),
        (XML.replace(b'<nd ref="1"/>', b"<nd/>"), "town.osm, feature 4, nodes: A way needs"),
        (XML[:300], "town.osm, line 7: This is not XML"),
        (b"", "town.osm, line 1: This is not XML"),
        (b'<!DOCTYPE osm [<!ENTITY a "b">]>' + XML[39:], "town.osm: This XML declares"),
    ],
)
def test_a_fault_is_named(broken, expected):
    with pytest.raises(Invalid) as refusal:
        read_osm_xml(broken, "town.osm")
    assert expected in str(refusal.value)
