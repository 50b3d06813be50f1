"""Is a job called overdue when nobody runs it, and only then?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dispatch.domain.job_watch import GRACE, overdue_seconds

DUE = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LATE = DUE + GRACE + timedelta(seconds=60)


@pytest.mark.parametrize(
    ("leased_until", "now", "late"),
    [
        (None, DUE - timedelta(hours=1), None),
        (None, DUE + GRACE, None),
        (None, LATE, 180.0),
        (LATE + timedelta(seconds=1), LATE, None),
        (LATE, LATE, 180.0),
    ],
    ids=["not due", "within the grace", "nobody came", "being run", "the run died"],
)
def test_a_job_is_late_when_nobody_runs_it(leased_until, now, late):
    assert overdue_seconds(DUE, leased_until, now) == late
