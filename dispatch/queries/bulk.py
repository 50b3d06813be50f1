"""How does one of many tickets stand, in the row that says what became of it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dispatch.domain.categories import CATEGORIES
from dispatch.domain.ticket_state import STATE_NAMES, TicketState, ticket_id_of, ticket_number
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.models.tickets import Ticket
from dispatch.queries.scoping import in_scope

if TYPE_CHECKING:
    from dispatch.domain.permissions import Scope

_COLUMNS: tuple[Any, ...] = (
    Ticket.id,
    Ticket.version,
    Ticket.state,
    Ticket.category,
    Ticket.address,
)
_CATEGORY_NAMES = {rule.key: rule.name for rule in CATEGORIES}


def ticket_shown(number: str, scope: Scope) -> dict[str, Any]:
    """Return number, version, state, category and address; only the number where it is not seen."""
    wanted = select(*_COLUMNS).where(Ticket.id == ticket_id_of(number))
    row = db.session.execute(in_scope(wanted, scope)).one_or_none()
    if row is None:
        return {"number": number}
    return {
        "number": ticket_number(row.id),
        "version": row.version,
        "state": row.state,
        "state_name": STATE_NAMES[TicketState(row.state)],
        "category_name": _CATEGORY_NAMES.get(row.category, row.category),
        "address": row.address,
    }


def crew_shown(crew_id: int | None) -> dict[str, Any] | None:
    """Return a crew by its names, None without one."""
    wanted = select(Crew.id, Crew.name, Crew.name_zh, Crew.vehicle).where(Crew.id == crew_id)
    row = db.session.execute(wanted).mappings().one_or_none() if crew_id is not None else None
    return dict(row) if row else None
