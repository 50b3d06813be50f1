"""Which promises of 30 minutes were broken in the tickets of a view, and which tickets are they?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from dispatch.domain.broken_promises import (
    BrokenPromises,
    BrokenTicket,
    SplitBy,
    broken_promises,
    broken_tickets,
    key_of,
)
from dispatch.queries.figure_memory import KeptFigures, keep, kept, next_change, stamp_of
from dispatch.queries.figure_rows import rows_behind
from dispatch.queries.stories import ALL_TICKETS, FigureFilters, without_collecting

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.broken_promises import SplitKey
    from dispatch.domain.periods import Period
    from dispatch.domain.permissions import Scope
    from dispatch.domain.stages import Stage

FRESH = timedelta(minutes=1)


def broken_in(
    period: Period,
    scope: Scope,
    filters: FigureFilters = ALL_TICKETS,
    *,
    by: SplitBy,
    now: datetime,
) -> BrokenPromises:
    """Return the broken promises of a view, split by one thing.

    An answer is kept while no ticket changed; a minute at most while a broken one is open.
    """
    question = ("broken", period, scope.shared, filters, by)
    stamp = stamp_of(period.from_at, period.to_at)
    found = kept(question, stamp, now)
    if found is not None:
        kept_answer: BrokenPromises = found
        return kept_answer
    with without_collecting():
        stories = rows_behind(period, scope, filters, now)
        answer = broken_promises(stories, by, period.zone, now)
    changes_at = next_change(stories, [period.from_at, period.to_at], now)
    if answer.has_open:
        changes_at = min(changes_at or now + FRESH, now + FRESH)
    keep(question, KeptFigures(stamp, answer, now, changes_at))
    return answer


def tickets_behind(
    period: Period,
    scope: Scope,
    filters: FigureFilters,
    group: tuple[SplitBy, SplitKey] | None,
    *,
    stage: Stage | None,
    only_broken: bool,
    now: datetime,
) -> list[BrokenTicket]:
    """Return the tickets behind one row of the broken promises, or behind all without a group."""
    stories = rows_behind(period, scope, filters, now)
    members = stories
    if group is not None:
        by, key = group
        members = [story for story in stories if key_of(story, by, period.zone) == key]
    return broken_tickets(members, now, among=stories, stage=stage, only_broken=only_broken)
