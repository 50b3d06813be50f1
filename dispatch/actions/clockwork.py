"""What happens when a promise is half spent, nearly spent, broken?"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy.dialects import postgresql, sqlite

from dispatch.actions.alerts import Reached, late_ms, pass_on, raise_alert
from dispatch.actions.disputes import lapse_row
from dispatch.actions.holds import lasting_hold, release_hold
from dispatch.actions.outbox import webhook_rows
from dispatch.actions.promises import (
    dispute_clock,
    ladder_of,
    rung_row,
    running_clocks,
    task_clock,
)
from dispatch.actions.rectification import Breach
from dispatch.actions.ticket_log import Told, aside_row
from dispatch.actions.timer_batch import read_batch
from dispatch.domain.clocks import Rung, RungKind
from dispatch.domain.permissions import RULE
from dispatch.domain.service_policy import ClockKind
from dispatch.domain.ticket_state import EventKind, TicketState, ticket_number
from dispatch.models.base import db
from dispatch.models.clockwork import Heartbeat
from dispatch.queries.timers import claim_due

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Row

    from dispatch.actions.promises import RunningClock
    from dispatch.actions.timer_batch import Batch
    from dispatch.models.clockwork import Timer
    from dispatch.models.tickets import Ticket

log = logging.getLogger(__name__)

EVENTS: dict[RungKind, EventKind] = {
    RungKind.WARNING: EventKind.CLOCK_WARNING,
    RungKind.BREACH: EventKind.CLOCK_BREACHED,
    RungKind.ESCALATION: EventKind.CLOCK_ESCALATED,
}


class Sweep(NamedTuple):
    """What became of the timers that were due."""

    fired: int = 0
    dropped: int = 0
    failed: int = 0

    @property
    def seen(self) -> int:
        """Return how many timers were looked at."""
        return self.fired + self.dropped + self.failed


def fire_due(now: datetime, *, limit: int, given_up: set[int] | None = None) -> Sweep:
    """Fire the timers that are due; one that fails keeps no other back.

    All at once, or, when one fails, each by itself. `given_up` holds the ids of those that failed
    before in this round; they are left out, and what fails now is added to it.
    """
    given_up = set() if given_up is None else given_up
    claimed = claim_due(now, limit, besides=given_up)
    if not claimed:
        return Sweep()
    # A release is written at once, a warning at the end of the batch: this order keeps the chain.
    claimed = sorted(claimed, key=lambda pair: pair[0].clock != ClockKind.HOLD)
    batch = read_batch(claimed, now)
    try:
        with db.session.begin_nested():
            done = [fire(timer, ticket, batch) for timer, ticket in claimed]
            batch.write()
        return Sweep(sum(done), len(done) - sum(done))
    except Exception:  # noqa: BLE001  each is tried by itself, and named then
        log.info("one of %s timers could not be fired; each is tried by itself", len(claimed))
    return _fire_each(claimed, batch, given_up)


def _fire_each(claimed: Sequence[Row[Timer, Ticket]], batch: Batch, given_up: set[int]) -> Sweep:
    fired = dropped = failed = 0
    for timer, ticket in claimed:
        # What was undone with a savepoint is still in the objects.
        db.session.expire(ticket)
        timer_id = timer.id
        try:
            with db.session.begin_nested():
                alone = batch.anew()
                done = fire(timer, ticket, alone)
                alone.write()
        except Exception:
            log.exception("timer %s could not be fired; it stays due", timer_id)
            given_up.add(timer_id)
            failed += 1
        else:
            fired += done
            dropped += not done
    return Sweep(fired, dropped, failed)


def fire(timer: Timer, ticket: Ticket, batch: Batch) -> bool:
    """Add to a batch the warning of a timer, whom the rota names, and the next timer.

    False if nothing is owed. The event is dated at the deadline, however late we are; `late_ms`
    says how late that is. A timer of an alert passes it on.
    """
    if timer.alert_id is not None:
        alert = batch.alerts[timer.alert_id]
        passed = pass_on(timer, alert, ticket, batch.watch, now=batch.now)
        batch.rows.alerts += [passed] if passed else []
        return batch.end(timer, fired=passed is not None)
    if timer.clock == ClockKind.HOLD:
        return _release(timer, ticket, batch)
    clock = _clock_of(timer, ticket, batch)
    ladder = ladder_of(ticket, clock) if clock else ()
    if clock is None or timer.rung >= len(ladder):
        return batch.end(timer, fired=False)
    _warn(timer, ticket, clock, Rung(ladder[timer.rung]), batch)
    return batch.end(timer, fired=True)


def _release(timer: Timer, ticket: Ticket, batch: Batch) -> bool:
    """End a pause whose time is over, dated at its end, and tell the desk."""
    now, late = batch.now, late_ms(timer, batch.now)
    hold = lasting_hold(ticket)
    if hold is None or hold.until_at != timer.target_at:
        return batch.end(timer, fired=False)
    # Before the release drops what is armed: this one has fired.
    timer.state, timer.fired_at, timer.late_ms = "fired", now, late
    facts = {"clock": timer.clock, "until_at": timer.target_at.isoformat(), "late_ms": late}
    told = Told(effective_at=timer.due_at, facts=facts)
    release_hold(ticket, actor=RULE, now=now, told=told)
    shown = facts | {"due_at": timer.target_at.isoformat()}
    reached = Reached(timer.key, timer, 1.0, str(EventKind.RELEASED), shown)
    batch.rows.alerts.append(raise_alert(ticket, reached, batch.watch, now=now))
    return True


def _warn(timer: Timer, ticket: Ticket, clock: RunningClock, rung: Rung, batch: Batch) -> None:
    now, rows = batch.now, batch.rows
    facts = {
        "clock": timer.clock,
        "rung": timer.rung,
        "fraction": rung.fraction,
        "due_at": timer.target_at.isoformat(),
        "late_ms": late_ms(timer, now),
    }
    if clock.task is not None:
        facts |= {"task_id": clock.task.id, "task": clock.task.kind}
    told = Told(effective_at=timer.due_at, facts=facts)
    kind = EVENTS[rung.kind]
    if rung.fraction > 0:
        event = aside_row(ticket, kind, actor=RULE, now=now, told=told, visit=clock.visit)
        rows.events.append(event)
        rows.messages.append(_console_row(ticket, event, facts, now=now))
        rows.messages += webhook_rows(ticket, [event], batch.endpoints, now=now)
    reached = Reached(timer.key, timer, rung.fraction, str(kind), facts)
    rows.alerts.append(raise_alert(ticket, reached, batch.watch, now=now))
    if rung.kind is RungKind.BREACH:
        rows.breaches.append(Breach(ticket, timer.clock, timer.due_at))
        if clock.dispute is not None:
            lapsed = lapse_row(clock.dispute, ticket, at=timer.due_at, now=now)
            rows.events.append(lapsed)
            rows.messages += webhook_rows(ticket, [lapsed], batch.endpoints, now=now)
    following = rung_row(ticket, clock, timer.rung + 1)
    rows.armed += [following] if following else []


def _clock_of(timer: Timer, ticket: Ticket, batch: Batch) -> RunningClock | None:
    """Return the clock that a timer warns of, None when it was stopped, moved or paused."""
    if timer.task_id is not None:
        clock = task_clock(batch.tasks[timer.task_id])
        return clock if clock is not None and clock.due_at == timer.target_at else None
    if timer.dispute_id is not None:
        clock = dispute_clock(batch.disputes[timer.dispute_id])
        return clock if clock is not None and clock.due_at == timer.target_at else None
    if ticket.state == TicketState.ON_HOLD:
        return None
    visits = batch.visits.get(ticket.id, ()) if timer.visit_id is not None else ()
    for clock in running_clocks(ticket, visits):
        visit_id = clock.visit.id if clock.visit else None
        if (clock.kind, visit_id, clock.due_at) == (timer.clock, timer.visit_id, timer.target_at):
            return clock
    return None


def _console_row(
    ticket: Ticket, event: dict[str, Any], facts: dict[str, Any], *, now: datetime
) -> dict[str, Any]:
    """Return the warning for the console of the team that owns the ticket, else of the desk."""
    return {
        "effect_key": f"{event['uuid']}/console",
        "ticket_id": ticket.id,
        "channel": "console",
        "recipient": "desk" if ticket.team_id is None else f"team/{ticket.team_id}",
        "template": event["kind"],
        "content": {"number": ticket_number(ticket.id), **facts},
        "next_try_at": now,
        "created_at": now,
    }


def beat(
    job: str,
    runner: str,
    *,
    now: datetime,
    started_at: datetime,
    took_ms: int,
    result: dict[str, Any] | None = None,
    error: str | None = None,
) -> None:
    """Say that a loop is alive, and what it did last."""
    row = {
        "beat_at": now,
        "started_at": started_at,
        "took_ms": took_ms,
        "last_result": result,
        "last_error": error,
    }
    insert = (postgresql if db.engine.dialect.name == "postgresql" else sqlite).insert
    db.session.execute(
        insert(Heartbeat)
        .values(job=job, runner=runner, **row)
        .on_conflict_do_update(index_elements=["job", "runner"], set_=row)
    )
