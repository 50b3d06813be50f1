"""Who else reads what was told of a ticket that was merged into another meanwhile?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dispatch.actions.ticket_log import JUST_NOW, Told, record_aside
from dispatch.domain.permissions import Scope
from dispatch.domain.ticket_state import EventKind, ticket_number
from dispatch.queries.tickets import ticket_for_change

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.models.tickets import Ticket, TicketEvent, Visit


def record_told(
    ticket: Ticket,
    kind: EventKind,
    *,
    actor: Actor,
    now: datetime,
    told: Told = JUST_NOW,
    visit: Visit | None = None,
) -> TicketEvent:
    """Record what somebody saw, did or wrote there; it changes nothing about the ticket.

    Where the ticket was merged, the one that stands for both says so too, with the words and where
    the rest is. The fact itself stays with the ticket on which it was told.
    """
    event = record_aside(ticket, kind, actor=actor, now=now, told=told, visit=visit)
    if ticket.parent_id is not None:
        other = ticket_for_change(ticket_number(ticket.parent_id), Scope(everything=True))
        facts = {"from": ticket_number(ticket.id), "told": str(kind)}
        passed = replace(told, event_uuid=None, device_sequence=None, facts=facts)
        record_aside(other, EventKind.TOLD_ON_MERGED, actor=actor, now=now, told=passed)
    return event
