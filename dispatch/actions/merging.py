"""How do two tickets for one fault become one, and how is that undone?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from dispatch.actions.disputes import end_dispute
from dispatch.actions.endings import call_crews_back
from dispatch.actions.intake import open_ticket
from dispatch.actions.promises import disarm, rearm
from dispatch.actions.tasks import cancel_all_tasks
from dispatch.actions.ticket_log import (
    JUST_NOW,
    Told,
    check_version,
    dated,
    move_ticket,
    record_event,
    step_times,
)
from dispatch.domain.errors import Forbidden, Invalid
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import (
    ENDED,
    EventKind,
    TicketState,
    check_transition,
    ticket_number,
)
from dispatch.models.base import db
from dispatch.models.tickets import Report, Ticket
from dispatch.queries.visits import visits_of

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.actions.intake import NewReport
    from dispatch.domain.permissions import Actor


def merge_ticket(
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
    check_transition(TicketState(ticket.state), TicketState.DUPLICATE)
    told = dated(told, now, *step_times(ticket).values())
    call_crews_back(ticket, actor=actor, now=now, told=told)
    told, kind = replace(told, facts={"into": ticket_number(into.id)}), EventKind.MARKED_DUPLICATE
    move_ticket(ticket, TicketState.DUPLICATE, kind, actor=actor, now=now, told=told)
    ticket.parent_id = into.id
    disarm(ticket)
    cancel_all_tasks(ticket, actor=actor, now=now)
    end_dispute(ticket, actor=actor, now=now)
    _move_reports(ticket, into)
    _bring_along(ticket, into, actor=actor, now=now)
    _count_reports(ticket, into)
    facts = {"from": ticket_number(ticket.id), "reports": into.report_count}
    record_event(into, EventKind.REPORT_MERGED, actor=actor, now=now, told=Told(facts=facts))


def _move_reports(ticket: Ticket, into: Ticket) -> None:
    first = func.coalesce(Report.first_ticket_id, ticket.id)
    db.session.execute(
        update(Report)
        .where(Report.ticket_id == ticket.id)
        .values(ticket_id=into.id, first_ticket_id=first)
    )


def _bring_along(ticket: Ticket, into: Ticket, *, actor: Actor, now: datetime) -> None:
    """Make the duplicates of a merged ticket duplicates of the one that stands for both now."""
    told = Told(facts={"into": ticket_number(into.id)})
    for child in db.session.scalars(select(Ticket).where(Ticket.parent_id == ticket.id)):
        child.parent_id = into.id
        record_event(child, EventKind.MARKED_DUPLICATE, actor=actor, now=now, told=told)


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
    target = TicketState.RECEIVED if ticket.accepted_at is None else TicketState.ACCEPTED
    move_ticket(ticket, target, EventKind.SEPARATED, actor=actor, now=now, told=told)
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


def separate_report(
    ticket: Ticket, report: Report, new: NewReport, *, actor: Actor, now: datetime
) -> Ticket:
    """Undo that a caller was attached: open a ticket for this report, promised from its receipt.

    Raises:
        Forbidden: when the report is not on that ticket, is its only one, or the ticket has ended.
        Invalid: naming a wrong field of the report.
    """
    if report.ticket_id != ticket.id or ticket.report_count == 1:
        raise Forbidden(say("This caller was not attached to that ticket, or is not any more."))
    if TicketState(ticket.state) in ENDED:
        raise Forbidden(say("That ticket has ended. Open a new one, or reopen it."))
    own = open_ticket(
        new, actor=actor, now=now, received_at=report.received_at, told_before=report
    ).ticket
    report.notice_id = None
    db.session.flush()
    _count_reports(ticket)
    facts = {"separated": ticket_number(own.id), "reports": ticket.report_count}
    record_event(ticket, EventKind.SEPARATED, actor=actor, now=now, told=Told(facts=facts))
    told = Told(facts={"from": ticket_number(ticket.id)})
    record_event(own, EventKind.SEPARATED, actor=actor, now=now, told=told)
    return own


def _count_reports(*tickets: Ticket) -> None:
    for ticket in tickets:
        ticket.report_count = db.session.execute(
            select(func.count()).select_from(Report).where(Report.ticket_id == ticket.id)
        ).scalar_one()
