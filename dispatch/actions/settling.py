"""What do the visits of a ticket add up to, and what does it owe once none is under way?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from dispatch.actions.follow_up_rows import plan_follow_ups
from dispatch.actions.outbox import tell_reporters
from dispatch.actions.promises import due_from, rearm
from dispatch.actions.ticket_log import Told, move_ticket, record_event, stamp_first
from dispatch.domain.service_policy import ClockKind
from dispatch.domain.ticket_state import EventKind, TicketState
from dispatch.domain.visit_state import ACTIVE, VisitState, ticket_state_for
from dispatch.models.base import db
from dispatch.models.tickets import TicketEvent, Visit
from dispatch.queries.visits import active_visits_of

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.models.tickets import Ticket

# Reporters hear of these steps, when the whole ticket takes them.
_TOLD = {EventKind.SET_OFF: TicketState.EN_ROUTE, EventKind.ARRIVED: TicketState.ARRIVED}
_ABOUT_THE_REPAIR = tuple(
    str(kind) for kind in (EventKind.COMPLETED, EventKind.CANNOT_COMPLETE, EventKind.REOPENED)
)


def settle(
    ticket: Ticket,
    kind: EventKind,
    *,
    visit: Visit,
    actor: Actor,
    now: datetime,
    told: Told,
) -> None:
    """Record what a visit did and move its ticket to the state its visits add up to.

    With no crew left the ticket is completed where the newest word about the repair says so.
    """
    active = [VisitState(each.state) for each in active_visits_of(ticket.id)]
    fixed = not active and kind is EventKind.COMPLETED
    repair = None if active or fixed else _repair_before(ticket, kind)
    target = ticket_state_for(active, fixed=fixed)
    if visit.state in ACTIVE:
        _keep_first(ticket, visit, actor=actor, now=now, told=told)
    if target == ticket.state or repair is not None:
        record_event(ticket, kind, actor=actor, now=now, told=told, visit=visit)
    else:
        event = move_ticket(ticket, target, kind, actor=actor, now=now, told=told, visit=visit)
        if target == _TOLD.get(kind):
            tell_reporters(ticket, event, now=now)
        if fixed:
            _finish(ticket, event, now=now)
    if repair is not None:
        _complete_late(ticket, repair, actor=actor, now=now)


def complete_by_steps(ticket: Ticket, *, actor: Actor, now: datetime) -> None:
    """Complete a request with the last of its steps: its reporters are told and asked.

    Raises:
        Forbidden: when a crew is under way for the ticket, or it has ended.
    """
    completed = EventKind.COMPLETED
    event = move_ticket(ticket, TicketState.COMPLETED, completed, actor=actor, now=now)
    _finish(ticket, event, now=now)


def _keep_first(ticket: Ticket, visit: Visit, *, actor: Actor, now: datetime, told: Told) -> None:
    """Keep the first time of a step, also when the second crew to say so was the first to be."""
    misfit = stamp_first(ticket, visit.state, told.effective_at or now)
    if misfit is None:
        return
    facts = {"step": visit.state, "why": misfit.as_json()}
    told = Told(effective_at=told.effective_at, facts=facts)
    record_event(ticket, EventKind.FOR_REVIEW, actor=actor, now=now, told=told, visit=visit)


def _repair_before(ticket: Ticket, kind: EventKind) -> TicketEvent | None:
    """Return the event of a repair that still holds, when a crew that did not work is gone."""
    if kind is EventKind.CANNOT_COMPLETE:
        return None
    newest = db.session.scalars(
        select(TicketEvent)
        .where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind.in_(_ABOUT_THE_REPAIR))
        .order_by(TicketEvent.id.desc())
        .limit(1)
    ).one_or_none()
    return newest if newest is not None and newest.kind == EventKind.COMPLETED else None


def _complete_late(ticket: Ticket, repair: TicketEvent, *, actor: Actor, now: datetime) -> None:
    """Complete a ticket that was repaired while another crew was still on its way."""
    visit = db.session.get_one(Visit, repair.visit_id)
    event = move_ticket(
        ticket,
        TicketState.COMPLETED,
        EventKind.COMPLETED,
        actor=actor,
        now=now,
        told=Told(effective_at=visit.ended_at),
        visit=visit,
    )
    _finish(ticket, event, now=now)


def _finish(ticket: Ticket, event: TicketEvent, *, now: datetime) -> None:
    """Stop the clocks of a completed ticket, tell its reporters and start the follow-up."""
    tell_reporters(ticket, event, now=now)
    if ticket.restored_at is None and ticket.restore_due_at is not None:
        ticket.restored_at = ticket.completed_at
    completed_at = ticket.completed_at or now
    ticket.follow_up_due_at = due_from(ticket, ClockKind.FOLLOW_UP, completed_at)
    plan_follow_ups(ticket, now=now)
    rearm(ticket)
