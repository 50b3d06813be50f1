"""How does a ticket end, and how does it come back?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dispatch.actions.dispatching import end_visit
from dispatch.actions.disputes import end_dispute
from dispatch.actions.follow_up_rows import call_off
from dispatch.actions.outbox import tell_reporters
from dispatch.actions.promises import disarm, rearm
from dispatch.actions.reasons import check_reason
from dispatch.actions.tasks import cancel_all_tasks, check_tasks_allow_closing
from dispatch.actions.ticket_log import (
    JUST_NOW,
    Told,
    check_not_on_hold,
    check_version,
    clear_completion,
    dated,
    move_ticket,
    record_aside,
    record_event,
    step_times,
)
from dispatch.domain.errors import Forbidden, Invalid
from dispatch.domain.sentences import say
from dispatch.domain.service_policy import ClockKind
from dispatch.domain.ticket_state import FOLLOWS, EventKind, TicketState, check_transition
from dispatch.domain.visit_state import VisitState
from dispatch.queries.visits import active_visits_of, visits_of

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.models.tickets import Report, Ticket

ANSWERS = ("fixed", "not_fixed", "rather_not_say")


def _end(
    ticket: Ticket,
    target: TicketState,
    kind: EventKind,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    told: Told,
    seen_version: int | None,
) -> None:
    check_version(ticket, seen_version)
    said = check_reason(reason)
    check_transition(TicketState(ticket.state), target)
    told = dated(told, now, *step_times(ticket).values())
    call_crews_back(ticket, actor=actor, now=now, told=told)
    told = replace(told, note=said)
    event = move_ticket(ticket, target, kind, actor=actor, now=now, told=told)
    disarm(ticket)
    cancel_all_tasks(ticket, actor=actor, now=now)
    if target is TicketState.CANCELLED:
        end_dispute(ticket, actor=actor, now=now)
    tell_reporters(ticket, event, now=now)


def call_crews_back(ticket: Ticket, *, actor: Actor, now: datetime, told: Told = JUST_NOW) -> None:
    """Withdraw every crew that is under way to a ticket that ends."""
    back = Told(effective_at=told.effective_at)
    for visit in active_visits_of(ticket.id):
        end_visit(ticket, visit, VisitState.WITHDRAWN, actor=actor, now=now, told=back)


def solve_by_phone(
    ticket: Ticket,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    told: Told = JUST_NOW,
    seen_version: int | None = None,
) -> None:
    """End a ticket because the caller could be helped on the telephone.

    Raises:
        Invalid: when no reason is given.
        Forbidden: when a crew has arrived or the ticket has ended.
        Stale: when somebody changed the ticket in between.
    """
    _end(
        ticket,
        TicketState.SOLVED_BY_PHONE,
        EventKind.SOLVED_BY_PHONE,
        reason=reason,
        actor=actor,
        now=now,
        told=told,
        seen_version=seen_version,
    )


def answer_by_notice(ticket: Ticket, *, reason: str, actor: Actor, now: datetime) -> None:
    """End a ticket because a published interruption explains it; nobody is sent.

    Raises:
        Invalid: when no reason is given.
        Forbidden: when a crew has arrived or the ticket has ended.
    """
    _end(
        ticket,
        TicketState.ANSWERED_BY_NOTICE,
        EventKind.ANSWERED_BY_NOTICE,
        reason=reason,
        actor=actor,
        now=now,
        told=JUST_NOW,
        seen_version=None,
    )


def take_answer_back(ticket: Ticket, *, actor: Actor, now: datetime) -> None:
    """Undo that a notice answered a call: the ticket goes on, promised from its receipt.

    Raises:
        Forbidden: when no notice answered it.
    """
    if ticket.state != TicketState.ANSWERED_BY_NOTICE:
        raise Forbidden(say("This ticket was not answered by a notice, or is not any more."))
    target = TicketState.RECEIVED if ticket.accepted_at is None else TicketState.ACCEPTED
    move_ticket(ticket, target, EventKind.SEPARATED, actor=actor, now=now)
    rearm(ticket, visits_of(ticket.id))


def cancel_ticket(
    ticket: Ticket,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    told: Told = JUST_NOW,
    seen_version: int | None = None,
) -> None:
    """End a ticket that is no fault, or no longer one.

    Raises:
        Invalid: when no reason is given.
        Forbidden: when a crew has arrived or the ticket has ended.
        Stale: when somebody changed the ticket in between.
    """
    _end(
        ticket,
        TicketState.CANCELLED,
        EventKind.CANCELLED,
        reason=reason,
        actor=actor,
        now=now,
        told=told,
        seen_version=seen_version,
    )


def close_ticket(
    ticket: Ticket,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    told: Told = JUST_NOW,
    seen_version: int | None = None,
) -> None:
    """Close a completed ticket; tasks that go on need a reason, and keep their clocks.

    Raises:
        Forbidden: when the ticket is not completed.
        Invalid: when a task is not settled and no reason is given.
        Stale: when somebody changed the ticket in between.
    """
    check_version(ticket, seen_version)
    check_transition(TicketState(ticket.state), TicketState.CLOSED)
    check_tasks_allow_closing(ticket, reason)
    told = dated(told, now, *step_times(ticket).values())
    told = replace(told, note=reason.strip() or told.note)
    move_ticket(ticket, TicketState.CLOSED, EventKind.CLOSED, actor=actor, now=now, told=told)
    disarm(ticket)


def reopen_ticket(
    ticket: Ticket,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    told: Told = JUST_NOW,
    seen_version: int | None = None,
) -> None:
    """Open the same ticket again; its clocks still count from the first receipt.

    Raises:
        Invalid: when no reason is given.
        Forbidden: when the ticket has not ended.
        Stale: when somebody changed the ticket in between.
    """
    check_version(ticket, seen_version)
    said = check_reason(reason)
    _reopen(ticket, actor=actor, now=now, told=replace(told, note=said))


def _reopen(ticket: Ticket, *, actor: Actor, now: datetime, told: Told) -> None:
    check_not_on_hold(ticket)
    told = dated(told, now, *step_times(ticket).values())
    move_ticket(ticket, TicketState.REOPENED, EventKind.REOPENED, actor=actor, now=now, told=told)
    clear_completion(ticket)
    call_off(ticket, now=now)
    ticket.reopenings += 1
    rearm(ticket, visits_of(ticket.id))


def answer_follow_up(
    ticket: Ticket,
    report: Report,
    answer: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Take the reporter's word: fixed verifies the repair, not fixed reopens the same ticket.

    A second reporter's word about a ticket that was reopened already is kept in its story.

    Raises:
        Invalid: when the answer is none of the three.
        Forbidden: when there is no repair to answer about.
    """
    if answer not in ANSWERS:
        fault = say("Answer fixed, not_fixed or rather_not_say.")
        raise Invalid(fault, fields={"answer": fault})
    if not _is_over(ticket) and not ticket.reopenings:
        raise Forbidden(say("There is no repair to answer about yet."))
    report.fixed_answer = answer
    report.answered_at = now
    take_word(ticket, answer, actor=actor, now=now)


def _is_over(ticket: Ticket) -> bool:
    is_over = TicketState.REOPENED in FOLLOWS[TicketState(ticket.state)]
    return is_over and ticket.state != TicketState.ON_HOLD


def take_word(ticket: Ticket, answer: str, *, actor: Actor, now: datetime) -> None:
    """Do what a reporter's word asks for: fixed verifies the repair, not fixed reopens the ticket.

    A word about what was reopened already is kept in the story.
    """
    told = Told(reason=answer)
    if answer == "not_fixed" and _is_over(ticket):
        _reopen(ticket, actor=actor, now=now, told=told)
    elif answer == "not_fixed":
        record_aside(ticket, EventKind.NOTE_ADDED, actor=actor, now=now, told=told)
    elif answer == "fixed" and ticket.completed_at is not None and ticket.verified_at is None:
        ticket.verified_at = now
        record_event(ticket, EventKind.VERIFIED, actor=actor, now=now)
        disarm(ticket, ClockKind.FOLLOW_UP)
