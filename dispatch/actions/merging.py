"""How do two tickets for one fault become one, and how is that undone?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from dispatch.actions.endings import call_crews_back
from dispatch.actions.promises import disarm, rearm
from dispatch.actions.ticket_log import JUST_NOW, Told, check_version, move_ticket, record_event
from dispatch.domain.errors import Forbidden, Invalid
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import ENDED, EventKind, TicketState, ticket_number
from dispatch.models.base import db
from dispatch.models.tickets import Report
from dispatch.queries.visits import visits_of

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.models.tickets import Ticket


def merge_ticket(  # noqa: PLR0913  an action names who, when, what was seen and how it is known
    ticket: Ticket,
    into: Ticket,
    *,
    actor: Actor,
    now: datetime,
    told: Told = JUST_NOW,
    seen_version: int | None = None,
) -> None:
    """Make a ticket a duplicate of another; its reporters follow the other from now on.

    Raises:
        Invalid: when both are the same ticket.
        Forbidden: when the other one has ended, or a crew has arrived for this one.
        Stale: when somebody changed the ticket in between.
    """
    check_version(ticket, seen_version)
    if ticket.id == into.id:
        fault = say("A ticket cannot be a duplicate of itself. Name the other one.")
        raise Invalid(fault, fields={"into": fault})
    if TicketState(into.state) in ENDED:
        raise Forbidden(say("That ticket has ended. Open a new one, or reopen it."))
    call_crews_back(ticket, actor=actor, now=now)
    number = ticket_number(into.id)
    told = replace(told, facts={"into": number})
    move_ticket(
        ticket, TicketState.DUPLICATE, EventKind.MARKED_DUPLICATE, actor=actor, now=now, told=told
    )
    ticket.parent_id = into.id
    disarm(ticket)
    db.session.execute(
        update(Report)
        .where(Report.ticket_id == ticket.id)
        .values(ticket_id=into.id, first_ticket_id=ticket.id)
    )
    _count_reports(ticket, into)
    facts = {"from": ticket_number(ticket.id), "reports": into.report_count}
    record_event(into, EventKind.REPORT_MERGED, actor=actor, now=now, told=Told(facts=facts))


def separate_ticket(
    ticket: Ticket,
    parent: Ticket,
    *,
    actor: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> None:
    """Undo a merge: the ticket and its own reporters stand alone again.

    Raises:
        Forbidden: when the ticket is not a duplicate of that one.
        Stale: when somebody changed the ticket in between.
    """
    check_version(ticket, seen_version)
    if ticket.parent_id != parent.id:
        raise Forbidden(say("This ticket is not a duplicate of another."))
    told = Told(facts={"from": ticket_number(parent.id)})
    move_ticket(ticket, TicketState.ACCEPTED, EventKind.SEPARATED, actor=actor, now=now, told=told)
    ticket.parent_id = None
    db.session.execute(
        update(Report)
        .where(Report.first_ticket_id == ticket.id)
        .values(ticket_id=ticket.id, first_ticket_id=None)
    )
    _count_reports(ticket, parent)
    facts = {"separated": ticket_number(ticket.id), "reports": parent.report_count}
    record_event(parent, EventKind.SEPARATED, actor=actor, now=now, told=Told(facts=facts))
    rearm(ticket, visits_of(ticket.id))


def _count_reports(*tickets: Ticket) -> None:
    for ticket in tickets:
        ticket.report_count = db.session.execute(
            select(func.count()).select_from(Report).where(Report.ticket_id == ticket.id)
        ).scalar_one()
