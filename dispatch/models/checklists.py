"""Which lists of safety steps and checks did administrators put in force, and when?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.models.base import Code, Model, RowId


class Checklist(Model):
    """One version of the lists of a kind of fault; a visit keeps the one it was sent under.

    `lists` is what `CheckLists.as_json` writes.
    """

    __tablename__ = "checklist"
    __table_args__ = (UniqueConstraint("category", "version"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    category: Mapped[str] = mapped_column(Code)
    version: Mapped[int]
    lists: Mapped[dict[str, Any]]
    valid_from: Mapped[datetime]
    created_by: Mapped[str]
    reason: Mapped[str]
