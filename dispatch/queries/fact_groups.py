"""To which group does each fact belong, and what is that group called?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import select

from dispatch.domain.broken_promises import SplitBy
from dispatch.domain.categories import CATEGORIES
from dispatch.domain.fact_figures import grouped
from dispatch.domain.facts import GRADES, NONE, number_of
from dispatch.domain.figures import By
from dispatch.domain.part_of_week import HOURS, SINGLE_DAYS
from dispatch.domain.wall_clock import local_hours, local_weekdays
from dispatch.models.base import db
from dispatch.models.people import Crew, Team
from dispatch.models.places import Grid
from dispatch.models.tickets import Ticket

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from numpy.typing import NDArray

    from dispatch.domain.facts import Facts
    from dispatch.domain.figures import GroupKey

    Names = dict[str, dict[int, str]]

_NAMED: dict[By | SplitBy, Any] = {By.TEAM: Team, By.GRID: Grid, SplitBy.CREW: Crew}


def names_in(facts: Facts, *wanted: By | SplitBy | None) -> Names:
    """Return the names of what facts have numbers for, by what they are grouped by."""
    found: Names = {}
    for by, table in _NAMED.items():
        if by in wanted:
            rows = db.session.execute(select(table.id, table.name))
            found[by] = {row.id: row.name for row in rows}
    if By.CATEGORY in wanted:
        found[By.CATEGORY] = _categories(facts)
    return found


def grouped_facts(
    facts: Facts, by: By | SplitBy | None, zone: ZoneInfo, names: Names
) -> tuple[list[GroupKey], NDArray[np.int64]]:
    """Return the groups of some facts in order, and the group of each."""
    if by is None:
        return [None], np.zeros(facts.size, dtype=np.int64)
    return grouped(*_coded(facts, by, zone, names))


def _coded(
    facts: Facts, by: By | SplitBy, zone: ZoneInfo, names: Names
) -> tuple[Sequence[GroupKey], NDArray[np.int64]]:
    """Return words, and the place of each fact's word among them."""
    if by == By.HOUR:
        return range(HOURS), local_hours(facts["received_at"], zone)
    if by == SplitBy.DAY:
        return SINGLE_DAYS, local_weekdays(facts["received_at"], zone)
    if by == By.STORM:
        return (False, True), facts["storm"].astype(np.int64)
    if by == By.EVIDENCE:
        return GRADES, facts["evidence"].astype(np.int64)
    numbers, codes = _numbered(facts, by)
    if by == By.LEVEL:
        return [None if one == NONE else one for one in numbers], codes
    return [names[by].get(one) for one in numbers], codes


def _numbered(facts: Facts, by: By | SplitBy) -> tuple[Sequence[int], NDArray[np.int64]]:
    """Return numbers, all of a column's are among them, and the place of each among those."""
    if by == By.CATEGORY:
        numbers, codes = np.unique(facts[by], return_inverse=True)
        return numbers.tolist(), codes
    # Ids are small; to tell them apart by sorting takes a dozen times as long.
    codes = facts[by].astype(np.int64) - NONE
    return range(NONE, NONE + int(codes.max(initial=0)) + 1), codes


def _categories(facts: Facts) -> dict[int, str]:
    """Return the words of categories; those that are no longer on the list are looked for."""
    found = {number_of(rule.key): rule.key for rule in CATEGORIES}
    if not set(np.unique(facts["category"]).tolist()) <= found.keys():
        words = db.session.scalars(select(Ticket.category).distinct())
        found |= {number_of(word): word for word in words}
    return found
