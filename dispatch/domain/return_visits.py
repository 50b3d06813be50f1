"""Why was a repair not fixed on the first visit, in all and by what it was and who came?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from dispatch.domain.facts import CAUSES, followed_within
from dispatch.domain.first_time_fix import (
    CAUSE_NOT_RECORDED,
    CONFIRMED_AFTER_DAYS,
    arrivals,
    is_fixed_first_time,
    return_visit_causes,
)
from dispatch.domain.samples import Share
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.visit_state import CAUSE_NAMES, Cause

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from dispatch.domain.facts import Facts
    from dispatch.domain.stories import TicketStory

    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int64]


FIX_COLUMNS = frozenset({
    "closed_repair", "arrivals", "fixed_at", "clean", "followed_at", "cause", "not_fixed",
    "reopened",
})  # fmt: skip
"""What is read of a fact to say whether a repair was fixed the first time, and why not."""


class Again(StrEnum):
    """Why a repair was not fixed the first time although no crew said that it could not."""

    REOPENED = "reopened"
    SAID_NOT_FIXED = "said_not_fixed"
    SEVERAL_VISITS = "several_visits"
    CAME_BACK = "came_back"
    ENDED_OTHERWISE = "ended_otherwise"


WHY_NAMES: dict[str, Sentence] = {
    **{str(cause): name for cause, name in CAUSE_NAMES.items()},
    CAUSE_NOT_RECORDED: say("The cause was not recorded"),
    Again.REOPENED: say("It was reopened"),
    Again.SAID_NOT_FIXED: say("The reporter said that it is not fixed"),
    Again.SEVERAL_VISITS: say("Several visits, without a cause"),
    Again.CAME_BACK: say("It came back within 30 days"),
    Again.ENDED_OTHERWISE: say("The visit ended otherwise"),
}
WHYS: tuple[str | None, ...] = (*CAUSES, *Again)
"""What a code of `whys_of` stands for; 0 is a repair that was fixed the first time."""
_CODES = {why: code for code, why in enumerate(WHYS)}


@dataclass(frozen=True, slots=True)
class FixRow:
    """The repairs of one group: how many were fixed the first time, and why the others not."""

    key: Hashable
    fixed: Share
    whys: dict[str, int]

    @property
    def worst(self) -> str | None:
        """Return the most frequent reason, None where every repair was fixed."""
        return next(iter(self.whys), None)


def why_not_first_time(story: TicketStory, followers: Mapping[str, datetime]) -> str | None:
    """Say why a repair was not fixed on the first visit, one reason for each repair.

    Formula: the first of these that holds: the cause that the crew chose when the first visit could
    not complete ("not recorded" where it chose none); the ticket was reopened; the reporter said
    that it is not fixed; several visits arrived; another ticket of the category came to the same
    place within 30 days; else the visit ended otherwise. So the reasons add up to the repairs that
    were not fixed the first time.
    In: closed repairs with at least one arrival that were not fixed the first time.
    Out: what the first-time fix leaves out. `followers` is the answer of `next_at_same_place`.
    """
    if is_fixed_first_time(story, followers):
        return None
    if causes := return_visit_causes([story]):
        cause = next(iter(causes))
        return cause if cause in set(Cause) else CAUSE_NOT_RECORDED
    if story.reopened:
        return Again.REOPENED
    if any(answer.fixed is False for answer in story.answers):
        return Again.SAID_NOT_FIXED
    if len(arrivals(story)) > 1:
        return Again.SEVERAL_VISITS
    is_clean = is_fixed_first_time(story, {})
    return Again.CAME_BACK if is_clean else Again.ENDED_OTHERWISE


def is_visited_repair(facts: Facts) -> Bools:
    """Tell which tickets are closed repairs that somebody arrived at."""
    found: Bools = facts["closed_repair"] & (facts["arrivals"] > 0)
    return found


def is_judged(facts: Facts) -> Bools:
    """Tell which tickets a first-time fix is measured of."""
    found: Bools = is_visited_repair(facts) & ~np.isnan(facts["fixed_at"])
    return found


def is_fixed(facts: Facts) -> Bools:
    """Tell which tickets were fixed the first time, and have held so far."""
    found: Bools = is_judged(facts) & facts["clean"] & ~followed_within(facts, CONFIRMED_AFTER_DAYS)
    return found


def whys_of(facts: Facts) -> Ints:
    """Return for each judged repair the place in `WHYS` of what `why_not_first_time` gives."""
    reasons = (
        (is_fixed(facts), 0),
        (facts["cause"] > 0, facts["cause"]),
        (facts["reopened"], _CODES[Again.REOPENED]),
        (facts["not_fixed"] > 0, _CODES[Again.SAID_NOT_FIXED]),
        (facts["arrivals"] > 1, _CODES[Again.SEVERAL_VISITS]),
        (facts["clean"], _CODES[Again.CAME_BACK]),
    )
    found: Ints = np.select(
        [holds for holds, _ in reasons],
        [np.broadcast_to(code, facts.shape) for _, code in reasons],
        _CODES[Again.ENDED_OTHERWISE],
    ).astype(np.int64)
    return found


def fix_rows(keys: Sequence[Hashable], codes: Ints, whys: Ints) -> list[FixRow]:
    """Count the repairs of each group; `codes` is the group of each repair, `whys` its reason.

    The lowest share of first-time fixes stands first; groups too small to judge stand last, by n.
    """
    table = np.bincount(codes * len(WHYS) + whys, minlength=len(keys) * len(WHYS))
    counts = table.reshape(-1, len(WHYS)).tolist()
    rows = [
        FixRow(key, Share(row[0], sum(row)), _most_first(zip(WHYS, row, strict=True)))
        for key, row in zip(keys, counts, strict=True)
    ]
    return sorted(rows, key=_worst_first)


def _worst_first(row: FixRow) -> tuple[bool, float]:
    too_few = row.fixed.greyed
    return too_few, -row.fixed.n if too_few else row.fixed.rate or 0.0


def _most_first(counted: Iterable[tuple[str | None, int]]) -> dict[str, int]:
    found = Counter({str(why): count for why, count in counted if why is not None and count})
    return dict(found.most_common())
