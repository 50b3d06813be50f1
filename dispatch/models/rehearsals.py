"""Which rehearsals were asked for, how far are they, and what came of them?"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.models.background import Background
from dispatch.models.base import Model

_RUNNING = text("state = 'running'")


class Rehearsal(Background, Model):
    """One rehearsal; `team_id` is whose tickets it holds (None: everybody's)."""

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

    name: Mapped[str | None]
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    options: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any] | None]
    kept: Mapped[bool] = mapped_column(default=False)
