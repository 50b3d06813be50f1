"""Which crew goes to the tickets that wait, within a second and with the reasons?"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from flask import current_app

from dispatch.actions.dispatching import (
    Decision,
    dispatch_visit,
    recall_visit,
    report_nobody,
    report_waiting,
)
from dispatch.actions.ticket_log import check_version
from dispatch.actions.unit_of_work import transaction
from dispatch.adapters.road_times.kept import KeptTravel
from dispatch.domain.assignment import Choice, explain, why_nobody
from dispatch.domain.candidates import assess
from dispatch.domain.errors import Refused
from dispatch.domain.live_outlook import sight
from dispatch.domain.permissions import RULE, Scope
from dispatch.domain.plan_reasons import legs_to, options_for
from dispatch.domain.planned_round import Wait, plan_round, why_turned
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import EventKind, ticket_number
from dispatch.domain.written_reasons import written_basis, written_reasons
from dispatch.jobs.beside_repairs import Beside, plan_quiet, send_to_tasks
from dispatch.queries.beside_repairs import tickets_behind_tasks
from dispatch.queries.candidates import free_crew
from dispatch.queries.last_said import last_said
from dispatch.queries.outlook import planning_board, silent_visits, situation_stamp
from dispatch.queries.policies import policy_in_force
from dispatch.queries.tickets import ticket_for_change
from dispatch.queries.visits import visit_under_way
from dispatch.queries.workload import usual_travel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from dispatch.config import Settings
    from dispatch.domain.candidates import Candidate
    from dispatch.domain.live_outlook import OnDuty, Pending, Sight
    from dispatch.domain.planned_round import Round, Send
    from dispatch.domain.travel import Floats, TravelAnswer
    from dispatch.models.tickets import Ticket
    from dispatch.queries.outlook import Board, Silent, Stamp

MOST_AT_ONCE = 40
"""Crews sent in one round, so that a flood keeps no new ticket waiting."""

MOST_SAID = 8
"""Sentences written in one round about tickets that wait; a call that has just come goes first."""

LOOK_AGAIN = timedelta(seconds=15)
"""With nothing changed all is weighed again after this: shifts begin, crews move, repairs last."""

SAY_AGAIN = timedelta(minutes=2)
"""For whom a ticket waits is said anew at most so often."""

EVERYWHERE = Scope(everything=True)


class Planned(NamedTuple):
    """What one round did: crews sent, what was newly said of tickets that wait, what is left over.

    `nobody` are those that no crew may go to, `waiting` those that wait for a certain crew or time.
    """

    sent: int = 0
    nobody: int = 0
    waiting: int = 0
    left: int = 0


class _Said(NamedTuple):
    version: int
    kind: str
    crew_id: int | None
    at: datetime
    skill_is_free: bool = True


@dataclass
class Memory:
    """What the last round saw and said, so that one in which nothing changed is short."""

    stamp: Stamp | None = None
    at: datetime | None = None
    said: dict[int, _Said] = field(default_factory=dict)
    travel: KeptTravel | None = None
    quiet_at: datetime | None = None

    def is_due(self, stamp: Stamp, now: datetime) -> bool:
        """Tell whether to plan: something changed, or the last time is long ago."""
        if self.at is None or stamp != self.stamp:
            return True
        # A clock that was set back must not silence the planner.
        return not timedelta() <= now - self.at < LOOK_AGAIN


@dataclass
class _Round:
    """One round at work: what was seen, and the versions that our own changes have led to."""

    now: datetime
    board: Board
    sight: Sight
    memory: Memory
    versions: dict[int, int]
    free_skills: frozenset[str]

    def changed(self, *tickets: Ticket) -> None:
        """Remember what a ticket's version is after a change of ours."""
        self.versions |= {each.id: each.version for each in tickets}


def run(now: datetime, memory: Memory | None = None) -> Planned:
    """Weigh all tickets that nobody has reached against all crews on duty, and send who is to go.

    Each send is its own transaction; a ticket or crew that somebody else changed in between is left
    for the next round. Without a `memory` everything is weighed anew.
    """
    memory = Memory() if memory is None else memory
    settings: Settings = current_app.config["SETTINGS"]
    stamp = situation_stamp()
    if not memory.is_due(stamp, now):
        return Planned()
    months = settings.planner_continuity_months
    board = planning_board(now, months)
    if _call_back_silent(board, settings, now):
        board = planning_board(now, months)
    look = _looking(board, settings, memory, now)
    seen = look(board.tickets, board.crews)
    versions = {each.need.ticket_id: each.version for each in board.tickets}
    at = _Round(now, board, seen, memory, versions, board.everybody.free_skills())
    todo = plan_round(seen, now, settings.planner_weights)
    done = _act(todo, at)
    if not done.left:
        floor = settings.planner_planned_coverage / 100
        beside = Beside(now, todo, seen, board.everybody, look, settings.planner_weights, floor)
        done = _beside(beside, at, done)
    memory.said = {each: memory.said[each] for each in at.versions if each in memory.said}
    memory.stamp, memory.at = (None if done.left else stamp), now
    return done


