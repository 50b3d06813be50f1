"""Which warnings are due, when is the next one, and does anybody watch?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, literal_column, select, text

from dispatch.domain.deadline_watch import AMBER_SECONDS, watch_level
from dispatch.models.base import db
from dispatch.models.clockwork import Heartbeat, Timer
from dispatch.models.tickets import Ticket

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Row

TIMERS, PLANNER, OUTBOX = "timers", "planner", "outbox"
"""The names under which the loops that keep promises write their heartbeats."""

# A literal and no parameter, so that both databases use the index of armed timers.
_IS_ARMED = Timer.state == literal_column("'armed'")


class DeadlineWatch(NamedTuple):
    """How late the oldest unfired warning is and how old the last heartbeat is, in seconds.

    The heartbeat is that of the loop that has been silent longest, of those that keep promises.
    None where nothing is overdue, and where no timer loop has ever run.
    """

    overdue_seconds: float | None
    beat_age_seconds: float | None


def claim_due(
    now: datetime, limit: int, *, besides: Collection[int] = ()
) -> Sequence[Row[Timer, Ticket]]:
    """Lock the timers that are due, oldest first, with their tickets, for this transaction.

    What another runner or request holds is passed over: waiting for it could deadlock with a step
    that holds the ticket and drops its timers. `besides` are the ids of timers to leave out.
    """
    return db.session.execute(
        select(Timer, Ticket)
        .join(Ticket, Ticket.id == Timer.ticket_id)
        .where(_IS_ARMED, Timer.due_at <= now, Timer.id.not_in(besides))
        .order_by(Timer.due_at, Timer.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def is_own_clock() -> bool:
    """Tell whether the database has a clock of its own, which decides what is due."""
    return db.engine.dialect.name == "postgresql"


def database_time() -> datetime:
    """Return what the clock of PostgreSQL shows."""
    now: datetime = db.session.execute(text("SELECT clock_timestamp()")).scalar_one()
    return now


def last_beat_at() -> datetime | None:
    """Return the latest sign of life of any job, None before the first."""
    return db.session.scalar(select(func.max(Heartbeat.beat_at)))


def next_due_at() -> datetime | None:
    """Return when the next armed timer is due, None when none is armed."""
    return db.session.scalar(select(func.min(Timer.due_at)).where(_IS_ARMED))


def deadline_watch(now: datetime) -> DeadlineWatch:
    """Return whether promises are watched: asked by the console, never by the runner itself."""
    due_at = next_due_at()
    rows = db.session.execute(
        select(Heartbeat.job, func.max(Heartbeat.beat_at).label("at"))
        .where(Heartbeat.job.in_((TIMERS, PLANNER, OUTBOX)))
        .group_by(Heartbeat.job)
    )
    beats: dict[str, datetime] = {row.job: row.at for row in rows}
    return DeadlineWatch(
        None if due_at is None or due_at > now else (now - due_at).total_seconds(),
        None if TIMERS not in beats else (now - min(beats.values())).total_seconds(),
    )


def clockwork(now: datetime) -> dict[str, Any]:
    """Return the level ok, amber or red, with the seconds it is judged by."""
    watch = deadline_watch(now)
    silent = watch.beat_age_seconds is None or watch.beat_age_seconds > AMBER_SECONDS
    armed = silent and next_due_at() is not None
    return {
        "level": str(watch_level(*watch, armed=armed)),
        "overdue_seconds": watch.overdue_seconds,
        "heartbeat_age_seconds": watch.beat_age_seconds,
    }
