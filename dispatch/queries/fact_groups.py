"""To which group does each fact belong, and what is that group called?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import select

from dispatch.domain.broken_promises import SplitBy
from dispatch.domain.categories import CATEGORIES
from dispatch.domain.fact_figures import grouped
from dispatch.domain.fact_sums import codes_of
from dispatch.domain.facts import GRADES, NONE, number_of
from dispatch.domain.figures import By
from dispatch.domain.part_of_week import HOURS, SINGLE_DAYS
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
    found = names_of(*wanted)
    if By.CATEGORY in wanted:
        found[By.CATEGORY] = _categories(facts)
    return found


def names_of(*wanted: By | SplitBy | None) -> Names:
    """Return the names of teams, grids or crews by their ids."""
    found: Names = {}
    for by, table in _NAMED.items():
        if by in wanted:
            rows = db.session.execute(select(table.id, table.name))
            found[by] = {row.id: row.name for row in rows}
    return found


def grouped_facts(
    facts: Facts, by: By | SplitBy | None, zone: ZoneInfo, names: Names
) -> tuple[list[GroupKey], NDArray[np.int64]]:
    """Return the groups of some facts in order, and the group of each."""
    if by is None:
        return [None], np.zeros(facts.size, dtype=np.int64)
    if by == By.CATEGORY:
        numbers, codes = np.unique(facts[by], return_inverse=True)
        return grouped([names[by].get(one) for one in numbers.tolist()], codes)
    codes = codes_of(facts, by, zone)
    return grouped(words_of(by, int(codes.max(initial=0)) + 1, names), codes)


def words_of(by: By | SplitBy, size: int, names: Names) -> Sequence[GroupKey]:
    """Return the words that the codes of `codes_of` stand for; ids are below `size` from `NONE`."""
    if by == By.HOUR:
        return range(HOURS)
    if by == SplitBy.DAY:
        return SINGLE_DAYS
    if by == By.STORM:
        return (False, True)
    if by == By.EVIDENCE:
        return GRADES
    numbers = range(NONE, NONE + size)
    if by == By.LEVEL:
        return [None if one == NONE else one for one in numbers]
    return [names[by].get(one) for one in numbers]


def _categories(facts: Facts) -> dict[int, str]:
    """Return the words of categories; of those no longer on the list a ticket each is asked."""
    found = {number_of(rule.key): rule.key for rule in CATEGORIES}
    column = facts["category"]
    for number in set(np.unique(column).tolist()) - found.keys():
        ticket = facts["ticket"][np.argmax(column == number)].item()
        word = db.session.scalar(select(Ticket.category).where(Ticket.id == ticket))
        if word is not None:
            found[number] = word
    return found
