"""What does everybody read about this utility, and what did they read before?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from dispatch.models.base import Model, RowId


class PublicPageVersion(Model):
    """One version of the public page: whether it is open, which figures, which texts."""

    __tablename__ = "public_page"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    version: Mapped[int] = mapped_column(unique=True)
    page: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
