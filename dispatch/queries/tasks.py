"""Which tasks run under a ticket, whose is each, and how does it stand?"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from dispatch.domain.errors import NotFound
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.task_state import (
    ENGAGED,
    SETTLED,
    TASK_NAMES,
    TASK_STATE_NAMES,
    TaskKind,
    TaskState,
    department_of,
)
from dispatch.domain.ticket_state import ticket_number
from dispatch.models.base import db
from dispatch.models.people import Crew, Team, User
from dispatch.models.tickets import Task, Ticket

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_IDS_AT_ONCE = 500
_SETTLED = tuple(sorted(str(state) for state in SETTLED))
_ENGAGED = tuple(sorted(str(state) for state in ENGAGED))
IS_UNSETTLED = Task.state.not_in(_SETTLED)
IS_ENGAGED = Task.state.in_(_ENGAGED)
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
        shape["crew"] = {"id": task.crew_id, "name": row.crew, "vehicle": row.vehicle}
    if not personal:
        shape["note"] = None
    return shape
