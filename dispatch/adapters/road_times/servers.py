"""How is each road server asked for a matrix of drives, and how is its answer read?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote, urlencode

import numpy as np

from dispatch.adapters.road_times.asking import NoAnswer, Question
from dispatch.domain.place import Datum, from_wgs84_many
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dispatch.domain.place import Point
    from dispatch.domain.sentences import Sentence

    Floats = NDArray[np.float64]

#: What a road server knows of a city's drives: the ways, at their usual speeds.
SERVER_SPREAD = 0.15
#: An online map knows the traffic of this minute as well.
TRAFFIC_SPREAD = 0.12

#: An answer without traffic is good for a day.
A_DAY = 86_400.0
#: An answer with traffic is good for a quarter of an hour.
WHILE_TRAFFIC_LASTS = 900.0


AMAP, BAIDU_MAPS = say("AMap"), say("Baidu Maps")


class RoadServer(Protocol):
    """One way of asking; it neither connects nor remembers.

    `name` is the product's, `knows_traffic` whether an answer holds for its hour only,
    `good_seconds` how long it may be kept, `most_requests` how many one matrix may cost.
    """

    source: str
    name: Sentence | str
    spread: float
    knows_traffic: bool
    good_seconds: float
    most_requests: int

    def block(self, origins: int, goals: int) -> tuple[int, int]:
        """Return how many origins and goals of so many may stand in one question."""

    def question(self, origins: Floats, goals: Floats) -> Question:
        """Return the request for WGS-84 places, (m, 2) and (n, 2)."""

    def read(self, answer: Any, origins: int, goals: int) -> list[list[Any]]:
        """Return rows of whatever the server gave as seconds; raises NoAnswer for a refusal."""

    def way_question(self, origin: Point, goal: Point) -> Question | None:
        """Return the request for the streets of one drive; None where we cannot read them."""
        del origin, goal
        return None

    def read_way(self, answer: Any) -> list[list[Any]]:
        """Return longitude and latitude along the drive; raises NoAnswer for a refusal."""
        raise _refused(type(answer).__name__)


@dataclass(frozen=True)
class Osrm(RoadServer):
    """The table of an OSRM server; at most 100 places a question, as it is delivered."""

    source: str = "osrm"
    name: Sentence | str = "OSRM"
    spread: float = SERVER_SPREAD
    knows_traffic: bool = False
    good_seconds: float = A_DAY
    most_requests: int = 200

    def block(self, origins: int, goals: int) -> tuple[int, int]:
        """Share 100 places between the two sides."""
        columns = min(goals, max(50, 100 - origins))
        return min(origins, 100 - columns), columns

    def question(self, origins: Floats, goals: Floats) -> Question:
        """Ask `/table/v1/driving/` for durations alone."""
        places = ";".join(f"{lon:.6f},{lat:.6f}" for lat, lon in [*origins, *goals])
        sources = ";".join(map(str, range(len(origins))))
        targets = ";".join(map(str, range(len(origins), len(origins) + len(goals))))
        asked = f"sources={sources}&destinations={targets}&annotations=duration"
        return Question(f"/table/v1/driving/{places}?{asked}")

    def read(self, answer: Any, origins: int, goals: int) -> list[list[Any]]:
        """Read `durations`; null is no way."""
        del origins, goals
        return _rows(_ok(answer).get("durations"))

    def way_question(self, origin: Point, goal: Point) -> Question:
        """Ask `/route/v1/driving/` for the whole line."""
        places = ";".join(f"{each.lon:.6f},{each.lat:.6f}" for each in (origin, goal))
        asked = "overview=full&geometries=geojson&steps=false"
        return Question(f"/route/v1/driving/{places}?{asked}")

    def read_way(self, answer: Any) -> list[list[Any]]:
        """Read the line of the first route."""
        return _line_of(answer)


@dataclass(frozen=True)
class Valhalla(RoadServer):
    """The matrix of a Valhalla server; at most 2,500 pairs a question, as it is delivered."""

    source: str = "valhalla"
    name: Sentence | str = "Valhalla"
    spread: float = SERVER_SPREAD
    knows_traffic: bool = False
    good_seconds: float = A_DAY
    most_requests: int = 200

    def block(self, origins: int, goals: int) -> tuple[int, int]:
        """Ask for at most 50 places on either side."""
        return min(origins, 50), min(goals, 50)

    def question(self, origins: Floats, goals: Floats) -> Question:
        """Post `/sources_to_targets` for a car."""
        return Question(
            "/sources_to_targets",
            {
                "sources": [{"lat": lat, "lon": lon} for lat, lon in origins.tolist()],
                "targets": [{"lat": lat, "lon": lon} for lat, lon in goals.tolist()],
                "costing": "auto",
                "verbose": False,
            },
        )

    def read(self, answer: Any, origins: int, goals: int) -> list[list[Any]]:
        """Read the concise form and the long one, which older servers always give."""
        del origins, goals
        matrix = _object(answer).get("sources_to_targets")
        if isinstance(matrix, dict):
            return _rows(matrix.get("durations"))
        return [[_object(pair).get("time") for pair in row] for row in _rows(matrix)]

    def way_question(self, origin: Point, goal: Point) -> Question:
        """Post `/route` for a car, to be answered as OSRM does; that needs version 3.5 or later."""
        asked = {"costing": "auto", "directions_type": "none", "format": "osrm"}
        ends = [{"lat": each.lat, "lon": each.lon} for each in (origin, goal)]
        return Question("/route", {"locations": ends, "shape_format": "geojson", **asked})

    def read_way(self, answer: Any) -> list[list[Any]]:
        """Read the line of the first route."""
        return _line_of(answer)


@dataclass(frozen=True)
class OnlineMap(RoadServer):
    """A map company's server: it wants a key, knows the traffic, and counts what it is asked."""

    key: str = ""
    spread: float = TRAFFIC_SPREAD
    knows_traffic: bool = True
    good_seconds: float = WHILE_TRAFFIC_LASTS
    most_requests: int = 60


