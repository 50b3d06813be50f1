"""Which streets does an extract of OpenStreetMap hold, and how fast are they driven?"""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dispatch.domain.file_faults import FileFaults
from dispatch.domain.place import Point
from dispatch.domain.road_tables import RoadNetwork
from dispatch.domain.sentences import say
from dispatch.domain.travel import great_circle_pairs

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Speed in km/h by highway class where no limit is posted; the car profile of OSRM.
CLASS_KMH = {
    "motorway": 90.0,
    "motorway_link": 45.0,
    "trunk": 85.0,
    "trunk_link": 40.0,
    "primary": 65.0,
    "primary_link": 30.0,
    "secondary": 55.0,
    "secondary_link": 25.0,
    "tertiary": 40.0,
    "tertiary_link": 20.0,
    "unclassified": 25.0,
    "residential": 25.0,
    "road": 20.0,
    "living_street": 10.0,
    "service": 15.0,
}

#: Share of a posted limit that is driven on average, likewise.
SHARE_OF_LIMIT = 0.8
SLOWEST_KMH, FASTEST_KMH = 5.0, 120.0
KMH_A_MILE = 1.609344

ROUNDABOUTS = {"roundabout", "circular"}
NO_DOORS = {"motorway", "motorway_link", "trunk", "trunk_link"}
CLOSED = {"no", "private", "agricultural", "forestry", "emergency"}
#: The most special key decides.
ACCESS_KEYS = ("motorcar", "motor_vehicle", "vehicle", "access")

_LIMIT = re.compile(r"(\d+(?:\.\d+)?)\s*(mph|km/h|kmh|kph)?", re.ASCII)


class Way(NamedTuple):
    """A drivable way: the ids of its nodes in order, and its tags."""

    nodes: list[int]
    tags: dict[str, str]


def read_overpass(content: bytes, file: str) -> RoadNetwork:
    """Read the drivable ways of an Overpass JSON answer as arcs.

    A way that leads to a node outside the extract ends at its edge. Raises Invalid naming the
    element and field of up to twenty faults.
    """
    faults = FileFaults(file)
    return read_elements(_elements(content, faults), faults)


def read_elements(elements: Iterable[Any], faults: FileFaults) -> RoadNetwork:
    """Read nodes and ways in the shape of Overpass, each an object with its `type`."""
    places: dict[int, Point] = {}
    ways: list[Way] = []
    for number, element in enumerate(elements, start=1):
        kind = element.get("type") if isinstance(element, dict) else None
        if kind == "node":
            _read_node(number, element, places, faults)
        elif kind == "way":
            ways += _read_way(number, element, faults)
        elif kind not in {"relation", "count"}:
            reason = say("This is neither a node nor a way.")
            faults.add(reason, feature=number, field="type")
    faults.check()
    return _network(places, ways)


def _elements(content: bytes, faults: FileFaults) -> list[Any]:
    try:
        answer = json.loads(content)
    except ValueError as fault:
        raise faults.refuse(say("This is not JSON that can be read.")) from fault
    elements = answer.get("elements") if isinstance(answer, dict) else None
    if not isinstance(elements, list):
        raise faults.refuse(
            say("This is not an answer of Overpass: it has no list of elements."), field="elements"
        )
    return elements


def _read_node(
    number: int, element: dict[str, Any], places: dict[int, Point], faults: FileFaults
) -> None:
    if not isinstance(element.get("id"), int):
        faults.add(say("A node needs a whole number as its id."), feature=number, field="id")
        return
    for name, limit in (("lat", 90), ("lon", 180)):
        value = element.get(name)
        if not isinstance(value, int | float) or not abs(value) <= limit:
            reason = say("This is not a number. Give degrees, for example 28.2278.")
            faults.add(reason, feature=number, field=name)
            return
    places[element["id"]] = Point(element["lat"], element["lon"])


def _read_way(number: int, element: dict[str, Any], faults: FileFaults) -> list[Way]:
    """Return the way if it can be driven, with its tags as texts."""
    nodes, tags = element.get("nodes"), element.get("tags", {})
    if not isinstance(nodes, list) or not all(isinstance(each, int) for each in nodes):
        faults.add(say("A way needs the list of its nodes."), feature=number, field="nodes")
        return []
    if not isinstance(tags, dict):
        reason = say("This must be an object with named fields.")
        faults.add(reason, feature=number, field="tags")
        return []
    way = Way(nodes, {name: str(value) for name, value in tags.items()})
    return [way] if is_drivable(way.tags) else []


def is_drivable(tags: dict[str, str]) -> bool:
    """Tell whether a crew's vehicle may use a way of these tags."""
    access = next((tags[key] for key in ACCESS_KEYS if key in tags), "yes")
    return tags.get("highway") in CLASS_KMH and access not in CLOSED


def speed_of(tags: dict[str, str]) -> float:
    """Return the km/h driven on a way: a share of its posted limit, else the speed of its class."""
    limit = _LIMIT.fullmatch(tags.get("maxspeed", "").strip())
    if limit is None:
        return CLASS_KMH[tags["highway"]]
    kmh = float(limit[1]) * (KMH_A_MILE if limit[2] == "mph" else 1.0) * SHARE_OF_LIMIT
    return min(max(kmh, SLOWEST_KMH), FASTEST_KMH)


def directions_of(tags: dict[str, str]) -> tuple[bool, bool]:
    """Tell whether a way is driven along its nodes, and whether against them."""
    given = tags.get("oneway", "")
    if given in {"-1", "reverse"}:
        return False, True
    is_implied = tags.get("highway") == "motorway" or tags.get("junction") in ROUNDABOUTS
    is_one_way = given in {"yes", "true", "1"} or (is_implied and given not in {"no", "false", "0"})
    return True, not is_one_way


def _network(places: dict[int, Point], ways: list[Way]) -> RoadNetwork:
    numbers = {name: number for number, name in enumerate(places)}
    points = np.array([(each.lat, each.lon) for each in places.values()]).reshape(-1, 2)
    doors = np.zeros(len(points), dtype=bool)
    arcs: list[tuple[int, int]] = []
    speeds: list[float] = []
    for way in ways:
        tags = way.tags
        along, against = directions_of(tags)
        for start, end in pairwise(way.nodes):
            if start in numbers and end in numbers:
                pair = numbers[start], numbers[end]
                arcs += [pair] * along + [pair[::-1]] * against
                speeds += [speed_of(tags)] * (along + against)
                doors[list(pair)] |= tags["highway"] not in NO_DOORS
    ends = np.array(arcs, dtype=np.int64).reshape(-1, 2)
    metres = great_circle_pairs(points[ends[:, 0]], points[ends[:, 1]])
    return RoadNetwork(points, ends, metres / (np.array(speeds) / 3.6), doors)
