"""Has anything changed that a desk shows, whoever looks at it?"""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

from sqlalchemy import func, select

from dispatch.models.base import db
from dispatch.models.people import Position
from dispatch.models.tickets import Ticket
from dispatch.queries.live import OVERLAP


class News(NamedTuple):
    """Digests of the newest changes of tickets and of the newest positions of crews.

    They hold nothing of what changed. Two that are equal mean that a desk need not ask.
    """

    tickets: str
    crews: str

    @property
    def cursor(self) -> str:
        """Return both as the one id of an event."""
        return f"{self.tickets}-{self.crews}"


def latest_news() -> News:
    """Read the digests, late commits within the overlap included."""
    newest = db.session.scalar(select(func.max(Ticket.changed_at)))
    moved = db.session.scalar(select(func.max(Position.measured_at)))
    tickets = (
        select(Ticket.id, Ticket.version, Ticket.changed_at)
        .where(Ticket.changed_at >= newest - OVERLAP, ~Ticket.imported)
        .order_by(Ticket.id)
        if newest
        else None
    )
    crews = (
        select(Position.crew_id, Position.measured_at)
        .where(Position.measured_at >= moved - OVERLAP)
        .order_by(Position.crew_id)
        if moved
        else None
    )
    return News(_digest(tickets), _digest(crews))


def _digest(asked: Any) -> str:
    rows = [] if asked is None else [tuple(row) for row in db.session.execute(asked)]
    return hashlib.blake2b(repr(rows).encode(), digest_size=6).hexdigest()
