"""What happened in this city during the last days?"""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from dispatch.actions.clockwork import fire_due
from dispatch.actions.dispatching import Decision, dispatch_visit, report_nobody
from dispatch.actions.endings import cancel_ticket, close_ticket, solve_by_phone
from dispatch.actions.holds import hold_ticket, release_hold, return_ticket
from dispatch.actions.intake import open_ticket
from dispatch.actions.merging import merge_ticket
from dispatch.actions.unit_of_work import transaction
from dispatch.cli.demo_movement import Step, drive_time, habits_of, next_step, tempted
from dispatch.cli.demo_steps import (
    EVERYWHERE,
    answer,
    any_ticket,
    call_back_after,
    call_reporter,
    crew_actor,
    do_step,
    go_home,
)
from dispatch.domain.assignment import choose
from dispatch.domain.errors import Refused
from dispatch.domain.part_of_week import DAYS_OF
from dispatch.domain.permissions import RESIDENT, RULE, Actor
from dispatch.domain.place import Point
from dispatch.domain.ticket_state import WITHOUT_CREW, TicketState
from dispatch.domain.visit_state import VisitState
from dispatch.domain.written_reasons import written_basis, written_reasons
from dispatch.queries.candidates import candidates_for, need_of
from dispatch.queries.timers import next_due_at
from dispatch.queries.under_way import trip_of
from dispatch.queries.visits import active_visits_of, crew_for_change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random
    from zoneinfo import ZoneInfo

    from dispatch.actions.intake import NewReport
    from dispatch.cli.demo_cities import City
    from dispatch.cli.demo_movement import Habits
    from dispatch.cli.demo_reports import Reports
    from dispatch.queries.under_way import Trip

DAYS = 7
TICKETS_A_DAY = 45
RUSH_DAYS_AGO = 2
RUSHES = 3
"""On so many weekday evenings, the last of them some days ago, crews were too few for the calls."""
RUSH_TICKETS = 60
RUSH_BEGINS = timedelta(hours=17)
RUSH_LASTS = timedelta(hours=2, minutes=30)
WORK_MINUTES = 38.0
HOME_AFTER_MINUTES = 30.0
"""So long after its last visit a crew without another one is back at its base."""
QUIET_END = timedelta(hours=2)
"""Before the end nothing begins that only this history would end, a hold for example."""
EVENTS_A_COMMIT = 200
SOONEST_WARNING = timedelta(seconds=150)
"""What is armed now is never due sooner: half of the shortest promise, five minutes."""
LATE = timedelta(milliseconds=120)
"""By how much the clockwork is late, as on a quiet machine."""

# What becomes of a ticket beside the plain road, and how often.
FATES = (
    ("phone", 0.03),
    ("cancelled", 0.02),
    ("duplicate", 0.05),
    ("returned", 0.03),
    ("held", 0.04),
)
LEFT_TO_THE_RULE = 25
"""One in so many tickets without an answer is closed by the rule alone, days later."""

ANSWERS = (("fixed", 0.52), ("not_fixed", 0.025), ("rather_not_say", 0.02))


class _Due(NamedTuple):
    at: datetime
    number: int
    do: Callable[[datetime], None]


