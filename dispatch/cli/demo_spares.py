"""What may the city of the demo still report, so that a visitor's own report finds a crew?"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from dispatch.domain.categories import SKILLS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from dispatch.domain.candidates import CrewOption

SPARE_CREWS = 3
"""So many free crews of each skill are left to the visitor."""

SHIFT_LEFT = timedelta(hours=2)
"""With less than this of its shift left, a crew may be refused a ticket across the city."""


def can_be_sent(crew: CrewOption, now: datetime) -> bool:
    """Tell whether a crew is on duty, on no ticket, not about to go off duty, and goes anywhere."""
    ends_at = crew.shift_ends_at
    return (
        crew.on_shift
        and not crew.active_visits
        and crew.area is None
        and (ends_at is None or ends_at - now >= SHIFT_LEFT)
    )


def skills_to_spare(
    crews: Iterable[CrewOption], waiting: Sequence[str | None], now: datetime
) -> frozenset[str]:
    """Return the skills for which one more ticket leaves spare crews of every skill.

    `waiting` are the skills that the tickets without a crew ask for. Whichever crew takes a
    ticket, the worst case is counted: one crew less of each skill that it may have beside.
    """
    free = [crew.skills for crew in crews if can_be_sent(crew, now)]
    left = Counter(skill for skills in free for skill in skills)
    for skill in waiting:
        left.subtract(_lost_with(skill, free))
    return frozenset(
        skill
        for skill in SKILLS
        if all(left[each] > SPARE_CREWS for each in _lost_with(skill, free) | {skill})
    )


def _lost_with(skill: str | None, free: Collection[frozenset[str]]) -> frozenset[str]:
    """Return every skill of which there may be a crew less when one of this skill is sent."""
    taking = (skills for skills in free if skill is None or skill in skills)
    return frozenset[str]().union(*taking)
