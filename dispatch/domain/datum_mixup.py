"""Do crews arrive beside their places by one and the same vector, as where a datum was mixed up?

GCJ-02 lies some hundred metres off WGS-84 and BD-09 another kilometre, both by nearly one vector
all over a city. Crews that tap by mistake miss in all directions; a datum that was taken for
another misses in one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dispatch.domain.place import (
    MEAN_EARTH_RADIUS_METRES,
    Datum,
    Point,
    from_wgs84,
    metres_between,
    to_wgs84,
)
from dispatch.domain.sentences import Sentence, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEAST_ARRIVALS = 5
LEAST_METRES = 100.0
"""A place may be so far from where a van can stop."""
SPREAD_METRES = 100.0
"""So far at most do the vectors of one mix-up lie from their median."""
LEAST_SHARE = 0.5
"""So large a part of those that miss must miss by that vector."""
FIT_METRES = 60.0
"""So near at most do the places lie to the arrivals when a mix-up that explains them is undone."""

DATUM_NAMES = {Datum.WGS84: "WGS-84", Datum.GCJ02: "GCJ-02", Datum.BD09: "BD-09"}
_WINDS = (
    say("north"),
    say("north-east"),
    say("east"),
    say("south-east"),
    say("south"),
    say("south-west"),
    say("west"),
    say("north-west"),
)


class Miss(NamedTuple):
    """Where a ticket was placed and where its crew tapped that it arrived, both WGS-84."""

    number: str
    place: Point
    here: Point


@dataclass(frozen=True)
class MixUp:
    """A vector by which arrivals miss; `east` and `north` are metres from place to arrival.

    `given` was taken for `taken`, None where no datum explains the vector. `numbers` are the
    tickets that miss so.
    """

    arrivals: int
    numbers: tuple[str, ...]
    east: float
    north: float
    given: Datum | None = None
    taken: Datum | None = None

    @property
    def metres(self) -> int:
        """Return the length of the vector."""
        return round(math.hypot(self.east, self.north))

    def in_words(self, source: Sentence) -> Sentence:
        """Say what was found; `source` names where the places came from."""
        what = say(
            "%(missed)s of %(arrivals)s arrivals at places from “%(source)s” lie %(metres)s m to "
            "the %(wind)s of the place.",
            missed=len(self.numbers),
            arrivals=self.arrivals,
            source=source,
            metres=self.metres,
            wind=self._wind(),
        )
        if self.given is None or self.taken is None:
            why = say("The places seem to be shifted where they come from.")
        else:
            why = say(
                "The places seem to be %(given)s and were taken for %(taken)s.",
                given=DATUM_NAMES[self.given],
                taken=DATUM_NAMES[self.taken],
            )
        return say("%(what)s %(why)s", what=what, why=why)

    def _wind(self) -> Sentence:
        turn = math.degrees(math.atan2(self.east, self.north))
        return _WINDS[round(turn / 45) % len(_WINDS)]


def find_mix_up(misses: Sequence[Miss]) -> MixUp | None:
    """Return the one vector by which half or more of the arrivals that miss do so.

    None where fewer than five share one, or where it is shorter than 100 m.
    """
    far = [each for each in misses if metres_between(each.place, each.here) >= LEAST_METRES]
    if len(far) < LEAST_ARRIVALS:
        return None
    vectors = np.array([_vector(each) for each in far])
    middle = _densest(vectors)
    alike = np.hypot(*(vectors - middle).T) <= SPREAD_METRES
    if alike.sum() < max(LEAST_ARRIVALS, LEAST_SHARE * len(far)):
        return None
    east, north = (float(each) for each in np.median(vectors[alike], axis=0))
    if math.hypot(east, north) < LEAST_METRES:
        return None
    same = [each for each, is_alike in zip(far, alike, strict=True) if is_alike]
    given, taken = _explained(same)
    numbers = tuple(each.number for each in same)
    return MixUp(len(misses), numbers, east, north, given, taken)


def _densest(vectors: Floats) -> Floats:
    """Return the vector with the most others around it; of two, the first."""
    apart = np.hypot(
        vectors[:, None, 0] - vectors[None, :, 0], vectors[:, None, 1] - vectors[None, :, 1]
    )
    found: Floats = vectors[int(np.argmax((apart <= SPREAD_METRES).sum(axis=1)))]
    return found


def _vector(miss: Miss) -> tuple[float, float]:
    place, here = miss.place, miss.here
    turn = (here.lon - place.lon + 180.0) % 360.0 - 180.0
    east = math.radians(turn) * math.cos(math.radians((place.lat + here.lat) / 2))
    north = math.radians(here.lat - place.lat)
    return MEAN_EARTH_RADIUS_METRES * east, MEAN_EARTH_RADIUS_METRES * north


def _explained(misses: Sequence[Miss]) -> tuple[Datum | None, Datum | None]:
    """Return which datum was taken for which other, where undoing that brings places to arrivals.

    A place that was kept went through `to_wgs84` with the datum that it was taken for.
    """
    best: tuple[float, Datum, Datum] | None = None
    for given in Datum:
        for taken in Datum:
            if given is taken:
                continue
            left = float(np.median([_left(each, given, taken) for each in misses]))
            if left <= FIT_METRES and (best is None or left < best[0]):
                best = left, given, taken
    return (best[1], best[2]) if best else (None, None)


def _left(miss: Miss, given: Datum, taken: Datum) -> float:
    meant = to_wgs84(from_wgs84(miss.place, taken), given)
    return metres_between(meant, miss.here)
