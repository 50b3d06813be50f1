"""Who drives the crews of the demo, and who calls?"""

from __future__ import annotations

import heapq
import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from dispatch.actions.arrivals import judge_by_positions
from dispatch.actions.intake import open_ticket
from dispatch.actions.positions import record_position
from dispatch.actions.unit_of_work import transaction
from dispatch.cli.demo_history import ANSWERS
from dispatch.cli.demo_movement import (
    ARRIVED_METRES,
    STRAIGHT_METRES_PER_SECOND,
    Step,
    advance,
    habits_of,
    next_step,
    prompt,
)
from dispatch.cli.demo_spares import skills_to_spare
from dispatch.cli.demo_steps import GPS_METRES, answer, call_back_after, call_reporter, do_step
from dispatch.cli.demo_tasks import move_tasks
from dispatch.domain.categories import category_rule
from dispatch.domain.errors import Refused
from dispatch.domain.permissions import RESIDENT
from dispatch.domain.place import metres_between
from dispatch.domain.tracks import Fix
from dispatch.domain.visit_state import VisitState
from dispatch.queries.candidates import crew_board, waiting_tickets
from dispatch.queries.under_way import trips, whereabouts

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    from dispatch.cli.demo_movement import Habits
    from dispatch.cli.demo_reports import Reports
    from dispatch.queries.under_way import Trip

log = logging.getLogger(__name__)

WORK_MINUTES = 5.0
"""Repairs are short here, so that a visitor sees the end of one."""

CALL_SECONDS = (50.0, 110.0)
CALL_TRIES = 8
"""So many reports are drawn at most, to find one for which there are crews to spare."""

POSITION_EVERY = timedelta(seconds=2)
IDLE_POSITION_EVERY = timedelta(seconds=45)
ANSWER_SECONDS = (60.0, 240.0)


