"""When is a crew expected, now that it has taken the next step?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dispatch.domain.instants import as_utc

if TYPE_CHECKING:
    from datetime import datetime


def renewed_arrival(
    expected_at: datetime | None, counted_from: datetime, stepped_at: datetime
) -> datetime | None:
    """Return the arrival counted anew from a step: the drive stays as long as it was thought.

    `expected_at` was counted from `counted_from`, the step before. None stays None.
    """
    if expected_at is None:
        return None
    drive = as_utc(expected_at) - as_utc(counted_from)
    return as_utc(stepped_at) + max(drive, drive * 0)
