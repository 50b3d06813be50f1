"""When does a ticket pause, and when does it go back to the desk?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from dispatch.actions.dispatching import end_visit
from dispatch.actions.disputes import NewDispute, check_dispute, open_dispute
from dispatch.actions.promises import arm_release, count_held_before_arrival, disarm, rearm
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
from dispatch.domain.service_policy import due_at
from dispatch.domain.ticket_state import EventKind, TicketState, check_transition
from dispatch.domain.visit_state import ON_SITE, Cause, HoldReason, VisitState
from dispatch.models.base import db
from dispatch.models.tickets import Hold
from dispatch.queries.policies import policy_in_force
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

    Without an end it ends when the longest pause for its reason is over: by rule, if nobody
    releases it before.

    Raises:
        Invalid: when the reason is not on the list, or the pause would be longer than is allowed
            for it, or would have ended already.
        Forbidden: when the ticket's state does not allow a hold.
        Stale: when somebody changed the ticket in between.
    """
    check_version(ticket, seen_version)
    if reason not in set(HoldReason):
        fault = say("Choose a reason from the list: %(reasons)s.", reasons=", ".join(HoldReason))
        raise Invalid(fault, fields={"reason": fault})
    before = ticket.state
    check_transition(TicketState(before), TicketState.ON_HOLD)
    told = replace(dated(told, now, *_times_before(ticket)), reason=reason)
    from_at = told.effective_at or now
    end = _end_of(HoldReason(reason), from_at, until_at, now)
    told = replace(told, facts={**told.facts, "until_at": end.isoformat()})
    move_ticket(ticket, TicketState.ON_HOLD, EventKind.HELD, actor=actor, now=now, told=told)
    set_held_from(ticket, before)
    hold = Hold(ticket_id=ticket.id, reason=reason, note=told.note, from_at=from_at, until_at=end)
    db.session.add(hold)
    disarm(ticket)
    db.session.flush()
    arm_release(ticket, hold)


def _end_of(
    reason: HoldReason, from_at: datetime, until_at: datetime | None, now: datetime
) -> datetime:
    policy = policy_in_force().policy
    longest = due_at(policy.holds.of(reason), from_at, policy)
    end = until_at or longest
    if end > longest:
        fault = say("A pause for this reason ends at %(time)s at the latest.", time=longest)
        raise Invalid(fault, fields={"until_at": fault})
    if end <= now:
        fault = say("The end of the pause is past. Give a later time, or leave it empty.")
        raise Invalid(fault, fields={"until_at": fault})
    return end


def lasting_hold(ticket: Ticket) -> Hold | None:
    """Return the pause that a ticket is in, None where it is in none."""
    return db.session.scalars(
        select(Hold).where(Hold.ticket_id == ticket.id, Hold.to_at.is_(None))
    ).one_or_none()


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

    A pause never lasts beyond its end, also when the release comes late.

    Raises:
        Forbidden: when the ticket is not on hold.
        Stale: when somebody changed the ticket in between.
    """
    check_version(ticket, seen_version)
    hold = lasting_hold(ticket)
    if hold is None or ticket.held_from is None:
        raise Forbidden(say("The ticket is not on hold."))
    told = dated(told, now, hold.from_at)
    ends = [told.effective_at or now, hold.until_at]
    hold.to_at = min(at for at in ends if at is not None)
    told = replace(told, effective_at=hold.to_at)
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
    dispute: NewDispute | None = None,
) -> None:
    """Give a ticket back to the desk ("not our area, not our pipe"); no clock stops or restarts.

    With a dispute the duty manager is asked whose it is; the repair goes on meanwhile.

    Raises:
        Invalid: when no reason is given, or the dispute names nobody else.
        Forbidden: when the ticket's state does not allow it.
        Stale: when somebody changed the ticket in between.
    """
    check_version(ticket, seen_version)
    said = check_reason(reason)
    check_not_on_hold(ticket)
    check_transition(TicketState(ticket.state), TicketState.RETURNED)
    if dispute is not None:
        check_dispute(ticket, dispute)
    told = replace(dated(told, now, *step_times(ticket).values()), note=said)
    back = Told(effective_at=told.effective_at)
    for visit in active_visits_of(ticket.id):
        visit.cause = str(Cause.NOT_OUR_PIPE) if visit.state in ON_SITE else None
        end_visit(ticket, visit, VisitState.WITHDRAWN, actor=actor, now=now, told=back)
    move_ticket(ticket, TicketState.RETURNED, EventKind.RETURNED, actor=actor, now=now, told=told)
    ticket.returns += 1
    if dispute is not None:
        open_dispute(ticket, dispute, reason=said, actor=actor, now=now)
