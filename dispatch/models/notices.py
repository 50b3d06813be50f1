"""Which interruptions are announced, who did what to each, and who wants to hear of them?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.models.base import Code, Model, RowId


class NoticeRow(Model):
    """One interruption. `geometry` is GeoJSON in WGS-84, kept as it was when it was written.

    `grids` names the grids that it was made of, `outline` is what was drawn besides. It is a draft
    without `published_at`; `ended_at` is set only by a person, else it ends at `ends_at`.
    """

    __tablename__ = "notice"
    __table_args__ = (Index(None, "ends_at"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    kind: Mapped[str] = mapped_column(Code)
    categories: Mapped[list[Any]]
    area: Mapped[str]
    area_zh: Mapped[str]
    text: Mapped[str]
    text_zh: Mapped[str]
    grids: Mapped[list[Any]]
    outline: Mapped[dict[str, Any] | None]
    geometry: Mapped[dict[str, Any]]
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]

    __mapper_args__ = {"version_id_col": version}


class NoticeEvent(Model):
    """What somebody did to a notice; the database refuses to change or delete it."""

    __tablename__ = "notice_event"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), index=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(Code)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    author: Mapped[str]
    facts: Mapped[dict[str, Any]]


class NoticeSubscription(Model):
    """Somebody who wants to hear of interruptions at a place: a point in WGS-84, or a named grid.

    It counts from `confirmed_at` on. `token` opens its page, on which it is confirmed and ended;
    `place` is what the person called the place.
    """

    __tablename__ = "notice_subscription"
    __table_args__ = (Index(None, "lat"), Index(None, "recipient"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    token: Mapped[str] = mapped_column(Code, unique=True)
    channel: Mapped[str] = mapped_column(Code)
    recipient: Mapped[str]
    language: Mapped[str] = mapped_column(Code)
    place: Mapped[str]
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    grid: Mapped[str | None]
    asked_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
