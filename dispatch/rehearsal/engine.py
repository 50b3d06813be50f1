"""How does a day in the city go when a policy plans it?

Driven by events: a call, an arrival, a crew that is done, a shift, and a slow tick. After all the
events of one instant the policy decides once; it knows what has happened, never what will.
"""

from __future__ import annotations

import heapq
from enum import IntEnum
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from dispatch.domain.outlook import NOBODY
from dispatch.rehearsal.chance import draw
from dispatch.rehearsal.city import NONE
from dispatch.rehearsal.fleet import Fleet
from dispatch.rehearsal.outcome import Outcome, Visit
from dispatch.rehearsal.sight import Sight
from dispatch.rehearsal.waiting import WaitingPlaces

if TYPE_CHECKING:
    from collections.abc import Callable

    from dispatch.domain.outlook import Outlook
    from dispatch.rehearsal.chance import Chance
    from dispatch.rehearsal.city import City, Places, Policy

EVENTS_A_STEP = 200


class BrokenPlanError(ValueError):
    """A policy sent one ticket two crews, or a crew where it may not or cannot go."""


class Kind(IntEnum):
    """What happens; at one instant in this order."""

    ON_DUTY = 0
    FREED = 1
    ARRIVED = 2
    OFF_DUTY = 3
    OPENED = 4
    CANCELLED = 5
    BREAK = 6
    BACK = 7
    TOLD = 8
    TICK = 9


def rehearse(
    city: City,
    policy: Policy,
    *,
    seed: int,
    on_progress: Callable[[float], None] | None = None,
) -> Outcome:
    """Run the city under a policy; the same seed brings the same faults to every policy.

    `on_progress` is told the share of calls that have come in; what it raises ends the run.
    """
    return Run(city, policy, draw(city, seed)).to_the_end(on_progress or (lambda _share: None))