@dataclass
class Mover:
    """Moves every crew but one, and lets people call; all waiting is `speed` times as short.

    It keeps nothing that it could not find again in the database but who is still to be asked or
    called back, and which tickets it opened itself: to every other one, a visitor's, a crew goes
    promptly, and a call of it is left to the visitor.
    """

    reports: Reports
    dice: Random
    speed: float
    spared_crew: int
    next_call: datetime | None = None
    looked_at: datetime | None = None
    idle_at: datetime | None = None
    to_ask: list[tuple[datetime, int, str]] = field(default_factory=list)
    to_call: list[tuple[datetime, int]] = field(default_factory=list)
    opened: set[int] = field(default_factory=set)

    def tick(self, now: datetime) -> None:
        """Do everything that is due: steps, drives, answers, calls."""
        for trip in trips(but=[self.spared_crew]):
            self._move(trip, self._habits(trip), now)
        self._drive(now)
        self._rest(now)
        self._ask(now)
        self._call_back(now)
        move_tasks(self.reports.city.dispatcher, self.speed, now)
        if self.next_call is None or now >= self.next_call:
            self._call(now)

    def _habits(self, trip: Trip) -> Habits:
        habits = habits_of(trip.visit_id, work_minutes=WORK_MINUTES)
        return habits if trip.ticket_id in self.opened else prompt(habits)

    def _move(self, trip: Trip, habits: Habits, now: datetime) -> None:
        if trip.is_held:
            return
        following = next_step(trip, habits, self.speed)
        if following is not None and following.at <= now:
            self._do(following.step, trip, habits, now)

    def _do(self, step: Step, trip: Trip, habits: Habits, now: datetime) -> None:
        try:
            with transaction():
                do_step(step, trip, habits, self.reports.city.said, now)
        except Refused as refusal:
            # A visitor did something with this ticket a moment ago; the next tick sees it.
            log.info("%s of visit %s: %s", step, trip.visit_id, refusal)
            return
        if step is Step.COMPLETE:
            self._plan_answer(trip.ticket_id, now)

    def _drive(self, now: datetime) -> None:
        """Move what is on the road along the straight line to its goal."""
        if self.looked_at is not None and now - self.looked_at < POSITION_EVERY:
            return
        passed = min(now - (self.looked_at or now), 5 * POSITION_EVERY)
        self.looked_at = now
        arrived = []
        with transaction():
            for trip in trips(but=[self.spared_crew]):
                if trip.state != VisitState.EN_ROUTE or trip.is_held:
                    continue
                habits = self._habits(trip)
                if self._roll(trip, habits, passed.total_seconds(), now):
                    arrived.append((trip, habits))
        for trip, habits in arrived:
            self._do(Step.ARRIVE, trip, habits, now)

    def _roll(self, trip: Trip, habits: Habits, seconds: float, now: datetime) -> bool:
        """Move one crew on; True when it is there."""
        if trip.place is None or trip.goal is None:
            return True
        metres = STRAIGHT_METRES_PER_SECOND / habits.traffic * self.speed * seconds
        place = advance(trip.place, trip.goal, metres)
        record_position(trip.crew_id, place, measured_at=now, accuracy_metres=GPS_METRES)
        return metres_between(place, trip.goal) <= ARRIVED_METRES

    def _rest(self, now: datetime) -> None:
        """Let the phones of idle crews say now and then where they are on their way to base."""
        if self.idle_at is not None and now - self.idle_at < IDLE_POSITION_EVERY / 3:
            return
        self.idle_at = now
        metres = STRAIGHT_METRES_PER_SECOND * self.speed * IDLE_POSITION_EVERY.total_seconds()
        busy = {trip.crew_id for trip in trips()}
        with transaction():
            for each in list(whereabouts()):
                if each.measured_at is None or now - each.measured_at >= IDLE_POSITION_EVERY:
                    goal = each.place if each.crew_id in busy else each.base or each.place
                    place = advance(each.place, goal, metres)
                    record_position(
                        each.crew_id, place, measured_at=now, accuracy_metres=GPS_METRES
                    )
                    judge_by_positions(each.crew_id, [Fix(now, place, GPS_METRES)], now=now)

    def _plan_answer(self, ticket_id: int, now: datetime) -> None:
        left = self.dice.random()
        for word, chance in ANSWERS:
            left -= chance
            if left < 0:
                seconds = self.dice.uniform(*ANSWER_SECONDS) / self.speed
                heapq.heappush(self.to_ask, (now + timedelta(seconds=seconds), ticket_id, word))
                return

    def _ask(self, now: datetime) -> None:
        while self.to_ask and self.to_ask[0][0] <= now:
            _, ticket_id, word = heapq.heappop(self.to_ask)
            try:
                with transaction():
                    answer(ticket_id, word, now)
            except Refused as refusal:
                log.info("answer about ticket %s: %s", ticket_id, refusal)

    def _call(self, now: datetime) -> None:
        """Let somebody call about a fault for which there are crews to spare."""
        self.next_call = now + timedelta(seconds=self.dice.uniform(*CALL_SECONDS) / self.speed)
        crews = [crew for crew in crew_board(now).crews if crew.crew_id != self.spared_crew]
        waiting = [each.need.skill for each in waiting_tickets()]
        skills = skills_to_spare(crews, waiting, now)
        drawn = (self.reports.draw(self.dice) for _ in range(CALL_TRIES if skills else 0))
        new = next((one for one in drawn if category_rule(one.category).skill in skills), None)
        if new is None:
            return
        with transaction():
            actor = RESIDENT if new.channel == "web" else self.reports.city.call_taker
            ticket = open_ticket(new, actor=actor, now=now).ticket
            self.opened.add(ticket.id)
            seconds = call_back_after(ticket)
        if seconds is not None:
            at = now + timedelta(seconds=seconds / self.speed)
            heapq.heappush(self.to_call, (at, ticket.id))

    def _call_back(self, now: datetime) -> None:
        """Let the desk call those who left a number on the web."""
        while self.to_call and self.to_call[0][0] <= now:
            _, ticket_id = heapq.heappop(self.to_call)
            with transaction():
                call_reporter(ticket_id, self.reports.city.call_taker, now)
