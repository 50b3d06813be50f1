"""Does the housekeeping close and forget by itself, and survive its own faults?"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from queue import Empty, Queue
from threading import Event
from threading import enumerate as enumerate_threads

import pytest
from sqlalchemy import update

from dispatch.actions.housekeeping import LEASE, enrol_job, renew_job, take_job
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Stale
from dispatch.domain.sentences import say
from dispatch.jobs import housekeeping
from dispatch.jobs.housekeeping import JOBS, close_finished, forget, run_one, scheduler
from dispatch.models.base import db
from dispatch.models.housekeeping import Job
from dispatch.models.people import SignInTry
from dispatch.models.tickets import Ticket
from dispatch.queries.housekeeping import job_standings
from tests.finished import complete_one


def test_finished_tickets_are_closed_by_rule(session, now):
    first, second = complete_one(now), complete_one(now + timedelta(hours=2))
    at = now + timedelta(hours=73)
    assert close_finished(at) == 1
    session.expire_all()
    ticket = session.get(Ticket, first)
    assert (ticket.state, ticket.closed_at, ticket.changed_by) == ("closed", at, "rule")
    assert session.get(Ticket, second).state == "completed"
    assert close_finished(at) == 0


def test_a_ticket_that_was_reopened_a_moment_ago_is_left(session, now, monkeypatch):
    complete_one(now)

    def refuse(_ticket, *, actor, now):
        raise Stale(say("Somebody else changed this at the same moment."))

    monkeypatch.setattr(housekeeping, "close_ticket", refuse)
    assert close_finished(now + timedelta(days=9)) == 0


def test_what_is_old_is_forgotten(session, now):
    with transaction():
        at = now - timedelta(days=2)
        session.add(SignInTry(sign_in_name="ann", address="127.0.0.1", tried_at=at))
    assert forget(now) == 1
    assert forget(now) == 0


def test_every_job_is_planned(app):
    assert {job.id for job in scheduler(app).get_jobs()} == set(JOBS)
    with app.app_context():
        assert {each.job.name for each in job_standings(datetime.now(UTC))} == set(JOBS)


@pytest.fixture
def count(app, clock, now):
    """Enrol a job that counts its runs."""
    runs = []
    with app.app_context(), transaction():
        enrol_job("count", timedelta(minutes=1), now=now)

    def run(at):
        runs.append(at)
        return len(runs)

    return run


def test_a_job_runs_when_it_is_due_and_says_what_it_did(app, clock, count, caplog):
    caplog.set_level("INFO")
    assert run_one(app, "count", count) == 1
    assert run_one(app, "count", count) is None
    clock.shift(60)
    assert run_one(app, "count", count) == 2
    assert "count: 2" in caplog.text
    with app.app_context():
        (standing,) = job_standings(datetime.now(UTC))
        assert standing.job.last_result == {"done": 2}


def test_a_job_that_fails_ends_nothing_and_is_shown(app, count, caplog):
    def fail(_now):
        raise OSError("no disk")

    assert run_one(app, "count", fail) is None
    assert "no disk" in caplog.text
    with app.app_context():
        (standing,) = job_standings(datetime.now(UTC))
        assert (standing.job.failures, standing.job.last_error) == (1, "OSError: no disk")


def test_a_database_that_is_away_ends_nothing(app, count, caplog, monkeypatch):
    def away(_name, _runner, *, now):
        raise OSError("the database is away")

    monkeypatch.setattr(housekeeping, "take_job", away)
    assert run_one(app, "count", count) is None
    assert "could not be started" in caplog.text


class Renewals:
    """Each try to renew a lease, and what came of it."""

    def __init__(self) -> None:
        self.said = []
        self.queue = Queue()

    def renew(self, name, runner, *, now):
        kept = renew_job(name, runner, now=now)
        self.said.append(kept)
        self.queue.put(kept)
        return kept

    def wait(self, tries):
        for _ in range(tries):
            self.queue.get(timeout=60)

    def begun_from_now(self):
        """Wait for a try that begins after this."""
        with suppress(Empty):
            while True:
                self.queue.get_nowait()
        self.wait(2)


@pytest.fixture
def renewals(monkeypatch):
    """Renew leases as fast as can be."""
    found = Renewals()
    monkeypatch.setattr(housekeeping, "RENEW_EVERY", 0.01)
    monkeypatch.setattr(housekeeping, "renew_job", found.renew)
    return found


def taken_by(runner):
    with transaction():
        return take_job("count", runner, now=datetime.now(UTC))


def test_a_long_job_is_not_begun_by_a_second_runner(app, clock, count, renewals):
    others = []

    def long(at):
        for _ in range(3):
            clock.shift(0.9 * LEASE)
            renewals.begun_from_now()
            others.append(taken_by("another runner"))
        return count(at)

    assert run_one(app, "count", long) == 1
    assert others == [False, False, False]
    assert not [each.name for each in enumerate_threads() if each.name == "lease of count"]


def test_a_job_that_was_taken_over_is_no_longer_held(app, clock, count, renewals, caplog):
    def frozen(at):
        with transaction():
            db.session.execute(update(Job).values(runner="another runner"))
        while False not in renewals.said:
            renewals.wait(1)
        return count(at)

    assert run_one(app, "count", frozen) == 1
    assert renewals.said.count(False) == 1
    assert "taken over" in caplog.text


def test_a_job_that_hangs_is_given_up_in_the_end(app, clock, count, renewals, monkeypatch):
    monkeypatch.setattr(housekeeping, "MOST_RENEWALS", 2)

    def hang(at):
        renewals.wait(2)
        clock.shift(2 * LEASE)
        assert taken_by("another runner")
        return count(at)

    run_one(app, "count", hang)
    assert renewals.said == [True, True]


def test_a_database_that_is_away_while_a_lease_is_renewed_ends_nothing(
    app, clock, count, caplog, monkeypatch
):
    tried = Event()

    def away(_name, _runner, *, now):
        tried.set()
        raise OSError("the database is away")

    monkeypatch.setattr(housekeeping, "RENEW_EVERY", 0.01)
    monkeypatch.setattr(housekeeping, "renew_job", away)

    def wait(at):
        assert tried.wait(60)
        return count(at)

    assert run_one(app, "count", wait) == 1
    assert "could not be renewed" in caplog.text
