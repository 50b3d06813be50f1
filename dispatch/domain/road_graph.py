"""How long is the drive on the streets themselves?"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from dispatch.domain.errors import Invalid
from dispatch.domain.place import MEAN_EARTH_RADIUS_METRES
from dispatch.domain.road_chains import (
    SHORTEST_ARC_SECONDS,
    find_junctions,
    largest_strong_part,
)
from dispatch.domain.sentences import say
from dispatch.domain.travel import HOURS, TravelTimes, great_circle_metres

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dispatch.domain.place import Point
    from dispatch.domain.road_tables import RoadNetwork

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

#: `TravelTimes.source` of the embedded road graph.
ROAD_GRAPH = "road_graph"

#: Streets without their traffic: better than the straight line, worse than a road server.
ROAD_GRAPH_SPREAD = 0.2

#: The last stretch from the nearest known node, over streets that the graph leaves out.
ACCESS_KMH = 20.0

#: A place farther from any road than this has no way.
FARTHEST_METRES = 2_000.0

#: Enough for every pair of junctions of a city of 55,000 nodes.
CACHE_MEGABYTES = 96

#: Junctions searched from at once; bounds the memory of one search.
BATCH = 64


class RoadGraph(TravelTimes):
    """A directed graph of streets with the seconds of each arc.

    `places` (n, 2) are the nodes kept, WGS-84 degrees; `left_out` counts those from which or to
    which there is no way. Safe to ask from several threads.
    """

    knows_streets = True

    def __init__(
        self,
        network: RoadNetwork,
        *,
        hour_factors: tuple[float, ...] = (1.0,) * HOURS,
        limit: float = np.inf,
        farthest_metres: float = FARTHEST_METRES,
        cache_megabytes: float = CACHE_MEGABYTES,
        spread: float = ROAD_GRAPH_SPREAD,
    ) -> None:
        """Keep the largest part in which every node reaches every other.

        `hour_factors` stretch the seconds by local hour; a drive longer than `limit` seconds,
        before stretching, has no way. Raises Invalid where no street remains.
        """
        arcs, everywhere = network.arcs, network.places
        self.source, self.spread = ROAD_GRAPH, spread
        self._limit, self._farthest = limit, farthest_metres
        self._hour_factors = hour_factors
        if not len(arcs):
            raise Invalid(say("No road leads from one node to another in this road graph."))
        kept = largest_strong_part(len(everywhere), arcs[:, 0], arcs[:, 1])
        stays = kept[arcs[:, 0]] & kept[arcs[:, 1]]
        number = np.cumsum(kept) - 1
        self.places: Floats = everywhere[kept]
        self.left_out = int(np.count_nonzero(~kept))
        starts, ends = number[arcs[stays, 0]], number[arcs[stays, 1]]
        doors = np.flatnonzero(network.accessible[kept])
        if len(self.places) < 2 or not len(doors):  # noqa: PLR2004  a drive has two ends
            raise Invalid(say("No road leads from one node to another in this road graph."))
        seconds = network.seconds[stays]
        self._junctions = find_junctions(len(self.places), starts, ends, seconds)
        self._streets = _streets(len(self.places), starts, ends, seconds)
        self._across = float(np.cos(np.radians(self.places[:, 0].mean())))
        self._doors, self._tree = doors, cKDTree(self._plane(self.places[doors]))
        self._drives = _JunctionDrives(self._junctions.core, limit, cache_megabytes)

    @property
    def junctions(self) -> int:
        """Count the nodes that are more than a bend."""
        return int(self._junctions.core.shape[0])

    def seconds(self, origins: Floats, goals: Floats, hour: int | None = None) -> Floats:
        """Return the (m, n) seconds; NaN for a place far from any road and beyond the limit."""
        starts, start_metres = self._snap(origins)
        ends, end_metres = self._snap(goals)
        found = self._between(starts, ends)
        found[found > self._limit] = np.nan
        found += np.add.outer(start_metres, end_metres) / (ACCESS_KMH / 3.6)
        straight = great_circle_metres(origins, goals)
        np.fmin(
            found,
            straight / (ACCESS_KMH / 3.6),
            out=found,
            where=straight <= np.add.outer(start_metres, end_metres),
        )
        return found if hour is None else found * self._hour_factors[hour]

    def reach(self, origin: Floats, seconds: float, hour: int | None = None) -> Floats:
        """Return the (k, 2) nodes that can be reached from one place within the seconds."""
        start, metres = self._snap(origin)
        found = self._between(start, np.arange(len(self.places)))[0]
        found += metres[0] / (ACCESS_KMH / 3.6)
        if hour is not None:
            found *= self._hour_factors[hour]
        reached: Floats = self.places[found <= min(seconds, self._limit)]
        return reached

    def way(self, origin: Point, goal: Point) -> Floats | None:
        """Return the (k, 2) places along the shortest drive, both ends included.

        None for a place far from any road and beyond the limit. Two neighbours nearer to each
        other than to the road have the straight line between them.
        """
        ends = np.array([(each.lat, each.lon) for each in (origin, goal)])
        (start, end), metres = self._snap(ends)
        if np.isnan(metres).any():
            return None
        if great_circle_metres(ends[:1], ends[1:]).item() <= metres.sum():
            return ends
        seconds, before = dijkstra(self._streets, indices=start, return_predecessors=True)
        if seconds[end] > self._limit:
            return None
        nodes = [end]
        while nodes[-1] != start:
            nodes.append(before[nodes[-1]])
        return np.vstack((ends[:1], self.places[nodes[::-1]], ends[1:]))

    def streets_in(self, south: float, west: float, north: float, east: float) -> Floats:
        """Return the (k, 4) stretches of street with an end in a box: two places, degrees."""
        lat, lon = self.places.T
        inside = np.flatnonzero((south <= lat) & (lat <= north) & (west <= lon) & (lon <= east))
        rows, ends = self._streets[inside].nonzero()
        pairs = np.unique(np.sort(np.column_stack((inside[rows], ends)), axis=1), axis=0)
        return np.hstack((self.places[pairs[:, 0]], self.places[pairs[:, 1]]))

    def _snap(self, places: Floats) -> tuple[Ints, Floats]:
        """Return the nearest node of each place and the metres to it; NaN where it is too far."""
        places = np.asarray(places, dtype=np.float64).reshape(-1, 2)
        known: NDArray[np.bool_] = np.isfinite(places[:, 0] + places[:, 1])
        spots = self._plane(np.where(known[:, None], places, self.places[0]))
        metres, door = self._tree.query(spots)
        metres[~known | (metres > self._farthest)] = np.nan
        return self._doors[door], metres

    def _plane(self, places: Floats) -> Floats:
        """Return metres east and north on a plane that touches the earth amid the graph."""
        turned = np.radians(places) * MEAN_EARTH_RADIUS_METRES
        return np.column_stack((turned[:, 1] * self._across, turned[:, 0]))

    def _between(self, starts: Ints, ends: Ints) -> Floats:
        """Return the (m, n) seconds between nodes."""
        streets = self._junctions
        exits, entries = streets.ahead[starts], streets.behind[ends]
        to_exit, from_entry = streets.ahead_seconds[starts], streets.behind_seconds[ends]
        if self._drives.is_cheaper_from(exits, entries):
            rows = self._drives.joined(exits, to_exit, entries, from_entry, "from")
        else:
            rows = self._drives.joined(entries, from_entry, exits, to_exit, "to").T.copy()
        for side in (0, 1):
            walk, other = streets.walk[starts, side], streets.walk[ends, side]
            row, column = np.nonzero((walk[:, None] == other[None, :]) & (walk >= 0)[:, None])
            along = streets.behind_seconds[:, side]
            direct = along[ends[column]] - along[starts[row]]
            direct[direct < 0] = np.inf
            rows[row, column] = np.minimum(rows[row, column], direct)
        return rows


def _streets(count: int, starts: Ints, ends: Ints, seconds: Floats) -> csr_matrix:
    """Return the arcs as a matrix; of several between two nodes the shortest stays."""
    order = np.lexsort((seconds, ends, starts))
    starts, ends, seconds = starts[order], ends[order], seconds[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(starts) != 0) | (np.diff(ends) != 0)
    shortest = np.maximum(seconds[first], SHORTEST_ARC_SECONDS)
    return csr_matrix((shortest, (starts[first], ends[first])), shape=(count, count))


class _JunctionDrives:
    """The seconds from or to all junctions for one junction each, the last used ones kept."""

    def __init__(self, core: csr_matrix, limit: float, megabytes: float) -> None:
        junctions = core.shape[0]
        self._graphs = {"from": core, "to": core.T.tocsr()}
        self._limit = limit
        self._most = min(2 * junctions, max(BATCH, int(megabytes * 1e6 / (4 * junctions))))
        # Memory is taken row by row, as searches are written.
        self._table = np.empty((self._most, junctions), dtype=np.float32)
        self._slots: OrderedDict[tuple[str, int], int] = OrderedDict()
        self._lock = Lock()

    def is_cheaper_from(self, exits: Ints, entries: Ints) -> bool:
        """Tell whether fewer searches are missing from the exits than to the entries."""
        with self._lock:
            return self._missing("from", exits) < self._missing("to", entries)

    def joined(
        self, near: Ints, near_seconds: Floats, far: Ints, far_seconds: Floats, direction: str
    ) -> Floats:
        """Return the least seconds over both sides of both ends, (near places, far places)."""
        junctions, place = np.unique(near, return_inverse=True)
        sides = place.reshape(near.shape)
        best = np.empty((len(junctions), len(far)))
        for first in range(0, len(junctions), BATCH):
            batch = junctions[first : first + BATCH].tolist()
            with self._lock:
                slots = self._searched(direction, batch)
                for side in (0, 1):
                    found = self._table[np.ix_(slots, far[:, side])] + far_seconds[:, side]
                    part = best[first : first + BATCH]
                    part[:] = found if side == 0 else np.minimum(part, found)
        whole = best[sides[:, 0]] + near_seconds[:, :1]
        return np.minimum(whole, best[sides[:, 1]] + near_seconds[:, 1:], out=whole)

    def _searched(self, direction: str, junctions: list[int]) -> Ints:
        """Return the rows of the table that hold these searches, after those that are missing."""
        missing = []
        for junction in junctions:
            if (direction, junction) in self._slots:
                self._slots.move_to_end((direction, junction))
            else:
                missing.append(junction)
        if missing:
            found = dijkstra(self._graphs[direction], indices=missing, limit=self._limit)
            for junction, row in zip(missing, found, strict=True):
                self._table[self._free_slot(direction, junction)] = row
        return np.array([self._slots[direction, junction] for junction in junctions])

    def _free_slot(self, direction: str, junction: int) -> int:
        if len(self._slots) < self._most:
            slot = len(self._slots)
        else:
            _longest_unused, slot = self._slots.popitem(last=False)
        self._slots[direction, junction] = slot
        return slot

    def _missing(self, direction: str, junctions: Ints) -> int:
        return sum((direction, each) not in self._slots for each in set(junctions.ravel().tolist()))
