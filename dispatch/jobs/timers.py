"""Who is warned on time, even when this program was away for a while?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dispatch.actions.clockwork import Sweep, fire_due
from dispatch.actions.unit_of_work import transaction

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

# A fraction of a second's work, so that on SQLite, with its one writer, nobody waits long.
BATCH = 500


def run(now: datetime, clock: Callable[[], datetime] | None = None) -> Sweep:
    """Fire everything that is due, rung after rung; after a standstill that is all that was missed.

    The events are dated at their deadlines. A timer that fails stays due for the next round. With
    a `clock`, asked after each full batch alone, the next batch is as late as it is then. What
    falls due while a last batch is written waits for the next round, or each would be its own.
    """
    total = Sweep()
    given_up: set[int] = set()
    at = now
    while True:
        with transaction():
            sweep = fire_due(at, limit=BATCH, given_up=given_up)
        total = Sweep(*(sum(pair) for pair in zip(total, sweep, strict=True)))
        if not sweep.seen:
            return total
        if clock and sweep.seen == BATCH:
            at = clock()
