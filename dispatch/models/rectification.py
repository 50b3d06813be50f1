"""Which overdue tickets are being put right, by whom, and who signed them off?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.models.base import Code, Model, RowId

_UNSIGNED = text("state <> 'signed_off'")


class Rectification(Model):
    """One overdue ticket that must be put right; a ticket has at most one that is not signed off.

    `clock` and `broke_at` name the promise that broke, both None where a person opened it.
    `holder` is who had the ticket then: kind, key and name of a task's department. `responsible`
    is who a person named in its place, with `responsible_reason`.
    """

    __tablename__ = "rectification"
    __table_args__ = (
        Index(
            "uq_rectification_unsigned",
            "ticket_id",
            unique=True,
            sqlite_where=_UNSIGNED,
            postgresql_where=_UNSIGNED,
        ),
        Index(None, "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    state: Mapped[str] = mapped_column(Code, default="open")
    clock: Mapped[str | None] = mapped_column(Code)
    broke_at: Mapped[datetime | None]
    holder: Mapped[list[Any]] = mapped_column(default=list)
    responsible: Mapped[str | None]
    responsible_reason: Mapped[str | None]
    cause: Mapped[str | None] = mapped_column(Code)
    text: Mapped[str] = mapped_column(default="")
    due_at: Mapped[datetime]
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    done_by: Mapped[str | None]
    signed_at: Mapped[datetime | None]
    signed_by: Mapped[str | None]

    __mapper_args__ = {"version_id_col": version}


class RectificationEvent(Model):
    """One thing that happened to an item: who, when, between which states, what was said."""

    __tablename__ = "rectification_event"
    __table_args__ = (Index(None, "item_id", "id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("rectification.id"))
    kind: Mapped[str] = mapped_column(Code)
    state: Mapped[str] = mapped_column(Code)
    at: Mapped[datetime]
    actor: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    note: Mapped[str | None]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
