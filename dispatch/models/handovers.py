"""What did one shift write for the next, and who read it?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.models.base import Model, RowId


class ShiftNote(Model):
    """A remark in the log of a desk; the database refuses to change or delete it.

    A desk is that of a team, or without one that of the whole utility.
    """

    __tablename__ = "shift_note"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    author: Mapped[str]
    text: Mapped[str]
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))


class Handover(Model):
    """What the leaving dispatcher wrote, with how the desk stood; never changed or deleted.

    `since` is when the one before was written; `facts` holds the open promises, the held tickets,
    the alerts and the disputes of that moment.
    """

    __tablename__ = "handover"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    at: Mapped[datetime]
    since: Mapped[datetime | None]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    author: Mapped[str]
    text: Mapped[str]
    facts: Mapped[dict[str, Any]]


class HandoverSignature(Model):
    """Who read a handover and took the desk over, and when; never changed or deleted."""

    __tablename__ = "handover_signature"

    handover_id: Mapped[int] = mapped_column(ForeignKey("handover.id"), primary_key=True)
    at: Mapped[datetime]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    signer: Mapped[str]
    remark: Mapped[str]
