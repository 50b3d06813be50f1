"""Does one runner at a time have a job, and is none forgotten when a runner dies?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.housekeeping import (
    LEASE,
    TRY_AGAIN,
    enrol_job,
    finish_job,
    renew_job,
    take_job,
)
from dispatch.actions.unit_of_work import transaction
from dispatch.models.housekeeping import Job

HOUR = timedelta(hours=1)


@pytest.fixture
def job(session, now):
    with transaction():
        enrol_job("forget", HOUR, now=now)
    return session.get(Job, "forget")


def take(runner, at):
    with transaction():
        return take_job("forget", runner, now=at)


def finish(runner, at, result=None, error=None):
    with transaction():
        finish_job("forget", runner, now=at, took_ms=7, result=result, error=error)


def test_a_job_has_one_runner_until_it_is_due_again(session, job, now):
    assert take("one", now)
    assert not take("two", now)
    finish("one", now + timedelta(minutes=1), result={"done": 3})
    session.refresh(job)
    assert (job.last_result, job.took_ms, job.failures, job.due_at) == (
        {"done": 3},
        7,
        0,
        now + HOUR,
    )
    assert not take("two", now + timedelta(minutes=59))
    assert take("two", now + HOUR)


def test_the_lease_of_a_dead_runner_runs_out(session, job, now):
    assert take("one", now)
    assert not take("two", now + LEASE - timedelta(seconds=1))
    assert take("two", now + LEASE)
    finish("one", now + LEASE, result={"done": 1})
    session.refresh(job)
    assert (job.runner, job.last_result, job.leased_until) == ("two", None, now + 2 * LEASE)


def renew(runner, at):
    with transaction():
        return renew_job("forget", runner, now=at)


def test_a_lease_is_renewed_by_who_holds_it(session, job, now):
    assert not renew("one", now)
    assert take("one", now)
    assert renew("one", now + LEASE / 2)
    assert not renew("two", now + LEASE / 2)
    assert not take("two", now + LEASE)
    assert take("two", now + 1.5 * LEASE)
    assert not renew("one", now + 1.5 * LEASE)
    finish("two", now + 2 * LEASE, result={})
    assert not renew("two", now + 2 * LEASE)


def test_a_failed_run_is_soon_tried_again(session, job, now):
    for failures in (1, 2):
        at = now + failures * HOUR
        assert take("one", at)
        finish("one", at, error="OSError: no disk")
        session.refresh(job)
        assert (job.failures, job.due_at) == (failures, at + TRY_AGAIN)
    assert take("one", now + 3 * HOUR)
    finish("one", now + 3 * HOUR, result={"done": 0})
    finish("one", now + 3 * HOUR, error="a run that was not begun")
    session.refresh(job)
    assert (job.failures, job.last_error) == (0, None)


def test_a_job_is_enrolled_once_and_due_at_once_when_its_pace_changes(session, job, now):
    assert take("one", now)
    finish("one", now, result={})
    for every, due_at in ((HOUR, now + HOUR), (HOUR / 2, now + timedelta(minutes=5))):
        with transaction():
            enrol_job("forget", every, now=now + timedelta(minutes=5))
        session.refresh(job)
        assert job.due_at == due_at


def test_a_job_that_nobody_knows_is_not_taken(session, now):
    with transaction():
        assert not take_job("nothing", "one", now=now)
        finish_job("nothing", "one", now=now, took_ms=1)
