"""Which calls broke off before there was a ticket?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.models.base import Model, RowId, Telephone


class UnfinishedCall(Model):
    """What was typed of a call until it broke off; `words` are the fields of the form.

    Whoever takes it up stands in `taken_by`. It ends with a ticket, or is discarded.
    """

    __tablename__ = "unfinished_call"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    author: Mapped[str]
    phone: Mapped[str | None] = mapped_column(Telephone)
    words: Mapped[dict[str, Any]]
    kept_at: Mapped[datetime]
    taken_by: Mapped[str | None]
    taken_at: Mapped[datetime | None]
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
