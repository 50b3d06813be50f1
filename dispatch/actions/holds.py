"""When does a ticket pause, and when does it go back to the desk?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from dispatch.actions.dispatching import end_visit
from dispatch.actions.promises import count_held_before_arrival, disarm, rearm
from dispatch.actions.reasons import check_reason
from dispatch.actions.ticket_log import (
    JUST_NOW,
    Told,
    check_not_on_hold,
    check_version,
    dated,
    move_ticket,
    set_held_from,
    step_times,
    visit_times,
)
from dispatch.domain.errors import Forbidden, Invalid
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import EventKind, TicketState, check_transition
from dispatch.domain.visit_state import ON_SITE, Cause, HoldReason, VisitState
from dispatch.models.base import db
from dispatch.models.tickets import Hold
from dispatch.queries.visits import active_visits_of, visits_of

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.models.tickets import Ticket


def hold_ticket(
    ticket: Ticket,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    until_at: datetime | None = None,
    told: Told = JUST_NOW,
    seen_version: int | None = None,
) -> None:
    """Pause a ticket for a reason from the closed list; its clocks stand still, shown beside.

    Raises:
        Invalid: when the reason is not on the list, or the pause would have ended already.
        Forbidden: when the ticket's state does not allow a hold.
        Stale: when somebody changed the ticket in between.
    """
    check_version(ticket, seen_version)
    if reason not in set(HoldReason):
        fault = say("Choose a reason from the list: %(reasons)s.", reasons=", ".join(HoldReason))
        raise Invalid(fault, fields={"reason": fault})
    if until_at is not None and until_at <= now:
        fault = say("The end of the pause is past. Give a later time, or leave it empty.")
        raise Invalid(fault, fields={"until_at": fault})
    before = ticket.state
    check_transition(TicketState(before), TicketState.ON_HOLD)
    told = replace(dated(told, now, *_times_before(ticket)), reason=reason)
    move_ticket(ticket, TicketState.ON_HOLD, EventKind.HELD, actor=actor, now=now, told=told)
    set_held_from(ticket, before)
    db.session.add(
        Hold(
            ticket_id=ticket.id,
            reason=reason,
            note=told.note,
            from_at=told.effective_at or now,
            until_at=until_at,
        )
    )
    disarm(ticket)


def _times_before(ticket: Ticket) -> list[datetime | None]:
    """Return what a pause cannot begin before: the steps and the pauses of the ticket so far."""
    ended = select(func.max(Hold.to_at)).where(Hold.ticket_id == ticket.id)
    steps = [at for visit in active_visits_of(ticket.id) for at in visit_times(visit)]
    return [*step_times(ticket).values(), *steps, db.session.execute(ended).scalar_one()]


def release_hold(
    ticket: Ticket,
    *,
    actor: Actor,
    now: datetime,
    told: Told = JUST_NOW,
    seen_version: int | None = None,
) -> None:
    """End the pause; the ticket goes on where it was and its warnings move by the time held.

    Raises:
        Forbidden: when the ticket is not on hold.
        Stale: when somebody changed the ticket in between.
    """
    check_version(ticket, seen_version)
    hold = db.session.scalars(
        select(Hold).where(Hold.ticket_id == ticket.id, Hold.to_at.is_(None))
    ).one_or_none()
    if hold is None or ticket.held_from is None:
        raise Forbidden(say("The ticket is not on hold."))
    told = dated(told, now, hold.from_at)
    hold.to_at = told.effective_at or now
    target = TicketState(ticket.held_from)
    move_ticket(ticket, target, EventKind.RELEASED, actor=actor, now=now, told=told)
    set_held_from(ticket, None)
    db.session.flush()
    ticket.held_seconds += (hold.to_at - hold.from_at).total_seconds()
    count_held_before_arrival(ticket, until=hold.to_at)
    rearm(ticket, visits_of(ticket.id))


def return_ticket(
    ticket: Ticket,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    told: Told = JUST_NOW,
    seen_version: int | None = None,
) -> None:
    """Give a ticket back to the desk ("not our area, not our pipe"); no clock stops or restarts.

    Raises:
        Invalid: when no reason is given.
        Forbidden: when the ticket's state does not allow it.
        Stale: when somebody changed the ticket in between.
    """
    check_version(ticket, seen_version)
    said = check_reason(reason)
    check_not_on_hold(ticket)
    check_transition(TicketState(ticket.state), TicketState.RETURNED)
    told = replace(dated(told, now, *step_times(ticket).values()), note=said)
    back = Told(effective_at=told.effective_at)
    for visit in active_visits_of(ticket.id):
        visit.cause = str(Cause.NOT_OUR_PIPE) if visit.state in ON_SITE else None
        end_visit(ticket, visit, VisitState.WITHDRAWN, actor=actor, now=now, told=back)
    move_ticket(ticket, TicketState.RETURNED, EventKind.RETURNED, actor=actor, now=now, told=told)
    ticket.returns += 1
