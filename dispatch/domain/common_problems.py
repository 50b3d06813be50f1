"""Which places, kinds of fault and words come again and again, and where do faults heap up?"""

from __future__ import annotations

import heapq
import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dispatch.domain.duplicates import tokens_of
from dispatch.domain.facts import DAY
from dispatch.domain.nearby_calls import NearbyCalls, Spots

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

LEAST_TICKETS = 3
"""So many tickets, and in texts so many different callers, make a problem that is common."""
CLUSTER_METRES = 200.0
CLUSTER_DAYS = 7
UNUSUAL = 2.0
"""A cluster is more than usual with more than so many times what the period before had."""

_FIRST_FEW, _MOST_AT_ONCE = 64, 4_096
"""Of so many calls at once is looked at who belongs to them: few at first, most are never asked."""

_DIGIT = re.compile(r"\d")
_SHORTEST_LATIN = 3
_TITLED = re.compile(
    r"[\u4e00-\u9fff]{1,3}(?:先生|女士|小姐|师傅|老师|阿姨|大爷|大妈|奶奶|爷爷|太太)"
    r"|\b(?:mr|mrs|ms|miss|dr)\b\.?\s*\w+",
    re.IGNORECASE,
)
_EMPTY_WORDS = """
the and for with from that this there here has have had was were are not but out our his her their
its they she you your been being can cannot could when where what who how all any some into onto
over under very since please says said call called caller reports reported
我们 他们 这里 那里 一个 没有 已经 现在 可以 需要 什么 怎么 因为 所以 但是 时候 昨天 今天
"""
_SAYS_NOTHING = frozenset(_EMPTY_WORDS.split())


class Told(NamedTuple):
    """What a ticket says for finding words: its texts, what is private in them, and who called."""

    ticket: int
    texts: tuple[str, ...]
    private: tuple[str, ...]
    callers: frozenset[Hashable]


@dataclass(frozen=True, slots=True)
class Repeated:
    """A place, kind or word with its tickets, the newest first, and how many there were before.

    `callers` is how many different people told of it, None where that is not looked at.
    """

    key: Hashable
    tickets: tuple[int, ...]
    before: int
    callers: int | None = None

    @property
    def n(self) -> int:
        """Return how many tickets it has."""
        return len(self.tickets)


@dataclass(frozen=True, slots=True)
class Cluster:
    """Tickets of one category near one another; `first` is the one that it begins with.

    `before` is how many the same place had in the period before, `usual` how many that makes in the
    days of a cluster.
    """

    first: int
    category: int
    lat: float
    lon: float
    tickets: tuple[int, ...]
    before: int
    usual: float


def repeated(
    now: Iterable[tuple[Hashable, int]],
    before: Iterable[Hashable],
    callers: Mapping[int, Iterable[Hashable]] | None = None,
) -> list[Repeated]:
    """Count what comes again: places, categories, words and households with at least 3 tickets.

    Formula: tickets of the view that share a place, a category, a word or a household, those with
    three or more, the most frequent first; beside it how many there were in the period of as many
    days before. A street is an address without its numbers, a building an address up to the number
    of its house; a word is counted once a ticket.
    In: tickets of every kind, open ones too. Out: duplicates and cancelled tickets; a ticket
    without an address has no street, one without a household is in no case file. Words leave out
    the reporter's name, addresses, titled names, anything with a digit, and what fewer than three
    different callers said. `now` holds pairs of key and ticket, `before` the keys of the period
    before.
    """
    found: dict[Hashable, list[int]] = defaultdict(list)
    for key, ticket in now:
        found[key].append(ticket)
    earlier: dict[Hashable, int] = defaultdict(int)
    for key in before:
        earlier[key] += 1
    rows = []
    for key, tickets in found.items():
        if len(tickets) < LEAST_TICKETS:
            continue
        people = None
        if callers is not None:
            people = len({who for ticket in tickets for who in callers.get(ticket, ())})
        rows.append(Repeated(key, tuple(sorted(tickets, reverse=True)), earlier[key], people))
    return sorted(rows, key=lambda row: (-row.n, row.before, str(row.key)))


