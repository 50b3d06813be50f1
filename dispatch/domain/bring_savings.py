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
    from collections.abc import Callable, Iterable, Sequence
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


class ReturnVisit(NamedTuple):
    """A visit that was needed because the one before lacked something.

    `lacked` is what the visit before wrote down as missing, `named` what of that a bring list had
    named. `seconds` is how long it took from setting off to its end, None while it lasts.
    """

    visit: int
    ticket: int
    lacked: frozenset[str]
    named: frozenset[str]
    seconds: float | None


class ListAsked(NamedTuple):
    """For what a bring list could be written at an instant, and what turned out to be missing."""

    ticket: int
    category: str
    pipe_mm: int | None
    at: datetime
    lacked: frozenset[str]


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
) -> list[tuple[ReturnVisit, ListAsked]]:
    """Return the visits that arrived after one that failed for want of a part, each once.

    Beside each is the list that is asked whether it had named what was missing: the one that could
    be written when the crew of the visit that failed was sent.
    """
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
    found = []
    for _, trip in arrived:
        if failures := causes.get(trip.visit):
            lacked: frozenset[str] = frozenset().union(*(each.lacked or () for each in failures))
            sent_at = min(each.dispatched_at for each in failures)
            one = ReturnVisit(trip.visit, ticket, lacked, frozenset(), _seconds(trip))
            found.append((one, ListAsked(ticket, category, pipe_mm, sent_at, lacked)))
    return found


def _seconds(trip: Trip) -> float | None:
    if trip.ended_at is None:
        return None
    return max(0.0, (trip.ended_at - (trip.set_off_at or trip.dispatched_at)).total_seconds())


def named_before(
    asked: Sequence[ListAsked], read: Callable[[datetime | None, datetime], Sequence[Written]]
) -> list[frozenset[str]]:
    """Return for each list what it named of what was missing, without peeking ahead.

    It is written from the records that the server had by then, as many and as old as the list
    itself reads. What is known of the place is left out, so it may have named more. `read` gives
    the newest `MOST_RECORDS` that were recorded from one instant and before another, in their
    order; None is the beginning. It is asked for each record once, however many lists there are.
    """
    memory, known_until = _Memory(), None
    found: dict[int, frozenset[str]] = {}
    for place in sorted(range(len(asked)), key=lambda each: asked[each].at):
        one = asked[place]
        if known_until is None or known_until < one.at:
            memory.learn(read(known_until, one.at))
            known_until = one.at
        memory.forget_before(one.at - LEARNED_FROM)
        found[place] = one.lacked & memory.listed(one)
    return [found[place] for place in range(len(asked))]


class _Memory:
    """The records that a bring list reads at one instant, the newest alone."""

    def __init__(self) -> None:
        self._newest: deque[Written] = deque()
        self._too_old: set[int] = set()
        self._of_ticket: dict[int, list[Written]] = defaultdict(list)
        self._known: dict[int, tuple[str, list[PastVisit]]] = {}
        self._experience: dict[str, Experience] = defaultdict(Experience)

    def learn(self, records: Sequence[Written]) -> None:
        for record in records:
            self._newest.append(record)
            self._of_ticket[record.ticket].append(record)
        surplus = max(0, len(self._newest) - MOST_RECORDS)
        dropped = [self._newest.popleft() for _ in range(surplus)]
        self._take_away(each for each in dropped if each.fact.order not in self._too_old)
        self._too_old.difference_update(each.fact.order for each in dropped)
        self._count_anew({record.ticket for record in records})

    def forget_before(self, at: datetime) -> None:
        """Count no older ones; they stay among the newest that were recorded."""
        old = [
            each
            for each in self._newest
            if each.fact.at < at and each.fact.order not in self._too_old
        ]
        self._too_old.update(each.fact.order for each in old)
        self._take_away(old)

    def _take_away(self, records: Iterable[Written]) -> None:
        tickets = set()
        for record in records:
            self._of_ticket[record.ticket].remove(record)
            tickets.add(record.ticket)
        self._count_anew(tickets)

    def listed(self, one: ListAsked) -> frozenset[str]:
        own = site_record(each.fact for each in self._of_ticket.get(one.ticket, ()))
        here = PlacePast(lacked_last=own.lacked_last())
        lines = bring_list(one.category, one.pipe_mm, self._experience[one.category], here)
        return frozenset(line.item for line in lines)

    def _count_anew(self, tickets: Iterable[int]) -> None:
        for ticket in tickets:
            category, visits = self._known.pop(ticket, ("", []))
            for visit in visits:
                self._experience[category].forget(visit)
            records = self._of_ticket[ticket]
            if not records:
                del self._of_ticket[ticket]
                continue
            last = records[-1]
            visits = past_visits(last.pipe_mm, [each.fact for each in records])
            for visit in visits:
                self._experience[last.category].learn(visit)
            self._known[ticket] = (last.category, visits)


def is_saved(one: ReturnVisit) -> bool:
    """Tell whether everything that was missing had been named."""
    return bool(one.lacked) and one.lacked == one.named


def savings(returns: Sequence[ReturnVisit]) -> Savings:
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
    told = [one for one in returns if one.lacked]
    saved = [one for one in told if is_saved(one)]
    return Savings(
        Share(len(saved), len(told)),
        sum(one.seconds or 0.0 for one in told),
        sum(one.seconds or 0.0 for one in saved),
        len(returns) - len(told),
        sum(one.seconds is None for one in told),
        _items(told),
    )


def _items(told: Sequence[ReturnVisit]) -> list[LackedItem]:
    """Return each part that was missing, the most frequent first."""
    lacked: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    seconds: defaultdict[str, float] = defaultdict(float)
    for one in told:
        for item in one.lacked:
            lacked[item] += 1
            hits[item] += item in one.named
            seconds[item] += one.seconds or 0.0
    return [
        LackedItem(item, Share(hits[item], n), seconds[item])
        for item, n in sorted(lacked.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
