"""What does the housekeeping remember: its jobs, and the anchors of the event chain?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from dispatch.models.base import Code, Model, RowId


class Job(Model):
    """One job of the housekeeping, for all hosts together.

    Whoever takes it before `leased_until` runs it alone; a run that died is taken over after that.
    It is due again at `due_at`. `failures` counts the failed runs since the last good one.
    """

    __tablename__ = "job"

    name: Mapped[str] = mapped_column(Code, primary_key=True)
    every_seconds: Mapped[int]
    due_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    runner: Mapped[str | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    took_ms: Mapped[int | None]
    last_result: Mapped[dict[str, Any] | None]
    last_error: Mapped[str | None]
    failures: Mapped[int] = mapped_column(default=0)


class EventAnchor(Model):
    """A keyed digest of all events up to `last_event_id`, built on the anchor before.

    `events` is how many were added to it since the anchor before.
    """

    __tablename__ = "event_anchor"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    at: Mapped[datetime]
    last_event_id: Mapped[int] = mapped_column(RowId, unique=True)
    events: Mapped[int]
    digest: Mapped[str] = mapped_column(Code)
