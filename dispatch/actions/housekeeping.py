"""Who runs a job of the housekeeping now, and which events are anchored?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from dispatch.models.base import db
from dispatch.models.housekeeping import EventAnchor, Job
from dispatch.queries.event_chain import last_event_id

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.event_chain import Anchor

LEASE = timedelta(minutes=10)
TRY_AGAIN = timedelta(minutes=1)


def enrol_job(name: str, every: timedelta, *, now: datetime) -> None:
    """Make a job known; a new one, or one whose pace was changed, is due at once."""
    seconds = round(every.total_seconds())
    insert = (postgresql if db.engine.dialect.name == "postgresql" else sqlite).insert
    db.session.execute(
        insert(Job)
        .values(name=name, every_seconds=seconds, due_at=now, failures=0)
        .on_conflict_do_nothing(index_elements=["name"])
    )
    db.session.execute(
        update(Job)
        .where(Job.name == name, Job.every_seconds != seconds)
        .values(every_seconds=seconds, due_at=now)
    )


def take_job(name: str, runner: str, *, now: datetime) -> bool:
    """Take the lease of a job that is due; False when it is not due or another runner has it."""
    free = or_(Job.leased_until.is_(None), Job.leased_until <= now)
    taken = db.session.execute(
        update(Job)
        .where(Job.name == name, Job.due_at <= now, free)
        .values(leased_until=now + LEASE, runner=runner, started_at=now)
        .returning(Job.name)
    )
    return taken.first() is not None


def renew_job(name: str, runner: str, *, now: datetime) -> bool:
    """Hold the lease of a job that still runs; False when another runner has it meanwhile."""
    held = db.session.execute(
        update(Job)
        .where(Job.name == name, Job.runner == runner, Job.leased_until.is_not(None))
        .values(leased_until=now + LEASE)
        .returning(Job.name)
    )
    return held.first() is not None


def finish_job(
    name: str,
    runner: str,
    *,
    now: datetime,
    took_ms: int,
    result: dict[str, Any] | None = None,
    error: str | None = None,
) -> None:
    """Write down what a run did and when the next is due; a failed one is soon tried again.

    A runner that lost its lease to another meanwhile changes nothing.
    """
    job = db.session.scalar(
        select(Job).where(Job.name == name, Job.runner == runner).with_for_update()
    )
    if job is None or job.leased_until is None:
        return
    every = timedelta(seconds=job.every_seconds)
    job.leased_until = None
    job.finished_at, job.took_ms = now, took_ms
    job.last_error = error
    if error is None:
        job.last_result, job.failures = result, 0
        job.due_at = (job.started_at or now) + every
    else:
        job.failures += 1
        job.due_at = now + min(every, TRY_AGAIN)


def settled_event_id() -> int:
    """Return the newest event before which none can appear any more.

    On PostgreSQL an event's number is given out before its transaction ends, so those under way are
    waited for, at most a second; a long import then makes this fail, and it is tried again later.
    SQLite has one writer, which is us.
    """
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SET LOCAL lock_timeout = '1s'"))
        db.session.execute(text("LOCK TABLE ticket_event IN SHARE MODE"))
    return last_event_id()


def write_anchor(anchor: Anchor, last_id: int, *, now: datetime) -> EventAnchor:
    """Keep the digest of all events up to one."""
    row = EventAnchor(at=now, last_event_id=last_id, events=anchor.events, digest=anchor.digest)
    db.session.add(row)
    return row
