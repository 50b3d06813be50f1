"""Why does a ticket wait, as its story says it last?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from dispatch.domain.sentences import Sentence, say
from dispatch.domain.ticket_state import EventKind
from dispatch.models.base import db
from dispatch.models.tickets import TicketEvent

if TYPE_CHECKING:
    from dispatch.models.tickets import Ticket


class Said(NamedTuple):
    """What the story says last of a ticket that waits: which kind of event, and of which crew."""

    kind: str
    reasons: tuple[str, ...]
    crew_id: int | None


def last_said(ticket_id: int) -> Said | None:
    """Return why a ticket waits as its story says it last, None when something moved since."""
    kinds = (EventKind.NOBODY_AVAILABLE, EventKind.WAITS)
    last = db.session.execute(
        select(TicketEvent.kind, TicketEvent.facts)
        .where(
            TicketEvent.ticket_id == ticket_id,
            TicketEvent.to_state.is_not(None) | TicketEvent.kind.in_(kinds),
        )
        .order_by(TicketEvent.id.desc())
        .limit(1)
    ).first()
    if last is None or last.kind not in kinds:
        return None
    reasons = tuple(reason["text"] for reason in last.facts.get("reasons", ()))
    return Said(last.kind, reasons, last.facts.get("crew_id"))


def pinned_by(ticket: Ticket) -> Sentence | None:
    """Return who keeps the planner off a ticket, None when it is not pinned."""
    if not ticket.pinned:
        return None
    who = db.session.scalar(
        select(TicketEvent.actor)
        .where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind == EventKind.PINNED)
        .order_by(TicketEvent.id.desc())
        .limit(1)
    )
    return say("Pinned by %(who)s: the planner leaves it.", who=who or "–")