def words_in(told: Told) -> frozenset[str]:
    """Return the words of a ticket that may be shown to everybody.

    They are cut as the search for duplicates cuts them: Latin words, and pairs of Chinese
    characters. What stands in a name or an address of the ticket is not among them, nor is anything
    with a digit.
    """
    found: set[str] = set()
    for text in told.texts:
        found |= tokens_of(_TITLED.sub(" ", text))
    for text in told.private:
        found -= tokens_of(text)
    return frozenset(word for word in found if _is_word(word))


def _is_word(word: str) -> bool:
    is_long = len(word) >= (_SHORTEST_LATIN if word.isascii() else 2)
    return is_long and word not in _SAYS_NOTHING and not _DIGIT.search(word)


def repeated_words(now: Sequence[Told], before: Sequence[Told]) -> list[Repeated]:
    """Count the words that at least three different callers said in at least three tickets."""
    callers = {one.ticket: one.callers or frozenset({("ticket", one.ticket)}) for one in now}
    pairs = ((word, one.ticket) for one in now for word in words_in(one))
    earlier = (word for one in before for word in words_in(one))
    rows = repeated(pairs, earlier, callers)
    return [row for row in rows if row.callers is not None and row.callers >= LEAST_TICKETS]


def clusters(
    now: Spots, before: Spots, period_days: int, *, most: int | None = None
) -> list[Cluster]:
    """Find where faults of one category heap up in space and time, and more than they did before.

    Formula: at least 3 tickets of one category within 200 m of the first of them and received in
    the 7 days from it. The largest stands first, of equal ones the earliest; each ticket belongs to
    one cluster. It is listed when it has more than twice what the same 200 m had of the category in
    the period before, reckoned to 7 days.
    In: tickets with a place, open ones too. Out: duplicates, cancelled tickets, those without a
    place. `most` is how many are looked for, None for all.
    """
    calls, earlier = (NearbyCalls(spots, CLUSTER_METRES) for spots in (now, before))
    grown = _grown(calls)
    found: list[Cluster] = []
    while (most is None or len(found) < most) and (some := list(islice(grown, most))):
        firsts = calls.spots.at(np.array([each[0] for each in some]))
        counts = earlier.counts_around(firsts).tolist()
        for first, members, count in zip(zip(*firsts, strict=True), some, counts, strict=True):
            usual = count * CLUSTER_DAYS / period_days
            if len(members) > UNUSUAL * usual:
                tickets = np.sort(calls.spots.ticket[members])[::-1].tolist()
                number, category, lat, lon, _ = (each.item() for each in first)
                found.append(Cluster(number, category, lat, lon, tuple(tickets), count, usual))
    return found[:most]


def _grown(calls: NearbyCalls) -> Iterator[Ints]:
    """Yield the members of each cluster, its first call first, the largest cluster first.

    What others have taken makes a cluster smaller, so that it has to wait for its turn again.
    """
    taken = np.zeros(calls.size, dtype=np.bool_)
    waiting: list[tuple[int, int, int, Ints]] = []
    for each in chain(_largest_first(calls, taken), [(0, 0, 0, np.empty(0, dtype=np.int64))]):
        heapq.heappush(waiting, each)
        while waiting and waiting[0][:2] <= each[:2]:
            size, rank, one, members = heapq.heappop(waiting)
            left = members[~taken[members]]
            if left.size < LEAST_TICKETS or taken[one]:
                continue
            if left.size < -size:
                heapq.heappush(waiting, (-left.size, rank, one, left))
                continue
            taken[left] = True
            yield np.concatenate([[one], left[left != one]])


def _largest_first(
    calls: NearbyCalls, taken: NDArray[np.bool_]
) -> Iterator[tuple[int, int, int, Ints]]:
    """Yield what belongs to a call that nobody has taken, with minus its size, and its rank."""
    week = CLUSTER_DAYS * DAY
    counts = calls.counts_soon(week)
    order = np.lexsort((calls.rank, -counts))[: np.count_nonzero(counts >= LEAST_TICKETS)]
    begin, step = 0, _FIRST_FEW
    while begin < order.size:
        some = order[begin : begin + step]
        some = some[~taken[some]]
        sizes, ranks = (-counts[some]).tolist(), calls.rank[some].tolist()
        yield from zip(sizes, ranks, some.tolist(), calls.members(some, week), strict=True)
        begin, step = begin + step, min(2 * step, _MOST_AT_ONCE)
