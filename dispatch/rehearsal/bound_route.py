"""Which of some tickets can one crew reach in time, and in which order, if it knows them all?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dispatch.domain.attainment import CIRCLE

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
        self.due = calls.received + CIRCLE.total_seconds() + _ROUNDING
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

    def arrivals(self, route: Route, tickets: list[int]) -> list[float]:
        """Return when a crew reaches each of some tickets, in this order."""
        free, here, times = route.begins, -1, []
        for ticket in tickets:
            leaves = max(free, float(self.received[ticket]))
            home = 0.0 if here < 0 else float(self.homeward[route.crew, here])
            seconds = float(np.inf if here < 0 else self.drive[here, ticket])
            if leaves - free >= home:
                seconds = min(seconds, float(self.outward[route.crew, ticket]))
            times.append(leaves + seconds)
            free, here = leaves + seconds + float(self.on_site[ticket]), ticket
        return times

    def is_in_time(self, route: Route, tickets: list[int]) -> bool:
        """Tell whether a crew may and can reach all of some tickets in time."""
        times = np.array(self.arrivals(route, tickets))
        return bool(
            np.all(times <= self.due[tickets])
            and np.all(times < route.ends)
            and np.all(self.skilled[route.crew, tickets])
        )

    def kept_in_time(self, route: Route, tickets: list[int]) -> list[int]:
        """Return the tickets that are left when each that would be late is passed over."""
        kept: list[int] = []
        for ticket in tickets:
            if self.is_in_time(route, [*kept[-1:], ticket]) and self.is_in_time(
                route, [*kept, ticket]
            ):
                kept.append(ticket)
        return kept

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
            seconds = drive[here, number]
            at_home = leaves - free >= home[here]
            seconds = np.where(at_home, np.minimum(seconds, outward[number]), seconds)
            arrives = leaves + seconds
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


def _known(seconds: Floats) -> Floats:
    """Return drives without NaN: where there is no way it takes for ever."""
    known: Floats = np.where(np.isnan(seconds), np.inf, seconds)
    return known
