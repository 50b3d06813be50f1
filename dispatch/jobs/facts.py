"""Which tickets have changed since their facts were written?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dispatch.actions.facts import must_read_in_turn, take_turn, write_facts
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Stale
from dispatch.queries.facts import facts_ahead
from dispatch.queries.stories import end_reading

if TYPE_CHECKING:
    from datetime import datetime

CHANGES_AT_ONCE = 5_000


def run(now: datetime, *, most: int = CHANGES_AT_ONCE) -> int:
    """Bring the facts of the oldest changes up to date; return how many changes that were.

    Reading takes most of the time. On SQLite it holds nobody up, and only what was found is written
    under lock; on PostgreSQL nobody but another roll-up waits.
    """
    ahead = None if must_read_in_turn() else facts_ahead(now, most=most)
    end_reading()
    if ahead is not None and not ahead.seen:
        return 0
    try:
        with transaction():
            if ahead is None:
                take_turn()
                ahead = facts_ahead(now, most=most)
            write_facts(ahead)
    except Stale:
        return 0  # Another process was quicker.
    return len(ahead.seen)
