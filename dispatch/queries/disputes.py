"""Which faults are in dispute, what was decided, and how long did it take?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from dispatch.domain.categories import category_rule
from dispatch.domain.disputes import (
    DISPUTE_STATE_NAMES,
    GROUND_NAMES,
    DisputeGround,
    DisputeState,
)
from dispatch.domain.errors import NotFound
from dispatch.domain.samples import percentiles
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import ticket_number
from dispatch.models.base import db
from dispatch.models.disputes import Dispute
from dispatch.models.people import Team
from dispatch.models.tickets import Ticket

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Row, Select

    from dispatch.domain.permissions import Scope

ROWS_A_PAGE = 100
MOST_EXPORTED = 50_000
_FROM, _OTHER, _OWNER = aliased(Team), aliased(Team), aliased(Team)
_COLUMNS: tuple[Any, ...] = (
    Dispute, Ticket.category, Ticket.address, Ticket.level, Ticket.state,
    *(column for team in (_FROM, _OTHER, _OWNER) for column in (team.name, team.name_zh)),
)  # fmt: skip
AnySelect = TypeVar("AnySelect", bound="Select[*tuple[Any, ...]]")


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeFilters:
    """Which disputes are asked for; None lets every one through. A team is on either side."""

    state: str | None = None
    team_id: int | None = None
    ground: str | None = None


@dataclass(frozen=True, slots=True)
class DisputePage:
    """One page of disputes, with how many there are in all."""

    rows: list[dict[str, Any]]
    page: int
    pages: int
    total: int


def open_dispute_of(ticket_id: int) -> Dispute | None:
    """Return the dispute over a ticket that is not settled, None where there is none."""
    return db.session.scalars(
        select(Dispute).where(Dispute.ticket_id == ticket_id, Dispute.state == DisputeState.OPEN)
    ).one_or_none()


def dispute_for_change(dispute_id: int, scope: Scope) -> tuple[Dispute, Ticket]:
    """Return a dispute that an action may settle with its ticket, both locked.

    Raises:
        NotFound: when there is no such dispute in the asker's scope.
    """
    ticket_id = db.session.scalar(
        _seen(select(Dispute.ticket_id), scope).where(Dispute.id == dispute_id)
    )
    if ticket_id is None:
        raise _no_dispute()
    # The ticket first, as the clockwork does: the other way round two could wait for each other.
    ticket = db.session.get_one(Ticket, ticket_id, with_for_update=True, populate_existing=True)
    row = db.session.get_one(Dispute, dispute_id, with_for_update=True, populate_existing=True)
    return row, ticket


def _no_dispute() -> NotFound:
    return NotFound(say("There is no such dispute, or it is not yours to see."))


def dispute_page(scope: Scope, filters: DisputeFilters, page: int, now: datetime) -> DisputePage:
    """Return one page of disputes: the open ones by their end, then the last settled."""
    total = db.session.scalar(_chosen(select(func.count(Dispute.id)), scope, filters)) or 0
    pages = max(1, math.ceil(total / ROWS_A_PAGE))
    page = min(max(page, 1), pages)
    rows = _read(scope, filters, now, limit=ROWS_A_PAGE, offset=(page - 1) * ROWS_A_PAGE)
    return DisputePage(rows, page, pages, total)


def all_disputes(scope: Scope, filters: DisputeFilters, now: datetime) -> list[dict[str, Any]]:
    """Return the disputes for a file, in the order of the page."""
    return _read(scope, filters, now, limit=MOST_EXPORTED, offset=0)


def dispute_row(dispute_id: int, scope: Scope, now: datetime) -> dict[str, Any]:
    """Return one dispute.

    Raises:
        NotFound: when there is no such dispute in the asker's scope.
    """
    found = db.session.execute(_seen(_rows(), scope).where(Dispute.id == dispute_id)).all()
    if not found:
        raise _no_dispute()
    return _shape(found[0], now)


def dispute_figures(scope: Scope, filters: DisputeFilters) -> dict[str, Any]:
    """Return how many disputes there are in each state, and the minutes that decisions took."""
    counted = _chosen(select(Dispute.state, func.count(Dispute.id)), scope, filters)
    count: dict[str, int] = dict(db.session.execute(counted.group_by(Dispute.state)).all())
    times = _chosen(select(Dispute.opened_at, Dispute.decided_at), scope, filters)
    decided = db.session.execute(times.where(Dispute.state == DisputeState.DECIDED)).all()
    took = percentiles([(row.decided_at - row.opened_at).total_seconds() for row in decided])
    return {str(state): count.get(str(state), 0) for state in DisputeState} | {
        "n": sum(count.values()),
        "minutes_to_decision": took.as_minutes() if took else None,
    }


def teams_to_name() -> Sequence[Row[int, str, str | None]]:
    """Return id and names of every team: a dispute is with a team beyond one's own."""
    return db.session.execute(
        select(Team.id, Team.name, Team.name_zh).order_by(Team.name, Team.id)
    ).all()


