"""What is tidied away in the background, without any promise hanging on it?"""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager
from datetime import UTC, timedelta
from threading import Event, Thread
from typing import TYPE_CHECKING

from apscheduler.schedulers.background import BackgroundScheduler
from flask import current_app

from dispatch.access import clock_of
from dispatch.actions.endings import close_ticket
from dispatch.actions.exports import forget_old_exports
from dispatch.actions.figure_looks import forget_old_looks
from dispatch.actions.housekeeping import LEASE, enrol_job, finish_job, renew_job, take_job
from dispatch.actions.notice_subscriptions import forget_old_subscriptions
from dispatch.actions.rehearsals import forget_old_rehearsals
from dispatch.actions.retention import (
    forget_ended_sessions,
    forget_old_alerts,
    forget_old_beats,
    forget_old_field_entries,
    forget_old_keys,
    forget_old_messages,
    forget_old_positions,
    forget_old_remarks,
    forget_old_round_notes,
    forget_old_tracks,
    forget_old_tries,
)
from dispatch.actions.storms import end_storms_that_are_over
from dispatch.actions.unfinished_calls import forget_old_calls
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Refused
from dispatch.domain.permissions import RULE, Scope
from dispatch.domain.ticket_state import ticket_number
from dispatch.jobs.anchoring import anchor_events
from dispatch.jobs.backups import back_up
from dispatch.jobs.exports import clear_export_files
from dispatch.jobs.follow_ups import ask_and_give_up, draw_for_managers
from dispatch.jobs.loops import RUNNER
from dispatch.jobs.photo_files import clear_photo_files
from dispatch.jobs.reports import send_reports
from dispatch.queries.finished import finished_tickets
from dispatch.queries.tickets import ticket_for_change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from flask import Flask

log = logging.getLogger(__name__)

CLOSED_AT_ONCE = 100
LOOK_EVERY = 15
RENEW_EVERY = LEASE.total_seconds() / 5
MOST_RENEWALS = 60


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
    days: int = current_app.config["SETTINGS"].track_days
    with transaction():
        return (
            forget_old_keys(now)
            + forget_ended_sessions(now)
            + forget_old_tries(now)
            + forget_old_beats(now)
            + forget_old_field_entries(now)
            + forget_old_rehearsals(now)
            + forget_old_exports(now)
            + forget_old_messages(now)
            + forget_old_alerts(now)
            + forget_old_remarks(now)
            + forget_old_round_notes(now)
            + forget_old_calls(now)
            + forget_old_subscriptions(now)
            + forget_old_looks(now)
            + forget_old_positions(now, days)
            + forget_old_tracks(now, days)
        )


def end_storms(now: datetime) -> int:
    """Write down the end of each storm whose expected end has passed; return how many."""
    with transaction():
        return end_storms_that_are_over(now)


JOBS: dict[str, tuple[Callable[[datetime], int], timedelta]] = {
    "close_finished": (close_finished, timedelta(minutes=1)),
    "forget": (forget, timedelta(hours=1)),
    "follow_ups": (ask_and_give_up, timedelta(minutes=1)),
    "audit_calls": (draw_for_managers, timedelta(hours=1)),
    "anchor_events": (anchor_events, timedelta(hours=1)),
    "end_storms": (end_storms, timedelta(minutes=1)),
    "reports": (send_reports, timedelta(minutes=1)),
    "backups": (back_up, timedelta(days=1)),
    "photo_files": (clear_photo_files, timedelta(hours=1)),
    "export_files": (clear_export_files, timedelta(hours=1)),
}
"""Each job of the housekeeping, and how often it runs."""


def scheduler(app: Flask) -> BackgroundScheduler:
    """Return a scheduler that looks after every job; it is not started yet.

    When a job is due is kept in the database, for all hosts together, so the scheduler's own plan
    is only how often to look.
    """
    with app.app_context(), transaction():
        now = clock_of(app)()
        for name, (_job, every) in JOBS.items():
            enrol_job(name, every, now=now)
    found = BackgroundScheduler(
        timezone=UTC,
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for name, (job, _every) in JOBS.items():
        found.add_job(run_one, "interval", args=(app, name, job), id=name, seconds=LOOK_EVERY)
    return found


def run_one(app: Flask, name: str, job: Callable[[datetime], int]) -> int | None:
    """Run one job if it is due and no other runner has it; return what it did, None if nothing.

    A failure is logged, shown to administrators, and ends nothing.
    """
    try:
        with app.app_context():
            return _run_leased(app, name, job)
    except Exception:
        log.exception("%s could not be started; it is tried again", name)
        return None


def _run_leased(app: Flask, name: str, job: Callable[[datetime], int]) -> int | None:
    clock = clock_of(app)
    begun = clock()
    with transaction():
        if not take_job(name, RUNNER, now=begun):
            return None
    watch = time.monotonic()
    done, error = None, None
    try:
        with _kept(app, name):
            done = job(begun)
    except Exception as fault:
        log.exception("%s failed; it is tried again", name)
        error = f"{type(fault).__name__}: {fault}"[:500]
    took_ms = round((time.monotonic() - watch) * 1000)
    result = None if done is None else {"done": done}
    with transaction():
        finish_job(name, RUNNER, now=clock(), took_ms=took_ms, result=result, error=error)
    if done:
        log.info("%s: %s", name, done)
    return done


@contextmanager
def _kept(app: Flask, name: str) -> Iterator[None]:
    """Renew the lease of a job while it runs, so that a long one is not begun elsewhere too."""
    done = Event()
    thread = Thread(target=_renew, args=(app, name, done), name=f"lease of {name}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _renew(app: Flask, name: str, done: Event) -> None:
    """Renew until the job is done; one that hangs is given up to the others after two hours."""
    for _ in range(MOST_RENEWALS):
        if done.wait(RENEW_EVERY):
            return
        try:
            with app.app_context(), transaction():
                kept = renew_job(name, RUNNER, now=clock_of(app)())
        except Exception:
            log.exception("the lease of %s could not be renewed; it is tried again", name)
            continue
        if not kept:
            log.warning("%s was taken over by another runner while it ran here", name)
            return
