"""Which crews that no repair needs go to tasks and planned visits, and what do those wait for?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from dispatch.actions.tasks import send_to_task
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.assignment import Choice, explain
from dispatch.domain.candidates import assess
from dispatch.domain.errors import Refused
from dispatch.domain.permissions import RULE, Scope
from dispatch.domain.plan_reasons import legs_to, options_for
from dispatch.domain.planned_round import Wait, left_over, plan_round
from dispatch.domain.planned_visits import NOBODY_IDLE, REPAIRS_FIRST, why_wait
from dispatch.domain.sentences import say
from dispatch.domain.task_state import TASK_NAMES
from dispatch.domain.ticket_state import ticket_number
from dispatch.domain.written_reasons import written_reasons
from dispatch.queries.beside_repairs import planned_visits_waiting, tasks_for_crews
from dispatch.queries.candidates import free_crew
from dispatch.queries.coverage import coverage_without_each
from dispatch.queries.tasks import task_for_change
from dispatch.queries.tickets import ticket_for_change

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from dispatch.domain.live_outlook import OnDuty, Pending, Sight
    from dispatch.domain.look_ahead import Weights
    from dispatch.domain.planned_round import Round, Send
    from dispatch.domain.planned_visits import Without
    from dispatch.domain.sentences import Sentence
    from dispatch.queries.beside_repairs import TaskForCrew
    from dispatch.queries.candidates import CrewBoard

LOOK_AGAIN = timedelta(seconds=15)
"""Coverage is weighed for planned visits at most so often, unless one has just been sent."""

EVERYWHERE = Scope(everything=True)


@dataclass(frozen=True)
class Beside:
    """What is left after the repairs: the plan for them, who looks, and how it is weighed.

    `look` shows tickets and crews as the planner does; `floor` is the chance of coverage that
    every grid must keep for a planned visit, 0 to 1.
    """

    now: datetime
    todo: Round
    sight: Sight
    everybody: CrewBoard
    look: Callable[[Sequence[Pending], Sequence[OnDuty]], Sight]
    weights: Weights
    floor: float


def send_to_tasks(beside: Beside) -> int:
    """Give tasks that need a skill the crews that no repair could use; return how many went."""
    wanted = tasks_for_crews(beside.everybody)
    spare = left_over(beside.sight, beside.todo) if wanted else []
    if not spare:
        return 0
    sight = beside.look([each.pending for each in wanted], spare)
    task_of = {id(each.pending): each for each in wanted}
    sends = plan_round(sight, beside.now, beside.weights).sends
    return sum(_send(send, task_of[id(send.ticket)], sight, beside) for send in sends)


def _send(send: Send, task: TaskForCrew, sight: Sight, beside: Beside) -> bool:
    need, now = task.pending.need, beside.now
    crews = options_for(task.pending, beside.everybody.crews, sight, now)
    candidates = assess(need, crews, now=now, known=legs_to(task.pending, sight))
    chosen = next(one for one in candidates if one.crew_id == send.crew.crew.crew_id)
    rule = explain(need, chosen, candidates).rule
    why = say("For the task “%(task)s”: no repair needs this crew now", task=TASK_NAMES[task.kind])
    choice = Choice(chosen.crew_id, rule, (why, *chosen.reasons))
    reasons = written_reasons(choice, candidates)
    try:
        with transaction():
            crew = free_crew(chosen.crew_id)
            if crew is None:
                return False
            ticket = ticket_for_change(ticket_number(need.ticket_id), EVERYWHERE)
            row = task_for_change(ticket, task.task_id)
            send_to_task(
                ticket,
                row,
                crew,
                reasons,
                eta_at=chosen.arrives_at,
                actor=RULE,
                now=now,
                seen_version=task.version,
            )
    except Refused:
        return False
    return True


@dataclass(frozen=True)
class Quiet:
    """The one planned visit that may go now, as the planner sees it, and what others wait for."""

    sight: Sight | None
    send: Send | None
    waits: list[Wait]
    versions: dict[int, int]


def plan_quiet(beside: Beside) -> Quiet | None:
    """Choose a planned visit for a crew whose going leaves every grid covered; None with none.

    One at a time: the next is weighed against the coverage that the first has left.
    """
    waiting = planned_visits_waiting(beside.everybody)
    if not waiting:
        return None
    versions = {each.need.ticket_id: each.version for each in waiting}
    if beside.todo.waits or beside.todo.later:
        return Quiet(None, None, [Wait(each, None, REPAIRS_FIRST) for each in waiting], versions)
    spare = left_over(beside.sight, beside.todo)
    sight = beside.look(waiting, spare)
    hits = _hits(spare, coverage_without_each(beside.now), beside.floor)
    loud = np.array([each.crew.crew_id in hits for each in spare], dtype=np.bool_)
    may_go = sight.seen.may_go & ~loud[None, :]
    quiet = replace(sight, seen=replace(sight.seen, may_go=may_go))
    sends = plan_round(quiet, beside.now, beside.weights).sends
    waits = [
        Wait(each, None, _why(sight, row, hits))
        for row, each in enumerate(waiting)
        if not may_go[row].any()
    ]
    return Quiet(quiet, sends[0] if sends else None, waits, versions)


def _hits(crews: list[OnDuty], without: Without, floor: float) -> dict[int, tuple[str, float]]:
    found = {each.crew.crew_id: without.hit_hardest(each.crew.crew_id, floor) for each in crews}
    return {crew_id: hit for crew_id, hit in found.items() if hit is not None}


def _why(sight: Sight, row: int, hits: dict[int, tuple[str, float]]) -> Sentence:
    """Say what the nearest crew that may go would leave uncovered."""
    able = sight.seen.may_go[row]
    if not able.any():
        return NOBODY_IDLE
    column = int(np.argmin(np.where(able, sight.seen.drive[row], np.inf)))
    crew = sight.crews[column].crew
    return why_wait(crew.name, hits[crew.crew_id])
