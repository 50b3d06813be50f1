"""Whose fault is it, say two teams, and what was decided?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.models.base import Code, Model, RowId

_OPEN = text("state = 'open'")


class Dispute(Model):
    """One question of who must look after a fault; a ticket has at most one that is open.

    `state` is ``open``, ``decided`` or ``lapsed`` (the time was up) or
    ``over`` (the ticket ended). `from_team_id` says that it is
    `other_team_id`'s or, outside the utility, that of `department`. `owner_team_id` and
    `owner_department` name whose it is by the decision; with both, that team repairs meanwhile.
    """

    __tablename__ = "dispute"
    __table_args__ = (
        Index(
            "uq_dispute_open",
            "ticket_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index(None, "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    state: Mapped[str] = mapped_column(Code, default="open")
    ground: Mapped[str] = mapped_column(Code)
    reason: Mapped[str]
    from_team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    other_team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    department: Mapped[str | None]
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    due_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_by: Mapped[str | None]
    decision: Mapped[str | None]
    owner_team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    owner_department: Mapped[str | None]

    __mapper_args__ = {"version_id_col": version}
