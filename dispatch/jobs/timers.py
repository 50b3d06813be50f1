"""Who is warned on time, even when this program was away for a while?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dispatch.actions.clockwork import Sweep, fire_due
from dispatch.actions.unit_of_work import transaction

if TYPE_CHECKING:
    from datetime import datetime

# Small, so that on SQLite, with its one writer, nobody waits long for a turn.
BATCH = 50


def run(now: datetime) -> Sweep:
    """Fire everything that is due, rung after rung; after a standstill that is all that was missed.

    The events are dated at their deadlines. A timer that fails stays due for the next round.
    """
    total = Sweep()
    given_up: set[int] = set()
    while True:
        with transaction():
            sweep = fire_due(now, limit=BATCH, given_up=given_up)
        total = Sweep(*(sum(pair) for pair in zip(total, sweep, strict=True)))
        if not sweep.seen:
            return total
