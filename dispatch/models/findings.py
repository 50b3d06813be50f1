"""Which findings did a leader look at, and what did the leader say?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.models.base import Code, Model, RowId

_STANDS = text("undone_at IS NULL")


class FindingMark(Model):
    """What a leader said about a finding; one that was taken back stays as a row.

    `finding` is the key of the domain, `mark` one of its marks.
    """

    __tablename__ = "finding_mark"
    __table_args__ = (
        Index(
            "uq_finding_mark_stands",
            "finding",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    finding: Mapped[str] = mapped_column(Code)
    mark: Mapped[str] = mapped_column(Code)
    note: Mapped[str] = mapped_column(default="")
    marked_at: Mapped[datetime]
    marked_by: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None]
