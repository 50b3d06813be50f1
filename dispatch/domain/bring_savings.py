"""Which second visits would a bring list have saved, had it been written before the first?"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from dispatch.domain.bring_list import (
    LEARNED_FROM,
    MOST_RECORDS,
    Experience,
    PastVisit,
    PlacePast,
    bring_list,
    past_visits,
)
from dispatch.domain.samples import Share
from dispatch.domain.site_record import site_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from dispatch.domain.site_record import SiteFact


class Trip(NamedTuple):
    """One visit of a ticket; `lacked` is None unless it failed for want of a part or tool."""

    visit: int
    dispatched_at: datetime
    set_off_at: datetime | None
    arrived_at: datetime | None
    ended_at: datetime | None
    lacked: frozenset[str] | None = None


class Written(NamedTuple):
    """A record of parts: of which ticket, what, and when the server heard of it."""

    ticket: int
    category: str
    pipe_mm: int | None
    fact: SiteFact
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnVisit:
    """A visit that was needed because the one before lacked something.

    `asked_at` is when the crew of the visit that failed was sent, `lacked` what it wrote down as
    missing, `seconds` how long the return visit took from setting off to its end, None while it
    lasts.
    """

    ticket: int
    category: str
    pipe_mm: int | None
    visit: int
    asked_at: datetime
    lacked: frozenset[str]
    seconds: float | None


@dataclass(frozen=True, slots=True)
class LackedItem:
    """One part or tool: how many return visits it caused, how many the list named it for."""

    item: str
    named: Share
    seconds: float


@dataclass(frozen=True, slots=True)
class Savings:
    """Return visits for want of a part, and those that a bring list would have saved.

    `all_seconds` and `saved_seconds` are those of the return visits that have ended; `unwritten`
    counts those whose first visit wrote down no part.
    """

    saved: Share
    all_seconds: float = 0.0
    saved_seconds: float = 0.0
    unwritten: int = 0
    under_way: int = 0
    items: list[LackedItem] = field(default_factory=list)


def return_visits(
    ticket: int, category: str, pipe_mm: int | None, trips: Sequence[Trip]
) -> list[ReturnVisit]:
    """Return the visits that arrived after one that failed for want of a part, each once."""
    arrived = sorted(
        ((trip.arrived_at, trip) for trip in trips if trip.arrived_at), key=lambda pair: pair[0]
    )
    causes: dict[int, list[Trip]] = defaultdict(list)
    for failed in trips:
        if failed.lacked is None or failed.ended_at is None:
            continue
        later = (trip for at, trip in arrived if at >= failed.ended_at and trip is not failed)
        if following := next(later, None):
            causes[following.visit].append(failed)
    return [
        ReturnVisit(
            ticket=ticket,
            category=category,
            pipe_mm=pipe_mm,
            visit=trip.visit,
            asked_at=min(each.dispatched_at for each in causes[trip.visit]),
            lacked=frozenset().union(*(each.lacked or () for each in causes[trip.visit])),
            seconds=_seconds(trip),
        )
        for _, trip in arrived
        if trip.visit in causes
    ]


def _seconds(trip: Trip) -> float | None:
    if trip.ended_at is None:
        return None
    return max(0.0, (trip.ended_at - (trip.set_off_at or trip.dispatched_at)).total_seconds())


def named_before(
    returns: Sequence[ReturnVisit], written: Iterable[Written]
) -> list[frozenset[str]]:
    """Return for each return visit what the list named of what was missing, without peeking ahead.

    The list is the one that could be written when the crew of the failed visit was sent: from the
    records that the server had by then, as many and as old as the list itself reads. What is known
    of the place is left out, so the list may have named more. `written` is in the order of the log.
    """
    memory = _Memory()
    coming = deque(written)
    found: dict[int, frozenset[str]] = {}
    for place in sorted(range(len(returns)), key=lambda each: returns[each].asked_at):
        one = returns[place]
        while coming and coming[0].recorded_at < one.asked_at:
            memory.learn(coming.popleft())
        memory.forget_before(one.asked_at - LEARNED_FROM)
        found[place] = one.lacked & memory.listed(one)
    return [found[place] for place in range(len(returns))]


class _Memory:
    """The records that a bring list reads at one instant, the newest alone."""

    def __init__(self) -> None:
        self._newest: deque[Written] = deque()
        self._of_ticket: dict[int, list[Written]] = defaultdict(list)
        self._known: dict[int, tuple[str, list[PastVisit]]] = {}
        self._experience: dict[str, Experience] = defaultdict(Experience)

    def learn(self, record: Written) -> None:
        self._newest.append(record)
        self._of_ticket[record.ticket].append(record)
        self._count_anew(record.ticket)
        while len(self._newest) > MOST_RECORDS:
            self._forget(self._newest.popleft())

    def forget_before(self, at: datetime) -> None:
        for record in [each for each in self._newest if each.fact.at < at]:
            self._newest.remove(record)
            self._forget(record)

    def listed(self, one: ReturnVisit) -> frozenset[str]:
        own = site_record(each.fact for each in self._of_ticket.get(one.ticket, ()))
        here = PlacePast(lacked_last=own.lacked_last())
        lines = bring_list(one.category, one.pipe_mm, self._experience[one.category], here)
        return frozenset(line.item for line in lines)

    def _forget(self, record: Written) -> None:
        self._of_ticket[record.ticket].remove(record)
        self._count_anew(record.ticket)

    def _count_anew(self, ticket: int) -> None:
        category, visits = self._known.pop(ticket, ("", []))
        for visit in visits:
            self._experience[category].forget(visit)
        records = self._of_ticket[ticket]
        if not records:
            del self._of_ticket[ticket]
            return
        last = records[-1]
        visits = past_visits(last.pipe_mm, [each.fact for each in records])
        for visit in visits:
            self._experience[last.category].learn(visit)
        self._known[ticket] = (last.category, visits)


def is_saved(one: ReturnVisit, named: frozenset[str]) -> bool:
    """Tell whether everything that was missing had been named."""
    return bool(one.lacked) and one.lacked == named


def savings(returns: Sequence[ReturnVisit], named: Sequence[frozenset[str]]) -> Savings:
    """Measure which return visits for want of a part or tool a bring list would have saved.

    Formula: return visits for which the bring list named everything that was missing ÷ return
    visits after a visit that failed for want of a part and wrote down which. The list is the one
    that could be written when the crew of the failed visit was sent, learned from what was recorded
    before; what is known of the place is left out, so it may have named more. Minutes run from the
    crew's setting off (where that is not recorded, from its dispatch) to the end of the return
    visit.
    In: every repair of the view, open ones too; a ticket may have several return visits.
    Out: duplicates, cancelled, solved by phone or notice, and visits that nobody has come back from
    yet; those that wrote down no part are listed, and return visits that last have no minutes.
    `named` is the answer of `named_before`.
    """
    told = [pair for pair in zip(returns, named, strict=True) if pair[0].lacked]
    saved = [one for one, items in told if is_saved(one, items)]
    return Savings(
        Share(len(saved), len(told)),
        sum(one.seconds or 0.0 for one, _ in told),
        sum(one.seconds or 0.0 for one in saved),
        len(returns) - len(told),
        sum(one.seconds is None for one, _ in told),
        _items(told),
    )


def _items(told: Sequence[tuple[ReturnVisit, frozenset[str]]]) -> list[LackedItem]:
    """Return each part that was missing, the most frequent first."""
    lacked = Counter(item for one, _ in told for item in one.lacked)
    hits = Counter(item for _, items in told for item in items)
    seconds: defaultdict[str, float] = defaultdict(float)
    for one, _ in told:
        for item in one.lacked:
            seconds[item] += one.seconds or 0.0
    return [
        LackedItem(item, Share(hits[item], n), seconds[item])
        for item, n in sorted(lacked.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
