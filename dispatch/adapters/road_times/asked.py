"""How long are the drives that a road server knows, asked for as little as possible?"""

from __future__ import annotations

from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np

from dispatch.adapters.road_times.asking import Line, NoAnswer, Refused, TooMuch
from dispatch.adapters.road_times.memory import DriveMemory, cells_of
from dispatch.adapters.road_times.servers import seconds_of, way_of
from dispatch.domain.sentences import say
from dispatch.domain.travel import TravelTimes, great_circle_metres

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from dispatch.adapters.road_times.servers import RoadServer
    from dispatch.domain.place import Point
    from dispatch.domain.sentences import Sentence

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

#: Nobody drives faster than this over the straight line: such an answer has its places mixed up.
FASTEST_METRES_PER_SECOND = 60.0
#: Below this distance, rounding may make a drive look too fast.
SURELY_APART_METRES = 1_000.0

#: A row of the matrix of which more is missing is asked for whole.
MOSTLY = 0.5


class AskedTimes(TravelTimes):
    """The drives of a road server, remembered by cell of about 150 m and by hour.

    Raises NoAnswer when the server gives nothing usable within `patience` seconds. What came in
    before that is remembered.
    """

    def __init__(
        self,
        server: RoadServer,
        url: str,
        patience: float,
        *,
        memory: DriveMemory | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.source, self.spread = server.source, server.spread
        self._server, self._url, self._patience = server, url, patience
        self._memory, self._clock = memory or DriveMemory(), clock
        self._lock = Lock()

    @property
    def name(self) -> Sentence | str:
        """Return the product's name."""
        return self._server.name

    def seconds(self, origins: Floats, goals: Floats, hour: int | None) -> Floats:
        """Return the (m, n) seconds; NaN where the server knows no way.

        Raises:
            NoAnswer: when anything that was not known could not be had.
            TooMuch: when that would take more cells or requests than we may use.
        """
        found = np.full((len(origins), len(goals)), np.nan)
        starts, ends = _known(origins), _known(goals)
        if len(starts) and len(ends):
            drives = self._between(origins[starts], goals[ends], hour)
            found[np.ix_(starts, ends)] = drives
        return found

    def way(self, origin: Point, goal: Point) -> Floats | None:
        """Return the (k, 2) places along the drive; None from a server whose lines we cannot read.

        Raises:
            NoAnswer: when it could not be had.
        """
        question = self._server.way_question(origin, goal)
        if question is None:
            return None
        with Line(self._url, self._clock() + self._patience, self._clock) as line:
            return way_of(self._server.read_way(line.ask(question)))

    def _between(self, origins: Floats, goals: Floats, hour: int | None) -> Floats:
        slot = hour if self._server.knows_traffic else None
        rows, first_row, row_of = _distinct(origins)
        columns, first_column, column_of = _distinct(goals)
        if not (self._memory.holds(len(rows)) and self._memory.holds(len(columns))):
            raise TooMuch(say("There are too many places at once for it."))
        oldest = self._clock() - self._server.good_seconds
        with self._lock:
            seconds, known = self._memory.recall(rows, columns, slot, not_before=oldest)
        blocks = [
            part for block in _missing_blocks(~known) for part in _parts(*block, self._server)
        ]
        if len(blocks) > self._server.most_requests:
            raise TooMuch(say("It would take %(count)s requests at once.", count=len(blocks)))
        left = iter(range(self._server.most_requests - len(blocks)))
        with Line(self._url, self._clock() + self._patience, self._clock) as line:
            for row, column in blocks:
                ends = origins[first_row[row]], goals[first_column[column]]
                fresh = seconds[np.ix_(row, column)] = self._taken(line, *ends, left)
                with self._lock:
                    now = self._clock()
                    self._memory.learn(rows[row], columns[column], slot, fresh, at=now)
        matrix: Floats = seconds[np.ix_(row_of, column_of)]
        return matrix

    def _taken(self, line: Line, origins: Floats, goals: Floats, left: Iterator[int]) -> Floats:
        """Ask in halves where the whole is refused, so that one place off the roads costs no other.

        Raises Refused when `left` holds no more tries.
        """
        try:
            return self._ask(line, origins, goals)
        except Refused:
            if len(origins) == len(goals) == 1:
                return np.full((1, 1), np.nan)
            if next(left, None) is None:
                raise
        if len(origins) >= len(goals):
            parts = np.array_split(origins, 2)
            return np.vstack([self._taken(line, part, goals, left) for part in parts])
        parts = np.array_split(goals, 2)
        return np.hstack([self._taken(line, origins, part, left) for part in parts])

    def _ask(self, line: Line, origins: Floats, goals: Floats) -> Floats:
        answer = line.ask(self._server.question(origins, goals))
        shape = len(origins), len(goals)
        found = seconds_of(self._server.read(answer, *shape), shape)
        metres = great_circle_metres(origins, goals)
        if np.any((metres > SURELY_APART_METRES) & (metres > found * FASTEST_METRES_PER_SECOND)):
            raise NoAnswer(say("Its drives are impossibly fast: are its places mixed up?"))
        return found


def _known(places: Floats) -> Ints:
    return np.flatnonzero(np.isfinite(places[:, 0] + places[:, 1]))


def _distinct(places: Floats) -> tuple[Ints, Ints, Ints]:
    """Return the distinct cells, the first place in each, and the number of each place's cell."""
    return np.unique(cells_of(places), return_index=True, return_inverse=True)


def _missing_blocks(missing: NDArray[np.bool_]) -> Iterator[tuple[Ints, Ints]]:
    """Yield rows and columns whose crossings hold all that is missing, and little else.

    A crew that moved misses its row, a new ticket its column: one block would ask for everything.
    """
    everything = np.arange(missing.shape[1])
    is_new = missing.mean(axis=1) > MOSTLY
    if is_new.any():
        columns = everything[missing[is_new].any(axis=0)]
        yield np.flatnonzero(is_new), columns
    rest = missing & ~is_new[:, None]
    if rest.any():
        yield np.flatnonzero(rest.any(axis=1)), everything[rest.any(axis=0)]


def _parts(rows: Ints, columns: Ints, server: RoadServer) -> Iterator[tuple[Ints, Ints]]:
    height, width = server.block(len(rows), len(columns))
    for top in range(0, len(rows), height):
        for left in range(0, len(columns), width):
            yield rows[top : top + height], columns[left : left + width]
