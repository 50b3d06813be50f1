"""Which tasks run under a ticket, whose is each, and how does it stand?"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import exists, func, select

from dispatch.domain.errors import NotFound
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.task_state import (
    SETTLED,
    TASK_NAMES,
    TASK_STATE_NAMES,
    TaskKind,
    TaskState,
    department_of,
)
from dispatch.domain.ticket_state import ticket_number
from dispatch.domain.visit_state import ACTIVE
from dispatch.models.base import db
from dispatch.models.people import Crew, Team, User
from dispatch.models.tickets import Task, Ticket, Visit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

_IDS_AT_ONCE = 500
_SETTLED = tuple(sorted(str(state) for state in SETTLED))
IS_UNSETTLED = Task.state.not_in(_SETTLED)
_TAKES_CREW = (Task.state == "in_progress") | ((Task.state == "open") & Task.automatic)
_PLAIN = (
    "id", "kind", "state", "skill", "before_crew", "waits_for", "automatic", "opened_at",
    "opened_by", "ready_at", "due_at", "assigned_at", "eta_at", "started_at", "ended_at", "note",
    "changed_at", "changed_by", "version",
)  # fmt: skip


def tasks_of(ticket_id: int) -> Sequence[Task]:
    """Return every task of a ticket, oldest first."""
    return db.session.scalars(
        select(Task).where(Task.ticket_id == ticket_id).order_by(Task.id)
    ).all()


def unsettled_tasks(ticket_id: int) -> Sequence[Task]:
    """Return the tasks of a ticket that are neither done nor cancelled, oldest first."""
    return db.session.scalars(
        select(Task).where(Task.ticket_id == ticket_id, IS_UNSETTLED).order_by(Task.id)
    ).all()


def task_for_change(ticket: Ticket, task_id: int) -> Task:
    """Return a task of a ticket that an action may change, locked until the transaction ends.

    Raises:
        NotFound: when the ticket has no such task.
    """
    task = db.session.scalars(
        select(Task).where(Task.id == task_id, Task.ticket_id == ticket.id).with_for_update()
    ).one_or_none()
    if task is None:
        raise NotFound(say("This ticket has no such task."))
    return task


def unsettled_counts(ticket_ids: Iterable[int]) -> Mapping[int, int]:
    """Count the tasks of some tickets that are neither done nor cancelled, by ticket."""
    counted: defaultdict[int, int] = defaultdict(int)
    ids = list(ticket_ids)
    for first in range(0, len(ids), _IDS_AT_ONCE):
        some = ids[first : first + _IDS_AT_ONCE]
        rows = db.session.execute(
            select(Task.ticket_id, func.count())
            .where(Task.ticket_id.in_(some), IS_UNSETTLED)
            .group_by(Task.ticket_id)
        )
        counted |= {row[0]: row[1] for row in rows}
    return counted


class OnTask(NamedTuple):
    """What takes a crew that is on no ticket: since when, where (degrees), and whether it began."""

    since: datetime
    begun: bool
    lat: float | None
    lon: float | None
    category: str


def crews_on_tasks() -> dict[int, OnTask]:
    """Return the crews that a task takes, by id: begun, or given to them by the planner.

    One that the desk gave to a crew for later takes nobody, nor does one beside a visit.
    """
    active = tuple(str(state) for state in ACTIVE)
    visiting = exists().where(Visit.crew_id == Task.crew_id, Visit.state.in_(active))
    rows = db.session.execute(
        select(
            Task.crew_id, Task.started_at, Task.eta_at, Task.assigned_at, Task.opened_at,
            Task.state, Ticket.lat, Ticket.lon, Ticket.category,
        )
        .join(Ticket, Ticket.id == Task.ticket_id)
        .where(_TAKES_CREW, Task.crew_id.is_not(None), ~visiting)
        .order_by(Task.id.desc())
    )  # fmt: skip
    return {
        row.crew_id: OnTask(
            row.started_at or row.eta_at or row.assigned_at or row.opened_at,
            row.state == TaskState.IN_PROGRESS,
            row.lat,
            row.lon,
            row.category,
        )
        for row in rows
    }


def task_rows(ticket: Ticket, *, personal: bool) -> list[dict[str, Any]]:
    """Return the tasks of a ticket in the shape that everybody reads, oldest first.

    Names are sentences and instants are aware; `personal` shows notes, else they are left out.
    """
    rows = db.session.execute(
        select(
            Task,
            Team.name.label("team"),
            Team.name_zh,
            Crew.name.label("crew"),
            Crew.name_zh.label("crew_zh"),
            Crew.vehicle,
            User.name.label("person"),
        )
        .outerjoin(Team, Team.id == Task.team_id)
        .outerjoin(Crew, Crew.id == Task.crew_id)
        .outerjoin(User, User.id == Task.user_id)
        .where(Task.ticket_id == ticket.id)
        .order_by(Task.id)
    ).all()
    return [_shape(row, personal=personal) for row in rows]


def _shape(row: Any, *, personal: bool) -> dict[str, Any]:
    task: Task = row[0]
    shape = {name: getattr(task, name) for name in _PLAIN}
    shape |= {
        "ticket": ticket_number(task.ticket_id),
        "name": TASK_NAMES[TaskKind(task.kind)],
        "state_name": TASK_STATE_NAMES[TaskState(task.state)],
        "department": department_of(task.kind, task.department),
        "team": None,
        "crew": None,
        "person": row.person,
        "why": [Sentence.from_json(each) for each in (task.reasons or {}).get("why", ())],
    }
    if task.team_id is not None:
        shape["team"] = {"id": task.team_id, "name": row.team, "name_zh": row.name_zh}
    if task.crew_id is not None:
        shape["crew"] = {
            "id": task.crew_id,
            "name": row.crew,
            "name_zh": row.crew_zh,
            "vehicle": row.vehicle,
        }
    if not personal:
        shape["note"] = None
    return shape


def task_of_department(task_id: int, ticket_id: int) -> tuple[Ticket, Task]:
    """Lock a ticket and return it with one of its tasks."""
    ticket = db.session.get_one(Ticket, ticket_id, with_for_update=True)
    return ticket, db.session.get_one(Task, task_id)


def tasks_of_departments() -> list[tuple[int, int]]:
    """Return the ids of task and ticket of what a department has to do, oldest first.

    What a crew or a person has is left out, and reinstatement before the repair.
    """
    going = (str(TaskState.OPEN), str(TaskState.IN_PROGRESS))
    asked = (
        select(Task.id, Task.ticket_id)
        .join(Ticket, Ticket.id == Task.ticket_id)
        .where(Task.state.in_(going), Task.crew_id.is_(None), Task.user_id.is_(None))
        .where((Task.kind != str(TaskKind.REINSTATEMENT)) | Ticket.completed_at.is_not(None))
        .order_by(Task.id)
    )
    return [(row.id, row.ticket_id) for row in db.session.execute(asked)]
