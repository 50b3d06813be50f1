"""Is it seen which job runs, which is late and which failed?"""

from __future__ import annotations

from datetime import timedelta

from dispatch.actions.housekeeping import enrol_job, take_job
from dispatch.actions.unit_of_work import transaction
from dispatch.queries.housekeeping import job_standings, overdue_jobs


def test_a_job_that_nobody_runs_is_overdue(session, now):
    with transaction():
        enrol_job("forget", timedelta(hours=1), now=now)
        enrol_job("anchor", timedelta(hours=1), now=now)
        assert take_job("anchor", "one", now=now)
    later = now + timedelta(minutes=9)
    assert [(each.job.name, each.is_running) for each in job_standings(later)] == [
        ("anchor", True),
        ("forget", False),
    ]
    assert overdue_jobs(now) == []
    assert overdue_jobs(later) == ["forget"]
    assert overdue_jobs(now + timedelta(minutes=10)) == ["anchor", "forget"]