@dataclass(frozen=True)
class Amap(OnlineMap):
    """AMap's distance measurement: up to 100 origins to one goal, places in GCJ-02."""

    source: str = "amap"
    name: Sentence | str = AMAP

    def block(self, origins: int, goals: int) -> tuple[int, int]:
        """Ask for one goal at a time."""
        return min(origins, 100), min(goals, 1)

    def question(self, origins: Floats, goals: Floats) -> Question:
        """Ask `/v3/distance` for the drive, longitude first, six decimals at most."""
        starts = "|".join(f"{lon:.6f},{lat:.6f}" for lat, lon in _in(origins, Datum.GCJ02))
        (goal,) = _in(goals, Datum.GCJ02)
        asked = {
            "origins": starts,
            "destination": f"{goal[1]:.6f},{goal[0]:.6f}",
            "type": "1",
            "output": "JSON",
            "key": self.key,
        }
        return Question("/v3/distance?" + urlencode(asked, safe=",|", quote_via=quote))

    def read(self, answer: Any, origins: int, goals: int) -> list[list[Any]]:
        """Read `results` by `origin_id`, from 1; a result with a fault code is no way."""
        del goals
        fields = _object(answer)
        if fields.get("status") != "1":
            raise _refused(fields.get("infocode"))
        rows: list[list[Any]] = [[None] for _ in range(origins)]
        for result in _list(fields.get("results")):
            given = _object(result)
            number = str(given.get("origin_id", ""))
            if number.isascii() and number.isdecimal() and 1 <= int(number) <= origins:
                rows[int(number) - 1] = [None if given.get("code") else given.get("duration")]
        return rows


@dataclass(frozen=True)
class Baidu(OnlineMap):
    """Baidu's route matrix: up to 50 pairs a question, places in BD-09."""

    source: str = "baidu"
    name: Sentence | str = BAIDU_MAPS

    def block(self, origins: int, goals: int) -> tuple[int, int]:
        """Share 50 pairs: the longer side in one go where the shorter allows it."""
        rows = min(origins, 50)
        return rows, max(1, min(goals, 50 // rows)) if rows else 1

    def question(self, origins: Floats, goals: Floats) -> Question:
        """Ask `/routematrix/v2/driving`, latitude first."""
        asked = {
            "output": "json",
            "coord_type": "bd09ll",
            "origins": "|".join(f"{lat:.6f},{lon:.6f}" for lat, lon in _in(origins, Datum.BD09)),
            "destinations": "|".join(f"{lat:.6f},{lon:.6f}" for lat, lon in _in(goals, Datum.BD09)),
            "ak": self.key,
        }
        return Question("/routematrix/v2/driving?" + urlencode(asked, safe=",|", quote_via=quote))

    def read(self, answer: Any, origins: int, goals: int) -> list[list[Any]]:
        """Read `result`, origin by origin."""
        fields = _object(answer)
        if fields.get("status") != 0:
            raise _refused(fields.get("status"))
        pairs = _list(fields.get("result"))
        if len(pairs) != origins * goals:
            raise _nonsense()
        seconds = [_object(_object(pair).get("duration", {})).get("value") for pair in pairs]
        return [seconds[row * goals : (row + 1) * goals] for row in range(origins)]


def seconds_of(rows: list[list[Any]], shape: tuple[int, int]) -> Floats:
    """Return the matrix of what a server gave; null, negative and endless drives are NaN.

    Raises:
        NoAnswer: when it is no matrix of numbers of that shape.
    """
    if len(rows) != shape[0] or any(len(row) != shape[1] for row in rows):
        raise _nonsense()
    try:
        found = np.array(
            [[np.nan if each in (None, [], "") else float(each) for each in row] for row in rows],
            dtype=np.float64,
        ).reshape(shape)
    except (TypeError, ValueError, OverflowError) as fault:
        raise _nonsense() from fault
    found[~np.isfinite(found) | (found < 0)] = np.nan
    return found


def way_of(line: list[list[Any]]) -> Floats:
    """Return the (k, 2) latitudes and longitudes of a line that a server gave.

    Raises:
        NoAnswer: when it is no line on the earth.
    """
    try:
        found = np.array([(float(lat), float(lon)) for lon, lat in line], dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as fault:
        raise _nonsense() from fault
    if len(found) < 2 or not np.all(np.abs(found) <= (90.0, 180.0)):  # noqa: PLR2004  two ends
        raise _nonsense()
    return found


def _line_of(answer: object) -> list[list[Any]]:
    routes = _list(_ok(answer).get("routes"))
    line = _object(_object(routes[0] if routes else None).get("geometry"))
    return _rows(line.get("coordinates"))


def _ok(answer: object) -> dict[str, Any]:
    fields = _object(answer)
    if fields.get("code") != "Ok":
        raise _refused(fields.get("code"))
    return fields


def _in(places: Floats, datum: Datum) -> list[tuple[float, float]]:
    lats, lons = from_wgs84_many(places[:, 0], places[:, 1], datum)
    return list(zip(lats.tolist(), lons.tolist(), strict=True))


def _refused(code: object) -> NoAnswer:
    return NoAnswer(say("It refused with code %(code)s.", code=str(code)[:40]))


def _nonsense() -> NoAnswer:
    return NoAnswer(say("Its answer is not the matrix that was asked for."))


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _nonsense()
    return value


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise _nonsense()
    return value


def _rows(value: object) -> list[list[Any]]:
    return [_list(row) for row in _list(value)]
