"""How long does a crew take to drive there?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, overload

import numpy as np

from dispatch.domain.place import MEAN_EARTH_RADIUS_METRES, Point, metres_from
from dispatch.domain.sentences import Sentence, say

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: Mean driving speed in a city by day, km/h: the simulated cities of the planner used the same.
SPEED_KMH = 32.0

#: Road length over straight line; 1.3 is the usual ratio in street networks of a city.
DETOUR = 1.3

#: `Leg.source` of an estimate made without a road graph.
GREAT_CIRCLE = "great_circle"

#: `TravelTimes.source` of the embedded default.
STRAIGHT_LINE = "straight_line"

#: Relative error of the straight line before it is calibrated: the median absolute error of
#: a city's own drives against distance alone lies between a quarter and a third.
STRAIGHT_LINE_SPREAD = 0.3

_STRAIGHT = say("the straight line")

#: What the reader sees of a source; the map servers are called by their own names.
SOURCE_NAMES = {
    GREAT_CIRCLE: _STRAIGHT,
    STRAIGHT_LINE: _STRAIGHT,
    "road_graph": say("the road map"),
    "osrm": Sentence("OSRM"),
    "valhalla": Sentence("Valhalla"),
    "amap": say("AMap"),
    "baidu": say("Baidu Maps"),
}

HOURS = 24
_METRES_PER_SECOND = 1 / 3.6


@dataclass(frozen=True, slots=True)
class TravelAnswer:
    """A matrix of drives with its author.

    `seconds` (m, n), NaN where there is no way; `source` answered; `spread` is the relative error
    to reckon with; `note` says why it was not the configured source, else None.
    """

    seconds: Floats
    source: str
    spread: float
    note: Sentence | None = None


class TravelTimes(Protocol):
    """A source of driving times; an adapter inherits from it and writes `seconds`.

    `source` names it; `spread` is the relative error of one drive (0.15 means 15 %).
    `knows_streets` says whether `streets_in` gives any.
    """

    source: str
    spread: float
    knows_streets: bool = False

    def seconds(self, origins: Floats, goals: Floats, hour: int | None) -> Floats:
        """Return the (m, n) seconds from each origin to each goal; NaN where there is no way.

        `origins` (m, 2) and `goals` (n, 2) hold WGS-84 latitude and longitude in degrees, a NaN
        place has NaN drives; `hour` is the local hour of setting off, 0 to 23, None when unknown.
        """
        ...

    def answer(self, origins: Floats, goals: Floats, hour: int | None) -> TravelAnswer:
        """Return the same matrix with its author; a source that falls back says so here."""
        return TravelAnswer(self.seconds(origins, goals, hour), self.source, self.spread)

    def way(self, origin: Point, goal: Point) -> Floats | None:
        """Return the (k, 2) places along the drive, ends included; None where none is known."""
        del origin, goal
        return None

    def streets_in(self, south: float, west: float, north: float, east: float) -> Floats:
        """Return the (k, 4) stretches of street with an end in a box: two places, degrees."""
        del south, west, north, east
        return np.empty((0, 4))


@dataclass(frozen=True, slots=True)
class StraightLine(TravelTimes):
    """Great circle times detour over speed: the embedded default, which needs no roads.

    `speed_kmh` is one speed, or 24 by local hour of setting off; their mean stands for an
    unknown hour.
    """

    speed_kmh: float | tuple[float, ...] = SPEED_KMH
    detour: float = DETOUR
    spread: float = STRAIGHT_LINE_SPREAD
    source: str = STRAIGHT_LINE

    def __post_init__(self) -> None:
        """Raise ValueError for speeds that nobody drives, or hours that a day does not have."""
        speeds = np.array(self.speed_kmh)
        if speeds.shape not in {(), (HOURS,)}:
            raise ValueError("give one speed, or 24 by hour")
        if not (np.all((speeds > 0) & np.isfinite(speeds)) and self.detour > 0):
            raise ValueError("speed and detour must be positive")

    def speed_at(self, hour: int | None) -> float:
        """Return the speed in km/h of a local hour; the mean of the day for None."""
        if not isinstance(self.speed_kmh, tuple):
            return self.speed_kmh
        return float(np.mean(self.speed_kmh)) if hour is None else self.speed_kmh[hour]

    def hour_factors(self) -> tuple[float, ...]:
        """Return how many times longer than at the mean speed a drive takes, by hour."""
        return tuple(self.speed_at(None) / self.speed_at(hour) for hour in range(HOURS))

    def seconds(self, origins: Floats, goals: Floats, hour: int | None = None) -> Floats:
        """Return the (m, n) seconds of driving by the speed of that hour."""
        metres = great_circle_metres(origins, goals)
        metres *= self.detour / (self.speed_at(hour) * _METRES_PER_SECOND)
        return metres


def great_circle_metres(origins: Floats, goals: Floats) -> Floats:
    """Return the (m, n) great-circle metres between (m, 2) and (n, 2) WGS-84 latitudes, longitudes.

    By the chord between unit vectors, which loses nothing at short distances and needs no
    trigonometry for each pair.
    """
    starts, ends = _unit_vectors(origins), _unit_vectors(goals)
    chord = np.zeros((len(starts), len(ends)))
    for axis in range(3):
        chord += np.subtract.outer(starts[:, axis], ends[:, axis]) ** 2
    half = np.sqrt(chord, out=chord)
    half *= 0.5
    metres: Floats = np.arcsin(np.minimum(half, 1.0, out=half), out=half)
    metres *= 2 * MEAN_EARTH_RADIUS_METRES
    return metres


def great_circle_pairs(starts: Floats, ends: Floats) -> Floats:
    """Return the (k,) great-circle metres between the rows of two (k, 2) arrays of places."""
    apart = _unit_vectors(starts) - _unit_vectors(ends)
    half = np.sqrt((apart**2).sum(axis=1)) / 2
    metres: Floats = 2 * MEAN_EARTH_RADIUS_METRES * np.arcsin(np.minimum(half, 1.0))
    return metres


def _unit_vectors(places: Floats) -> Floats:
    lats, lons = np.radians(np.asarray(places, dtype=np.float64).reshape(-1, 2)).T
    across = np.cos(lats)
    return np.column_stack((across * np.cos(lons), across * np.sin(lons), np.sin(lats)))


@dataclass(frozen=True, slots=True)
class Leg:
    """One drive: straight-line or road `metres`, `seconds`, which source said so, and its error."""

    metres: float
    seconds: float
    source: str
    spread: float = STRAIGHT_LINE_SPREAD


#: Answers the legs from each origin to one place, in the order of the origins.
Drive = Callable[[Point, Sequence[Point]], Sequence[Leg]]


@overload
def drive_seconds(metres: float, *, speed_kmh: float = ..., detour: float = ...) -> float: ...


@overload
def drive_seconds(
    metres: NDArray[np.float64], *, speed_kmh: float = ..., detour: float = ...
) -> NDArray[np.float64]: ...


def drive_seconds(
    metres: float | NDArray[np.float64], *, speed_kmh: float = SPEED_KMH, detour: float = DETOUR
) -> float | NDArray[np.float64]:
    """Estimate the seconds of a drive from straight-line metres, for a number or an array."""
    if not (speed_kmh > 0 and detour > 0):
        raise ValueError("speed and detour must be positive")
    return metres * (detour / (speed_kmh * _METRES_PER_SECOND))


def legs_of(answer: TravelAnswer, to: Point, origins: Mapping[int, Point]) -> dict[int, Leg]:
    """Return the drives to one place that a source answered, (m, 1), by the key of each origin.

    Those that it knows no way for are left out.
    """
    places = np.array([(at.lat, at.lon) for at in origins.values()]).reshape(-1, 2)
    metres = great_circle_metres(places, np.array([(to.lat, to.lon)]))[:, 0]
    return {
        key: Leg(far, seconds, answer.source, answer.spread)
        for key, far, seconds in zip(
            origins, metres.tolist(), answer.seconds[:, 0].tolist(), strict=True
        )
        if np.isfinite(seconds)
    }


def great_circle_legs(
    to: Point, origins: Sequence[Point], *, speed_kmh: float = SPEED_KMH, detour: float = DETOUR
) -> list[Leg]:
    """Estimate every leg to one place from straight lines; this is the default `Drive`."""
    if not origins:
        return []
    lats = np.array([origin.lat for origin in origins], dtype=np.float64)
    lons = np.array([origin.lon for origin in origins], dtype=np.float64)
    metres = metres_from(to, lats, lons)
    seconds = drive_seconds(metres, speed_kmh=speed_kmh, detour=detour)
    return [
        Leg(length, duration, GREAT_CIRCLE)
        for length, duration in zip(metres.tolist(), seconds.tolist(), strict=True)
    ]
