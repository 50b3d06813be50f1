"""What should a crew load before it sets off, and why each thing?

An item is ranked by the share of earlier visits for the same kind of fault that used it or failed
for want of it. Few visits prove little, so the share is drawn towards what is usual as if
`PRIOR_VISITS` more had been seen: (used + PRIOR_VISITS * usual) / (visits + PRIOR_VISITS), where
`usual` is 0.5 for what the kind of fault usually asks for and 0.05 for the rest. An item is listed
from `LEAST_SHARE` on; one that is not usual must have been used twice. So a single odd use adds
nothing, and a usual part leaves the list after ten visits that did without it. Tools are not used
up, so nobody writes them down: a usual one stays.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from dispatch.domain.categories import category_name
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.site_kit import KIT, in_size, usual_kit, without_size
from dispatch.domain.site_record import site_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dispatch.domain.site_record import SiteFact

PRIOR_VISITS = 4
USUAL_SHARE, OTHER_SHARE = 0.5, 0.05
LEAST_SHARE = 0.15
LEAST_USES = 2
ENOUGH_OF_SIZE = 5
"""With so many visits at the same pipe size only these are counted, with fewer all of the kind."""
MOST_LINES = 12
LEARNED_FROM = timedelta(days=730)
MOST_RECORDS = 4_000
"""The newest records of parts, of all kinds of fault: what a page can read in some milliseconds."""


class PastVisit(NamedTuple):
    """One visit for the same kind of fault that wrote down what it used, or what it lacked."""

    pipe_mm: int | None
    items: frozenset[str]


@dataclass(frozen=True, slots=True)
class PlacePast:
    """What is known of this ticket and place: what visits lacked, and what they used."""

    lacked_last: Sequence[str] = ()
    lacked_here: Sequence[str] = ()
    used_here: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class BringLine:
    """One thing to load, and why; `is_urgent` when an earlier visit failed for want of it."""

    item: str
    name: Sentence
    reason: Sentence
    is_urgent: bool = False


@dataclass(slots=True)
class _Counted:
    visits: int = 0
    of_size: bool = False
    uses: Counter[str] = field(default_factory=Counter)

    def count(self, visit: PastVisit, times: int) -> None:
        self.visits += times
        for item in {without_size(item) for item in visit.items}:
            self.uses[item] += times

    def share(self, item: str, *, usual: bool) -> float:
        if usual and item in KIT and not KIT[item].is_part:
            return USUAL_SHARE
        prior = PRIOR_VISITS * (USUAL_SHARE if usual else OTHER_SHARE)
        return (self.uses[item] + prior) / (self.visits + PRIOR_VISITS)


class Experience:
    """What earlier visits for one kind of fault used or lacked, in all and by the pipe's size."""

    def __init__(self, visits: Iterable[PastVisit] = ()) -> None:
        """Learn from some visits, in any order."""
        self._all = _Counted()
        self._of_size: dict[int, _Counted] = defaultdict(lambda: _Counted(of_size=True))
        for visit in visits:
            self.learn(visit)

    def learn(self, visit: PastVisit) -> None:
        """Add what one visit wrote down."""
        self._count(visit, 1)

    def forget(self, visit: PastVisit) -> None:
        """Take away what one visit wrote down and was learned before."""
        self._count(visit, -1)

    def at_size(self, pipe_mm: int | None) -> _Counted:
        """Return what counts for a pipe: visits at its size where there are enough, else all."""
        found = None if pipe_mm is None else self._of_size.get(pipe_mm)
        return self._all if found is None or found.visits < ENOUGH_OF_SIZE else found

    def _count(self, visit: PastVisit, times: int) -> None:
        self._all.count(visit, times)
        if visit.pipe_mm is not None:
            self._of_size[visit.pipe_mm].count(visit, times)


def past_visits(pipe_mm: int | None, facts: Iterable[SiteFact]) -> list[PastVisit]:
    """Return what each visit of one ticket used or lacked; those that wrote nothing are absent."""
    record = site_record(facts)
    items: dict[int | None, set[str]] = defaultdict(set)
    for part in record.parts:
        items[part.visit].add(part.item)
    for each in record.needs:
        items[each.visit].update(each.facts.get("parts", ()))
    return [PastVisit(pipe_mm, frozenset(each)) for each in items.values() if each]


def bring_list(
    category: str, pipe_mm: int | None, past: Experience, here: PlacePast
) -> tuple[BringLine, ...]:
    """Return what to load, the most needed first.

    What the last visit of the ticket lacked comes first, then what was lacked and what was used at
    this place, then by share. `past` is what visits for the same category taught. Repair clamps are
    counted together and listed in the size of the pipe.
    """
    lines = {line.item: line for line in _of_place(here)}
    usual = [without_size(item) for item in usual_kit(category, pipe_mm)]
    counted = past.at_size(pipe_mm)
    shares = {
        item: counted.share(item, usual=item in usual)
        for item in [*usual, *sorted(counted.uses)]
        if item in usual or counted.uses[item] >= LEAST_USES
    }
    for item in sorted(shares, key=lambda each: -shares[each]):
        sized = in_size(item, pipe_mm)
        if shares[item] >= LEAST_SHARE and sized in KIT and sized not in lines:
            reason = _reason(category, pipe_mm, counted, counted.uses[item])
            lines[sized] = BringLine(sized, KIT[sized].name, reason)
    return tuple(lines.values())[:MOST_LINES]


def _of_place(here: PlacePast) -> Iterable[BringLine]:
    reasons = (
        (here.lacked_last, say("The last visit failed for want of it"), True),
        (here.lacked_here, say("An earlier visit here failed for want of it"), True),
        (here.used_here, say("It was used at this place before"), False),
    )
    known: set[str] = set()
    for items, reason, is_urgent in reasons:
        for item in items:
            if item in KIT and item not in known:
                known.add(item)
                yield BringLine(item, KIT[item].name, reason, is_urgent)


def _reason(category: str, pipe_mm: int | None, counted: _Counted, uses: int) -> Sentence:
    name = category_name(category)
    if not uses:
        return say("Usual for “%(category)s”", category=name)
    if counted.of_size:
        return say(
            "%(uses)s of %(visits)s visits for “%(category)s” at DN%(pipe)s used it",
            uses=uses,
            visits=counted.visits,
            category=name,
            pipe=pipe_mm,
        )
    return say(
        "%(uses)s of %(visits)s visits for “%(category)s” used it",
        uses=uses,
        visits=counted.visits,
        category=name,
    )
