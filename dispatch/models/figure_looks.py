"""What did each person last see of the figures of past days?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.models.base import Model, RowId


class FigureLook(Model):
    """One person's view of the circle: what is compared with (`seen`), and what was shown last.

    `view` is the query of the view. `seen` and `shown` hold value and n of each figure by its
    name; the events are the last ones that the values rested on.
    """

    __tablename__ = "figure_look"
    __table_args__ = (UniqueConstraint("user_id", "view"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    view: Mapped[str]
    seen: Mapped[dict[str, Any]]
    seen_at: Mapped[datetime]
    seen_event: Mapped[int] = mapped_column(RowId)
    shown: Mapped[dict[str, Any]]
    shown_at: Mapped[datetime] = mapped_column(index=True)
    shown_event: Mapped[int] = mapped_column(RowId)
