"""Where should a steward go on a round: which planned visits wait, who was not visited longest?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shapely
from shapely.geometry import shape
from sqlalchemy import func, or_, select

from dispatch.domain.categories import category_rule
from dispatch.domain.errors import Invalid
from dispatch.domain.rounds import VISITED, StopState
from dispatch.domain.sentences import say
from dispatch.domain.ticket_kinds import PLANNED_KINDS
from dispatch.domain.ticket_state import WITHOUT_CREW, ticket_number
from dispatch.models.base import UTCDateTime, db
from dispatch.models.people import Crew
from dispatch.models.places import Household
from dispatch.models.rounds import Round, RoundStop
from dispatch.models.tickets import Ticket, Visit
from dispatch.queries.grids import valid_grids
from dispatch.queries.scoping import in_scope

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date, datetime

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy import Row, Subquery

    from dispatch.domain.permissions import Scope
    from dispatch.models.places import Grid

MOST_OFFERED = 30
_LOOKED_AT = 400
_WAITING = tuple(sorted(str(state) for state in WITHOUT_CREW))
_VISITED = tuple(sorted(str(state) for state in VISITED))
_PLANNED = tuple(sorted(PLANNED_KINDS))


def crews_to_choose(scope: Scope) -> Sequence[Row[int, str, str | None]]:
    """Return id and names of the crews that the asker may send round."""
    statement = select(Crew.id, Crew.name, Crew.name_zh).where(Crew.active)
    return db.session.execute(in_scope(statement, scope, crew=Crew).order_by(Crew.name)).all()


def grids_to_choose(scope: Scope, now: datetime) -> list[Grid]:
    """Return the valid grids of the asker's team, by name."""
    return [
        grid
        for grid in valid_grids(now)
        if scope.everything or (grid.team_id is not None and grid.team_id == scope.team_id)
    ]


def planned_waiting(scope: Scope, grid_id: int | None, today: date) -> list[dict[str, Any]]:
    """Return the planned tickets that wait for a crew and are on no round of today or later.

    The oldest comes first. A round that is over without having been there does not hold a ticket.
    """
    on_round = (
        select(RoundStop.ticket_id)
        .join(Round, Round.id == RoundStop.round_id)
        .where(
            RoundStop.ticket_id.is_not(None),
            RoundStop.state == StopState.WAITING,
            Round.day >= today,
        )
    )
    statement = select(Ticket.id, Ticket.category, Ticket.address, Ticket.received_at).where(
        Ticket.kind.in_(_PLANNED), Ticket.state.in_(_WAITING), Ticket.id.not_in(on_round)
    )
    if grid_id is not None:
        statement = statement.where(Ticket.grid_id == grid_id)
    ordered = in_scope(statement, scope).order_by(Ticket.received_at, Ticket.id)
    return [
        {
            "number": ticket_number(row.id),
            "category": category_rule(row.category).name,
            "address": row.address,
            "received_at": row.received_at,
        }
        for row in db.session.execute(ordered.limit(MOST_OFFERED))
    ]


def households_waiting(grid: Grid, today: date) -> list[dict[str, Any]]:
    """Return households of a grid that nobody visited for longest, those never visited first.

    A visit is a crew's arrival for a ticket of theirs, or a steward at the door on a round. Those
    that are on a round of today or later are left out.
    """
    outline = shape(grid.geometry)
    west, south, east, north = outline.bounds
    last = _last_visits()
    ahead = (
        select(RoundStop.household_id)
        .join(Round, Round.id == RoundStop.round_id)
        .where(
            RoundStop.household_id.is_not(None),
            RoundStop.state == StopState.WAITING,
            Round.day >= today,
        )
    )
    rows = db.session.execute(
        select(Household, last.c.at)
        .outerjoin(last, last.c.household_id == Household.id)
        .where(
            Household.lat.between(south, north),
            Household.lon.between(west, east),
            Household.id.not_in(ahead),
        )
        .order_by(last.c.at.is_not(None), last.c.at, Household.account)
        .limit(_LOOKED_AT)
    )
    inside = [(row, at) for row, at in rows if shapely.intersects_xy(outline, row.lon, row.lat)]
    return [
        {
            "account": row.account,
            "name": row.name,
            "address": row.address,
            "vulnerable": row.vulnerable,
            "last": at,
        }
        for row, at in inside[:MOST_OFFERED]
    ]


def households_to_visit(
    accounts: Iterable[str], scope: Scope, now: datetime, *, besides: Collection[int] = ()
) -> list[int]:
    """Return the row ids of households in the asker's grids, each locked, by account.

    Those in `besides`, which a planned ticket leads to, are locked too and left out.

    Raises:
        Invalid: when there is no such household, or it is in no grid of the asker's.
    """
    asked = sorted(set(accounts))
    locked = db.session.scalars(
        select(Household)
        .where(or_(Household.account.in_(asked), Household.id.in_(besides)))
        .order_by(Household.account)
        .with_for_update(key_share=True)
    ).all()
    rows = [row for row in locked if row.account in asked]
    outlines = None if scope.everything else _outlines_of(grids_to_choose(scope, now))
    seen = [row.id for row in rows if outlines is None or _is_inside(row, outlines)]
    if len(seen) != len(asked):
        fault = say("There is no household with this account.")
        raise Invalid(fault, fields={"household": fault})
    return [each for each in seen if each not in besides]


def _outlines_of(grids: Iterable[Grid]) -> list[BaseGeometry]:
    return [shape(grid.geometry) for grid in grids]


def _is_inside(row: Household, outlines: Iterable[BaseGeometry]) -> bool:
    if row.lat is None or row.lon is None:
        return False
    return any(shapely.intersects_xy(each, row.lon, row.lat) for each in outlines)


def is_waiting(household_id: int | None, ticket_id: int | None, today: date) -> bool:
    """Tell whether a household or a planned ticket is on a round of today or later already."""
    same = []
    if ticket_id is not None:
        same.append(RoundStop.ticket_id == ticket_id)
    elif household_id is not None:
        same.append(RoundStop.household_id == household_id)
    found = db.session.scalar(
        select(func.count(RoundStop.id))
        .join(Round, Round.id == RoundStop.round_id)
        .where(or_(*same), RoundStop.state == StopState.WAITING, Round.day >= today)
    )
    return bool(found)


def stops_at_door(household_ids: Collection[int], today: date) -> Sequence[RoundStop]:
    """Return the stops, of today or later, that lead to households without a ticket, locked."""
    return db.session.scalars(
        select(RoundStop)
        .join(Round, Round.id == RoundStop.round_id)
        .where(
            RoundStop.household_id.in_(household_ids),
            RoundStop.ticket_id.is_(None),
            RoundStop.state == StopState.WAITING,
            Round.day >= today,
        )
        .order_by(RoundStop.id)
        .with_for_update(of=RoundStop)
    ).all()


def _last_visits() -> Subquery:
    """Return when each household was last visited, as rows of `household_id` and `at`."""
    arrived = (
        select(Ticket.household_id.label("household_id"), Visit.arrived_at.label("at"))
        .join(Visit, Visit.ticket_id == Ticket.id)
        .where(Ticket.household_id.is_not(None), Visit.arrived_at.is_not(None))
    )
    stood = select(RoundStop.household_id, RoundStop.ended_at).where(
        RoundStop.household_id.is_not(None), RoundStop.state.in_(_VISITED)
    )
    each = arrived.union_all(stood).subquery()
    newest = func.max(each.c.at, type_=UTCDateTime()).label("at")
    return select(each.c.household_id, newest).group_by(each.c.household_id).subquery()
