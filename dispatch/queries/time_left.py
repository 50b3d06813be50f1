"""What have the crews on site said last of how much longer they need?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from dispatch.domain.ticket_state import EventKind
from dispatch.domain.time_left import TimeLeft
from dispatch.models.base import db
from dispatch.models.tickets import TicketEvent, Visit

if TYPE_CHECKING:
    from collections.abc import Iterable


def times_left(ticket_ids: Iterable[int]) -> dict[int, TimeLeft]:
    """Return the last word of each visit to some tickets, by visit.

    Last is what was said last, however late it came; before its arrival a crew cannot know.
    """
    asked = sorted(set(ticket_ids))
    if not asked:
        return {}
    rows = db.session.execute(
        select(TicketEvent.visit_id, TicketEvent.effective_at, TicketEvent.facts)
        .join(Visit, Visit.id == TicketEvent.visit_id)
        .where(
            TicketEvent.ticket_id.in_(asked),
            TicketEvent.kind == EventKind.TIME_LEFT,
            TicketEvent.effective_at >= Visit.arrived_at,
        )
        .order_by(TicketEvent.effective_at, TicketEvent.id)
    )
    return {visit_id: TimeLeft(at, facts["minutes"]) for visit_id, at, facts in rows}
