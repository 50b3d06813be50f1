"""Which filters of the desk and views of the circle were kept, by whom, and for whom?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.models.base import Code, Model, RowId


class SavedView(Model):
    """The filters of one view; a shared one with a team is for that team and who sees every ticket.

    `page` is "desk" or "circle". A deleted one is kept for a while, so that the deletion can be
    undone.
    """

    __tablename__ = "saved_view"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    page: Mapped[str] = mapped_column(Code, default="desk", server_default="desk")
    name: Mapped[str]
    shared: Mapped[bool] = mapped_column(default=False, index=True)
    filters: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]

    __mapper_args__ = {"version_id_col": version}
