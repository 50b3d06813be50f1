"""Which commands did phones send, and what became of each?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.models.base import Code, Model, RowId


class FieldEntry(Model):
    """One command of a phone with its answer, so that it gets the same one when sent again.

    `args` holds what was typed where the story of the ticket does not: of a command that was
    superseded, rejected or held. `reason` is the sentence that the phone was told.
    """

    __tablename__ = "field_entry"
    __table_args__ = (UniqueConstraint("device_id", "sequence"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    uuid: Mapped[str] = mapped_column(Code, unique=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    sequence: Mapped[int] = mapped_column(RowId)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    kind: Mapped[str] = mapped_column(Code)
    args: Mapped[dict[str, Any] | None]
    received_at: Mapped[datetime] = mapped_column(index=True)
    effective_at: Mapped[datetime | None]
    time_quality: Mapped[str | None] = mapped_column(Code)
    outcome: Mapped[str] = mapped_column(Code, index=True)
    reason: Mapped[dict[str, Any] | None]
