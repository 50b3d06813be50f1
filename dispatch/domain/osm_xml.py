"""Which streets does an OpenStreetMap file in XML hold?"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError, iterparse

from dispatch.domain.file_faults import FileFaults
from dispatch.domain.overpass_roads import read_elements
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from dispatch.domain.road_tables import RoadNetwork

#: A file of OpenStreetMap declares nothing; declarations are how an XML file attacks its reader.
DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")


def read_osm_xml(content: bytes, file: str) -> RoadNetwork:
    """Read the drivable ways of an `.osm` file as `read_overpass` does.

    Raises Invalid naming the element and field of up to twenty faults; elements are counted
    among nodes and ways.
    """
    faults = FileFaults(file)
    if any(each in content for each in DECLARATIONS):
        raise faults.refuse(say("This XML declares things of its own: export plain OSM XML."))
    return read_elements(_elements(content, faults), faults)


def _elements(content: bytes, faults: FileFaults) -> Iterator[dict[str, Any]]:
    try:
        for _event, element in iterparse(io.BytesIO(content)):  # noqa: S314  no declarations
            if element.tag == "node":
                yield {
                    "type": "node",
                    "id": _number(element, "id", int),
                    "lat": _number(element, "lat", float),
                    "lon": _number(element, "lon", float),
                }
                element.clear()
            elif element.tag == "way":
                yield {
                    "type": "way",
                    "nodes": [_number(each, "ref", int) for each in element.iter("nd")],
                    "tags": {each.get("k", ""): each.get("v", "") for each in element.iter("tag")},
                }
                element.clear()
    except ParseError as fault:
        raise faults.refuse(
            say("This is not XML that can be read."), line=fault.position[0]
        ) from fault


def _number(element: Element, name: str, kind: type[int | float]) -> float | None:
    """Return a number, or None for what the reader of elements will name as a fault."""
    try:
        return kind(element.get(name, ""))
    except ValueError:
        return None
