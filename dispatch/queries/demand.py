"""Where do the tickets come from that a crew must visit?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import shapely
from sqlalchemy import select

from dispatch.domain.grids import NO_GRID
from dispatch.domain.service_policy import Level
from dispatch.domain.ticket_state import TicketState
from dispatch.models.base import db
from dispatch.models.places import Grid
from dispatch.models.tickets import Ticket
from dispatch.queries.grids import grid_map
from dispatch.queries.kept_answers import KeptAnswers

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    from dispatch.domain.permissions import Scope
    from dispatch.queries.grids import GridMap

    Floats = NDArray[np.float64]
    Places = NDArray[np.intp]

NEWEST_TICKETS = 20_000
"""So many located tickets stand for the demand of a city, the newest ones."""

MOST_POINTS = 20_000
MOST_POINTS_A_GRID = 50
"""More points of one grid would say the same more slowly."""

_OLDEST = timedelta(minutes=10)
_NOT_VISITED = tuple(
    str(state)
    for state in (
        TicketState.DUPLICATE,
        TicketState.SOLVED_BY_PHONE,
        TicketState.ANSWERED_BY_NOTICE,
        TicketState.CANCELLED,
    )
)


@dataclass(frozen=True, slots=True)
class DemandGrid:
    """A grid in force, and how many of the newest tickets lie in it."""

    id: int
    name: str
    name_zh: str | None
    team_id: int | None
    tickets: int


@dataclass(frozen=True, eq=False)
class Demand:
    """Points (n, 2) in degrees of latitude and longitude that stand for the demand of each grid.

    `weights` (n,) are tickets, `grid_of` (n,) places in `grids`. A grid without a ticket has one
    point inside it, of weight 0; without any ticket at all, `tickets` is 0.
    """

    points: Floats
    weights: Floats
    grid_of: Places
    grids: tuple[DemandGrid, ...]
    tickets: int

    def weights_of_grids(self) -> Floats:
        """Return the demand of each grid in tickets."""
        return np.array([grid.tickets for grid in self.grids], dtype=np.float64)

    def in_scope(self, scope: Scope) -> Places:
        """Return the places of the grids that the asker's teams own; all for a whole view."""
        seen = [
            place
            for place, grid in enumerate(self.grids)
            if scope.everything or (scope.team_id and grid.team_id == scope.team_id)
        ]
        return np.array(seen, dtype=np.intp)


_kept: KeptAnswers[Demand] = KeptAnswers(_OLDEST)


def demand_of_grids(now: datetime) -> Demand:
    """Return what stands for the demand of each grid in force, from the newest located tickets.

    At most ten minutes old; anew at once when a grid changes.
    """
    grids = grid_map(now)
    return _kept.get(grids.index, now, lambda: _demand_of_grids(grids))


def located_tickets(
    from_at: datetime | None = None, to_at: datetime | None = None, *, newest: int | None = None
) -> Floats:
    """Return where tickets lie that a crew had to visit, the newest first, (n, 2) in degrees.

    Left out: what was not located, duplicates, cancelled, solved without a visit, enquiries.
    """
    asked = (
        select(Ticket.lat, Ticket.lon)
        .where(
            Ticket.lat.is_not(None),
            Ticket.lon.is_not(None),
            Ticket.level < Level.ENQUIRY,
            Ticket.state.not_in(_NOT_VISITED),
        )
        .order_by(Ticket.received_at.desc())
    )
    if from_at is not None:
        asked = asked.where(Ticket.received_at >= from_at)
    if to_at is not None:
        asked = asked.where(Ticket.received_at < to_at)
    rows = db.session.execute(asked.limit(newest)).all()
    return np.array([tuple(row) for row in rows], dtype=np.float64).reshape(-1, 2)


def _demand_of_grids(grids: GridMap) -> Demand:
    keys = np.array(sorted(grids.facts), dtype=np.int64)
    tickets = located_tickets(newest=NEWEST_TICKETS)
    found = grids.index.find_many(tickets[:, 0], tickets[:, 1])
    tickets, found = tickets[found != NO_GRID], found[found != NO_GRID]
    grid_of = np.searchsorted(keys, found)
    counts = np.bincount(grid_of, minlength=len(keys))
    points, weights, owners = _thinned(tickets, grid_of, counts)
    empty = np.flatnonzero(counts == 0)
    inside = shapely.point_on_surface([grids.index.grid(int(keys[at])).shape for at in empty])
    return Demand(
        points=np.concatenate([points, shapely.get_coordinates(inside)[:, ::-1]]),
        weights=np.concatenate([weights, np.zeros(len(empty))]),
        grid_of=np.concatenate([owners, empty]).astype(np.intp),
        grids=_named(keys, counts, grids),
        tickets=int(counts.sum()),
    )


def _thinned(tickets: Floats, grid_of: Places, counts: Places) -> tuple[Floats, Floats, Places]:
    """Keep the newest tickets of each grid, so many that the whole stays small."""
    most = min(max(MOST_POINTS // max(len(counts), 1), 1), MOST_POINTS_A_GRID)
    order = np.argsort(grid_of, kind="stable")
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    rank = np.arange(len(order)) - first[grid_of[order]]
    kept = order[rank < most]
    owners = grid_of[kept]
    return tickets[kept], counts[owners] / np.minimum(counts[owners], most), owners


def _named(keys: NDArray[np.int64], counts: Places, grids: GridMap) -> tuple[DemandGrid, ...]:
    rows = db.session.execute(select(Grid.id, Grid.name_zh).where(Grid.name_zh.is_not(None)))
    chinese: dict[int, str | None] = {row.id: row.name_zh for row in rows}
    return tuple(
        DemandGrid(key, facts.name, chinese.get(key), facts.team_id, int(count))
        for key, count, facts in (
            (int(key), count, grids.facts[int(key)])
            for key, count in zip(keys, counts, strict=True)
        )
    )
