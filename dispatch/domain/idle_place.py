"""Where should a crew with nothing to do wait, so that the next call is reached soonest?

The next call is taken to come where the last ones came from. One more crew is worth most where it
shortens the arrival of whoever is there first (the p-median of Hakimi 1964, one crew at a time).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Whole = NDArray[np.intp]

FEWEST_CALLS = 30
"""With fewer calls known nobody is asked to move."""

LEAST_GAIN_SECONDS = 20.0
"""A move that brings the mean arrival down by less is not worth the drive."""

_NO_WAY_SECONDS = 7_200.0


class Move(NamedTuple):
    """One idle crew's way to a better place: their rows, and the mean arrival, in seconds."""

    crew: int
    place: int
    before: float
    after: float


def better_place(
    others: Floats, here: Floats, places: Floats, weights: Floats | None = None
) -> tuple[int, float] | None:
    """Return the place where one more crew helps most, with the seconds won; None: it stays.

    `others` (k,) are the seconds until the soonest of all other crews is at each of k points that
    stand for demand, each by its weight; `here` (k,) those of the crew if it stays, `places` (p, k)
    those from each place where it may wait. inf is no way; the first of equals wins.
    """
    if not places.size:
        return None
    others = np.minimum(others, _NO_WAY_SECONDS)
    stays = np.average(np.minimum(here, others), weights=weights)
    gains = stays - np.average(np.minimum(places, others), axis=1, weights=weights)
    best = int(np.argmax(gains))
    return (best, float(gains[best])) if gains[best] >= LEAST_GAIN_SECONDS else None


def best_move(
    arrives: Floats, crews: Whole, working: Floats, places: Floats, weights: Floats | None = None
) -> Move | None:
    """Return the one move that brings the mean arrival down most, None where none is worth it.

    `arrives` (c, k) are the seconds until each idle crew is at each point, of which the rows
    `crews` may be moved; `working` (k,) those until the soonest crew at work is there; `places` and
    `weights` as in `better_place`.
    """
    if not len(crews):
        return None
    everybody = np.vstack([arrives, working])
    owner = everybody.argmin(axis=0)
    first, second = np.partition(everybody, 1, axis=0)[:2]
    best, won = None, 0.0
    for crew in crews.tolist():
        others = np.where(owner == crew, second, first)
        found = better_place(others, arrives[crew], places, weights)
        if found is not None and found[1] > won:
            best, won = (crew, found[0]), found[1]
    if best is None:
        return None
    before = float(np.average(np.minimum(first, _NO_WAY_SECONDS), weights=weights))
    return Move(*best, before, before - won)


def others_than(crew: int, arrives: Floats, working: Floats) -> Floats:
    """Return the seconds until the soonest but one idle crew is at each point."""
    others = np.delete(arrives, crew, axis=0).min(axis=0, initial=np.inf)
    soonest: Floats = np.minimum(others, working)
    return soonest
