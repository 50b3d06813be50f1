"""How is a wrong time mended without losing what was said first?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dispatch.actions.promises import count_held_before_arrival, make_promises, rearm
from dispatch.actions.reasons import check_reason
from dispatch.actions.ticket_log import (
    Told,
    check_version,
    correct_stamp,
    record_event,
    step_times,
)
from dispatch.domain.arrival import STEPS, check_order
from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import EventKind, TicketState
from dispatch.domain.visit_state import VisitState
from dispatch.queries.policies import policy_of
from dispatch.queries.visits import visits_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.models.tickets import Ticket, Visit

CORRECTABLE = STEPS
_VISIT_COLUMNS = {
    "dispatched": "dispatched_at",
    "acknowledged": "acknowledged_at",
    "en_route": "en_route_at",
    "arrived": "arrived_at",
    "working": "working_at",
    "completed": "ended_at",
}


def correct_time(
    ticket: Ticket,
    step: str,
    at: datetime,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> None:
    """Correct the time of a step with a reason; the story keeps both values.

    Raises:
        Invalid: when the step has no time yet, the new one breaks the order or lies in the
            future, or no reason is given.
        Stale: when somebody changed the ticket in between.
    """
    check_version(ticket, seen_version)
    said = check_reason(reason)
    _check(ticket, step, at, now)
    was: datetime = getattr(ticket, f"{step}_at")
    visits = visits_of(ticket.id)
    stamped = [visit for visit in visits if _is_stamped(visit, step, was)]
    for visit in stamped:
        _check_visit(visit, step, at)
    first = min([at, *_other_times(visits, stamped, step)])
    check_order(step_times(ticket) | {step: first})
    correct_stamp(ticket, step, first)
    for visit in stamped:
        correct_stamp(visit, step, at)
    facts = {"step": step, "was": was.isoformat(), "now": at.isoformat()}
    told = Told(note=said, facts=facts, time_quality="corrected")
    record_event(ticket, EventKind.TIME_CORRECTED, actor=actor, now=now, told=told)
    if step == "received":
        make_promises(ticket, policy_of(ticket.policy_id))
    count_held_before_arrival(ticket)
    if ticket.state != TicketState.ON_HOLD:
        rearm(ticket, visits)


def _check(ticket: Ticket, step: str, at: datetime, now: datetime) -> None:
    if step not in CORRECTABLE or getattr(ticket, f"{step}_at") is None:
        fault = say("This step has no time yet, so there is nothing to correct.")
        raise Invalid(fault, fields={"step": fault})
    if at > now:
        fault = say("This time lies in the future. Check the clock of the device.")
        raise Invalid(fault, fields={"at": fault})


def _is_stamped(visit: Visit, step: str, was: datetime) -> bool:
    """Tell whether the ticket's time of a step is this visit's."""
    if step == "completed" and visit.state != VisitState.COMPLETED:
        return False
    return step in _VISIT_COLUMNS and getattr(visit, _VISIT_COLUMNS[step]) == was


def _check_visit(visit: Visit, step: str, at: datetime) -> None:
    """Refuse a time that the other steps of the same visit contradict."""
    times = {name: getattr(visit, column) for name, column in _VISIT_COLUMNS.items()}
    check_order(times | {step: at})


def _other_times(visits: Sequence[Visit], stamped: list[Visit], step: str) -> list[datetime]:
    """Return when other crews took a step; a repair is completed once, by the last of them."""
    if step not in _VISIT_COLUMNS or step == "completed":
        return []
    others = [getattr(visit, _VISIT_COLUMNS[step]) for visit in visits if visit not in stamped]
    return [at for at in others if at is not None]
