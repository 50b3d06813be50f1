"""When was storm mode on, where, why, and who switched it?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.models.base import Code, Model, RowId


class Storm(Model):
    """One spell of storm mode. `grids` are names of grids; none of them is the whole city.

    `ends_at` is the expected end; `ended_at` is written by the person who ended it, or by the
    housekeeping once the expected end has passed.
    """

    __tablename__ = "storm"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    kind: Mapped[str] = mapped_column(Code)
    reason: Mapped[str]
    grids: Mapped[list[Any]] = mapped_column(default=list)
    begun_at: Mapped[datetime] = mapped_column(index=True)
    begun_by: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]

    __mapper_args__ = {"version_id_col": version}
