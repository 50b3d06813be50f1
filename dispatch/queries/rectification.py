"""Which overdue tickets are on the list, and what became of each?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from dispatch.domain.categories import category_rule
from dispatch.domain.errors import NotFound
from dispatch.domain.rectification import (
    FOLLOWS,
    ITEM_STATE_NAMES,
    LATE_CAUSE_NAMES,
    UNSETTLED,
    ItemState,
    LateCause,
)
from dispatch.domain.responsibility import Holder, HolderKind
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.service_policy import CLOCK_NAMES, ClockKind
from dispatch.domain.ticket_state import ticket_number
from dispatch.models.base import db
from dispatch.models.people import Team
from dispatch.models.rectification import Rectification, RectificationEvent
from dispatch.models.tickets import Ticket
from dispatch.queries.responsibility import named_holders
from dispatch.queries.scoping import in_scope

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Row, Select

    from dispatch.domain.permissions import Scope

ROWS_A_PAGE = 100
MOST_EXPORTED = 50_000
_UNSETTLED = tuple(sorted(str(state) for state in UNSETTLED))
_COLUMNS: tuple[Any, ...] = (
    Rectification, Ticket.category, Ticket.address, Ticket.level, Team.name, Team.name_zh,
)  # fmt: skip
EVENT_KINDS: dict[str, Sentence] = {
    "opened": say("Put on the list"),
    "breached_again": say("Another promise broke"),
    "changed": say("Changed"),
    "begin": say("Begun"),
    "finish": say("Put right"),
    "sign_off": say("Signed off"),
    "reject": say("Sent back"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFilters:
    """Which items are asked for; None lets every one through."""

    team_id: int | None = None
    cause: str | None = None
    state: str | None = None
    overdue: bool = False
    ticket_id: int | None = None


@dataclass(frozen=True, slots=True)
class ItemPage:
    """One page of items, with how many there are in all."""

    rows: list[dict[str, Any]]
    page: int
    pages: int
    total: int


def unsigned_item_of(ticket_id: int) -> Rectification | None:
    """Return the item of a ticket that is not signed off, None where there is none."""
    return db.session.scalars(
        select(Rectification).where(
            Rectification.ticket_id == ticket_id, Rectification.state != ItemState.SIGNED_OFF
        )
    ).one_or_none()


def unsigned_items_of(ticket_ids: Collection[int]) -> dict[int, tuple[int, str]]:
    """Return id and state of the item that is not signed off, by its ticket."""
    rows = db.session.execute(
        select(Rectification.ticket_id, Rectification.id, Rectification.state).where(
            Rectification.ticket_id.in_(ticket_ids), Rectification.state != ItemState.SIGNED_OFF
        )
    )
    return {ticket_id: (item_id, state) for ticket_id, item_id, state in rows}


def item_for_change(item_id: int, scope: Scope) -> Rectification:
    """Return an item that an action may change, locked until the transaction ends.

    Raises:
        NotFound: when there is no such item in the asker's scope.
    """
    seen = in_scope(select(Ticket.id), scope)
    row = db.session.scalars(
        select(Rectification)
        .where(Rectification.id == item_id, Rectification.ticket_id.in_(seen))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise _no_item()
    return row


def _no_item() -> NotFound:
    return NotFound(say("There is no such item on the list, or it is not yours to see."))


def item_page(scope: Scope, filters: ItemFilters, page: int, now: datetime) -> ItemPage:
    """Return one page of the items of the asker's tickets, the earliest due first."""
    counted = select(func.count(Rectification.id)).join(Ticket)
    total = db.session.scalar(_chosen(counted, scope, filters, now)) or 0
    pages = max(1, math.ceil(total / ROWS_A_PAGE))
    page = min(max(page, 1), pages)
    rows = _read(scope, filters, now, limit=ROWS_A_PAGE, offset=(page - 1) * ROWS_A_PAGE)
    return ItemPage(rows, page, pages, total)


def all_items(scope: Scope, filters: ItemFilters, now: datetime) -> list[dict[str, Any]]:
    """Return the items for a file, the earliest due first."""
    return _read(scope, filters, now, limit=MOST_EXPORTED, offset=0)


