"""What is tidied away in the background, without any promise hanging on it?"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from apscheduler.schedulers.background import BackgroundScheduler

from dispatch.actions.endings import close_ticket
from dispatch.actions.rehearsals import forget_old_rehearsals
from dispatch.actions.retention import (
    forget_ended_sessions,
    forget_old_beats,
    forget_old_keys,
    forget_old_tries,
)
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Refused
from dispatch.domain.permissions import RULE, Scope
from dispatch.domain.ticket_state import ticket_number
from dispatch.jobs.follow_ups import ask_and_give_up, draw_for_managers
from dispatch.queries.finished import finished_tickets
from dispatch.queries.tickets import ticket_for_change

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

log = logging.getLogger(__name__)

CLOSED_AT_ONCE = 100


def close_finished(now: datetime) -> int:
    """Close the completed tickets whose repair was confirmed, or 72 hours after completion."""
    closed = 0
    for ticket_id in finished_tickets(now, CLOSED_AT_ONCE):
        try:
            with transaction():
                ticket = ticket_for_change(ticket_number(ticket_id), Scope(everything=True))
                close_ticket(ticket, actor=RULE, now=now)
        except Refused:
            continue  # It was reopened, or closed by a person, a moment ago.
        closed += 1
    return closed


def forget(now: datetime) -> int:
    """Delete what is older than it is kept; return how many rows."""
    with transaction():
        return (
            forget_old_keys(now)
            + forget_ended_sessions(now)
            + forget_old_tries(now)
            + forget_old_beats(now)
            + forget_old_rehearsals(now)
        )


JOBS: dict[str, tuple[Callable[[datetime], int], dict[str, Any]]] = {
    "close_finished": (close_finished, {"minutes": 1}),
    "forget": (forget, {"hours": 1}),
    "follow_ups": (ask_and_give_up, {"minutes": 1}),
    "audit_calls": (draw_for_managers, {"hours": 1}),
}
"""Each job of the housekeeping, and how often it runs."""


def scheduler(app: Flask) -> BackgroundScheduler:
    """Return a scheduler that holds every job; it is not started yet.

    It keeps its plan in memory and carries no promise: a round it misses is made up by the next.
    """
    found = BackgroundScheduler(
        timezone=UTC,
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for name, (job, every) in JOBS.items():
        found.add_job(run_one, "interval", args=(app, name, job), id=name, **every)
    return found


def run_one(app: Flask, name: str, job: Callable[[datetime], int]) -> int | None:
    """Run one job now and log what it did; a failure is logged and ends nothing."""
    try:
        with app.app_context():
            done = job(datetime.now(UTC))
    except Exception:
        log.exception("%s failed; it is tried again at its next time", name)
        return None
    if done:
        log.info("%s: %s", name, done)
    return done
