"""Which promises of 30 minutes were broken in the tickets of a view, and which tickets are they?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dispatch.domain.broken_facts import ROAD_COLUMNS, RoadFacts, road_facts
from dispatch.domain.broken_promises import BrokenPromises, BrokenTicket, SplitBy, broken_tickets
from dispatch.domain.microseconds import micros
from dispatch.queries.fact_groups import grouped_facts, names_in
from dispatch.queries.facts import facts_for
from dispatch.queries.stories import ALL_TICKETS, FigureFilters, end_reading, stories_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import numpy as np
    from numpy.typing import NDArray

    from dispatch.domain.broken_promises import SplitKey
    from dispatch.domain.facts import Facts
    from dispatch.domain.periods import Period
    from dispatch.domain.permissions import Scope
    from dispatch.domain.stages import Stage


@dataclass(frozen=True, slots=True)
class Behind:
    """The ids of tickets behind a number, the latest first, and what is usual in their view."""

    tickets: list[int]
    usual: dict[Stage, float]


def broken_in(
    period: Period,
    scope: Scope,
    filters: FigureFilters = ALL_TICKETS,
    *,
    by: SplitBy,
    facts: Facts | None = None,
    now: datetime,
) -> BrokenPromises:
    """Return the broken promises of a view, split by one thing; `facts` where they are read."""
    if facts is None:
        facts = _facts_of(period, scope, filters, now)
    found, keys, codes = _grouped(period, facts, by, now)
    return found.split(keys, codes, period.zone)


def tickets_behind(
    period: Period,
    scope: Scope,
    filters: FigureFilters,
    group: tuple[SplitBy, SplitKey] | None,
    *,
    stage: Stage | None,
    only_broken: bool,
    now: datetime,
) -> Behind:
    """Return the tickets behind one row of the broken promises, or behind all without a group."""
    by, key = group or (None, None)
    facts = _facts_of(period, scope, filters, now)
    found, keys, codes = _grouped(period, facts, by, now)
    members = None if by is None else codes == (keys.index(key) if key in keys else -1)
    return Behind(found.behind(members, stage=stage, only_broken=only_broken), found.usual)


def _facts_of(period: Period, scope: Scope, filters: FigureFilters, now: datetime) -> Facts:
    return facts_for(period.from_at, period.to_at, scope, filters, now=now, names=ROAD_COLUMNS)


def shown_tickets(
    tickets: Sequence[int], usual: dict[Stage, float], now: datetime
) -> list[BrokenTicket]:
    """Return some of the tickets behind a number, each with its own road."""
    stories = stories_of(tickets, now=now)
    end_reading()
    return broken_tickets(stories, usual, now)


def _grouped(
    period: Period, facts: Facts, by: SplitBy | None, now: datetime
) -> tuple[RoadFacts, Sequence[SplitKey], NDArray[np.int64]]:
    facts = facts[facts["received_at"] >= micros([period.from_at])]
    names = names_in(facts, by)
    end_reading()
    found = road_facts(facts, now)
    return found, *grouped_facts(found.rows, by, period.zone, names)
