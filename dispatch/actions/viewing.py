"""How is it kept that somebody looks at a ticket?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from dispatch.models.base import db
from dispatch.models.viewing import TicketViewing
from dispatch.queries.viewing import PRESENT

if TYPE_CHECKING:
    from datetime import datetime


def keep_look(user_id: int, ticket_id: int, *, now: datetime) -> None:
    """Keep that somebody looks at a ticket now, and forget what they looked at before."""
    insert = (postgresql if db.engine.dialect.name == "postgresql" else sqlite).insert
    db.session.execute(
        insert(TicketViewing)
        .values(user_id=user_id, ticket_id=ticket_id, seen_at=now)
        .on_conflict_do_update(index_elements=["user_id", "ticket_id"], set_={"seen_at": now})
    )
    # One's own only: two who tidy at once must not wait for each other.
    db.session.execute(
        delete(TicketViewing).where(
            TicketViewing.user_id == user_id, TicketViewing.seen_at <= now - PRESENT
        )
    )
