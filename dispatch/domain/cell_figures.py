"""What do the figures of the circle say about each cell of a map?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dispatch.domain.fact_figures import Columns
from dispatch.domain.microseconds import MICROSECONDS
from dispatch.domain.samples import Share, ranks_by_group
from dispatch.domain.stages import Stage

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    from dispatch.domain.facts import Facts

    Ints = NDArray[np.int64]

REPEAT_WITHIN_DAYS = 30
SHOWN_RANK = np.array([0.9])
CELL_COLUMNS = frozenset({
    "ticket", "received_at", "arrived_at", "arrive_due_at", "fixed_at", "followed_at", "circle",
    "left_out", "counted", "has_place", "team", "grid", "level", "category", "storm",
})  # fmt: skip
"""What is read of a fact here, and by whoever narrows facts or puts them into cells."""
POINT_COLUMNS = frozenset({"lat", "lon"})
"""What is read besides of tickets that are put into hexagons."""
_KINDS = 3


class CellShape(StrEnum):
    """What a map is divided into."""

    GRID = "grid"
    HEX_500 = "hex500"
    HEX_1000 = "hex1000"


WIDTHS = {CellShape.HEX_500: 500.0, CellShape.HEX_1000: 1_000.0}
"""Metres from side to side of a hexagon."""


class MapFigure(StrEnum):
    """What a map may show."""

    ATTAINMENT = "attainment"
    RESPONSE = "response"
    DEMAND = "demand"
    REPEATS = "repeats"
    COVERAGE = "coverage"


class Over(StrEnum):
    """What the time slider of a map runs over."""

    HOURS = "hours"
    DAYS = "days"


class CellFigures(NamedTuple):
    """The figures of one cell, in the order in which they are sent.

    Its tickets; the promises kept and due; the 90th percentile of the response in seconds, None
    where nobody arrived, and how often somebody did; tickets that came again, of those closed.
    """

    n: int
    kept: int
    due: int
    response_p90: float | None
    arrived: int
    repeated: int
    closed: int

    @property
    def circle(self) -> Share:
        """Return how many promises were kept of those that fell due."""
        return Share(self.kept, self.due)

    @property
    def repeat(self) -> Share:
        """Return how many closed tickets were followed by another at the same place."""
        return Share(self.repeated, self.closed)


@dataclass(frozen=True, slots=True)
class CellFacts:
    """What each ticket adds to the cell that it is in.

    `fared` is three times how its promise fared and once how its place did: 0 not counted, 1
    counted and 2 that it was kept, or came again. `arrived` are the places of tickets with a
    response, `response` its microseconds.
    """

    fared: NDArray[np.uint8]
    arrived: Ints
    response: Ints


def cell_facts(facts: Facts, now: datetime) -> CellFacts:
    """Return what the tickets of a map add to it, however they are put into cells."""
    columns = Columns(facts)
    due, kept = columns.kept("circle", now)
    closed, again = columns.repeated(REPEAT_WITHIN_DAYS)
    counted = [each.view(np.uint8) for each in (due, kept, closed, again)]
    fared = _KINDS * (counted[0] + counted[1]) + counted[2] + counted[3]
    return CellFacts(fared, *columns.spans(Stage.RESPONSE))


def cell_figures(facts: CellFacts, codes: Ints, size: int) -> list[CellFigures]:
    """Measure the tickets of each cell of the map.

    Formula: demand is the number of tickets received; circle attainment, the 90th percentile of the
    stage response and repeats within 30 days are worked out for the tickets of the cell alone.
    In: the tickets of the view whose place lies in the cell, a grid or a hexagon of about 500 or
    1,000 m from side to side; of a grid, those that were assigned to it.
    Out, counted beside the map: tickets without a place, or in no grid. A share or a percentile of
    fewer than 20 tickets is hatched and says its n. Coverage is the chance of now, whatever time
    the slider shows; that of a hexagon is the chance at its middle.
    `codes` is the cell of each row, from 0 up to `size`.
    """
    kinds = _KINDS * _KINDS
    table = np.bincount(codes * kinds + facts.fared, minlength=size * kinds)
    by_promise = table.reshape(size, _KINDS, _KINDS)
    promise, place = by_promise.sum(axis=2), by_promise.sum(axis=1)
    late, arrived = ranks_by_group(
        facts.response, codes[facts.arrived], size, MICROSECONDS, SHOWN_RANK
    )
    numbers = [promise.sum(axis=1), promise[:, 2], promise[:, 1:].sum(axis=1)]
    ends = [arrived, place[:, 2], place[:, 1:].sum(axis=1)]
    response = late[:, 0].astype(object)
    response[arrived == 0] = None
    columns = [each.tolist() for each in (*numbers, response, *ends)]
    return list(map(CellFigures._make, zip(*columns, strict=True)))
