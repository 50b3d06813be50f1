"""Which completed tickets may be closed, and who can say whether they are fixed?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from dispatch.domain.ticket_state import TicketState
from dispatch.models.base import db
from dispatch.models.tickets import Report, Task, Ticket
from dispatch.queries.tasks import IS_UNSETTLED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

WAIT_FOR_ANSWER = timedelta(hours=72)
"""So long the reporter may say "not fixed" before a completed ticket is closed."""


def finished_tickets(now: datetime, limit: int) -> Sequence[int]:
    """Return the ids of completed tickets that are verified, or completed 72 hours ago.

    One with a task that is not settled is left for a person, who says why it is closed over it.
    """
    return db.session.scalars(
        select(Ticket.id)
        .where(
            Ticket.state == TicketState.COMPLETED,
            ~Ticket.imported,
            Ticket.verified_at.is_not(None) | (Ticket.completed_at <= now - WAIT_FOR_ANSWER),
            ~exists().where(Task.ticket_id == Ticket.id, IS_UNSETTLED),
        )
        .order_by(Ticket.id)
        .limit(limit)
    ).all()


def first_report(ticket_id: int) -> Report | None:
    """Return the report that opened a ticket; None when it moved to another ticket."""
    return db.session.scalars(
        select(Report).where(Report.ticket_id == ticket_id).order_by(Report.id).limit(1)
    ).one_or_none()
