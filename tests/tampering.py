"""How does somebody with the whole database in hand change an event that is final?"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import text

from dispatch.models.base import db

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def without_triggers() -> Iterator[None]:
    """Let the session change and delete events, and commit it; SQLite loses its triggers."""
    if db.engine.dialect.name == "sqlite":
        for verb in ("update", "delete"):
            db.session.execute(text(f"DROP TRIGGER IF EXISTS ticket_event_no_{verb}"))
    else:
        db.session.execute(text("SET LOCAL session_replication_role = replica"))
    yield
    db.session.commit()
