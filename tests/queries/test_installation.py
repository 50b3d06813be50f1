"""Does the database tell of itself, and do the timers tell whether they are watched?"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.clockwork import Heartbeat
from dispatch.queries.installation import database_facts, timer_facts


def test_the_database_is_new_safe_and_migrated(session, database):
    found = database_facts()
    assert found.kind == database.kind
    assert found.revision is not None
    if database.kind == "sqlite":
        assert found.version >= (3, 51, 3)
        assert found.settings["journal_mode"] == "wal"
        assert found.settings["synchronous"] == "2"
        assert found.file
        assert found.clock is None
    else:
        assert found.version >= (14,)
        assert found.settings["statement_timeout"] == "15s"
        assert found.clock.tzinfo is not None
        assert found.file is None


def test_a_database_without_tables_has_no_revision(session):
    with transaction():
        db.session.execute(text("ALTER TABLE alembic_version RENAME TO away"))
    try:
        assert database_facts().revision is None
    finally:
        with transaction():
            db.session.execute(text("ALTER TABLE away RENAME TO alembic_version"))


def test_timers_and_beats_are_told_apart(session, now):
    assert vars(timer_facts(now)) == {"armed": 0, "overdue_since": None, "beat_at": None}
    with transaction():
        for seconds in (5, 50):
            beat = now - timedelta(seconds=seconds)
            db.session.add(Heartbeat(job="timers", runner=str(seconds), beat_at=beat))
    assert timer_facts(now).beat_at == now - timedelta(seconds=5)