class Run:
    """One run: the state of every ticket and crew, and the events to come.

    A job is a ticket's first visit (its own number) or its second (n + its number).
    """

    def __init__(self, city: City, policy: Policy, chance: Chance) -> None:
        tickets, crews = len(city.calls), len(city.staff)
        self.city, self.policy, self.chance = city, policy, chance
        self.now = 0.0
        self.fleet = Fleet(city.staff.base)
        self.sight = Sight(city, self.fleet)
        self.reached = np.full(2 * tickets, np.nan)
        self.crew_of = np.full(2 * tickets, NONE)
        self.cancelled = np.zeros(tickets, dtype=np.bool_)
        self.homeward: set[int] = set()
        self.waiting = WaitingPlaces(city) if city.rules.wait_where_suggested else None
        self.stamp = [0] * crews
        self.says: list[list[int]] = [[] for _ in range(crews)]
        self.visits: list[Visit] = []
        self.reassignments = self.declined = self.called = 0
        self.tick_due = False
        self.decisions: list[float] = []
        self.events: list[tuple[float, int, int, int]] = []
        self._happens: dict[Kind, Callable[[int], None]] = {
            Kind.OPENED: self._open,
            Kind.CANCELLED: self._cancel,
            Kind.ARRIVED: self._arrive,
            Kind.FREED: self._free,
            Kind.ON_DUTY: self._begin_duty,
            Kind.OFF_DUTY: self._end_duty,
            Kind.BREAK: self._break_due,
            Kind.BACK: self._come_back,
            Kind.TOLD: self._tell,
            Kind.TICK: self._tick,
        }
        self._foresee()

    def _foresee(self) -> None:
        """Put down what is certain: calls, callers who give up, shifts, breaks."""
        received = self.city.calls.received
        self.last = float(received[-1]) if len(received) else 0.0
        for ticket, at in enumerate(received.tolist()):
            self._later(at, Kind.OPENED, ticket)
            gives_up_at = at + float(self.chance.gives_up_after[ticket])
            if gives_up_at < np.inf:
                self._later(gives_up_at, Kind.CANCELLED, ticket)
        for crew, duties in enumerate(self.city.staff.duties):
            for begins, ends in duties:
                self._later(begins, Kind.ON_DUTY, crew)
                if ends < np.inf:
                    self._later(ends, Kind.OFF_DUTY, crew)
        for at, crew in breaks_of(self.city):
            self._later(at, Kind.BREAK, crew)

    def _later(self, at: float, kind: Kind, who: int, stamp: int = 0) -> None:
        heapq.heappush(self.events, (at, kind, who, stamp))

    def to_the_end(self, on_progress: Callable[[float], None]) -> Outcome:
        """Let everything happen until nothing is left, or nobody waits any longer."""
        steps = 0
        while self.events and self.events[0][0] <= self.last + self.city.rules.patience:
            self.now = self.events[0][0]
            while self.events and self.events[0][0] == self.now:
                _, kind, who, stamp = heapq.heappop(self.events)
                if kind is not Kind.ARRIVED or stamp == self.stamp[who]:
                    self._happens[Kind(kind)](who)
            self._decide()
            self._send_home()
            steps += 1
            if steps % EVENTS_A_STEP == 0:
                on_progress(self.called / len(self.city.calls))
            if self._is_over():
                break
        on_progress(1.0)
        return self._outcome()

    def _is_over(self) -> bool:
        """Tell whether no ticket is left, though shifts and breaks may go on."""
        working = not np.all(np.isnan(self.sight.on_site))
        left = {Kind.OPENED, Kind.CANCELLED}
        return (
            self.called == len(self.city.calls)
            and not self.sight.open
            and not working
            and not any(event[1] in left for event in self.events)
        )

    def _open(self, job: int) -> None:
        self.called += job < len(self.city.calls)
        self.sight.open_job(job, self.now)

    def _cancel(self, ticket: int) -> None:
        if not np.isnan(self.reached[ticket]):
            return
        self.cancelled[ticket] = True
        self.sight.open.remove(ticket)
        for crew in np.flatnonzero(self.sight.heading == ticket).tolist():
            self._let_go(crew)

    def _arrive(self, crew: int) -> None:
        job = int(self.sight.heading[crew])
        self.reached[job], self.crew_of[job] = self.now, crew
        self.sight.begin_work(crew, job, self.now)
        second, ticket = divmod(job, len(self.city.calls))
        leaves_at = self.now + float(self.chance.on_site[second, ticket])
        self.visits.append(Visit(ticket, crew, self.now, leaves_at, bool(second)))
        self._later(leaves_at, Kind.FREED, crew)
        for after, minutes in self.chance.taps(second, ticket):
            self.says[crew].append(minutes)
            self._later(self.now + after, Kind.TOLD, crew)
        if not second and self.chance.comes_back[ticket]:
            due_at = leaves_at + self.city.rules.second_after
            self._later(due_at, Kind.OPENED, job + len(self.city.calls))

    def _tell(self, crew: int) -> None:
        self.sight.tell(crew, self.says[crew].pop(0), self.now)

    def _free(self, crew: int) -> None:
        self.sight.end_work(crew)
        self.homeward.add(crew)
        if self.sight.break_due[crew]:
            self._break_due(crew)

    def _let_go(self, crew: int) -> None:
        self.stamp[crew] += 1
        self.sight.heading[crew] = NOBODY
        self.homeward.add(crew)

    def _begin_duty(self, crew: int) -> None:
        self.sight.begin_duty(crew, self.now)

    def _end_duty(self, crew: int) -> None:
        # A shift that begins where another ends is one duty.
        if self.sight.duty_ends[crew] > self.now:
            return
        self.sight.on_duty[crew] = False
        if self.sight.heading[crew] != NOBODY:
            self._let_go(crew)

    def _break_due(self, crew: int) -> None:
        """Begin a break, or remember it while the crew has a ticket."""
        has_ticket = self.sight.heading[crew] != NOBODY or not np.isnan(self.sight.on_site[crew])
        self.sight.break_due[crew] = has_ticket
        if not has_ticket and self.sight.on_duty[crew]:
            self.sight.on_break[crew] = True
            self._later(self.now + self.city.rules.break_seconds, Kind.BACK, crew)

    def _come_back(self, crew: int) -> None:
        self.sight.on_break[crew] = False

    def _tick(self, _nobody: int) -> None:
        self.tick_due = False

    def _decide(self) -> None:
        crews = self.sight.crews()
        while self.sight.open and len(crews):
            outlook, jobs = self.sight.outlook(crews, self.now)
            begun = perf_counter()
            plan = self.policy(outlook)
            self.decisions.append(perf_counter() - begun)
            _check(outlook, plan)
            if not self._carry_out(outlook, plan, crews, jobs):
                break
        if self.sight.open and not self.tick_due:
            self.tick_due = True
            self._later(self.now + self.city.rules.tick, Kind.TICK, NONE)

    def _carry_out(self, outlook: Outlook, plan: Places, crews: Places, jobs: Places) -> bool:
        """Send, divert and let go; tell whether a crew declined, so that the plan is void."""
        changed = np.flatnonzero((plan != outlook.heading) & outlook.is_free)
        refused = False
        for place in changed.tolist():
            crew, goal = int(crews[place]), int(plan[place])
            if goal != NOBODY and self._declines(crew, int(jobs[goal])):
                refused = True
                continue
            if outlook.heading[place] != NOBODY:
                self.reassignments += 1
                self.sight.turns[crew] += 1
                self._let_go(crew)
            if goal != NOBODY:
                self._send(crew, int(jobs[goal]), float(outlook.drive[goal, place]))
        return refused

    def _declines(self, crew: int, job: int) -> bool:
        ticket = job % len(self.city.calls)
        if not self.sight.asks(crew, job, self.chance):
            return False
        self.declined += 1
        self.sight.declined.setdefault(ticket, set()).add(crew)
        return True

    def _send(self, crew: int, job: int, seconds: float) -> None:
        self.homeward.discard(crew)
        self.stamp[crew] += 1
        self.sight.heading[crew] = job
        self.fleet.send(crew, self.sight.place_of(job), self.now, seconds, ticket=True)
        self._later(self.now + seconds, Kind.ARRIVED, crew, self.stamp[crew])

    def _send_home(self) -> None:
        """Send crews that have nothing else to do to their bases, or where they should wait."""
        if self.waiting is not None:
            self._send_to_wait(self.waiting)
        for crew in sorted(self.homeward):
            base, seconds = self.city.staff.base[crew], self._drive_home(crew)
            if not np.isnan(seconds):
                self.fleet.send(crew, base, self.now, seconds, ticket=False)
        self.homeward.clear()

    def _send_to_wait(self, waiting: WaitingPlaces) -> None:
        fresh = sorted(self.homeward & set(self.sight.idle().tolist()))
        self.homeward -= set(fresh)
        for crew, place in waiting.moves(self.sight, self.fleet, fresh, self.now).items():
            here, hour = self.fleet.place(crew, self.now)[None], self.city.hour_at(self.now)
            seconds = float(self.city.travel.seconds(here, place[None], hour)[0, 0])
            if not np.isnan(seconds):
                self.fleet.send(crew, place, self.now, seconds, ticket=False)

    def _drive_home(self, crew: int) -> float:
        """Return the seconds to a crew's base; by way of its last goal where no road is."""
        base, hour = self.city.staff.base[crew][None], self.city.hour_at(self.now)
        here = self.fleet.place(crew, self.now)[None]
        seconds = float(self.city.travel.seconds(here, base, hour)[0, 0])
        if not np.isnan(seconds):
            return seconds
        goal = self.fleet.goal[crew][None]
        left = max(0.0, float(self.fleet.there_at[crew]) - self.now)
        return left + float(self.city.travel.seconds(goal, base, hour)[0, 0])

    def _outcome(self) -> Outcome:
        self.fleet.finish(self.now)
        tickets = len(self.city.calls)
        return Outcome(
            city=self.city,
            received=self.city.calls.received,
            reached=self.reached[:tickets],
            crew=self.crew_of[:tickets],
            grid=self.city.calls.grid,
            level=self.city.calls.level,
            cancelled=self.cancelled,
            on_site=self.chance.on_site[0],
            visits=tuple(self.visits),
            metres_to_tickets=self.fleet.metres_to_tickets,
            metres_home=self.fleet.metres_home,
            reassignments=self.reassignments,
            declined=self.declined,
            decisions=np.array(self.decisions),
        )


