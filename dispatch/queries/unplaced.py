"""Which tickets have an address but no place yet?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from dispatch.domain.ticket_state import TicketState
from dispatch.models.base import db
from dispatch.models.tickets import Ticket

if TYPE_CHECKING:
    from collections.abc import Sequence

AT_ONCE = 20


class Unplaced(NamedTuple):
    """A ticket that waits for its place."""

    ticket_id: int
    address: str


def unplaced_tickets() -> Sequence[Unplaced]:
    """Return the oldest tickets that wait for their address to be found."""
    rows = db.session.execute(
        select(Ticket.id, Ticket.address)
        .where(
            Ticket.state == TicketState.RECEIVED,
            Ticket.lat.is_(None),
            Ticket.address != "",
            ~Ticket.imported,
        )
        .order_by(Ticket.id)
        .limit(AT_ONCE)
    )
    return [Unplaced(*row) for row in rows]
