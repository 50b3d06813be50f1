"""Are only those overlaps and gaps told that a change brings?"""

from __future__ import annotations

import shapely

from dispatch.domain.grid_changes import new_faults
from dispatch.domain.grids import GridShape


def grid(key: int, name: str, *box: float) -> GridShape:
    return GridShape(key, name, None, shapely.box(*box))


WEST = grid(1, "West", 112.90, 28.10, 113.00, 28.20)
EAST = grid(2, "East", 113.00, 28.10, 113.10, 28.20)
FAR = grid(3, "Far", 114.00, 28.10, 114.10, 28.20)


def test_a_new_overlap_names_both():
    wider = grid(9, "West", 112.90, 28.10, 113.01, 28.20)
    (fault,) = new_faults([WEST, EAST, FAR], [wider, EAST, FAR], [wider.shape])
    assert {fault.values["a"], fault.values["b"]} == {"West", "East"}


def test_an_overlap_that_was_there_is_not_told_again():
    over = grid(4, "Over", 113.05, 28.12, 113.06, 28.13)
    south = grid(9, "South", 112.90, 28.00, 113.10, 28.10)
    assert new_faults([EAST, over], [EAST, over, south], [south.shape]) == []


def test_a_hole_that_opens_is_told_and_an_old_one_is_not():
    hole = shapely.box(112.94, 28.14, 112.95, 28.15)
    holed = GridShape(9, "West", None, WEST.shape.difference(hole))
    (fault,) = new_faults([WEST], [holed], [holed.shape])
    assert fault.values["a"] == "West"
    assert new_faults([holed], [holed, EAST], [EAST.shape]) == []


def test_nothing_near_is_no_fault():
    assert new_faults([FAR], [FAR], [WEST.shape]) == []