def _check(outlook: Outlook, plan: Places) -> None:
    """Refuse a plan that breaks a rule of the street; what is said of a busy crew is an intention.

    Raises:
        BrokenPlanError: naming the rule.
    """
    if plan.shape != outlook.heading.shape:
        raise BrokenPlanError("a plan names one ticket, or NOBODY, for each crew")
    sent = np.where(outlook.is_free, plan, outlook.heading)
    crews = np.flatnonzero(sent != NOBODY)
    goals = sent[crews]
    if len(np.unique(goals)) != len(goals):
        raise BrokenPlanError("one ticket is given to two crews")
    fresh = goals != outlook.heading[crews]
    goals, crews = goals[fresh], crews[fresh]
    if not np.all(outlook.may_go[goals, crews] & np.isfinite(outlook.drive[goals, crews])):
        raise BrokenPlanError("a crew is sent where it may not or cannot go")


def breaks_of(city: City) -> list[tuple[float, int]]:
    """Return when each crew is due a break: mid-duty, every eight hours in one without an end."""
    if not city.rules.break_seconds:
        return []
    every = 8 * 3600.0
    due = []
    for crew, duties in enumerate(city.staff.duties):
        for begins, ends in duties:
            if ends < np.inf:
                due.append(((begins + ends) / 2, crew))
                continue
            # Not all at once: the crews take turns.
            first = begins + every * (crew + 1) / (len(city.staff) + 1)
            due += [(float(at), crew) for at in np.arange(first, city.seconds, every)]
    return due
