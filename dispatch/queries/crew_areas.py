"""Which crews work only in certain grids, and in which?"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dispatch.domain.crew_fit import Area
from dispatch.models.base import db
from dispatch.models.places import Grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row


def area_in_force(contractor: str | None, area: list[str] | None) -> dict[str, Any]:
    """Return a crew's contractor and the grids where alone it works, None for everywhere."""
    return {"contractor": contractor, "area": [] if area is None and contractor else area}


def areas_of(crews: Sequence[Row[*tuple[Any, ...]]]) -> dict[int, Area]:
    """Return the areas of the crews that have one, from rows with id, contractor and area.

    A contractor that names no grids works in those of its own team. A grid counts in all its
    versions.
    """
    bound = [crew for crew in crews if crew.contractor is not None or crew.area is not None]
    names = {name for crew in bound for name in crew.area or ()}
    versions: dict[str, set[int]] = defaultdict(set)
    if names:
        asked = select(Grid.id, Grid.name).where(Grid.name.in_(sorted(names)))
        for grid_id, name in db.session.execute(asked):
            versions[name].add(grid_id)
    return {
        crew.id: Area(
            crew.contractor,
            frozenset(grid_id for name in crew.area or () for grid_id in versions[name]),
            tuple(crew.area or ()),
        )
        for crew in bound
    }
