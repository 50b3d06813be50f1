"""Which grids are valid now, and which of them holds a point?"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from shapely.geometry import shape
from sqlalchemy import func, select

from dispatch.domain.grids import GridIndex, GridShape
from dispatch.models.base import db
from dispatch.models.places import Grid

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.engine import Engine

_lock = Lock()
# One index for each engine, with the state of the table that it was built from.
_kept: WeakKeyDictionary[Engine, tuple[tuple[Any, ...], GridIndex]] = WeakKeyDictionary()


@dataclass(frozen=True)
class GridFacts:
    """What a ticket takes over from its grid."""

    id: int
    name: str
    team_id: int | None
    zone: str
    in_circle: bool


def valid_grids(now: datetime) -> Sequence[Grid]:
    """Return the grid versions that are valid at an instant, by name."""
    return db.session.scalars(
        select(Grid)
        .where(Grid.valid_from <= now, (Grid.valid_to.is_(None)) | (Grid.valid_to > now))
        .order_by(Grid.name)
    ).all()


def grid_index(now: datetime) -> GridIndex:
    """Return the index of the valid grids, built again only when a grid has changed."""
    newest, count, ended = db.session.execute(
        select(
            func.max(Grid.id),
            func.count().filter(Grid.valid_from <= now),
            func.count().filter(Grid.valid_to <= now),
        )
    ).one()
    version = (newest, count, ended)
    with _lock:
        kept = _kept.get(db.engine)
        if kept is None or kept[0] != version:
            kept = (version, GridIndex([_as_shape(grid) for grid in valid_grids(now)]))
            _kept[db.engine] = kept
        return kept[1]


def grid_facts(grid_id: int) -> GridFacts:
    """Return what a ticket needs to know of one grid version."""
    row = db.session.execute(
        select(Grid.id, Grid.name, Grid.team_id, Grid.zone, Grid.in_circle).where(
            Grid.id == grid_id
        )
    ).one()
    return GridFacts(*row)


def _as_shape(grid: Grid) -> GridShape:
    return GridShape(
        key=grid.id,
        name=grid.name,
        team_id=grid.team_id,
        shape=shape(grid.geometry),
        zone=grid.zone,
    )
