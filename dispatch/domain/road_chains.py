"""Which nodes of a road graph are junctions, and how far along its street does each other lie?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

#: An arc of no length would vanish from a sparse matrix.
SHORTEST_ARC_SECONDS = 1e-3

Neighbours = list[dict[int, float]]


@dataclass(frozen=True)
class Junctions:
    """A road graph without the nodes that only bend a street, and where those lie.

    `core` (k, k) holds the arc seconds between junctions. Each node has up to two directions (a
    junction has one): along a direction, `behind` is the junction that leads to it after
    `behind_seconds`, `ahead` the junction that follows after `ahead_seconds`, both (n, 2); a
    missing direction has junction 0 and infinite seconds. Nodes with one `walk` number lie on one
    street in one direction; -1 means none.
    """

    core: csr_matrix
    behind: Ints
    behind_seconds: Floats
    ahead: Ints
    ahead_seconds: Floats
    walk: Ints


def largest_strong_part(count: int, starts: Ints, ends: Ints) -> NDArray[np.bool_]:
    """Mark the nodes of the largest part in which every node reaches every other."""
    links = csr_matrix((np.ones(len(starts)), (starts, ends)), shape=(count, count))
    _parts, part = connected_components(links, directed=True, connection="strong")
    marked: NDArray[np.bool_] = part == np.bincount(part).argmax()
    return marked


def find_junctions(count: int, starts: Ints, ends: Ints, seconds: Floats) -> Junctions:
    """Contract every street between two junctions to one arc each way.

    A node with exactly two neighbours through which one only passes is no junction. Nothing is
    lost: drives between any nodes follow from those between junctions. The graph must be
    strongly connected.
    """
    after = _neighbours(count, starts, ends, seconds)
    before = _neighbours(count, ends, starts, seconds)
    is_junction = [not _only_bends(before[node], after[node]) for node in range(count)]
    if not any(is_junction):  # A ring road has none; any node of it will do.
        is_junction[0] = True
    return _Streets(after, is_junction).walked()


def _neighbours(count: int, starts: Ints, ends: Ints, seconds: Floats) -> Neighbours:
    found: Neighbours = [{} for _ in range(count)]
    lengths = np.maximum(seconds, SHORTEST_ARC_SECONDS)
    for start, end, length in zip(starts.tolist(), ends.tolist(), lengths.tolist(), strict=True):
        if start != end and length < found[start].get(end, np.inf):
            found[start][end] = length
    return found


def _only_bends(before: dict[int, float], after: dict[int, float]) -> bool:
    sides = before.keys() | after.keys()
    if len(sides) != 2:  # noqa: PLR2004  a street has two sides to a bend
        return False
    is_two_way = len(before) == len(after) == 2  # noqa: PLR2004  likewise
    is_one_way = len(before) == len(after) == 1
    return is_two_way or is_one_way


class _Streets:
    """Walks every street from each junction to the next, noting where each bend lies."""

    def __init__(self, after: Neighbours, is_junction: list[bool]) -> None:
        count = len(after)
        self._after = after
        self._is_junction = is_junction
        self._number = np.cumsum(is_junction) - 1
        self._behind = np.zeros((count, 2), dtype=np.int64)
        self._ahead = np.zeros((count, 2), dtype=np.int64)
        self._behind_seconds = np.full((count, 2), np.inf)
        self._ahead_seconds = np.full((count, 2), np.inf)
        self._walk = np.full((count, 2), -1, dtype=np.int64)
        self._arcs: dict[tuple[int, int], float] = {}
        self._walks = 0

    def walked(self) -> Junctions:
        """Walk them all."""
        junctions = np.flatnonzero(self._is_junction)
        self._behind[junctions, 0] = self._ahead[junctions, 0] = self._number[junctions]
        self._behind_seconds[junctions, 0] = self._ahead_seconds[junctions, 0] = 0.0
        for junction in junctions.tolist():
            for first, length in self._after[junction].items():
                self._walk_from(junction, first, length)
        arcs = np.array(list(self._arcs), dtype=np.int64).reshape(-1, 2)
        core = csr_matrix(
            (np.fromiter(self._arcs.values(), dtype=np.float64), (arcs[:, 0], arcs[:, 1])),
            shape=(len(junctions), len(junctions)),
        )
        return Junctions(
            core,
            self._behind,
            self._behind_seconds,
            self._ahead,
            self._ahead_seconds,
            self._walk,
        )

    def _walk_from(self, junction: int, first: int, length: float) -> None:
        bends, came_from, here, total = [], junction, first, length
        while not self._is_junction[here]:
            bends.append((here, total))
            onwards = next(each for each in self._after[here] if each != came_from)
            total += self._after[here][onwards]
            came_from, here = here, onwards
        start, end = int(self._number[junction]), int(self._number[here])
        if start != end and total < self._arcs.get((start, end), np.inf):
            self._arcs[start, end] = total
        for bend, so_far in bends:
            side = 0 if self._walk[bend, 0] < 0 else 1
            self._behind[bend, side], self._ahead[bend, side] = start, end
            self._behind_seconds[bend, side] = so_far
            self._ahead_seconds[bend, side] = total - so_far
            self._walk[bend, side] = self._walks
        self._walks += 1
