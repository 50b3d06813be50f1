"""What does a crew do on its visit, tap by tap?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dispatch.actions.arrivals import judge_arrival
from dispatch.actions.promises import disarm
from dispatch.actions.settling import settle
from dispatch.actions.ticket_log import (
    JUST_NOW,
    Told,
    check_not_on_hold,
    check_version,
    dated,
    move_visit,
    record_event,
    visit_times,
)
from dispatch.domain.errors import Forbidden, Invalid
from dispatch.domain.expected_arrival import renewed_arrival
from dispatch.domain.relief import ReliefState
from dispatch.domain.sentences import say
from dispatch.domain.service_policy import ClockKind
from dispatch.domain.ticket_state import ENDED, EventKind
from dispatch.domain.visit_state import Cause, VisitState, check_visit_transition

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.domain.sentences import Sentence
    from dispatch.models.tickets import Ticket, Visit

ON_THE_ROAD = frozenset({VisitState.ACKNOWLEDGED, VisitState.EN_ROUTE})
"""Before the arrival each step tells anew when the crew will be there."""


def _step(
    ticket: Ticket,
    visit: Visit,
    target: VisitState,
    kind: EventKind,
    *,
    actor: Actor,
    now: datetime,
    told: Told,
    seen_version: int | None,
) -> None:
    check_version(ticket, seen_version)
    check_not_on_hold(ticket)
    check_visit_transition(VisitState(visit.state), target)
    told = dated(told, now, ticket.received_at, *visit_times(visit))
    at = told.effective_at or now
    if target in ON_THE_ROAD:
        counted_from = visit.acknowledged_at or visit.dispatched_at
        visit.eta_at = renewed_arrival(visit.eta_at, counted_from, at)
    move_visit(visit, target, at=at)
    settle(ticket, kind, visit=visit, actor=actor, now=now, told=told)
    if visit.relief_state == ReliefState.LAPSED:
        disarm(ticket, ClockKind.RELIEF, visit)


def acknowledge(
    ticket: Ticket,
    visit: Visit,
    *,
    actor: Actor,
    now: datetime,
    told: Told = JUST_NOW,
    seen_version: int | None = None,
) -> None:
    """Let the crew say that it has the ticket.

    Raises:
        Forbidden: when the visit is past that, or the ticket is on hold.
        Stale: when somebody changed the ticket in between.
    """
    _step(
        ticket,
        visit,
        VisitState.ACKNOWLEDGED,
        EventKind.ACKNOWLEDGED,
        actor=actor,
        now=now,
        told=told,
        seen_version=seen_version,
    )
    disarm(ticket, ClockKind.ACKNOWLEDGE, visit)


def set_off(
    ticket: Ticket,
    visit: Visit,
    *,
    actor: Actor,
    now: datetime,
    told: Told = JUST_NOW,
    seen_version: int | None = None,
) -> None:
    """Let the crew say that it is on the way.

    Raises:
        Forbidden: when the visit is past that, or the ticket is on hold.
        Stale: when somebody changed the ticket in between.
    """
    _step(
        ticket,
        visit,
        VisitState.EN_ROUTE,
        EventKind.SET_OFF,
        actor=actor,
        now=now,
        told=told,
        seen_version=seen_version,
    )
    disarm(ticket, ClockKind.ACKNOWLEDGE, visit)


def arrive(
    ticket: Ticket,
    visit: Visit,
    *,
    actor: Actor,
    now: datetime,
    told: Told = JUST_NOW,
    seen_version: int | None = None,
) -> None:
    """Stamp the arrival and grade its evidence; the first one stops the arrival clock.

    Raises:
        Forbidden: when the visit is past that, or the ticket is on hold.
        Stale: when somebody changed the ticket in between.
    """
    _step(
        ticket,
        visit,
        VisitState.ARRIVED,
        EventKind.ARRIVED,
        actor=actor,
        now=now,
        told=told,
        seen_version=seen_version,
    )
    judge_arrival(ticket, visit, now=now)
    disarm(ticket, ClockKind.ACKNOWLEDGE, visit)
    disarm(ticket, ClockKind.ARRIVE)


def start_work(
    ticket: Ticket,
    visit: Visit,
    *,
    actor: Actor,
    now: datetime,
    told: Told = JUST_NOW,
    seen_version: int | None = None,
) -> None:
    """Let the crew say that it has found the fault and works on it.

    Raises:
        Forbidden: before the arrival, or while the ticket is on hold.
        Stale: when somebody changed the ticket in between.
    """
    _step(
        ticket,
        visit,
        VisitState.WORKING,
        EventKind.STARTED,
        actor=actor,
        now=now,
        told=told,
        seen_version=seen_version,
    )


def restore_supply(
    ticket: Ticket,
    *,
    actor: Actor,
    now: datetime,
    told: Told = JUST_NOW,
    seen_version: int | None = None,
) -> None:
    """Stamp that the supply is back or the leak is stopped; the repair may still go on.

    Raises:
        Forbidden: before any crew has arrived, or when it was stamped or the ticket has ended.
        Stale: when somebody changed the ticket in between.
    """
    check_version(ticket, seen_version)
    known = ticket.restored_at or ticket.completed_at
    if ticket.arrived_at is None or known is not None or ticket.state in ENDED:
        raise Forbidden(say("Supply can be restored once, after a crew has arrived."))
    told = dated(told, now, ticket.arrived_at)
    ticket.restored_at = told.effective_at
    record_event(ticket, EventKind.RESTORED, actor=actor, now=now, told=told)
    disarm(ticket, ClockKind.RESTORE)


def complete_visit(
    ticket: Ticket,
    visit: Visit,
    *,
    note: str = "",
    actor: Actor,
    now: datetime,
    told: Told = JUST_NOW,
    seen_version: int | None = None,
) -> None:
    """Stamp the repair; the ticket is completed once no other crew is on it.

    Raises:
        Forbidden: before the arrival, or while the ticket is on hold.
        Stale: when somebody changed the ticket in between.
    """
    said = note.strip() or None
    _step(
        ticket,
        visit,
        VisitState.COMPLETED,
        EventKind.COMPLETED,
        actor=actor,
        now=now,
        told=replace(told, note=said),
        seen_version=seen_version,
    )
    visit.note = said


def cannot_complete(
    ticket: Ticket,
    visit: Visit,
    *,
    cause: str,
    note: str = "",
    actor: Actor,
    now: datetime,
    told: Told = JUST_NOW,
    seen_version: int | None = None,
) -> None:
    """End a visit without the repair; the same ticket waits for its second visit.

    Raises:
        Invalid: when the cause is not on the closed list.
        Forbidden: before the arrival, or while the ticket is on hold.
        Stale: when somebody changed the ticket in between.
    """
    if cause not in set(Cause):
        fault = say("Choose a cause from the list: %(causes)s.", causes=", ".join(Cause))
        raise Invalid(fault, fields={"cause": fault})
    said = note.strip() or None
    _step(
        ticket,
        visit,
        VisitState.CANNOT_COMPLETE,
        EventKind.CANNOT_COMPLETE,
        actor=actor,
        now=now,
        told=replace(told, reason=cause, note=said),
        seen_version=seen_version,
    )
    visit.cause, visit.note = cause, said


def keep_for_review(
    ticket: Ticket,
    visit: Visit,
    step: str,
    why: Sentence,
    *,
    actor: Actor,
    now: datetime,
    told: Told = JUST_NOW,
) -> None:
    """Keep a late tap that the times of its visit contradict; a person looks at it.

    No state and no time changes, and it is never refused.
    """
    facts = {"step": step, "why": why.as_json()}
    told = replace(told, facts=facts)
    record_event(ticket, EventKind.FOR_REVIEW, actor=actor, now=now, told=told, visit=visit)