def _beside(beside: Beside, at: _Round, done: Planned) -> Planned:
    """Use the crews that no repair needs: for tasks first, then for one planned visit."""
    behind = [Wait(each.pending, None, each.why) for each in tickets_behind_tasks(beside.everybody)]
    at.versions |= {each.ticket.need.ticket_id: each.ticket.version for each in behind}
    waiting = _up_to(MOST_SAID, (_say_waiting(each, at) for each in behind))
    sent = send_to_tasks(beside)
    memory = at.memory
    is_soon = memory.quiet_at is not None and timedelta() <= at.now - memory.quiet_at < LOOK_AGAIN
    quiet = None if sent or is_soon else plan_quiet(beside)
    if quiet is not None:
        memory.quiet_at = at.now
        at.versions |= quiet.versions
        waiting += _up_to(MOST_SAID, (_say_waiting(each, at) for each in quiet.waits))
        if quiet.send is not None and quiet.sight is not None:
            went = _send(
                quiet.send.ticket.need.ticket_id, quiet.send, replace(at, sight=quiet.sight)
            )
            memory.quiet_at = None if went else memory.quiet_at
            sent += went
    return done._replace(
        sent=done.sent + sent, waiting=done.waiting + waiting, left=done.left + sent
    )


def _looking(
    board: Board, settings: Settings, memory: Memory, now: datetime
) -> Callable[[Sequence[Pending], Sequence[OnDuty]], Sight]:
    memory.travel = memory.travel or KeptTravel(settings)
    travel = memory.travel.source(usual_travel(now))
    hour = now.astimezone(policy_in_force().policy.calendar.zone).hour

    def ask(origins: Floats, goals: Floats) -> TravelAnswer:
        return travel.answer(origins, goals, hour)

    def look(tickets: Sequence[Pending], crews: Sequence[OnDuty]) -> Sight:
        return sight(
            tickets,
            crews,
            ask,
            now=now,
            level_weights=settings.planner_levels,
            arrivals=board.arrivals,
        )

    return look


def _act(todo: Round, at: _Round) -> Planned:
    sent = left = 0
    for send in todo.sends[:MOST_AT_ONCE]:
        done = _send(send.ticket.need.ticket_id, send, at)
        sent += done
        left += not done
    left += len(todo.later) + len(todo.sends[MOST_AT_ONCE:])
    waiting = _up_to(MOST_SAID, (_say_waiting(each, at) for each in todo.waits))
    most = MOST_SAID - waiting
    nobody = _up_to(most, (_say_nobody(each, at) for each in todo.nobody))
    return Planned(sent, nobody, waiting, left + (nobody == most))


def _up_to(most: int, steps: Iterator[bool]) -> int:
    """Take steps until so many had something to do; return how many had."""
    done = 0
    while done < most and (step := next(steps, None)) is not None:
        done += step
    return done


def _weigh(ticket: Pending, at: _Round, send: Send | None = None) -> list[Candidate]:
    """Return every crew with its reasons, as it stands for one ticket."""
    crew_id = send.crew.crew.crew_id if send is not None else None
    crews = options_for(ticket, at.board.everybody.crews, at.sight, at.now, crew_id)
    return assess(ticket.need, crews, now=at.now, known=legs_to(ticket, at.sight))


def _decision(send: Send, at: _Round) -> Decision:
    candidates = _weigh(send.ticket, at, send)
    chosen = next(one for one in candidates if one.crew_id == send.crew.crew.crew_id)
    choice = explain(send.ticket.need, chosen, candidates)
    if send.left is not None:
        _, why = why_turned(send, send.left)
        choice = Choice(choice.crew_id, choice.rule, (why, *choice.reasons))
    return Decision(
        automatic=True,
        reasons=written_reasons(choice, candidates),
        eta_at=chosen.arrives_at,
        eta_basis=written_basis(chosen.crew_id, candidates),
        changes_mind=send.changes_mind,
    )


def _send(ticket_id: int, send: Send, at: _Round) -> bool:
    """Send the chosen crew, off another drive where it is on one; False when somebody was quicker.

    Both are one transaction: no ticket loses its crew without the other getting it.
    """
    decision = _decision(send, at)
    try:
        with transaction():
            crew = free_crew(send.crew.crew.crew_id, send.crew.visit_id)
            if crew is None:
                return False
            before = _turn(send, at)
            ticket = ticket_for_change(ticket_number(ticket_id), EVERYWHERE)
            version = at.versions[ticket_id]
            dispatch_visit(
                ticket, crew, actor=RULE, now=at.now, decision=decision, seen_version=version
            )
    except Refused:
        return False
    at.changed(ticket, *before)
    return True


