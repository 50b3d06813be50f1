"""Where do faults of one category heap up in space and time, and more than they did before?"""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dispatch.domain.common_problems import LEAST_TICKETS
from dispatch.domain.facts import DAY
from dispatch.domain.nearby_calls import NearbyCalls, Spots, in_reach

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int64]

CLUSTER_METRES = 200.0
CLUSTER_DAYS = 7
UNUSUAL = 2.0
"""A cluster is more than usual with more than so many times what the period before had."""

_COUNTED_FIRST, _MOST_MORE, _TIMES_MORE = 8_192, 1 << 15, 2
"""Of so many calls of a category, those with most around, is counted what belongs to each."""
_FIRST_FEW, _MOST_AT_ONCE = 64, 4_096
"""Of so many calls at once is looked at who belongs to them: few at first, most are never asked."""


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


class _Grown(NamedTuple):
    """A cluster: the places of its members among the calls of its category, the first one first."""

    calls: NearbyCalls
    members: Ints


class _Start(NamedTuple):
    """A call that may begin a cluster; they are looked at in this order.

    `minus_size` is that of its cluster before others took members. Without members it says that
    all that comes of its category is no larger.
    """

    minus_size: int
    received: float
    ticket: int
    kind: int
    place: int
    members: Ints


def clusters(
    now: Spots, before: Spots, period_days: int, *, most: int | None = None
) -> list[Cluster]:
    """Find where faults of one category heap up in space and time, and more than they did before.

    Formula: at least 3 tickets of one category within 200 m of the first of them and received in
    the 7 days from it. The largest stands first, of equal ones the earliest; each ticket belongs to
    one cluster. It is listed when it has more than twice what the same 200 m had of the category in
    the period before, reckoned to 7 days.
    In: tickets with a place, open ones too. Out: duplicates, cancelled tickets, those without a
    place. At most `most` are looked for.
    """
    grown = _grown([_nearby(spots) for spots in now.by_category()])
    found: list[Cluster] = []
    at_once = most
    while (most is None or len(found) < most) and (some := list(islice(grown, at_once))):
        for (calls, members), count in zip(some, _counts_before(some, before), strict=True):
            usual = count * CLUSTER_DAYS / period_days
            if members.size > UNUSUAL * usual:
                first, category, lat, lon = (each[members[0]].item() for each in calls.spots[:4])
                tickets = tuple(np.sort(calls.spots.ticket[members])[::-1].tolist())
                found.append(Cluster(first, category, lat, lon, tickets, count, usual))
        # Where most clusters are usual, the calls before are not walked through for every few.
        at_once = at_once and _TIMES_MORE * at_once
    return found[:most]


def _nearby(spots: Spots) -> NearbyCalls:
    return NearbyCalls(spots, CLUSTER_METRES, CLUSTER_DAYS * DAY)


def _counts_before(grown: Sequence[_Grown], before: Spots) -> list[int]:
    """Count for each cluster the earlier calls of its category that were near its first."""
    found = [0] * len(grown)
    places: dict[int, list[int]] = defaultdict(list)
    for place, (calls, _) in enumerate(grown):
        places[int(calls.spots.category[0])].append(place)
    for category, mine in places.items():
        firsts = grown[mine[0]].calls.spots.at(np.array([grown[at].members[0] for at in mine]))
        around = before.of(category)
        around = around.at(in_reach(around, firsts, CLUSTER_METRES))
        for place, count in zip(mine, _nearby(around).counts_around(firsts).tolist(), strict=True):
            found[place] = count
    return found


def _grown(kinds: Sequence[NearbyCalls]) -> Iterator[_Grown]:
    """Yield each cluster, the largest first.

    What others have taken makes a cluster smaller, so that it has to wait for its turn again.
    """
    taken = [np.zeros(calls.size, dtype=np.bool_) for calls in kinds]
    waiting: list[_Start] = []
    coming = heapq.merge(
        [_no_more_than(0, len(kinds))],
        *(_largest_first(kind, calls, taken[kind]) for kind, calls in enumerate(kinds)),
    )
    for each in coming:
        if each.members.size:
            heapq.heappush(waiting, each)
        while waiting and waiting[0][:3] <= each[:3]:
            start = heapq.heappop(waiting)
            is_taken = taken[start.kind]
            left = start.members[~is_taken[start.members]]
            if left.size < LEAST_TICKETS or is_taken[start.place]:
                continue
            if left.size < -start.minus_size:
                heapq.heappush(waiting, start._replace(minus_size=-left.size, members=left))
                continue
            is_taken[left] = True
            members = np.concatenate([[start.place], left[left != start.place]])
            yield _Grown(kinds[start.kind], members)


def _no_more_than(size: int, kind: int) -> _Start:
    return _Start(-size, -np.inf, 0, kind, 0, np.empty(0, dtype=np.int64))


def _largest_first(kind: int, calls: NearbyCalls, taken: Bools) -> Iterator[_Start]:
    """Yield the calls of a category that nobody has taken, those with most tickets first.

    What belongs to each is counted of those that may have most, then of more of them.
    """
    is_few = calls.size <= _COUNTED_FIRST
    bounds = np.full(calls.size, calls.size) if is_few else calls.most_soon()
    fewer = bounds.max(initial=0) - bounds
    # Small numbers are put in order by their digits, in a tenth of the time.
    order = np.argsort(fewer.astype(np.min_scalar_type(fewer.max(initial=0))), kind="stable")
    counts = np.zeros(calls.size, dtype=np.int64)
    begin, end, step = 0, _COUNTED_FIRST, _FIRST_FEW
    while begin < calls.size and (bound := int(bounds[order[begin]])) >= LEAST_TICKETS:
        yield _no_more_than(bound, kind)
        some = order[begin:end]
        counts[some] = calls.counts_soon(some)
        begin, end = end, end + min(end, _MOST_MORE)
        uncounted = int(bounds[order[begin]]) if begin < calls.size else 0
        is_next = counts >= max(LEAST_TICKETS, uncounted + 1)
        for size in np.unique(counts[is_next])[::-1].tolist():
            alike = np.flatnonzero(counts == size)
            counts[alike] = 0
            while alike.size:
                some, alike = alike[:step], alike[step:]
                yield from _starts(kind, calls, some[~taken[some]], size)
                step = min(2 * step, _MOST_AT_ONCE)


def _starts(kind: int, calls: NearbyCalls, places: Ints, size: int) -> Iterator[_Start]:
    tickets, received = calls.spots.ticket[places], calls.spots.received[places]
    rows = (received.tolist(), tickets.tolist(), places.tolist(), calls.members(places))
    for at, ticket, place, members in zip(*rows, strict=True):
        yield _Start(-size, at, ticket, kind, place, members)
