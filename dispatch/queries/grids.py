"""Which grids are valid now, and which of them holds a point?"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from shapely.geometry import shape
from sqlalchemy import bindparam, func, select

from dispatch.domain.grids import GridIndex, GridShape
from dispatch.models.base import UTCDateTime, current_connection, db
from dispatch.models.places import Grid

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.engine import Engine


@dataclass(frozen=True)
class GridFacts:
    """What a ticket takes over from its grid."""

    id: int
    name: str
    team_id: int | None
    zone: str
    in_circle: bool


@dataclass(frozen=True)
class GridMap:
    """The grids of one moment: where they are, and what each hands to a ticket."""

    index: GridIndex
    facts: dict[int, GridFacts]


_now = bindparam("now", type_=UTCDateTime)
_VERSION = select(
    select(func.max(Grid.id)).scalar_subquery(),
    select(func.max(Grid.valid_to)).where(Grid.valid_to <= _now).scalar_subquery(),
    select(func.max(Grid.valid_from)).where(Grid.valid_from <= _now).scalar_subquery(),
)
_lock = Lock()
# One map for each engine, with the state of the table that it was built from.
_kept: WeakKeyDictionary[Engine, tuple[tuple[Any, ...], GridMap]] = WeakKeyDictionary()


def valid_grids(now: datetime) -> Sequence[Grid]:
    """Return the grid versions that are valid at an instant, by name."""
    return db.session.scalars(
        select(Grid)
        .where(Grid.valid_from <= now, (Grid.valid_to.is_(None)) | (Grid.valid_to > now))
        .order_by(Grid.name)
    ).all()


def grid_map(now: datetime) -> GridMap:
    """Return the valid grids, read again only when one was added, ended or has begun."""
    version = tuple(current_connection().execute(_VERSION, {"now": now}).one())
    with _lock:
        kept = _kept.get(db.engine)
        if kept is None or kept[0] != version:
            kept = (version, _read_map(now))
            _kept[db.engine] = kept
        return kept[1]


def grid_index(now: datetime) -> GridIndex:
    """Return where the valid grids are."""
    return grid_map(now).index


def _read_map(now: datetime) -> GridMap:
    grids = valid_grids(now)
    facts = {
        grid.id: GridFacts(grid.id, grid.name, grid.team_id, grid.zone, grid.in_circle)
        for grid in grids
    }
    return GridMap(GridIndex([_as_shape(grid) for grid in grids]), facts)


def _as_shape(grid: Grid) -> GridShape:
    return GridShape(
        key=grid.id,
        name=grid.name,
        team_id=grid.team_id,
        shape=shape(grid.geometry),
        zone=grid.zone,
    )
