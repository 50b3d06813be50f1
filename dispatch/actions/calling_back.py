"""What comes of calling a reporter back who waits for it?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dispatch.actions.promises import disarm
from dispatch.actions.ticket_log import (
    JUST_NOW,
    Told,
    check_version,
    dated,
    record_aside,
    record_event,
)
from dispatch.domain.call_back import CallOutcome, check_outcome
from dispatch.domain.errors import Forbidden
from dispatch.domain.sentences import say
from dispatch.domain.service_policy import ClockKind
from dispatch.domain.ticket_state import ENDED, EventKind, TicketState

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.models.tickets import Ticket


def call_back(
    ticket: Ticket,
    *,
    outcome: str = CallOutcome.REACHED,
    note: str = "",
    actor: Actor,
    now: datetime,
    told: Told = JUST_NOW,
    seen_version: int | None = None,
) -> None:
    """Note a call to the reporter who waits for one; only speaking to them keeps the promise.

    A call that nobody took is kept in the story and changes nothing else.

    Raises:
        Invalid: when the outcome is none, or the time told is in the future or before the receipt.
        Forbidden: when nobody waits for a call, the reporter was reached already, or the ticket
            has ended.
        Stale: when somebody changed the ticket in between.
    """
    check_version(ticket, seen_version)
    found = check_outcome(outcome)
    _check_awaited(ticket)
    told = replace(dated(told, now, ticket.received_at), note=note.strip() or None)
    if found is CallOutcome.NOT_REACHED:
        record_aside(ticket, EventKind.CALL_UNANSWERED, actor=actor, now=now, told=told)
        return
    ticket.called_back_at, ticket.called_back_by = told.effective_at, actor.name
    record_event(ticket, EventKind.CALLED_BACK, actor=actor, now=now, told=told)
    disarm(ticket, ClockKind.CALL_BACK)


def _check_awaited(ticket: Ticket) -> None:
    if TicketState(ticket.state) in ENDED:
        raise Forbidden(say("That ticket has ended. Open a new one, or reopen it."))
    if ticket.called_back_at is not None:
        raise Forbidden(
            say(
                "%(who)s reached the reporter at %(at)s already. Write a note instead.",
                who=ticket.called_back_by or "",
                at=ticket.called_back_at,
            )
        )
    if ticket.call_back_due_at is None:
        raise Forbidden(say("Nobody waits for a call on this ticket. Write a note instead."))
