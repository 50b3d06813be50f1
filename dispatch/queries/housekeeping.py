"""How do the jobs of the housekeeping stand?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from dispatch.domain.job_watch import overdue_seconds
from dispatch.models.base import db
from dispatch.models.housekeeping import Job

if TYPE_CHECKING:
    from datetime import datetime


class JobStanding(NamedTuple):
    """A job, whether it runs now, and how many seconds it is overdue (None: it is not)."""

    job: Job
    is_running: bool
    overdue_seconds: float | None


def job_standings(now: datetime) -> list[JobStanding]:
    """Return every job that was ever planned, by name."""
    return [
        JobStanding(
            job,
            job.leased_until is not None and job.leased_until > now,
            overdue_seconds(job.due_at, job.leased_until, now),
        )
        for job in db.session.scalars(select(Job).order_by(Job.name))
    ]


def overdue_jobs(now: datetime) -> list[str]:
    """Return the names of the jobs that nobody has run in time."""
    return [each.job.name for each in job_standings(now) if each.overdue_seconds is not None]
