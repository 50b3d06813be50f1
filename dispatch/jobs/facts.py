"""Which tickets have changed since their facts were written?"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from flask import current_app

from dispatch.actions.facts import must_read_in_turn, pack_span, take_turn, write_facts
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Stale
from dispatch.queries.fact_blocks import spans_to_pack
from dispatch.queries.facts import facts_ahead
from dispatch.queries.return_visits import return_visits_now
from dispatch.queries.stories import end_reading

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.bring_savings import ReturnVisit
    from dispatch.queries.facts import Ahead

# Less than a second's work as a rule: warnings wait for the rest of a round.
CHANGES_AT_ONCE = 500
SPANS_AT_ONCE = 4


def run(now: datetime, *, most: int = CHANGES_AT_ONCE) -> int:
    """Bring the facts of the oldest changes up to date; return how many changes that were.

    Where many facts of a span have changed, its block is written anew, a few spans at a time.
    """
    written = _write(now, most)
    pack(SPANS_AT_ONCE, now)
    return written


def pack(most: int, now: datetime) -> int:
    """Write the blocks of at most so many spans anew; return how many there were to write.

    Where somebody holds the facts for long, the block is written in another round.
    """
    numbers, zone = spans_to_pack(most, now), current_app.config["SETTINGS"].zone
    end_reading()
    for number in numbers:
        with suppress(Stale), transaction():
            take_turn()
            pack_span(number, zone, now)
    return len(numbers)


def _write(now: datetime, most: int) -> int:
    """Write the facts of the oldest changes.

    Reading takes most of the time. On SQLite it holds nobody up, and only what was found is written
    under lock; on PostgreSQL nobody but another roll-up waits.
    """
    found = None if must_read_in_turn() else _changed(now, most)
    end_reading()
    if found is not None and not found[0].seen:
        return 0
    try:
        with transaction():
            if found is None:
                take_turn()
                found = _changed(now, most)
            write_facts(*found)
    except Stale:
        return 0  # Another process was quicker.
    return len(found[0].seen)


def _changed(now: datetime, most: int) -> tuple[Ahead, list[ReturnVisit]]:
    ahead = facts_ahead(now, most=most)
    return ahead, return_visits_now(ahead.tickets)
