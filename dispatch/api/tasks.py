"""How does a program read the tasks of a ticket and move them?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import jsonify
from werkzeug.exceptions import PreconditionRequired

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.actions.idempotency import once
from dispatch.actions.task_steps import TASK_STEPS, ask_for_task, take_task_step
from dispatch.actions.unit_of_work import transaction
from dispatch.api.parsing import ApiBlueprint, idempotency_key, seen_version
from dispatch.api.wording import in_words
from dispatch.domain.permissions import Permission
from dispatch.queries.step_dates import dates_of
from dispatch.queries.tasks import task_rows
from dispatch.queries.tickets import ticket_for_change, ticket_seen
from dispatch.schemas.tasks import NewTaskShape, OneTaskReply, TasksReply, TaskStepShape

if TYPE_CHECKING:
    from flask import Response

    from dispatch.actions.idempotency import Once
    from dispatch.models.tickets import Ticket

blueprint = ApiBlueprint(
    "tasks",
    __name__,
    url_prefix="/api/v1",
    description="Parallel work of other departments under a ticket",
)


@blueprint.gets("/tickets/<number>/tasks")
@requires(Permission.SEE_TICKETS)
@blueprint.answers(200, TasksReply)
def list_tasks(number: str) -> Response:
    """List the tasks of a ticket, oldest first."""
    ticket = ticket_seen(number, current_scope())
    personal = current_actor().can(Permission.SEE_PERSONAL)
    return jsonify({"tasks": _rows(ticket, personal=personal)})


@blueprint.posts("/tickets/<number>/tasks")
@requires(Permission.ASK_FOR_TASK)
@blueprint.reads(NewTaskShape)
@blueprint.answers(201, OneTaskReply)
@blueprint.hears("Idempotency-Key")
def open_task(asked: dict[str, Any], number: str) -> Response:
    """Ask for a task under a ticket."""
    actor, now = current_actor(), current_time()

    def do() -> tuple[int, dict[str, Any]]:
        ticket = ticket_for_change(number, actor.scope)
        return 201, _read(ticket, ask_for_task(ticket, asked, actor=actor, now=now).id)

    body = {"number": number, "args": asked}
    with transaction():
        done = once(f"task/{actor.user_id}", idempotency_key(), body, now=now, do=do)
    return _replied(done)


@blueprint.posts("/tickets/<number>/tasks/<int:task_id>/<step>")
@requires(Permission.SEE_TICKETS)
@blueprint.reads(TaskStepShape)
@blueprint.answers(200, OneTaskReply)
@blueprint.hears("If-Match", "Idempotency-Key")
def task_step(asked: dict[str, Any], number: str, task_id: int, step: str) -> Response:
    """Take one step of a task: assign, start, finish, refuse or cancel."""
    key, version = idempotency_key(), seen_version()
    if version is None and step in TASK_STEPS:
        raise PreconditionRequired
    actor, now = current_actor(), current_time()

    def do() -> tuple[int, dict[str, Any]]:
        ticket = ticket_for_change(number, actor.scope)
        by: dict[str, Any] = {"actor": actor, "now": now, "seen_version": version}
        return 200, _read(ticket, take_task_step(ticket, task_id, step, asked, **by).id)

    body = {"number": number, "task": task_id, "step": step, "version": version, "args": asked}
    with transaction():
        done = once(f"task-step/{actor.user_id}", key, body, now=now, do=do)
    return _replied(done)


def _rows(ticket: Ticket, *, personal: bool) -> list[dict[str, Any]]:
    """Return the tasks with the day on which each is expected, and the calendar's reason."""
    dates = dates_of(ticket, current_time())
    return [
        row | {"expected_at": dates[row["id"]].expected_at, "promise": dates[row["id"]].promise}
        for row in task_rows(ticket, personal=personal)
    ]


def _read(ticket: Ticket, task_id: int) -> dict[str, Any]:
    personal = current_actor().can(Permission.SEE_PERSONAL)
    rows = _rows(ticket, personal=personal)
    found: dict[str, Any] = in_words({"task": next(row for row in rows if row["id"] == task_id)})
    return found


def _replied(done: Once) -> Response:
    answer = jsonify(done.reply)
    answer.status_code = done.status
    if done.replayed:
        answer.headers["Idempotent-Replayed"] = "true"
    answer.headers["ETag"] = f'"{done.reply["task"]["version"]}"'
    return answer
