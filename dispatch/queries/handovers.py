"""How does the desk stand, what was written in its log, and what waits to be signed?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from dispatch.domain.categories import CATEGORIES
from dispatch.domain.disputes import GROUND_NAMES, DisputeGround
from dispatch.domain.errors import NotFound
from dispatch.domain.handovers import MOST_LISTED, held_of, promises_of
from dispatch.domain.permissions import Role
from dispatch.domain.sentences import say
from dispatch.domain.service_policy import CLOCK_NAMES, ClockKind
from dispatch.domain.ticket_state import ticket_number
from dispatch.domain.visit_state import HOLD_NAMES, HoldReason
from dispatch.models.base import db
from dispatch.models.handovers import Handover, HandoverSignature, ShiftNote
from dispatch.queries.alerts import AlertFilters, all_alerts
from dispatch.queries.disputes import DisputeFilters, all_disputes
from dispatch.queries.tickets import TicketFilters, ticket_rows

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Row

    from dispatch.domain.permissions import Actor, Scope

ROWS_A_PAGE = 20
_CATEGORY_NAMES = {rule.key: rule.name for rule in CATEGORIES}


@dataclass(frozen=True, slots=True)
class HandoverPage:
    """One page of handovers, the newest first, with how many there are in all."""

    rows: list[dict[str, Any]]
    page: int
    pages: int
    total: int


def desk_of(actor: Actor) -> int | None:
    """Return the team whose desk this is, None for the desk of the whole utility."""
    return (actor.team_id or 0) if actor.role is Role.TEAM_LEADER else None


def standing(scope: Scope, now: datetime) -> dict[str, Any]:
    """Return how the desk stands: promises, holds, alerts nobody acknowledged, open disputes.

    Instants are aware; `plain` and `read_facts` turn them into JSON and back.
    """
    tickets = ticket_rows(scope, TicketFilters(open_only=True, imported=False))
    alerts = all_alerts(scope, AlertFilters(state="open"))
    disputes = all_disputes(scope, DisputeFilters(state="open"), now)
    return (
        promises_of(tickets, now)
        | held_of(tickets)
        | {
            "alerts": [
                {
                    name: row[name]
                    for name in ("ticket", "category", "address", "clock", "raised_at")
                }
                for row in alerts[:MOST_LISTED]
            ],
            "alerting": len(alerts),
            "disputes": [
                {name: row[name] for name in ("ticket", "category", "address", "ground", "due_at")}
                for row in disputes[:MOST_LISTED]
            ],
            "disputed": len(disputes),
        }
    )


def plain(value: Any) -> Any:
    """Return the facts as JSON: instants in ISO 8601."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value.isoformat() if isinstance(value, datetime) else value


def worded_facts(facts: dict[str, Any]) -> dict[str, Any]:
    """Return facts as they are read: instants again, and names for kinds."""
    return facts | {
        name: [_named(row) for row in facts[name]]
        for name in ("promises", "holds", "alerts", "disputes")
    }


def _named(row: dict[str, Any]) -> dict[str, Any]:
    read = {
        name: datetime.fromisoformat(value)
        if name.endswith("_at") and isinstance(value, str)
        else value
        for name, value in row.items()
    }
    read["category_name"] = _CATEGORY_NAMES.get(row["category"], say("another fault"))
    if "clock" in row:
        read["clock_name"] = CLOCK_NAMES[ClockKind(row["clock"])]
    if "reason" in row:
        read["reason_name"] = HOLD_NAMES[HoldReason(row["reason"])]
    if "ground" in row:
        read["ground_name"] = GROUND_NAMES[DisputeGround(row["ground"])]
    return read


def last_handover_at(team_id: int | None) -> datetime | None:
    """Return when the desk was last handed over."""
    return db.session.scalar(select(func.max(Handover.at)).where(_of(Handover, team_id)))


def notes_between(
    team_id: int | None, since: datetime | None, until: datetime | None = None
) -> list[dict[str, Any]]:
    """Return the remarks of a desk after one instant up to another, the oldest first."""
    asked = select(ShiftNote).where(_of(ShiftNote, team_id))
    if since is not None:
        asked = asked.where(ShiftNote.at > since)
    if until is not None:
        asked = asked.where(ShiftNote.at <= until)
    return [
        {
            "at": row.at,
            "author": row.author,
            "text": row.text,
            "ticket": ticket_number(row.ticket_id) if row.ticket_id else None,
        }
        for row in db.session.scalars(asked.order_by(ShiftNote.at, ShiftNote.id))
    ]


def waiting_handover(actor: Actor) -> dict[str, Any] | None:
    """Return the newest handover of the asker's desk that nobody has signed yet, if any."""
    row = db.session.execute(
        _with_signature(desk_of(actor))
        .where(HandoverSignature.handover_id.is_(None))
        .order_by(Handover.at.desc(), Handover.id.desc())
        .limit(1)
    ).one_or_none()
    return _shape(row, actor) if row else None


def handover_page(actor: Actor, page: int) -> HandoverPage:
    """Return one page of the handovers of the asker's desk, the newest first."""
    mine = _of(Handover, desk_of(actor))
    total = db.session.scalar(select(func.count(Handover.id)).where(mine)) or 0
    pages = max(1, math.ceil(total / ROWS_A_PAGE))
    page = min(max(page, 1), pages)
    found = db.session.execute(
        _with_signature(desk_of(actor))
        .order_by(Handover.at.desc(), Handover.id.desc())
        .limit(ROWS_A_PAGE)
        .offset((page - 1) * ROWS_A_PAGE)
    )
    return HandoverPage([_shape(row, actor) for row in found], page, pages, total)


def handover_seen(handover_id: int, actor: Actor) -> dict[str, Any]:
    """Return one handover of the asker's desk with its facts and the remarks of its shift.

    Raises:
        NotFound: when there is none, or it is another desk's.
    """
    row = db.session.execute(
        _with_signature(desk_of(actor)).where(Handover.id == handover_id)
    ).one_or_none()
    if row is None:
        raise NotFound(say("There is no such handover, or it is another desk's."))
    handover = row[0]
    return _shape(row, actor) | {
        "facts": worded_facts(handover.facts),
        "notes": notes_between(handover.team_id, handover.since, handover.at),
    }


def _with_signature(team_id: int | None) -> Any:
    return (
        select(Handover, HandoverSignature)
        .outerjoin(HandoverSignature, HandoverSignature.handover_id == Handover.id)
        .where(_of(Handover, team_id))
    )


def _of(table: type[Handover | ShiftNote], team_id: int | None) -> ColumnElement[bool]:
    return table.team_id.is_(None) if team_id is None else table.team_id == team_id


def _shape(row: Row[Handover, HandoverSignature | None], actor: Actor) -> dict[str, Any]:
    handover, signature = row
    return {
        "id": handover.id,
        "at": handover.at,
        "since": handover.since,
        "author": handover.author,
        "text": handover.text,
        "mine": handover.user_id == actor.user_id,
        "signed_at": signature.at if signature else None,
        "signer": signature.signer if signature else None,
        "remark": signature.remark if signature else None,
    }
