"""Is a job of the housekeeping overdue?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

GRACE = timedelta(minutes=2)
"""A run may begin so late without anybody being told: runners look twice a minute."""


def overdue_seconds(due_at: datetime, leased_until: datetime | None, now: datetime) -> float | None:
    """Return how late a job is in seconds, None while it is in time or being run.

    A run that holds its lease is not late; one that died is late from when it was due.
    """
    is_running = leased_until is not None and leased_until > now
    if is_running or now - due_at <= GRACE:
        return None
    return (now - due_at).total_seconds()
