"""How many tickets could anybody have reached in time who knew everything beforehand?

A planner is searched for that knows every call, place and repair of this very run, under the same
rules of the street: a crew sets off for a ticket only after its call. What it cannot reach in time
it leaves for later. This is a yardstick found by search, not a proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dispatch.domain.samples import Share
from dispatch.domain.sentences import say
from dispatch.rehearsal.bound_route import Knowledge

if TYPE_CHECKING:
    from collections.abc import Callable

    from dispatch.domain.sentences import Sentence
    from dispatch.rehearsal.city import Flags
    from dispatch.rehearsal.outcome import Outcome

MOST_TICKETS = 6_000
"""More would need over 300 MB for the drives between them."""

TURNS = 4
ROUNDS = 40
STALE_ROUNDS = 12
_MISSED_MORE = 0.25
_SWAPS = 20

HOW = say(
    "Found by search with full knowledge of this run's calls, places and repair times; crews set "
    "off only after the call. A yardstick, not a proof: no planner that knows only the past is "
    "expected to reach it, and a better one may exist."
)
TOO_MANY = say(
    "Left out: more than %(limit)s tickets are too many to search. Choose fewer days.",
    limit=MOST_TICKETS,
)


@dataclass(frozen=True, slots=True)
class Bound:
    """Which tickets a planner reaches in time that knew the future; `in_time` None: not searched.

    `counted` are the tickets that the figures of the run stand on.
    """

    in_time: Flags | None
    counted: Flags
    how: Sentence

    @property
    def attainment_30(self) -> Share:
        """Return the share reached in time, no data where nothing was searched."""
        return self.among(np.ones_like(self.counted))

    def among(self, tickets: Flags) -> Share:
        """Return the share of some tickets."""
        if self.in_time is None:
            return Share(0, 0)
        counted = self.counted & tickets
        return Share(int(np.sum(self.in_time & counted)), int(np.sum(counted)))


def bound_of(outcome: Outcome, on_progress: Callable[[float], None] | None = None) -> Bound:
    """Search for the best that could be done with one run's city; never less than the run did.

    Deterministic. `on_progress` is told the share of rounds that are over.
    """
    if len(outcome.received) > MOST_TICKETS:
        return Bound(None, outcome.counted, TOO_MANY)
    known = Knowledge(outcome)
    tell = on_progress or (lambda _share: None)
    best = outcome.in_promise & outcome.counted
    plans: list[list[int]] = [[] for _ in known.routes]
    starts = [_as_run(known, outcome), plans]
    for turn in range(TURNS):
        # First from the run and from nothing; then again from the best, all weights even.
        search = _Search(known, starts[turn] if turn < len(starts) else plans, turn)
        found, kept = search.improve()
        if found.sum() >= max(best.sum(), 1):
            best, plans = found, kept
        tell((turn + 1) / TURNS)
    return Bound(best, outcome.counted, HOW)


def _as_run(known: Knowledge, outcome: Outcome) -> list[list[int]]:
    """Return the tickets that the run reached in time, by route, in the order it reached them."""
    routes: list[list[int]] = [[] for _ in known.routes]
    reached = outcome.in_promise & outcome.counted
    for visit in sorted(outcome.visits, key=lambda each: each.arrived):
        if visit.is_second or not reached[visit.ticket]:
            continue
        for number, route in enumerate(known.routes):
            if route.crew == visit.crew and route.begins <= visit.arrived < route.ends:
                routes[number].append(visit.ticket)
                break
    return [
        known.kept_in_time(route, tickets)
        for route, tickets in zip(known.routes, routes, strict=True)
    ]


class _Search:
    """Improves one crew's route at a time; a ticket that stays out weighs more each round."""

    def __init__(self, known: Knowledge, plans: list[list[int]], seed: int) -> None:
        self.known, self.plans = known, list(plans)
        self.weight = known.wanted.astype(np.float64)
        self.out = known.wanted.copy()
        for plan in plans:
            self.out[plan] = False
        self.chance = np.random.default_rng(seed)

    def improve(self) -> tuple[Flags, list[list[int]]]:
        """Return the tickets reached in the best plan that was met, and the plan."""
        best, plans, stale = self._reached(), list(self.plans), 0
        for _ in range(ROUNDS):
            for number in self.chance.permutation(len(self.plans)).tolist():
                self._renew(number)
            reached = self._reached()
            stale += 1
            if reached.sum() > best.sum():
                best, plans, stale = reached, list(self.plans), 0
            if stale >= STALE_ROUNDS or not self.out.any():
                break
            self.weight[self.out] += _MISSED_MORE
            self._swap_tails()
        return best, plans

    def _reached(self) -> Flags:
        reached: Flags = self.known.wanted & ~self.out
        return reached

    def _renew(self, number: int) -> None:
        """Plan one route anew among its own tickets and those that nobody has."""
        route, plan = self.known.routes[number], self.plans[number]
        self.out[plan] = True
        found = self.known.best_route(route, np.flatnonzero(self.out), self.weight)
        if self.weight[found].sum() >= self.weight[plan].sum():
            self.plans[number] = plan = found
        self.out[plan] = False

    def _swap_tails(self) -> None:
        """Let pairs of crews go on with each other's tickets, where all are still in time."""
        for _ in range(_SWAPS):
            first, second = self.chance.integers(len(self.plans), size=2).tolist()
            at = self.chance.random() * self.known.last
            heads, tails = zip(*(self._cut(number, at) for number in (first, second)), strict=True)
            crossed = (heads[0] + tails[1], heads[1] + tails[0])
            routes = (self.known.routes[first], self.known.routes[second])
            if first != second and all(map(self.known.is_in_time, routes, crossed)):
                self.plans[first], self.plans[second] = crossed

    def _cut(self, number: int, at: float) -> tuple[list[int], list[int]]:
        plan = self.plans[number]
        before = int(np.sum(self.known.received[plan] < at))
        return plan[:before], plan[before:]
