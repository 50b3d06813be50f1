"""Where do the faults of a view heap up, and more than they did before?"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from dispatch.domain.clusters import clusters
from dispatch.domain.nearby_calls import Spots
from dispatch.domain.ticket_state import ticket_number
from dispatch.queries.circle_problems import (
    MANY_TEXTS,
    MOST_SHOWN,
    Problem,
    ProblemKind,
    Problems,
    calls_of,
    category_words,
)
from dispatch.queries.figure_looks import last_event
from dispatch.queries.kept_answers import kept_when_large

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.facts import Facts
    from dispatch.domain.periods import Period
    from dispatch.domain.permissions import Scope
    from dispatch.queries.stories import FigureFilters

_COLUMNS = frozenset({"ticket", "lat", "lon", "category"})


@kept_when_large(lambda found: found.n, least=MANY_TEXTS)
def clusters_in(period: Period, scope: Scope, filters: FigureFilters, *, now: datetime) -> Problems:
    """Return the clusters in space and time of a view, the largest first."""
    event = last_event()
    inside, outside = calls_of(period, scope, filters, _COLUMNS, now=now)
    days = max(period.days, 1)
    found = clusters(_spots(inside), _spots(outside), days, most=MOST_SHOWN)
    words = category_words(inside, sorted({one.category for one in found}))
    rows = tuple(
        Problem(
            kind=ProblemKind.CLUSTER,
            key=ticket_number(one.first),
            name=ticket_number(one.first),
            n=len(one.tickets),
            before=one.before,
            find=partial(np.array, one.tickets, dtype=np.int64),
            category=words.get(one.category),
            usual=one.usual,
        )
        for one in found
    )
    return Problems(now, event, inside.size, outside.size, {ProblemKind.CLUSTER: rows}, 0, inside)


def _spots(facts: Facts) -> Spots:
    placed = facts[~np.isnan(facts["lat"])]
    names = ("ticket", "category", "lat", "lon", "received_at")
    return Spots(*(placed[name] for name in names))
