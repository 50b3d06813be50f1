"""What do we know of a caller when the telephone rings?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from dispatch.domain.categories import category_rule
from dispatch.domain.phone_numbers import phone_forms
from dispatch.domain.ticket_state import ENDED, is_open, state_name, ticket_number
from dispatch.models.base import db
from dispatch.models.places import Household
from dispatch.models.tickets import Report, Ticket
from dispatch.queries.scoping import in_scope
from dispatch.queries.similar import complaints_about

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import RowMapping

    from dispatch.domain.permissions import Scope

LOOK_BACK = timedelta(days=365)
MOST = 6
_COLUMNS: tuple[Any, ...] = (
    Ticket.id, Ticket.category, Ticket.state, Ticket.received_at, Ticket.address,
    Ticket.reopenings, Ticket.report_count, Ticket.imported,
)  # fmt: skip


def caller_story(phone: str, account: str, scope: Scope, *, now: datetime) -> dict[str, Any]:
    """Return a caller's or a household's tickets of a year and what they were not content with.

    Six at most, the open ones first, then the newest; without a number and an account there are
    none.
    """
    forms = phone_forms(phone)
    told = []
    if forms:
        called = select(Report.ticket_id).where(Report.phone.in_(forms))
        owned = select(Household.id).where(Household.phone.in_(forms))
        told += [Ticket.id.in_(called), Ticket.household_id.in_(owned)]
    if account:
        own = select(Household.id).where(Household.account == account)
        told.append(Ticket.household_id.in_(own))
    if not told:
        return {"tickets": [], "complaints": []}
    theirs = or_(*told)
    is_over = Ticket.state.in_([str(state) for state in ENDED]) | Ticket.imported
    asked = (
        select(*_COLUMNS)
        .where(theirs, Ticket.received_at >= now - LOOK_BACK)
        .order_by(is_over, Ticket.received_at.desc(), Ticket.id.desc())
        .limit(MOST)
    )
    rows = db.session.execute(in_scope(asked, scope)).mappings()
    tickets = [_row(row) for row in rows]
    return {"tickets": tickets, "complaints": complaints_about(theirs, scope)}


def _row(row: RowMapping) -> dict[str, Any]:
    return {
        "number": ticket_number(row["id"]),
        "category": row["category"],
        "category_name": category_rule(row["category"]).name,
        "state_name": state_name(row["state"], imported=row["imported"]),
        "open": is_open(row["state"], imported=row["imported"]),
        "received_at": row["received_at"],
        "address": row["address"],
        "reopenings": row["reopenings"],
        "reports": row["report_count"],
    }
