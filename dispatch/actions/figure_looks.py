"""How is it kept what a person saw of the figures of past days?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from dispatch.domain.figure_looks import changes
from dispatch.models.base import db
from dispatch.models.figure_looks import FigureLook

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from dispatch.domain.figure_looks import Reading, Watched

LOOKS_KEPT = timedelta(days=400)


def keep_look(
    user_id: int, view: str, readings: Mapping[Watched, Reading], *, event: int, now: datetime
) -> None:
    """Keep what a view shows; what it is compared with stays until the changes are seen.

    `event` is the last one that was there before the figures were read.
    """
    values = {str(figure): reading.as_json() for figure, reading in readings.items()}
    shown = {"shown": values, "shown_at": now, "shown_event": event}
    seen = {"seen": values, "seen_at": now, "seen_event": event}
    before = db.session.scalar(select(FigureLook.seen).where(_is(user_id, view)))
    if before is None:
        insert = (postgresql if db.engine.dialect.name == "postgresql" else sqlite).insert
        row = insert(FigureLook).values(user_id=user_id, view=view, **seen, **shown)
        # Another window of the same person may have been quicker: its look stands.
        db.session.execute(row.on_conflict_do_nothing(index_elements=["user_id", "view"]))
        return
    news = shown if changes(before, readings) else seen | shown
    db.session.execute(update(FigureLook).where(_is(user_id, view)).values(**news))


def mark_seen(user_id: int, view: str) -> None:
    """Compare with what was shown last from now on; without a look there is nothing to do."""
    db.session.execute(
        update(FigureLook)
        .where(_is(user_id, view))
        .values(
            seen=FigureLook.shown, seen_at=FigureLook.shown_at, seen_event=FigureLook.shown_event
        )
    )


def forget_old_looks(now: datetime) -> int:
    """Delete the looks at views that their person has not opened for 400 days; return how many."""
    gone = db.session.execute(delete(FigureLook).where(FigureLook.shown_at < now - LOOKS_KEPT))
    return int(getattr(gone, "rowcount", 0))


def _is(user_id: int, view: str) -> ColumnElement[bool]:
    return (FigureLook.user_id == user_id) & (FigureLook.view == view)
