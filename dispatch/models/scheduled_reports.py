"""Which views of the circle are sent by mail, how often, and to whom?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.models.base import Code, Model, RowId


class ScheduledReport(Model):
    """A saved view that is sent each week or month; `recipients` are the ids of accounts.

    The report of a period is sent once `due_at` has come, which then moves to the next one.
    `fault` is the sentence that says why it paused by itself.
    """

    __tablename__ = "scheduled_report"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    view_id: Mapped[int] = mapped_column(
        ForeignKey("saved_view.id", ondelete="CASCADE"), index=True
    )
    every: Mapped[str] = mapped_column(Code)
    recipients: Mapped[list[Any]]
    paused: Mapped[bool] = mapped_column(default=False)
    fault: Mapped[dict[str, Any] | None]
    due_at: Mapped[datetime] = mapped_column(index=True)
    sent_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    __mapper_args__ = {"version_id_col": version}
