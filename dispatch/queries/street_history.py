"""How often do crews decline, callers give up, doors stay shut, and repairs need a second visit?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from dispatch.domain.samples import Share
from dispatch.domain.service_policy import Level
from dispatch.domain.ticket_state import TicketState
from dispatch.domain.visit_state import Cause, VisitState
from dispatch.models.base import db
from dispatch.models.tickets import Ticket, Visit
from dispatch.queries.scoping import in_scope

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Scope

LOOK_BACK = timedelta(days=90)

_NO_VISIT_NEEDED = tuple(
    str(state)
    for state in (
        TicketState.DUPLICATE,
        TicketState.SOLVED_BY_PHONE,
        TicketState.ANSWERED_BY_NOTICE,
    )
)


def street_shares(scope: Scope, now: datetime) -> dict[str, Share]:
    """Return the shares of the last 90 days under the names of a rehearsal's wish.

    ``declines`` of the offers to crews; ``cancelled`` of the located repairs of levels 1 to 3;
    ``no_access`` of the arrivals; ``second_visits`` of the tickets that were reached, when a crew
    arrived again after one that had got in. Imported tickets are left out, supporting crews too.
    """
    received = (
        Ticket.received_at >= now - LOOK_BACK,
        Ticket.received_at < now,
        ~Ticket.imported,
        Ticket.kind == "repair",
        Ticket.level < Level.ENQUIRY,
        Ticket.lat.is_not(None),
        Ticket.state.not_in(_NO_VISIT_NEEDED),
    )
    tickets, cancelled = _row(
        select(func.count(), _count(Ticket.state == TicketState.CANCELLED)).where(*received), scope
    )
    shut = (Visit.state == VisitState.CANNOT_COMPLETE) & (Visit.cause == Cause.NO_ACCESS)
    arrived = Visit.arrived_at.is_not(None)
    visits = select(
        func.count(),
        _count(Visit.state == VisitState.DECLINED),
        _count(arrived),
        _count(arrived & shut),
    ).join(Ticket, Ticket.id == Visit.ticket_id)
    offers, declined, arrivals, no_access = _row(
        visits.where(*received, Visit.crew_role == "lead"), scope
    )
    reached, again = _second_visits(received, scope)
    return {
        "declines": Share(declined, offers),
        "cancelled": Share(cancelled, tickets),
        "no_access": Share(no_access, arrivals),
        "second_visits": Share(again, reached),
    }


def _second_visits(received: tuple[Any, ...], scope: Scope) -> tuple[int, int]:
    """Count the tickets that were reached and got in, and those of them with one more arrival."""
    got_in = Visit.arrived_at.is_not(None) & (
        Visit.cause.is_(None) | (Visit.cause != Cause.NO_ACCESS)
    )
    of_tickets = in_scope(
        select(Ticket.id, func.count(Visit.id).label("arrivals"))
        .join(Visit, Visit.ticket_id == Ticket.id)
        .where(*received, Visit.crew_role == "lead", got_in)
        .group_by(Ticket.id),
        scope,
    ).subquery()
    reached, again = db.session.execute(
        select(func.count(), _count(of_tickets.c.arrivals > 1)).select_from(of_tickets)
    ).one()
    return reached, again


def _count(condition: Any) -> Any:
    return func.count().filter(condition)


def _row(asked: Any, scope: Scope) -> tuple[int, ...]:
    return tuple(db.session.execute(in_scope(asked, scope)).one())
