"""Which rehearsals were asked for, how far are they, and what came of them?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.models.base import Code, Model, RowId

_RUNNING = text("state = 'running'")


class Rehearsal(Model):
    """One rehearsal; `key` is its address, `team_id` whose tickets it holds (None: everybody's).

    `state` is ``queued``, ``running``, ``done``, ``failed`` or ``cancelled``; one runs at a time.
    `beat_at` is when its process was last heard of, `tries` how often it was begun.
    """

    __tablename__ = "rehearsal"
    __table_args__ = (
        Index(
            "ix_rehearsal_running",
            "state",
            unique=True,
            sqlite_where=_RUNNING,
            postgresql_where=_RUNNING,
        ),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    key: Mapped[str] = mapped_column(Code, unique=True)
    name: Mapped[str | None]
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    options: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(Code, default="queued")
    progress: Mapped[float] = mapped_column(default=0.0)
    result: Mapped[dict[str, Any] | None]
    fault: Mapped[dict[str, Any] | None]
    kept: Mapped[bool] = mapped_column(default=False)
    tries: Mapped[int] = mapped_column(default=0)
    beat_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
