"""Which overlaps and gaps would a change of grids bring that were not there before?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely

from dispatch.domain.grids import NEIGHBOUR_METRES, GridIndex, GridShape
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shapely.geometry.base import BaseGeometry

    from dispatch.domain.grids import Overlap
    from dispatch.domain.sentences import Sentence

MOST_FAULTS = 20
_DEGREES_NEAR = NEIGHBOUR_METRES / 50_000
"""Wide enough for 50 m of longitude up to 60 degrees of latitude."""


def new_faults(
    before: Sequence[GridShape], after: Sequence[GridShape], touched: Iterable[BaseGeometry]
) -> list[Sentence]:
    """Say which overlaps and gaps a change brings near the areas that it touches.

    What overlapped or lay open before is not said again.
    """
    ground = shapely.union_all(list(touched))
    old = {_key(index, each) for index, each in _faults(_near(before, ground))}
    found = [
        _said(index, each)
        for index, each in _faults(_near(after, ground))
        if _key(index, each) not in old
    ]
    return found[:MOST_FAULTS]


def _near(grids: Sequence[GridShape], ground: BaseGeometry) -> list[GridShape]:
    shapely.prepare(ground)
    return [grid for grid in grids if shapely.dwithin(grid.shape, ground, _DEGREES_NEAR)]


def _faults(grids: list[GridShape]) -> list[tuple[GridIndex, Overlap]]:
    if not grids:
        return []
    index = GridIndex(grids)
    return [(index, each) for each in index.overlaps_and_gaps()]


def _key(index: GridIndex, fault: Overlap) -> tuple[str, str, int]:
    area = round(fault.square_metres)
    if fault.b is None:
        return "", "", area
    first, second = sorted((index.grid(fault.a).name, index.grid(fault.b).name))
    return first, second, area


def _said(index: GridIndex, fault: Overlap) -> Sentence:
    area = round(fault.square_metres)
    if fault.b is None:
        return say(
            "A gap of %(area)s m² beside “%(a)s” would belong to nobody.",
            area=area,
            a=index.grid(fault.a).name,
        )
    return say(
        "“%(a)s” and “%(b)s” both own %(area)s m²; a point there goes to the smaller.",
        a=index.grid(fault.a).name,
        b=index.grid(fault.b).name,
        area=area,
    )
