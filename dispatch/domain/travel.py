"""How long does a crew take to drive there?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

import numpy as np

from dispatch.domain.place import Point, metres_from

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Mean driving speed in a city by day, km/h: the simulated cities of the planner used the same.
SPEED_KMH = 32.0

#: Road length over straight line; 1.3 is the usual ratio in street networks of a city.
DETOUR = 1.3

#: `Leg.source` of an estimate made without a road graph.
GREAT_CIRCLE = "great_circle"

_METRES_PER_SECOND = 1 / 3.6


@dataclass(frozen=True, slots=True)
class Leg:
    """One drive: straight-line or road `metres`, `seconds`, and which source said so."""

    metres: float
    seconds: float
    source: str


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
