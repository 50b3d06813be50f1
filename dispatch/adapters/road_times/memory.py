"""Which drives between cells of the map have been answered already?"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

#: Two places of one cell share their drives; 0.00135 degrees of latitude are 150 m.
CELL_DEGREES = 0.00135

#: Cells kept on either side of a drive: two tables of 1,500 x 1,500 take 18 MB an hour of the day.
MOST_CELLS = 1_500
MOST_HOURS = 2


def cells_of(places: Floats) -> Ints:
    """Return the number of the cell that each (n, 2) place lies in."""
    rows = np.floor(places[:, 0] / CELL_DEGREES)
    widths = np.maximum(np.cos(np.radians(rows * CELL_DEGREES)), 0.01)
    columns = np.floor(places[:, 1] * widths / CELL_DEGREES)
    cells: Ints = rows.astype(np.int64) * 1_000_000 + columns.astype(np.int64)
    return cells


class DriveMemory:
    """The seconds between cells by hour, and when each was told; the oldest cells are forgotten.

    Bounded by the number of cells and hours. Not safe for several threads.
    """

    def __init__(self, *, most_cells: int = MOST_CELLS, most_hours: int = MOST_HOURS) -> None:
        self._most_cells, self._most_hours = most_cells, most_hours
        self._rows, self._columns = _Slots(most_cells), _Slots(most_cells)
        self._tables: OrderedDict[int | None, tuple[NDArray[np.float32], NDArray[np.float32]]]
        self._tables = OrderedDict()

    def holds(self, cells: int) -> bool:
        """Tell whether so many cells fit at all."""
        return cells <= self._most_cells

    def recall(
        self, origins: Ints, goals: Ints, hour: int | None, *, not_before: float
    ) -> tuple[Floats, NDArray[np.bool_]]:
        """Return the (m, n) seconds between distinct cells and which of them are known."""
        seconds, told = self._tables_of(hour)
        spot = np.ix_(self._places(self._rows, origins, 0), self._places(self._columns, goals, 1))
        return seconds[spot].astype(np.float64), told[spot] >= not_before

    def learn(
        self, origins: Ints, goals: Ints, hour: int | None, found: Floats, *, at: float
    ) -> None:
        """Keep the (m, n) seconds between distinct cells, told at that instant."""
        seconds, told = self._tables_of(hour)
        spot = np.ix_(self._places(self._rows, origins, 0), self._places(self._columns, goals, 1))
        seconds[spot] = found
        told[spot] = at

    def _tables_of(self, hour: int | None) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        if hour not in self._tables:
            shape = (self._most_cells, self._most_cells)
            empty = np.zeros(shape, dtype=np.float32), np.full(shape, -np.inf, dtype=np.float32)
            self._tables[hour] = empty
        self._tables.move_to_end(hour)
        while len(self._tables) > self._most_hours:
            self._tables.popitem(last=False)
        return self._tables[hour]

    def _places(self, slots: _Slots, cells: Ints, axis: int) -> list[int]:
        places, emptied = slots.take(cells.tolist())
        for _seconds, told in self._tables.values():
            told[(emptied, slice(None)) if axis == 0 else (slice(None), emptied)] = -np.inf
        return places


class _Slots:
    """Gives each cell a row of the tables, that of the cell least recently asked for when full."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._slots: OrderedDict[int, int] = OrderedDict()

    def take(self, cells: Iterable[int]) -> tuple[list[int], list[int]]:
        """Return the row of each cell, and the rows whose former cell was forgotten."""
        places, emptied = [], []
        for cell in cells:
            slot = self._slots.pop(cell, None)
            if slot is None and len(self._slots) < self._most:
                slot = len(self._slots)
            elif slot is None:
                _forgotten, slot = self._slots.popitem(last=False)
                emptied.append(slot)
            self._slots[cell] = slot
            places.append(slot)
        return places, emptied
