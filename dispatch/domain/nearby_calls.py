"""Which of very many calls are near one in space, soon after it, and of its category?

Looking at every two of a million takes hours. Here calls lie in cells twice as wide as what counts
as near, those of a cell in their order in time, so that four searches find the neighbours of one.
"""

from __future__ import annotations

import math
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dispatch.domain.broken_facts import order_of_calls
from dispatch.domain.place import MEAN_EARTH_RADIUS_METRES
from dispatch.domain.same_place import on_the_globe, spans

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_PAIRS_AT_ONCE = 1 << 18


class Spots(NamedTuple):
    """Tickets as columns, for finding clusters: numbers of categories, degrees, microseconds."""

    ticket: Ints
    category: Ints
    lat: Floats
    lon: Floats
    received: Floats

    def at(self, places: Ints) -> Spots:
        """Return those at some places."""
        lat, lon, received = (column[places] for column in self[2:])
        return Spots(self.ticket[places], self.category[places], lat, lon, received)


class NearbyCalls:
    """Calls with a place, to be looked at from one another.

    A call is told by its place in `spots`, which has the calls by category and cell; `rank` is its
    place in the order in time, those of one instant by ticket.
    """

    def __init__(self, spots: Spots, metres: float, microseconds: float) -> None:
        """Put calls into cells; so many metres in a straight line are near, and so long is soon."""
        self.size = int(spots.ticket.size)
        half_angle = metres / (2 * MEAN_EARTH_RADIUS_METRES)
        self._chord = 2 * MEAN_EARTH_RADIUS_METRES * math.sin(half_angle)
        # What rounding takes from a distance must not put a neighbour two cells away.
        self._half = metres * (1 + 1e-9)
        self._width = 2 * int(MEAN_EARTH_RADIUS_METRES / metres) + 4
        timely = order_of_calls(spots.received, spots.ticket)
        xyz = on_the_globe(spots.lat, spots.lon)[timely]
        # Seen from the middle of them, these two axes run along the ground rather than into it.
        self._axes = np.argsort(np.abs(xyz.sum(axis=0)))[:2]
        self._categories, codes = np.unique(spots.category[timely], return_inverse=True)
        keys = self._numbered(codes, self._halves(xyz) >> 1) + np.arange(self.size)
        self.rank = np.argsort(keys)
        self._keys = keys[self.rank]
        self._xyz = np.ascontiguousarray(xyz[self.rank].T)
        self._times, self._long = spots.received[timely], microseconds
        self.spots = spots.at(timely[self.rank])

    def counts_soon(self) -> Ints:
        """Count for each call those near it that came soon after, itself too."""
        found = np.zeros(self.size, dtype=np.int64)
        for ones, _ in self._soon(np.arange(self.size)):
            found += np.bincount(ones, minlength=self.size)
        return found

    def counts_around(self, spots: Spots) -> Ints:
        """Count for each of some other spots the calls of its category near it, at any time."""
        found = np.zeros(spots.ticket.size, dtype=np.int64)
        begins = np.zeros(found.size, dtype=np.int64)
        xyz = on_the_globe(spots.lat, spots.lon)
        for ones, _ in self._near(spots.category, xyz, begins, begins + self.size):
            found += np.bincount(ones, minlength=found.size)
        return found

    def members(self, calls: Ints) -> list[Ints]:
        """Return for each of some calls those near it that came soon after, itself too."""
        nobody = np.empty(0, dtype=np.int64)
        pairs = [(nobody, nobody), *self._soon(calls)]
        ones, others = (np.concatenate(each) for each in zip(*pairs, strict=True))
        order = np.argsort(ones, kind="stable")
        ends = np.cumsum(np.bincount(ones, minlength=calls.size))
        return np.split(others[order], ends[:-1])[: calls.size]

    @cached_property
    def _ranks_soon(self) -> tuple[Ints, Ints]:
        """Return by rank where what comes soon begins and ends; in order, searches are quick."""
        begins = np.searchsorted(self._times, self._times)
        return begins, np.searchsorted(self._times, self._times + self._long, side="right")

    def _soon(self, calls: Ints) -> Iterator[tuple[Ints, Ints]]:
        begins, ends = (each[self.rank[calls]] for each in self._ranks_soon)
        yield from self._near(self.spots.category[calls], self._xyz[:, calls].T, begins, ends)

    def _near(
        self, category: Ints, xyz: Floats, begins: Ints, ends: Ints
    ) -> Iterator[tuple[Ints, Ints]]:
        """Pair what is asked for with calls near it whose rank lies in a range."""
        codes = np.searchsorted(self._categories, category)
        is_known = np.isin(category, self._categories)
        low = (self._halves(xyz) - 1) >> 1
        for step in product((0, 1), repeat=2):
            base = self._numbered(codes, low + step)
            first = np.searchsorted(self._keys, base + begins)
            stop = np.where(is_known, np.searchsorted(self._keys, base + ends), first)
            for some in _pieces(stop - first):
                rows, others = spans(first[some], stop[some])
                apart = [
                    (self._xyz[axis][others] - xyz[some, axis][rows]) ** 2 for axis in range(3)
                ]
                is_near = apart[0] + apart[1] + apart[2] <= self._chord**2
                yield rows[is_near] + some.start, others[is_near]

    def _halves(self, xyz: Floats) -> Ints:
        """Return in which half of a cell each point lies, along both axes of the ground."""
        halves: Ints = np.floor(xyz[:, self._axes] / self._half).astype(np.int64)
        return halves

    def _numbered(self, codes: Ints, cells: Ints) -> Ints:
        """Return the number before that of the first call in each cell of a category."""
        middle = self._width // 2
        along, across = (cells + middle).T
        numbers: Ints = ((codes * self._width + along) * self._width + across) * self.size
        return numbers


def _pieces(counts: Ints) -> Iterator[slice]:
    """Cut what is asked for into pieces with not too many pairs to be looked at."""
    sums = np.cumsum(counts)
    total = int(sums[-1]) if sums.size else 0
    edges = np.searchsorted(sums, np.arange(_PAIRS_AT_ONCE, total, _PAIRS_AT_ONCE)).tolist()
    for start, stop in zip([0, *edges], [*edges, counts.size], strict=True):
        if start < stop:
            yield slice(start, stop)
