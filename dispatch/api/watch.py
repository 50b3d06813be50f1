"""Does the clockwork watch the promises now?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dispatch.domain.deadline_watch import AMBER_SECONDS, watch_level
from dispatch.queries.timers import deadline_watch, next_due_at

if TYPE_CHECKING:
    from datetime import datetime


def clockwork(now: datetime) -> dict[str, Any]:
    """Return the level ok, amber or red, with the seconds it is judged by."""
    watch = deadline_watch(now)
    silent = watch.beat_age_seconds is None or watch.beat_age_seconds > AMBER_SECONDS
    armed = silent and next_due_at() is not None
    return {
        "level": str(watch_level(*watch, armed=armed)),
        "overdue_seconds": watch.overdue_seconds,
        "heartbeat_age_seconds": watch.beat_age_seconds,
    }