def _turn(send: Send, at: _Round) -> list[Ticket]:
    """Take a crew off the drive that it is on, where nobody changed that ticket in between."""
    visit = visit_under_way(send.crew.visit_id)
    if visit is None:
        return []
    if send.crew.gives_up is not None:
        planned = ticket_for_change(ticket_number(send.crew.gives_up), EVERYWHERE)
        goal = send.ticket.need.ticket_id
        gave_way = say("Gave way to the repair %(ticket)s", ticket=ticket_number(goal))
        recall_visit(planned, visit, gave_way, actor=RULE, now=at.now, turned_to=goal)
        return [planned]
    if send.left is None:
        return []
    ticket_id = send.left.need.ticket_id
    ticket = ticket_for_change(ticket_number(ticket_id), EVERYWHERE)
    why, _ = why_turned(send, send.left)
    check_version(ticket, at.versions[ticket_id])
    recall_visit(ticket, visit, why, actor=RULE, now=at.now, turned_to=send.ticket.need.ticket_id)
    return [ticket]


def _say_nobody(waiting: Pending, at: _Round) -> bool:
    """Write once for each new situation that nobody can go; False when nothing had to be looked at.

    This stays quick when hundreds of tickets wait for a skill of which no crew is free.
    """
    ticket_id, version = waiting.need.ticket_id, at.versions[waiting.need.ticket_id]
    is_free = waiting.need.skill in at.free_skills
    said = at.memory.said.get(ticket_id)
    if said is not None and said.version == version and said.kind == EventKind.NOBODY_AVAILABLE:
        is_recent = timedelta() <= at.now - said.at < LOOK_AGAIN
        if is_recent or not (is_free or said.skill_is_free):
            return False
    reasons = why_nobody(waiting.need, _weigh(waiting, at))
    last = last_said(ticket_id)
    told = (EventKind.NOBODY_AVAILABLE, tuple(reason.text for reason in reasons))
    if last is None or (last.kind, last.reasons) != told:
        _write(ticket_id, at, lambda it: report_nobody(it, reasons, actor=RULE, now=at.now))
    version = at.versions[ticket_id]
    at.memory.said[ticket_id] = _Said(version, told[0], None, at.now, is_free)
    return True


def _say_waiting(wait: Wait, at: _Round) -> bool:
    """Write for whom a ticket waits, when that has changed; False when nothing had to be done."""
    ticket_id = wait.ticket.need.ticket_id
    version, said = at.versions[ticket_id], at.memory.said.get(ticket_id)
    if said is not None and said.version == version:
        is_same = (said.kind, said.crew_id) == (EventKind.WAITS, wait.crew_id)
        if is_same or timedelta() <= at.now - said.at < SAY_AGAIN:
            return False
    last = last_said(ticket_id)
    if last is None or last[:3] != (EventKind.WAITS, (wait.why.text,), wait.crew_id):
        who, why = wait.crew_id, wait.why
        _write(ticket_id, at, lambda it: report_waiting(it, who, why, actor=RULE, now=at.now))
    at.memory.said[ticket_id] = _Said(version, EventKind.WAITS, wait.crew_id, at.now)
    return True


def _write(ticket_id: int, at: _Round, write: Callable[[Ticket], None]) -> None:
    """Write into the story of a ticket that nobody else changed in between."""
    try:
        with transaction():
            ticket = ticket_for_change(ticket_number(ticket_id), EVERYWHERE)
            if ticket.version != at.versions[ticket_id]:
                return
            write(ticket)
    except Refused:
        return
    at.changed(ticket)


def _call_back_silent(board: Board, settings: Settings, now: datetime) -> int:
    """Call back crews that have not answered in time, where another that may go is free."""
    if not settings.planner_recall_minutes:
        return 0
    grace = timedelta(minutes=settings.planner_recall_minutes)
    late = [each for each in silent_visits(now, grace) if board.everybody.has_free(each.need)]
    return sum(_call_back(each, now) for each in late[:MOST_AT_ONCE])


def _call_back(silent: Silent, now: datetime) -> bool:
    why = say("The crew did not answer in time; another one is chosen")
    try:
        with transaction():
            ticket = ticket_for_change(ticket_number(silent.need.ticket_id), EVERYWHERE)
            visit = visit_under_way(silent.visit_id)
            if visit is None:
                return False
            recall_visit(ticket, visit, why, actor=RULE, now=now)
    except Refused:
        return False
    return True
