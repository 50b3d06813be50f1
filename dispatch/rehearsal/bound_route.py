"""Which of some tickets can one crew reach in time, and in which order, if it knows them all?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from dispatch.rehearsal.city import Floats, Places
    from dispatch.rehearsal.outcome import Outcome

_LOOK_BACK = 200
_WEIGHT_BEFORE_TIME = 1e8
_CLEARLY_SOONER = 60.0
_ROUNDING = 1e-3


class Route(NamedTuple):
    """One duty of one crew, in seconds since the city's start; it begins at the base."""

    crew: int
    begins: float
    ends: float


class Knowledge:
    """Everything that happens in one run, known beforehand.

    `wanted` are the tickets that count. After a visit a crew stays, or drives home; it sets off
    for the next ticket after its call, from where it then is, whichever is sooner.
    """

    def __init__(self, outcome: Outcome) -> None:
        calls, staff, travel = outcome.city.calls, outcome.city.staff, outcome.city.travel
        self.received = calls.received
        self.due = calls.received + outcome.city.rules.promise + _ROUNDING
        self.on_site = outcome.on_site
        self.wanted = outcome.counted
        self.last = float(calls.received[-1])
        self.drive = _known(travel.seconds(calls.place, calls.place, None))
        self.outward = _known(travel.seconds(staff.base, calls.place, None))
        self.homeward = _known(travel.seconds(calls.place, staff.base, None)).T
        self.skilled = staff.skilled[:, calls.skill]
        self.routes = [
            Route(crew, begins, ends)
            for crew, duties in enumerate(staff.duties)
            for begins, ends in duties
        ]

    def arrival(self, route: Route, free: float, here: int, ticket: int) -> float:
        """Return when a crew reaches a ticket that has been free at another; -1 is its base."""
        leaves = max(free, float(self.received[ticket]))
        outward = float(self.outward[route.crew, ticket])
        if here < 0:
            return leaves + outward
        home, direct = float(self.homeward[route.crew, here]), float(self.drive[here, ticket])
        if leaves - free >= home:
            return leaves + min(direct, outward)
        share = (leaves - free) / home if np.isfinite(home) else 0.0
        return leaves + (min(direct, (1 - share) * direct + share * outward) if share else direct)

    def kept_in_time(self, route: Route, tickets: list[int]) -> list[int]:
        """Return the tickets that are left when each that a crew may not or cannot is left out."""
        free, here, kept = route.begins, -1, []
        for ticket in tickets:
            at = self.arrival(route, free, here, ticket)
            if at <= self.due[ticket] and at < route.ends and self.skilled[route.crew, ticket]:
                kept.append(ticket)
                free, here = at + float(self.on_site[ticket]), ticket
        return kept

    def is_in_time(self, route: Route, tickets: list[int]) -> bool:
        """Tell whether a crew may and can reach all of some tickets in time."""
        return len(self.kept_in_time(route, tickets)) == len(tickets)

    def best_route(self, route: Route, tickets: Places, weight: Floats) -> list[int]:
        """Choose and order tickets for one crew so that the weight reached in time is greatest.

        Tickets are taken in the order of their calls, and only the likeliest ways to reach each
        are kept (the weightiest, and the soonest), so the answer is good rather than best.
        """
        fits = self.skilled[route.crew, tickets] & (self.due[tickets] > route.begins)
        tickets = tickets[fits & (self.received[tickets] < route.ends)]
        ways = _Ways(len(tickets), route.begins)
        drive = np.vstack([self.drive[np.ix_(tickets, tickets)], self.outward[route.crew, tickets]])
        home = np.append(self.homeward[route.crew, tickets], 0.0)
        outward = self.outward[route.crew, tickets]
        received, due = self.received[tickets], np.minimum(self.due[tickets], route.ends)
        on_site = self.on_site[tickets]
        gain = weight[tickets]
        for number in range(len(tickets)):
            last = slice(max(0, ways.count - _LOOK_BACK), ways.count)
            free, here = ways.free[last], ways.here[last]
            leaves = np.maximum(free, received[number])
            direct = drive[here, number]
            arrives = leaves + _from_the_way(direct, outward[number], home[here], leaves - free)
            ways.extend(number, last.start, arrives, due[number], gain[number], on_site[number])
        chosen: list[int] = tickets[ways.best()].tolist()
        return chosen


class _Ways:
    """The ways to have come to each ticket: what they weigh, when they are free, whence."""

    def __init__(self, tickets: int, begins: float) -> None:
        size = 2 * tickets + 1
        self.weight = np.zeros(size)
        self.free = np.full(size, begins)
        self.here = np.full(size, tickets)
        self.before = np.full(size, -1)
        self.count = 1

    def extend(
        self, ticket: int, first: int, arrives: Floats, due: float, gain: float, on_site: float
    ) -> None:
        """Add the weightiest and the soonest way to reach one more ticket."""
        fits = np.flatnonzero(arrives <= due)
        if not len(fits):
            return
        soon = arrives[fits]
        heaviest = int(np.argmax(self.weight[first + fits] * _WEIGHT_BEFORE_TIME - soon))
        soonest = int(np.argmin(soon))
        chosen = [heaviest]
        if soon[soonest] < soon[heaviest] - _CLEARLY_SOONER:
            chosen.append(soonest)
        for way in chosen:
            before = first + int(fits[way])
            self.weight[self.count] = self.weight[before] + gain
            self.free[self.count] = soon[way] + on_site
            self.here[self.count] = ticket
            self.before[self.count] = before
            self.count += 1

    def best(self) -> list[int]:
        """Return the tickets of the weightiest way."""
        way = int(np.argmax(self.weight[: self.count]))
        found: list[int] = []
        while self.before[way] >= 0:
            found.append(int(self.here[way]))
            way = int(self.before[way])
        return found[::-1]


def _from_the_way(direct: Floats, outward: Floats, home: Floats, idle: Floats) -> Floats:
    """Return the drive to a ticket from where a crew has stayed, or from its way home if sooner.

    Partway home it is no farther than the share of the way says, for distances to a straight line
    are convex.
    """
    share = np.where(np.isfinite(home), np.minimum(idle / np.maximum(home, 1.0), 1.0), 0.0)
    with np.errstate(invalid="ignore"):
        between = (1 - share) * direct + share * outward
    # No share of a way that is not there.
    between = np.where(share >= 1, outward, np.where(share <= 0, direct, between))
    seconds: Floats = np.fmin(direct, between)
    return seconds


def _known(seconds: Floats) -> Floats:
    """Return drives without NaN: where there is no way it takes for ever."""
    known: Floats = np.where(np.isnan(seconds), np.inf, seconds)
    return known
