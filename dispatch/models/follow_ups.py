"""Who is asked after a repair, when, by whom, and what did they say?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.models.base import Code, Model, RowId

_UNFINISHED = text("state IN ('open', 'asked')")


class FollowUp(Model):
    """One question to one reporter about one repair, in one round.

    `about_at` is the completion that it is about. The link asks from `due_at` on, the desk calls
    from `call_at` on, which moves with each try; after `late_at` it is overdue. Who took the call
    keeps it until `claimed_until`. `fixed` is ``fixed``, ``not_fixed`` or ``rather_not_say``;
    `process` and `result` are scores from 1 to 5, None where they were skipped. An audit call
    holds the `week` and the `seed` of its draw, and how many tickets it was drawn from.
    """

    __tablename__ = "follow_up"
    __table_args__ = (
        Index(
            "ix_follow_up_due", "call_at", sqlite_where=_UNFINISHED, postgresql_where=_UNFINISHED
        ),
        # One question a reporter and round at a time; those about earlier repairs stay.
        Index(
            "uq_follow_up_unfinished",
            "report_id",
            "round",
            unique=True,
            sqlite_where=_UNFINISHED,
            postgresql_where=_UNFINISHED,
        ),
        Index(None, "ticket_id"),
        Index(None, "week"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id"))
    round: Mapped[str] = mapped_column(Code)
    state: Mapped[str] = mapped_column(Code, default="open")
    about_at: Mapped[datetime]
    due_at: Mapped[datetime]
    call_at: Mapped[datetime]
    late_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    asked_by: Mapped[str | None]
    tries: Mapped[int] = mapped_column(default=0)
    tried_at: Mapped[datetime | None]
    claimed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    claimed_name: Mapped[str | None]
    claimed_until: Mapped[datetime | None]
    channel: Mapped[str | None] = mapped_column(Code)
    fixed: Mapped[str | None] = mapped_column(Code)
    process: Mapped[int | None]
    result: Mapped[int | None]
    note: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    week: Mapped[str | None] = mapped_column(Code)
    seed: Mapped[str | None]
    drawn_from: Mapped[int | None]

    __mapper_args__ = {"version_id_col": version}


class AuditDraw(Model):
    """The draw of the audit calls of one ISO week, also one that found nobody."""

    __tablename__ = "audit_draw"

    week: Mapped[str] = mapped_column(Code, primary_key=True)
    seed: Mapped[str]
    drawn_from: Mapped[int]
    drawn: Mapped[int]
    at: Mapped[datetime]