@dataclass
class History:
    """A city that lives through some days at once, through the real actions with their own times.

    Everything is drawn from one seed, so that two demos tell the same story.
    """

    reports: Reports
    dice: Random
    ends_at: datetime
    spared_crew: int
    camera: Callable[[Trip, datetime], None] | None = None
    due: list[_Due] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=itertools.count)
    held: set[int] = field(default_factory=set)
    no_warning_before: datetime | None = None

    @property
    def city(self) -> City:
        """Return the city in which all this happens."""
        return self.reports.city

    def plan_arrivals(self, zone: ZoneInfo) -> int:
        """Plan every call of the days, at the hours at which people call; return how many."""
        begins = self.ends_at - timedelta(days=DAYS)
        midnight = begins.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        calls = [
            midnight + timedelta(days=day, minutes=self.reports.minute(self.dice), seconds=second)
            for day in range(DAYS + 1)
            for second in (self.dice.randrange(60) for _ in range(TICKETS_A_DAY))
        ]
        days = [midnight + timedelta(days=day) for day in range(DAYS - RUSH_DAYS_AGO + 1)]
        weekdays = [day for day in days if day.weekday() in DAYS_OF["weekdays"]]
        calls += [
            day + RUSH_BEGINS + RUSH_LASTS * self.dice.random()
            for day in weekdays[-RUSHES:]
            for _ in range(RUSH_TICKETS)
        ]
        calls = [at.astimezone(UTC) for at in calls if begins <= at < self.ends_at]
        for at in sorted(calls):
            self._push(at, self._call)
        return len(calls)

    def live(self, progress: Callable[[float], None]) -> None:
        """Let everything happen in its order, until the end; what is left goes on live."""
        begun = self.due[0].at if self.due else self.ends_at
        whole = (self.ends_at - begun) / timedelta(seconds=1) or 1.0
        while self.due and self.due[0].at < self.ends_at:
            with transaction():
                for _ in range(EVENTS_A_COMMIT):
                    if not self.due or self.due[0].at >= self.ends_at:
                        break
                    at, _number, do = heapq.heappop(self.due)
                    self._fire_until(at)
                    do(at)
            progress((at - begun) / timedelta(seconds=1) / whole)
        with transaction():
            self.no_warning_before = None
            self._fire_until(self.ends_at)

    def _fire_until(self, at: datetime) -> None:
        """Fire every warning that falls due until an instant, each a moment after its deadline."""
        if self.no_warning_before is not None and at < self.no_warning_before:
            return
        while (due := next_due_at()) is not None and due + LATE <= at:
            fire_due(due + LATE, limit=100)
        soon = at + SOONEST_WARNING
        self.no_warning_before = soon if due is None else min(due, soon)

    def _push(self, at: datetime, do: Callable[[datetime], None]) -> None:
        heapq.heappush(self.due, _Due(at, next(self.numbers), do))

    def _later(self, now: datetime, seconds: float, do: Callable[[datetime], None]) -> None:
        self._push(now + timedelta(seconds=seconds), do)

    def _drawn(self, chances: tuple[tuple[str, float], ...]) -> str | None:
        left = self.dice.random()
        for name, chance in chances:
            left -= chance
            if left < 0:
                return name
        return None

    def _open(self, new: NewReport, now: datetime) -> int:
        actor = RESIDENT if new.channel == "web" else self.city.call_taker
        ticket = open_ticket(new, actor=actor, now=now).ticket
        ticket_id, seconds = ticket.id, call_back_after(ticket)
        if seconds is not None:
            # Nobody who called before the demo begins still waits when it does.
            before = max(now, self.ends_at - timedelta(seconds=1))
            at = min(now + timedelta(seconds=seconds), before)
            self._push(at, lambda at: self._call_back(ticket_id, at))
        return ticket_id

    def _call_back(self, ticket_id: int, now: datetime) -> None:
        call_reporter(ticket_id, self.city.call_taker, now)

    def _call(self, now: datetime) -> None:
        new = self.reports.draw(self.dice)
        ticket_id = self._open(new, now)
        quiet = self.ends_at - now < QUIET_END
        fate = None if quiet else self._drawn(FATES)
        minutes = 60 * self.dice.uniform(2, 6)
        if fate == "phone":
            self._later(now, minutes, lambda at: self._solve(ticket_id, at))
            return
        if fate == "cancelled":
            self._later(now, minutes, lambda at: self._cancel(ticket_id, at))
        if fate == "duplicate" and new.place is not None:
            spot = Point(new.place.lat, new.place.lon)
            again = self.reports.near(self.dice, spot, new.category, new.address)
            self._later(now, minutes, lambda at: self._call_again(ticket_id, again, at))
        if fate == "returned":
            self._later(now, 150, lambda at: self._return(ticket_id, at))
        if fate == "held":
            self.held.add(ticket_id)
        self._later(now, self.dice.uniform(0.3, 0.8), lambda at: self._assign(ticket_id, at))

    def _solve(self, ticket_id: int, now: datetime) -> None:
        reason = self.city.said.solved
        solve_by_phone(any_ticket(ticket_id), reason=reason, actor=self.city.call_taker, now=now)

    def _cancel(self, ticket_id: int, now: datetime) -> None:
        ticket = any_ticket(ticket_id)
        if ticket.arrived_at is None and ticket.state != TicketState.ON_HOLD:
            reason = self.city.said.cancelled
            cancel_ticket(ticket, reason=reason, actor=self.city.dispatcher, now=now)

    def _call_again(self, ticket_id: int, again: NewReport, now: datetime) -> None:
        """Let a second caller have a ticket opened, which the desk then merges into the first."""
        second = self._open(again, now)
        self._later(now, self.dice.uniform(30, 90), lambda at: self._merge(second, ticket_id, at))

    def _merge(self, ticket_id: int, into: int, now: datetime) -> None:
        try:
            merge_ticket(
                any_ticket(ticket_id), any_ticket(into), actor=self.city.dispatcher, now=now
            )
        except Refused:
            self._assign(ticket_id, now)  # The first one has ended: this is a fault of its own.

    def _return(self, ticket_id: int, now: datetime) -> None:
        ticket = any_ticket(ticket_id)
        visits = active_visits_of(ticket_id)
        if not visits or ticket.arrived_at is not None:
            return
        crew = crew_for_change(visits[0].crew_id, EVERYWHERE)
        reason = self.city.said.returned
        return_ticket(ticket, reason=reason, actor=crew_actor(crew.id, crew.name), now=now)
        self._later(now, self.dice.uniform(20, 120), lambda at: self._assign(ticket_id, at))

    def _assign(self, ticket_id: int, now: datetime) -> None:
        """Do what the planner does: choose a crew by rule and send it with its reasons."""
        ticket = any_ticket(ticket_id)
        if TicketState(ticket.state) not in WITHOUT_CREW:
            return
        weighed = candidates_for(ticket, now)
        spared = self.ends_at - now < 2 * QUIET_END
        taken = frozenset({self.spared_crew} if spared else ())
        choice = choose(need_of(ticket), weighed, taken=taken)
        if choice.crew_id is None:
            report_nobody(ticket, choice.reasons, actor=RULE, now=now)
            self._later(now, 240, lambda at: self._assign(ticket_id, at))
            return
        chosen = next(one for one in weighed if one.crew_id == choice.crew_id)
        decision = Decision(
            automatic=True,
            reasons=written_reasons(choice, weighed),
            eta_at=chosen.arrives_at,
            eta_basis=written_basis(choice.crew_id, weighed),
        )
        crew = crew_for_change(choice.crew_id, EVERYWHERE)
        visit = dispatch_visit(ticket, crew, actor=RULE, now=now, decision=decision)
        habits = tempted(habits_of(visit.id, work_minutes=WORK_MINUTES), visit.id)
        self._go_on(visit.id, habits, now)

    def _go_on(self, visit_id: int, habits: Habits, now: datetime) -> None:
        """Plan the next step of a visit that is still under way."""
        trip = trip_of(visit_id)
        if trip is None:
            return
        following = next_step(trip, habits, 1.0)
        if following is None:
            at = (trip.en_route_at or now) + drive_time(trip, habits)
            self._push(at, lambda at: self._step(visit_id, Step.ARRIVE, habits, at))
            return
        step = following.step
        self._push(max(following.at, now), lambda at: self._step(visit_id, step, habits, at))

    def _step(self, visit_id: int, step: Step, habits: Habits, now: datetime) -> None:
        trip = trip_of(visit_id)
        if trip is None:
            return  # The visit was called off in between.
        if trip.state == VisitState.WORKING and trip.ticket_id in self.held:
            self.held.discard(trip.ticket_id)
            self._hold(trip.ticket_id, visit_id, habits, now)
            return
        if step is Step.COMPLETE and self.camera is not None:
            self.camera(trip, now)
        do_step(step, trip, habits, self.city.said, now)
        if step in {Step.COMPLETE, Step.CANNOT_COMPLETE}:
            self._later(now, 60 * HOME_AFTER_MINUTES, lambda at: go_home(trip.crew_id, at))
        ended = step in {Step.DECLINE, Step.CANNOT_COMPLETE}
        if ended:
            self._later(
                now, 1 if step == Step.DECLINE else 90, lambda at: self._assign(trip.ticket_id, at)
            )
        elif step == Step.COMPLETE:
            self._ask(trip.ticket_id, now)
        else:
            self._go_on(visit_id, habits, now)

    def _hold(self, ticket_id: int, visit_id: int, habits: Habits, now: datetime) -> None:
        reason = self.dice.choice(["waiting_for_part", "resident_unavailable", "other_department"])
        hold_ticket(any_ticket(ticket_id), reason=reason, actor=self.city.dispatcher, now=now)

        def release(at: datetime) -> None:
            release_hold(any_ticket(ticket_id), actor=self.city.dispatcher, now=at)
            self.no_warning_before = None
            self._go_on(visit_id, habits, at)

        self._later(now, 60 * self.dice.uniform(15, 50), release)

    def _ask(self, ticket_id: int, now: datetime) -> None:
        """Let the reporter answer some hours later; else the desk calls, or the rule closes it."""
        word = self._drawn(ANSWERS)
        if word is None:
            is_left = ticket_id % LEFT_TO_THE_RULE == 0
            hours, actor = (
                (72, RULE) if is_left else (self.dice.uniform(2, 22), self.city.dispatcher)
            )
            self._later(now, 3600 * hours, lambda at: self._close(ticket_id, at, actor))
            return
        seconds = 3600 * self.dice.uniform(0.5, 20)
        self._later(now, seconds, lambda at: self._answered(ticket_id, word, at))

    def _answered(self, ticket_id: int, word: str, now: datetime) -> None:
        if not answer(ticket_id, word, now):
            return
        if word == "not_fixed":
            self.no_warning_before = None
            self._later(now, 1, lambda at: self._assign(ticket_id, at))
        else:
            seconds = 60 if word == "fixed" else 48 * 3600
            self._later(now, seconds, lambda at: self._close(ticket_id, at))

    def _close(self, ticket_id: int, now: datetime, actor: Actor = RULE) -> None:
        ticket = any_ticket(ticket_id)
        if ticket.state == TicketState.COMPLETED:
            close_ticket(ticket, actor=actor, now=now)
