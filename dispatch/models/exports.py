"""Which files of the circle were asked for in the background, and how far are they?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.models.background import Background
from dispatch.models.base import Code, Model

_RUNNING = text("state = 'running'")
_GOING = text("state IN ('queued', 'running')")


class Export(Background, Model):
    """One file; its `key` names it in the folder of exports.

    `query` and `address` are those of the view, `tickets` how many it will have, or has. `team_id`
    is whose tickets it holds (None: everybody's), as its asker saw them when it began. One person
    waits for the same file once, which `digest` tells.
    """

    __tablename__ = "export"
    __table_args__ = (
        Index(
            "ix_export_running",
            "state",
            unique=True,
            sqlite_where=_RUNNING,
            postgresql_where=_RUNNING,
        ),
        Index(
            "ix_export_going",
            "user_id",
            "digest",
            unique=True,
            sqlite_where=_GOING,
            postgresql_where=_GOING,
        ),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    file: Mapped[str] = mapped_column(Code)
    query: Mapped[dict[str, Any]]
    address: Mapped[str]
    language: Mapped[str] = mapped_column(Code)
    digest: Mapped[str] = mapped_column(Code)
    tickets: Mapped[int]
    bytes: Mapped[int | None] = mapped_column(BigInteger)
    name: Mapped[str | None]
    expires_at: Mapped[datetime | None]
