"""Which of very many calls of a category are near one in space, and soon after it?

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
from dispatch.domain.call_density import most_soon
from dispatch.domain.place import MEAN_EARTH_RADIUS_METRES
from dispatch.domain.same_place import on_the_globe, spans

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_PAIRS_AT_ONCE = 1 << 18
_SLOTS = 1 << 18
_WIDER = 1 + 1e-6
"""So much wider are cells in degrees than they need be; near the poles there is one column."""
_LEAST_NARROW = 0.01


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

    def of(self, category: int) -> Spots:
        """Return those of one category."""
        return self.at(np.flatnonzero(self.category == category))

    def by_category(self) -> list[Spots]:
        """Return those of each category, in the order of its number."""
        return [self.of(each) for each in np.unique(self.category).tolist()]


class NearbyCalls:
    """Calls of one category with a place, to be looked at from one another.

    A call is told by its place in `spots`, which has them in the order of their calls, those of one
    instant by ticket.
    """

    def __init__(self, spots: Spots, metres: float, microseconds: float) -> None:
        """Put calls in order; so many metres in a straight line are near, and so long is soon."""
        self.spots = spots.at(order_of_calls(spots.received, spots.ticket))
        self.size = int(spots.ticket.size)
        self._metres, self._long = metres, microseconds
        half_angle = metres / (2 * MEAN_EARTH_RADIUS_METRES)
        self._chord = 2 * MEAN_EARTH_RADIUS_METRES * math.sin(half_angle)
        # What rounding takes from a distance must not put a neighbour two cells away.
        self._half = metres * (1 + 1e-9)
        self._width = 2 * int(MEAN_EARTH_RADIUS_METRES / metres) + 4
        self._globe = on_the_globe(self.spots.lat, self.spots.lon)
        # Seen from the middle of them, these two axes run along the ground rather than into it.
        self._axes = np.argsort(np.abs(self._globe.sum(axis=0)))[:2]

    def most_soon(self) -> Ints:
        """Return for each call no less than what `counts_soon` counts, and much more quickly."""
        ground = self._globe[:, self._axes]
        return most_soon(ground, self.spots.received, self._metres, self._long)

    def counts_soon(self, calls: Ints) -> Ints:
        """Count for each of some calls those near it that came soon after, itself too."""
        found = np.zeros(calls.size, dtype=np.int64)
        for ones, _ in self._soon(calls):
            found += np.bincount(ones, minlength=calls.size)
        return found

    def counts_around(self, spots: Spots) -> Ints:
        """Count for each of some other spots the calls near it, at any time."""
        found = np.zeros(spots.ticket.size, dtype=np.int64)
        begins = np.zeros(found.size, dtype=np.int64)
        xyz = on_the_globe(spots.lat, spots.lon)
        for ones, _ in self._near(xyz, begins, begins + self.size):
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
    def _by_cell(self) -> tuple[Ints, Ints, Floats]:
        """Return the calls by cell and in their order: a number of each, its place, its metres."""
        keys = self._numbered(self._halves(self._globe) >> 1) + np.arange(self.size)
        order = np.argsort(keys)
        return keys[order], order, np.ascontiguousarray(self._globe[order].T)

    def _soon(self, calls: Ints) -> Iterator[tuple[Ints, Ints]]:
        received = self.spots.received
        begins = np.searchsorted(received, received[calls])
        ends = np.searchsorted(received, received[calls] + self._long, side="right")
        yield from self._near(self._globe[calls], begins, ends)

    def _near(self, xyz: Floats, begins: Ints, ends: Ints) -> Iterator[tuple[Ints, Ints]]:
        """Pair what is asked for with calls near it whose place lies in a range."""
        keys, order, globe = self._by_cell
        low = (self._halves(xyz) - 1) >> 1
        # What is looked for in order is found several times as quickly.
        turn = np.argsort(self._numbered(low) + begins)
        xyz, low, begins, ends = xyz[turn], low[turn], begins[turn], ends[turn]
        for step in product((0, 1), repeat=2):
            base = self._numbered(low + step)
            first, stop = (np.searchsorted(keys, base + edge) for edge in (begins, ends))
            for some in _pieces(stop - first):
                rows, others = spans(first[some], stop[some])
                apart = [(globe[axis][others] - xyz[some, axis][rows]) ** 2 for axis in range(3)]
                is_near = apart[0] + apart[1] + apart[2] <= self._chord**2
                yield turn[rows[is_near] + some.start], order[others[is_near]]

    def _halves(self, xyz: Floats) -> Ints:
        """Return in which half of a cell each point lies, along both axes of the ground."""
        halves: Ints = np.floor(xyz[:, self._axes] / self._half).astype(np.int64)
        return halves

    def _numbered(self, cells: Ints) -> Ints:
        """Return the number before that of the first call in each cell."""
        along, across = (cells + self._width // 2).T
        numbers: Ints = (along * self._width + across) * self.size
        return numbers


def in_reach(spots: Spots, few: Spots, metres: float) -> Ints:
    """Return the places of those spots that may be so near one of a few others: never too few."""
    tall = math.degrees(metres / MEAN_EARTH_RADIUS_METRES) * _WIDER
    furthest = np.abs(few.lat).max(initial=0) + tall
    narrow = math.cos(math.radians(furthest))
    around = int(360 * narrow / tall) if narrow > _LEAST_NARROW else 1
    is_near = np.zeros(_SLOTS, dtype=np.bool_)
    rows, columns = _cells(few, tall, around)
    for row, column, turn in product((-1, 0, 1), (-1, 0, 1), (-around, 0, around)):
        is_near[_slots(rows + row, columns + column + turn)] = True
    return np.flatnonzero(is_near[_slots(*_cells(spots, tall, around))])


def _cells(spots: Spots, tall: float, around: int) -> tuple[Ints, Ints]:
    rows, columns = np.floor(spots.lat / tall), np.floor(spots.lon * (around / 360))
    return rows.astype(np.int64), columns.astype(np.int64)


def _slots(rows: Ints, columns: Ints) -> Ints:
    """Return under which of a few numbers each cell is looked up; some cells share one."""
    slots: Ints = (rows * 4_099 + columns) & (_SLOTS - 1)
    return slots


def _pieces(counts: Ints) -> Iterator[slice]:
    """Cut what is asked for into pieces with not too many pairs to be looked at."""
    sums = np.cumsum(counts)
    total = int(sums[-1]) if sums.size else 0
    edges = np.searchsorted(sums, np.arange(_PAIRS_AT_ONCE, total, _PAIRS_AT_ONCE)).tolist()
    for start, stop in zip([0, *edges], [*edges, counts.size], strict=True):
        if start < stop:
            yield slice(start, stop)
