"""Which streets do two tables of nodes and arcs describe?"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from dispatch.domain.file_faults import FileFaults, shown
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

NODES_FILE = "nodes.csv"
ARCS_FILE = "arcs.csv"

#: Our name of a column, and what the files of others call it.
NODE_COLUMNS = {"id": ("index", "id", "node"), "lon": ("x", "lon"), "lat": ("y", "lat")}
ARC_COLUMNS = {"from": ("fromnode", "from"), "to": ("tonode", "to")}
DOOR_COLUMN = "offroadaccess"
SECONDS_COLUMN = "seconds"
#: A column of days for each way of driving, as the JEMSS simulations write them.
MODE_COLUMN = "mode_"
FORM_COLUMN, UNDIRECTED = "arcform", "undirected"
SECONDS_A_DAY = 86_400.0


@dataclass(frozen=True)
class RoadNetwork:
    """Nodes and arcs as a file gives them.

    `places` (n, 2) WGS-84 latitude and longitude; `arcs` (a, 2) row numbers of places, from and
    to; `seconds` (a,); `accessible` (n,) marks nodes at which one may leave the road.
    """

    places: Floats
    arcs: NDArray[np.int64]
    seconds: Floats
    accessible: NDArray[np.bool_]


class _Row:
    """One row of a table, with its line and the places of the columns."""

    def __init__(self, line: int, cells: list[str], columns: dict[str, int]) -> None:
        self.line, self._cells, self.columns = line, cells, columns

    def text(self, column: str) -> str:
        place = self.columns[column]
        return self._cells[place].strip() if place < len(self._cells) else ""

    def number(self, column: str, faults: FileFaults) -> float:
        """Return a finite number, or NaN with a fault."""
        try:
            value = float(self.text(column))
        except ValueError:
            value = math.nan
        if math.isfinite(value):
            return value
        reason = say("“%(value)s” is not a number.", value=shown(self.text(column)))
        faults.add(reason, line=self.line, field=column)
        return math.nan


def read_road_tables(nodes: bytes, arcs: bytes) -> RoadNetwork:
    """Read a folder's `nodes.csv` (index, x, y) and `arcs.csv` (fromNode, toNode, times).

    x is longitude and y latitude in degrees; an arc's time is a column `seconds`, or columns
    `mode_…` in days, of which the slowest is taken, for a crew drives without lights and sirens.
    Lines above the row of column names and everything after the first blank row are left out.
    Raises Invalid naming file, line and field of up to twenty faults.
    """
    faults = FileFaults(NODES_FILE)
    rows, doors = [], []
    numbers: dict[str, int] = {}
    for row in _rows(nodes, NODE_COLUMNS, faults):
        _number_node(row, numbers, faults)
        rows.append(_place(row, faults))
        doors.append(DOOR_COLUMN not in row.columns or row.text(DOOR_COLUMN) not in {"0", "0.0"})
    faults.check()
    found, seconds = _read_arcs(arcs, numbers)
    return RoadNetwork(np.array(rows).reshape(-1, 2), found, seconds, np.array(doors, dtype=bool))


def _number_node(row: _Row, numbers: dict[str, int], faults: FileFaults) -> None:
    name = _name(row.text("id"))
    if not name or name in numbers:
        reason = say("Give each node its own number; “%(value)s” is none.", value=shown(name))
        faults.add(reason, line=row.line, field="index")
    numbers[name] = len(numbers)


def _place(row: _Row, faults: FileFaults) -> tuple[float, float]:
    lat, lon = row.number("lat", faults), row.number("lon", faults)
    for column, value, limit in (("y", lat, 90), ("x", lon, 180)):
        if abs(value) > limit:
            reason = say(
                "%(value)s is out of range: give degrees between -%(limit)s and %(limit)s.",
                value=value,
                limit=limit,
            )
            faults.add(reason, line=row.line, field=column)
    return lat, lon


def _read_arcs(content: bytes, numbers: dict[str, int]) -> tuple[NDArray[np.int64], Floats]:
    faults = FileFaults(ARCS_FILE)
    is_undirected = _is_undirected(content)
    ends, times = [], []
    modes: list[str] = []
    for row in _rows(content, ARC_COLUMNS, faults):
        modes = modes or _time_columns(row, faults)
        ends.append([_end(row, column, numbers, faults) for column in ARC_COLUMNS])
        times.append([_time(row, mode, faults) for mode in modes])
    faults.check()
    arcs = np.array(ends, dtype=np.int64).reshape(-1, 2)
    lengths = np.array(times).reshape(len(arcs), max(1, len(modes)))
    seconds = lengths[:, lengths.sum(axis=0).argmax()] if len(arcs) else np.empty(0)
    if is_undirected:
        arcs, seconds = np.vstack((arcs, arcs[:, ::-1])), np.concatenate((seconds, seconds))
    return arcs, seconds


def _is_undirected(content: bytes) -> bool:
    """Tell what the rows above the arcs say of their direction; without a word they have one."""
    above = content[:200].decode("utf-8", errors="replace").lower().splitlines()
    for line, following in pairwise(above):
        if line.startswith(FORM_COLUMN):
            return following.startswith(UNDIRECTED)
    return False


def _time_columns(row: _Row, faults: FileFaults) -> list[str]:
    if SECONDS_COLUMN in row.columns:
        return [SECONDS_COLUMN]
    modes = [name for name in row.columns if name.startswith(MODE_COLUMN)]
    if not modes:
        raise faults.refuse(
            say("No column says how long an arc takes: name one “seconds”."), field=SECONDS_COLUMN
        )
    return modes


def _end(row: _Row, column: str, numbers: dict[str, int], faults: FileFaults) -> int:
    name = _name(row.text(column))
    if name in numbers:
        return numbers[name]
    reason = say("There is no node “%(value)s” in %(file)s.", value=shown(name), file=NODES_FILE)
    faults.add(reason, line=row.line, field=column)
    return 0


def _time(row: _Row, mode: str, faults: FileFaults) -> float:
    value = row.number(mode, faults)
    seconds = value if mode == SECONDS_COLUMN else value * SECONDS_A_DAY
    if seconds < 0 or seconds > SECONDS_A_DAY:
        reason = say("An arc takes no time to a day, not “%(value)s”.", value=value)
        faults.add(reason, line=row.line, field=mode)
    return seconds


def _name(text: str) -> str:
    return text.removesuffix(".0")


def _rows(
    content: bytes, wanted: Mapping[str, tuple[str, ...]], faults: FileFaults
) -> Iterator[_Row]:
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as fault:
        raise faults.refuse(
            say("Byte %(byte)s is not UTF-8: save the file as UTF-8.", byte=fault.start + 1)
        ) from fault
    columns: dict[str, int] = {}
    for line, cells in _cells(lines, faults):
        if not columns:
            columns = _columns(cells, wanted)
        elif any(cells):
            yield _Row(line, cells, columns)
        else:
            break
    if not columns:
        names = ", ".join(names[0] for names in wanted.values())
        raise faults.refuse(say("No row names the columns %(columns)s.", columns=names))


def _cells(lines: list[str], faults: FileFaults) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(lines)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as fault:
        raise faults.refuse(
            say("A quote that opens in this row does not close: close it or take it away."),
            line=reader.line_num,
        ) from fault


def _columns(cells: list[str], wanted: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """Return the places of the columns if these cells name all that are wanted, else nothing."""
    places = {cell.strip().lower(): place for place, cell in enumerate(cells) if cell.strip()}
    for ours, theirs in wanted.items():
        known = next((places[name] for name in theirs if name in places), None)
        if known is None:
            return {}
        places[ours] = known
    return places
