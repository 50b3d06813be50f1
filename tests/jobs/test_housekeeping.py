"""Does the housekeeping close and forget by itself, and survive its own faults?"""

from __future__ import annotations

from datetime import timedelta

from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Stale
from dispatch.domain.sentences import say
from dispatch.jobs import housekeeping
from dispatch.jobs.housekeeping import JOBS, close_finished, forget, run_one, scheduler
from dispatch.models.people import SignInTry
from dispatch.models.tickets import Ticket
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


def test_a_job_runs_in_a_context_of_its_own(app, clock, caplog):
    caplog.set_level("INFO")
    assert run_one(app, "forget", forget) == 0
    assert run_one(app, "count", lambda _now: 3) == 3
    assert "count: 3" in caplog.text


def test_a_job_that_fails_ends_nothing(app, caplog):
    def fail(_now):
        raise OSError("no disk")

    assert run_one(app, "fail", fail) is None
    assert "no disk" in caplog.text
