"""What does a crew do on its visit, tap by tap?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dispatch.actions.dispatching import settle
from dispatch.actions.promises import RunningClock, arm, disarm, due_from
from dispatch.actions.ticket_log import (
    JUST_NOW,
    Told,
    check_not_on_hold,
    check_version,
    move_visit,
    record_event,
)
from dispatch.domain.arrival import grade
from dispatch.domain.errors import Forbidden, Invalid
from dispatch.domain.place import Point, metres_between
from dispatch.domain.sentences import say
from dispatch.domain.service_policy import ClockKind
from dispatch.domain.ticket_state import EventKind, TicketState
from dispatch.domain.visit_state import Cause, VisitState

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.models.tickets import Ticket, Visit


def _step(  # noqa: PLR0913  a step is made of exactly these
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
    _check_time(ticket, visit, told.effective_at or now, now)
    move_visit(visit, target, at=told.effective_at or now)
    settle(ticket, kind, visit=visit, actor=actor, now=now, told=told)


def _check_time(ticket: Ticket, visit: Visit, at: datetime, now: datetime) -> None:
    steps = [visit.dispatched_at, visit.acknowledged_at, visit.en_route_at, visit.arrived_at]
    latest = max([ticket.received_at, *(each for each in [*steps, visit.working_at] if each)])
    if at < latest:
        fault = say("This step cannot be earlier than the one before it, at %(at)s.", at=latest)
        raise Invalid(fault, fields={"at": fault})
    if at > now:
        fault = say("This time lies in the future. Check the clock of the device.")
        raise Invalid(fault, fields={"at": fault})


def acknowledge(  # noqa: PLR0913  an action names who, when, what was seen and how it is known
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


def set_off(  # noqa: PLR0913  an action names who, when, what was seen and how it is known
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


def arrive(  # noqa: PLR0913  an action names who, when, what was seen and how it is known
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
    visit.arrival_grade = _graded(ticket, told)
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
    disarm(ticket, ClockKind.ACKNOWLEDGE, visit)
    disarm(ticket, ClockKind.ARRIVE)


def _graded(ticket: Ticket, told: Told) -> str:
    metres = None
    if told.position is not None and ticket.lat is not None and ticket.lon is not None:
        metres = metres_between(told.position, Point(ticket.lat, ticket.lon))
    return str(
        grade(
            tapped=True,
            geofence=False,
            resident_code=False,
            photo=False,
            metres_from_place=metres,
            accuracy_m=told.accuracy_metres,
        )
    )


def start_work(  # noqa: PLR0913  an action names who, when, what was seen and how it is known
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
        Forbidden: before any crew has arrived, or when it was stamped already.
        Stale: when somebody changed the ticket in between.
    """
    check_version(ticket, seen_version)
    if ticket.arrived_at is None or ticket.restored_at is not None:
        raise Forbidden(say("Supply can be restored once, after a crew has arrived."))
    ticket.restored_at = told.effective_at or now
    record_event(ticket, EventKind.RESTORED, actor=actor, now=now, told=told)
    disarm(ticket, ClockKind.RESTORE)


def complete_visit(  # noqa: PLR0913  an action names who, when, what was seen and how it is known
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
    visit.note = note.strip() or None
    _step(
        ticket,
        visit,
        VisitState.COMPLETED,
        EventKind.COMPLETED,
        actor=actor,
        now=now,
        told=replace(told, note=visit.note),
        seen_version=seen_version,
    )
    if ticket.state != TicketState.COMPLETED:
        return
    for kind in (ClockKind.ARRIVE, ClockKind.RESTORE, ClockKind.REPAIR):
        disarm(ticket, kind)
    if ticket.restored_at is None and ticket.restore_due_at is not None:
        ticket.restored_at = ticket.completed_at
    _arm_follow_up(ticket)


def _arm_follow_up(ticket: Ticket) -> None:
    if ticket.completed_at is None:
        return
    ticket.follow_up_due_at = due_from(ticket, ClockKind.FOLLOW_UP, ticket.completed_at)
    if ticket.follow_up_due_at is not None:
        arm(
            ticket,
            RunningClock(ClockKind.FOLLOW_UP, ticket.completed_at, ticket.follow_up_due_at),
        )


def cannot_complete(  # noqa: PLR0913  an action names who, when, what was seen and how it is known
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
    visit.cause = cause
    visit.note = note.strip() or None
    _step(
        ticket,
        visit,
        VisitState.CANNOT_COMPLETE,
        EventKind.CANNOT_COMPLETE,
        actor=actor,
        now=now,
        told=replace(told, reason=cause, note=visit.note),
        seen_version=seen_version,
    )
