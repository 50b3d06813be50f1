"""What does the database say of itself, and does the clockwork keep up?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, inspect, select, text

from dispatch.models.base import db
from dispatch.models.clockwork import Heartbeat, Timer

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True)
class DatabaseFacts:
    """Kind and version, the settings that keep it safe, its clock, and its newest migration.

    `settings` maps a setting's name to its value as the database shows it; `clock` is None where
    the database has none of its own; `revision` is None before the first migration.
    """

    kind: str
    version: tuple[int, ...]
    settings: dict[str, str]
    clock: datetime | None
    revision: str | None
    file: str | None


@dataclass(frozen=True)
class TimerFacts:
    """How many timers are armed, since when the oldest is overdue, and the runner's last beat."""

    armed: int
    overdue_since: datetime | None
    beat_at: datetime | None


_SQLITE = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
_POSTGRESQL = (
    "fsync",
    "synchronous_commit",
    "idle_in_transaction_session_timeout",
    "statement_timeout",
    "lock_timeout",
)


def database_facts() -> DatabaseFacts:
    """Ask the database about itself; a database that cannot be reached raises."""
    engine = db.engine
    kind = engine.dialect.name
    with engine.connect() as connection:
        names, verb = (_SQLITE, "PRAGMA") if kind == "sqlite" else (_POSTGRESQL, "SHOW")
        settings = {
            name: str(connection.execute(text(f"{verb} {name}")).scalar_one()) for name in names
        }
        clock = (
            None
            if kind == "sqlite"
            else connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        )
        revision = None
        if inspect(connection).has_table("alembic_version"):
            revision = connection.execute(
                text("SELECT max(version_num) FROM alembic_version")
            ).scalar_one()
        version = connection.dialect.server_version_info or ()
    return DatabaseFacts(
        kind=kind,
        version=tuple(int(each) for each in version),
        settings=settings,
        clock=clock,
        revision=revision,
        file=engine.url.database if kind == "sqlite" else None,
    )


def timer_facts(now: datetime) -> TimerFacts:
    """Return whether armed timers are watched."""
    armed, oldest = db.session.execute(
        select(func.count(), func.min(Timer.due_at).filter(Timer.due_at <= now)).where(
            Timer.state == "armed"
        )
    ).one()
    beat = db.session.scalar(select(func.max(Heartbeat.beat_at)))
    return TimerFacts(armed, oldest, beat)
