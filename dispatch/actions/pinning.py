"""How does a dispatcher keep the planner off a ticket?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dispatch.actions.reasons import check_reason
from dispatch.actions.ticket_log import Told, check_version, record_event
from dispatch.domain.errors import Forbidden
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import ENDED, EventKind, TicketState

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.models.tickets import Ticket


def pin_ticket(
    ticket: Ticket,
    *,
    pinned: bool,
    reason: str,
    actor: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> None:
    """Let the planner neither send a crew to a ticket nor take one from it, or let it again.

    Raises:
        Invalid: when no reason is given.
        Forbidden: when the ticket has ended, or is as it is asked to be.
        Stale: when somebody changed the ticket in between.
    """
    check_version(ticket, seen_version)
    said = check_reason(reason)
    if TicketState(ticket.state) in ENDED:
        raise Forbidden(say("This ticket has ended; there is nothing to plan."))
    if ticket.pinned == pinned:
        raise Forbidden(
            say("This ticket is pinned already.") if pinned else say("This ticket is not pinned.")
        )
    ticket.pinned = pinned
    kind = EventKind.PINNED if pinned else EventKind.UNPINNED
    record_event(ticket, kind, actor=actor, now=now, told=Told(note=said))
