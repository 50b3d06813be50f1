"""Which tasks wait for a crew of their own, and which planned visits for a quiet hour?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from dispatch.domain.crew_fit import NOTHING
from dispatch.domain.live_outlook import Pending
from dispatch.domain.sentences import say
from dispatch.domain.task_state import TASK_NAMES, TaskKind, TaskState, department_of
from dispatch.domain.ticket_kinds import PLANNED_KINDS
from dispatch.domain.ticket_state import WITHOUT_CREW
from dispatch.models.base import db
from dispatch.models.tickets import Task, Ticket
from dispatch.queries.candidates import EXPECTED_WORK, IS_OPEN, NEED_COLUMNS, waiting_of
from dispatch.queries.checkers import refused_by
from dispatch.queries.tasks import IS_UNSETTLED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Row

    from dispatch.domain.sentences import Sentence
    from dispatch.queries.candidates import CrewBoard

_WAITING = tuple(sorted(str(state) for state in WITHOUT_CREW))
_IS_PLACED = Ticket.lat.is_not(None) | Ticket.team_id.is_not(None)


@dataclass(frozen=True, slots=True)
class TaskForCrew:
    """A task that wants a crew of its own, as the planner weighs it, and the version seen."""

    task_id: int
    version: int
    kind: TaskKind
    pending: Pending


@dataclass(frozen=True, slots=True)
class Blocked:
    """A ticket whose crew waits for a task of another department, and the sentence for it."""

    pending: Pending
    why: Sentence


def tasks_for_crews(everybody: CrewBoard) -> list[TaskForCrew]:
    """Return the tasks that may begin, need a skill and belong to no crew, oldest first.

    The crew should be there in time to end the work by the task's own due time, or after half of
    the time allowed where that is later.
    """
    columns = (
        Task.id.label("task_id"), Task.version.label("task_version"), Task.kind.label("task_kind"),
        Task.skill, Task.ready_at, Task.due_at, Task.refused_by,
    )  # fmt: skip
    rows = db.session.execute(
        select(*columns, *NEED_COLUMNS)
        .join(Ticket, Ticket.id == Task.ticket_id)
        .where(
            IS_UNSETTLED,
            Task.state == str(TaskState.OPEN),
            Task.skill.is_not(None),
            Task.crew_id.is_(None),
            Task.user_id.is_(None),
            _IS_PLACED,
        )
        .order_by(Task.id)
    )
    return [_task(row, everybody) for row in rows]


def _task(row: Row[*tuple[Any, ...]], everybody: CrewBoard) -> TaskForCrew:
    waiting = waiting_of(row)
    need = replace(
        waiting.need,
        skill=row.skill,
        arrive_due_at=_there_by(row.ready_at, row.due_at),
        received_at=row.ready_at,
        kit=NOTHING,
    )
    pending = Pending(
        need=need,
        version=waiting.version,
        near_teams=everybody.teams_near(waiting.grid_id),
        refused=frozenset(row.refused_by),
    )
    return TaskForCrew(row.task_id, row.task_version, TaskKind(row.task_kind), pending)


def _there_by(ready_at: datetime | None, due_at: datetime | None) -> datetime | None:
    if ready_at is None or due_at is None:
        return None
    return max(due_at - EXPECTED_WORK, ready_at + (due_at - ready_at) / 2)


def planned_visits_waiting(everybody: CrewBoard) -> list[Pending]:
    """Return the planned tickets without a crew, the longest waiting first."""
    rows = db.session.execute(
        select(*NEED_COLUMNS)
        .where(
            IS_OPEN,
            Ticket.state.in_(_WAITING),
            Ticket.kind.in_(PLANNED_KINDS),
            _IS_PLACED,
            ~Ticket.pinned,
        )
        .order_by(Ticket.received_at, Ticket.id)
    ).all()
    return _pending(rows, everybody)


def tickets_behind_tasks(everybody: CrewBoard) -> list[Blocked]:
    """Return the tickets whose crew waits for a task, by the template's own order."""
    rows = db.session.execute(
        select(Task.kind.label("task_kind"), Task.department, *NEED_COLUMNS)
        .join(Ticket, Ticket.id == Task.ticket_id)
        .where(IS_UNSETTLED, Task.before_crew, IS_OPEN, Ticket.state.in_(_WAITING))
        .order_by(Ticket.id, Task.id)
    ).all()
    first = {row.id: row for row in reversed(rows)}
    return [
        Blocked(
            pending,
            say(
                "The crew waits for a task: %(task)s, %(who)s",
                task=TASK_NAMES[TaskKind(first[pending.need.ticket_id].task_kind)],
                who=department_of(
                    first[pending.need.ticket_id].task_kind,
                    first[pending.need.ticket_id].department,
                ),
            ),
        )
        for pending in _pending([first[each] for each in sorted(first)], everybody)
    ]


def _pending(rows: Sequence[Row[*tuple[Any, ...]]], everybody: CrewBoard) -> list[Pending]:
    waiting = [waiting_of(row) for row in rows]
    refused = refused_by([each.need.ticket_id for each in waiting])
    return [
        Pending(
            need=each.need,
            version=each.version,
            near_teams=everybody.teams_near(each.grid_id),
            refused=refused[each.need.ticket_id],
        )
        for each in waiting
    ]
