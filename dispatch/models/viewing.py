"""Who looks at which ticket just now?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.models.base import Model


class TicketViewing(Model):
    """One person with a ticket open on the desk, in however many windows."""

    __tablename__ = "ticket_viewing"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(index=True)