def _seen(statement: AnySelect, scope: Scope) -> AnySelect:
    """Narrow to the disputes of the asker's team, on whichever side; crews see none."""
    if scope.everything:
        return statement
    own = scope.team_id or 0
    sides = (
        Dispute.from_team_id == own,
        Dispute.other_team_id == own,
        Dispute.owner_team_id == own,
    )
    return statement.where(or_(*sides))


def _chosen(statement: AnySelect, scope: Scope, filters: DisputeFilters) -> AnySelect:
    statement = _seen(statement, scope)
    if filters.state is not None:
        statement = statement.where(Dispute.state == filters.state)
    if filters.ground is not None:
        statement = statement.where(Dispute.ground == filters.ground)
    if filters.team_id is not None:
        one = filters.team_id
        statement = statement.where(or_(Dispute.from_team_id == one, Dispute.other_team_id == one))
    return statement


def _rows() -> Select[Any]:
    statement: Select[Any] = select(*_COLUMNS)
    return (
        statement.join(Ticket, Ticket.id == Dispute.ticket_id)
        .outerjoin(_FROM, _FROM.id == Dispute.from_team_id)
        .outerjoin(_OTHER, _OTHER.id == Dispute.other_team_id)
        .outerjoin(_OWNER, _OWNER.id == Dispute.owner_team_id)
    )


def _read(
    scope: Scope, filters: DisputeFilters, now: datetime, *, limit: int, offset: int
) -> list[dict[str, Any]]:
    is_settled = Dispute.state != DisputeState.OPEN
    ordered = _chosen(_rows(), scope, filters).order_by(
        is_settled, Dispute.decided_at.desc(), Dispute.due_at, Dispute.id
    )
    found = db.session.execute(ordered.limit(limit).offset(offset)).all()
    return [_shape(row, now) for row in found]


def _shape(row: Row[*tuple[Any, ...]], now: datetime) -> dict[str, Any]:
    item, category, address, level, ticket_state, *names = row
    columns = (
        "id", "version", "state", "ground", "reason", "department", "opened_at", "opened_by",
        "due_at", "decided_at", "decided_by", "decision", "owner_department", "from_team_id",
        "other_team_id", "owner_team_id",
    )  # fmt: skip
    state = DisputeState(item.state)
    keys = ("from_team", "from_team_zh", "other_team", "other_team_zh", "owner", "owner_zh")
    return (
        {name: getattr(item, name) for name in columns}
        | dict(zip(keys, names, strict=True))
        | {
            "ticket": ticket_number(item.ticket_id),
            "ticket_state": ticket_state,
            "category": category,
            "category_name": category_rule(category).name,
            "address": address,
            "level": level,
            "state_name": DISPUTE_STATE_NAMES[state],
            "ground_name": GROUND_NAMES[DisputeGround(item.ground)],
            "overdue": state is DisputeState.OPEN and item.due_at < now,
        }
    )
