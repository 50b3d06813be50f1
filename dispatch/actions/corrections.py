"""How is a wrong time mended without losing what was said first?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from dispatch.actions.promises import make_promises, rearm
from dispatch.actions.ticket_log import Told, check_version, correct_stamp, record_event
from dispatch.domain.arrival import check_order
from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import EventKind, TicketState
from dispatch.models.base import db
from dispatch.models.tickets import Visit
from dispatch.queries.policies import policy_of
from dispatch.queries.visits import visits_of

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.models.tickets import Ticket

CORRECTABLE = (
    "received",
    "accepted",
    "dispatched",
    "acknowledged",
    "en_route",
    "arrived",
    "working",
    "completed",
    "closed",
)


def correct_time(  # noqa: PLR0913  an action names who, when, what was seen and how it is known
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
    _check(ticket, step, at, reason, now)
    was: datetime = getattr(ticket, f"{step}_at")
    for visit in _visits_stamped(ticket, step, was):
        correct_stamp(visit, step, at)
    correct_stamp(ticket, step, at)
    facts = {"step": step, "was": was.isoformat(), "now": at.isoformat()}
    record_event(
        ticket,
        EventKind.TIME_CORRECTED,
        actor=actor,
        now=now,
        told=Told(note=reason.strip(), facts=facts, time_quality="corrected"),
    )
    if step == "received":
        make_promises(ticket, policy_of(ticket.policy_id))
    if ticket.state != TicketState.ON_HOLD:
        rearm(ticket, visits_of(ticket.id))


def _check(ticket: Ticket, step: str, at: datetime, reason: str, now: datetime) -> None:
    if step not in CORRECTABLE or getattr(ticket, f"{step}_at") is None:
        fault = say("This step has no time yet, so there is nothing to correct.")
        raise Invalid(fault, fields={"step": fault})
    if not reason.strip():
        fault = say("Give a reason, so that the next person understands.")
        raise Invalid(fault, fields={"reason": fault})
    if at > now:
        fault = say("This time lies in the future. Check the clock of the device.")
        raise Invalid(fault, fields={"at": fault})
    check_order({name: getattr(ticket, f"{name}_at") for name in CORRECTABLE} | {step: at})


def _visits_stamped(ticket: Ticket, step: str, was: datetime) -> list[Visit]:
    column = {"completed": "ended_at"}.get(step, f"{step}_at")
    if not hasattr(Visit, column):
        return []
    chosen = select(Visit).where(Visit.ticket_id == ticket.id, getattr(Visit, column) == was)
    return list(db.session.scalars(chosen))