def item_row(item_id: int, scope: Scope, now: datetime) -> dict[str, Any]:
    """Return one item with its events, oldest first.

    Raises:
        NotFound: when there is no such item in the asker's scope.
    """
    found = db.session.execute(
        in_scope(_rows().where(Rectification.id == item_id), scope)
    ).all()  # fmt: skip
    if not found:
        raise _no_item()
    return _shaped(found, now)[0] | {"events": _events(item_id)}


def team_choices(scope: Scope) -> Sequence[Row[int, str, str | None]]:
    """Return id and names of the teams whose items the asker may filter by."""
    statement = select(Team.id, Team.name, Team.name_zh).order_by(Team.name, Team.id)
    if not scope.everything:
        statement = statement.where(Team.id == scope.team_id)
    return db.session.execute(statement).all()


def _rows() -> Select[Any]:
    statement: Select[Any] = select(*_COLUMNS)
    return statement.join(Ticket, Ticket.id == Rectification.ticket_id).outerjoin(
        Team, Team.id == Ticket.team_id
    )


def _read(
    scope: Scope, filters: ItemFilters, now: datetime, *, limit: int, offset: int
) -> list[dict[str, Any]]:
    statement = _chosen(_rows(), scope, filters, now)
    ordered = statement.order_by(Rectification.due_at, Rectification.id)
    return _shaped(db.session.execute(ordered.limit(limit).offset(offset)).all(), now)


def _chosen(
    statement: Select[Any], scope: Scope, filters: ItemFilters, now: datetime
) -> Select[Any]:
    equal = {
        Ticket.team_id: filters.team_id,
        Rectification.cause: filters.cause,
        Rectification.state: filters.state,
        Rectification.ticket_id: filters.ticket_id,
    }
    chosen = [column == value for column, value in equal.items() if value is not None]
    if filters.overdue:
        chosen += [Rectification.due_at < now, Rectification.state.in_(_UNSETTLED)]
    return in_scope(statement, scope).where(*chosen)


def _shaped(found: Sequence[Row[*tuple[Any, ...]]], now: datetime) -> list[dict[str, Any]]:
    named = named_holders({_holder(row[0]) for row in found})
    return [_shape(row, named[_holder(row[0])], now) for row in found]


def _holder(row: Rectification) -> Holder:
    kind, key, department = row.holder
    return Holder(HolderKind(kind), key, department)


def _shape(
    row: Row[*tuple[Any, ...]], holder: dict[str, Any], now: datetime
) -> dict[str, Any]:  # fmt: skip
    item, category, address, level, team, team_zh = row
    columns = (
        "id", "version", "state", "clock", "broke_at", "responsible", "responsible_reason",
        "cause", "text", "due_at", "opened_at", "opened_by", "done_at", "done_by", "signed_at",
        "signed_by",
    )  # fmt: skip
    state = ItemState(item.state)
    return {name: getattr(item, name) for name in columns} | {
        "ticket": ticket_number(item.ticket_id),
        "category": category,
        "category_name": category_rule(category).name,
        "address": address,
        "level": level,
        "team": team,
        "team_zh": team_zh,
        "state_name": ITEM_STATE_NAMES[state],
        "follows": sorted(str(each) for each in FOLLOWS[state]),
        "clock_name": CLOCK_NAMES[ClockKind(item.clock)] if item.clock else None,
        "cause_name": LATE_CAUSE_NAMES[LateCause(item.cause)] if item.cause else None,
        "holder": holder,
        "overdue": state in UNSETTLED and item.due_at < now,
    }


def _events(item_id: int) -> list[dict[str, Any]]:
    rows = db.session.scalars(
        select(RectificationEvent)
        .where(RectificationEvent.item_id == item_id)
        .order_by(RectificationEvent.id)
    )
    return [
        {
            "kind": row.kind,
            "name": EVENT_KINDS[row.kind],
            "state": row.state,
            "at": row.at,
            "actor": row.actor,
            "note": row.note,
            "facts": row.facts,
        }
        for row in rows
    ]
