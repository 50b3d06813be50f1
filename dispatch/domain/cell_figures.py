"""What do the figures of the circle say about each cell of a map?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from dispatch.domain.fact_figures import Columns, Tally
from dispatch.domain.samples import Percentiles, Share
from dispatch.domain.stages import Stage

if TYPE_CHECKING:
    from datetime import datetime

    import numpy as np
    from numpy.typing import NDArray

REPEAT_WITHIN_DAYS = 30


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


@dataclass(frozen=True, slots=True)
class CellFigures:
    """The figures of one cell: its tickets, promises kept, the response in seconds, repeats."""

    n: int
    circle: Share
    response: Percentiles | None
    repeat: Share


def cell_figures(
    columns: Columns, codes: NDArray[np.int64], size: int, now: datetime
) -> list[CellFigures]:
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
    tally = Tally(columns, codes, size, now)
    return [
        CellFigures(n, Share(circle.met, circle.n), spread, repeat.share)
        for n, circle, spread, repeat in zip(
            tally.n(),
            tally.attainment("circle"),
            tally.spread(Stage.RESPONSE),
            tally.repeat(REPEAT_WITHIN_DAYS),
            strict=True,
        )
    ]
