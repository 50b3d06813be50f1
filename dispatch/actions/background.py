"""How does work that takes long begin, tell how far it is, and end once?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import func, select, update

from dispatch.models.background import Background
from dispatch.models.base import db

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.sentences import Sentence

T = TypeVar("T", bound=Background)

MOST_TRIES = 2
SILENT_FOR = timedelta(seconds=60)
"""A run that was not heard of for so long has lost its process."""


@dataclass(frozen=True)
class Queue(Generic[T]):
    """A table of work, of which one runs at a time.

    `lost_twice` says why work fails whose process ended before it was done, twice.
    """

    table: type[T]
    lost_twice: Sentence

    def waiting(self) -> int:
        """Count the work that waits or runs."""
        going = self.table.state.in_(("queued", "running"))
        return db.session.scalars(select(func.count()).where(going)).one()

    def begin_next(self, now: datetime) -> T | None:
        """Take the oldest that waits, unless one is running.

        The index on the running state refuses a second one that two processes begin at once.
        """
        table = self.table
        running = db.session.scalars(select(func.count()).where(table.state == "running")).one()
        if running:
            return None
        row = db.session.scalar(
            select(table).where(table.state == "queued").order_by(table.id).limit(1)
        )
        if row is not None:
            row.state, row.progress = "running", 0.0
            row.tries += 1
            row.started_at = row.beat_at = now
            db.session.flush()
        return row

    def note_progress(self, row_id: int, share: float, now: datetime) -> bool:
        """Write how far a run is; False when it is not wanted any more."""
        done = db.session.execute(
            update(self.table)
            .where(self.table.id == row_id, self.table.state == "running")
            .values(progress=share, beat_at=now),
            execution_options={"synchronize_session": False},
        )
        return bool(getattr(done, "rowcount", 0))

    def finish(self, row_id: int, now: datetime, **found: Any) -> None:
        """Write what came of a run, unless it was cancelled meanwhile."""
        row = self._running(row_id)
        if row is not None:
            row.state, row.progress, row.finished_at = "done", 1.0, now
            for name, value in found.items():
                setattr(row, name, value)

    def fail(self, row_id: int, fault: Sentence, now: datetime) -> None:
        """Write why a run came to nothing, unless it was cancelled meanwhile."""
        row = self._running(row_id)
        if row is not None:
            row.state, row.fault, row.finished_at = "failed", fault.as_json(), now

    def give_back(self, row_id: int) -> None:
        """Let a run that its process must leave wait again, without counting the try."""
        row = self._running(row_id)
        if row is not None:
            row.state, row.progress = "queued", 0.0
            row.tries -= 1

    def take_back_lost(self, now: datetime) -> int:
        """Let runs whose process is gone wait again, once; return how many were lost."""
        table = self.table
        lost = db.session.scalars(
            select(table).where(table.state == "running", table.beat_at < now - SILENT_FOR)
        ).all()
        for row in lost:
            if row.tries < MOST_TRIES:
                row.state, row.progress = "queued", 0.0
                continue
            row.state, row.fault, row.finished_at = "failed", self.lost_twice.as_json(), now
        return len(lost)

    def _running(self, row_id: int) -> T | None:
        row = db.session.get(self.table, row_id, with_for_update=True)
        return row if row is not None and row.state == "running" else None
