"""How does a parallel piece of work begin, change hands and end?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dispatch.actions.promises import arm, disarm, task_clock
from dispatch.actions.reasons import check_reason
from dispatch.actions.requests import lead_request
from dispatch.actions.ticket_log import Told, move_task, record_aside
from dispatch.domain.budgets import Budget
from dispatch.domain.errors import Forbidden, Invalid, Stale
from dispatch.domain.sentences import say
from dispatch.domain.service_policy import due_at
from dispatch.domain.task_state import (
    SETTLED,
    TASK_NAMES,
    TASK_STATE_NAMES,
    TaskKind,
    TaskState,
    may_begin,
)
from dispatch.domain.ticket_kinds import PROCEDURES, TicketKind, has_steps
from dispatch.domain.ticket_state import ENDED, EventKind, TicketState
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.models.tickets import Task
from dispatch.queries.policies import policy_of
from dispatch.queries.tasks import tasks_of, unsettled_tasks

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.domain.sentences import Sentence
    from dispatch.domain.task_templates import TaskRule
    from dispatch.models.tickets import Ticket


@dataclass(frozen=True)
class NewTask:
    """A task that is asked for: what, after which others (ids), and what differs from its rule.

    `department` and `minutes` are None where the rule of its kind decides.
    """

    kind: str
    department: str | None = None
    minutes: int | None = None
    waits_for: tuple[int, ...] = ()
    note: str | None = None


@dataclass(frozen=True)
class Owner:
    """Whose a task is; `department` None keeps the one it has. Nobody named: the department's."""

    department: str | None = None
    team_id: int | None = None
    crew_id: int | None = None
    user_id: int | None = None


def open_template(ticket: Ticket, *, actor: Actor, now: datetime) -> None:
    """Open the tasks that the policy names for the category of a ticket, or the steps of its kind.

    Those of a category stand in their order, those of a kind one after the other.
    """
    opened: dict[TaskKind, int] = {}
    templates = policy_of(ticket.policy_id).policy.tasks
    for planned in (
        templates.of_procedure(PROCEDURES[TicketKind(ticket.kind)])
        if has_steps(ticket.kind)
        else templates.of_category(ticket.category)
    ):
        before = tuple(opened[kind] for kind in planned.after)
        task = _new_task(ticket, planned.kind, planned.rule, before, actor=actor, now=now)
        opened[planned.kind] = task.id


def open_task(ticket: Ticket, new: NewTask, *, actor: Actor, now: datetime) -> Task:
    """Open a task that somebody asks for; what is not said follows the rule of its kind.

    Raises:
        Invalid: naming the kind, or a task to wait for that this ticket does not have.
        Forbidden: when the ticket has ended.
    """
    if new.kind not in set(TaskKind):
        fault = say("There is no such kind of task.")
        raise Invalid(fault, fields={"kind": fault})
    if TicketState(ticket.state) in ENDED:
        raise Forbidden(say("This ticket has ended. Reopen it before you ask for more."))
    known = {task.id for task in tasks_of(ticket.id)}
    if not set(new.waits_for) <= known:
        fault = say("This ticket has no such task.")
        raise Invalid(fault, fields={"waits_for": fault})
    kind = TaskKind(new.kind)
    rule = policy_of(ticket.policy_id).policy.tasks.rule_of(kind)
    return _new_task(ticket, kind, rule, new.waits_for, actor=actor, now=now, asked=new)


def _new_task(
    ticket: Ticket,
    kind: TaskKind,
    rule: TaskRule,
    before: tuple[int, ...],
    *,
    actor: Actor,
    now: datetime,
    asked: NewTask | None = None,
) -> Task:
    allowed, department, note = rule.allowed, rule.department, None
    if asked is not None:
        allowed = Budget(minutes=asked.minutes) if asked.minutes else allowed
        department = rule.department if asked.department is None else asked.department.strip()
        note = asked.note
    states = {task.id: TaskState(task.state) for task in tasks_of(ticket.id)}
    is_ready = may_begin(states[each] for each in before)
    task = Task(
        ticket_id=ticket.id,
        kind=str(kind),
        department=department,
        skill=rule.skill,
        before_crew=rule.before_crew,
        waits_for=list(before),
        budget=allowed.as_json() if allowed else None,
        state=str(TaskState.OPEN if is_ready else TaskState.WAITING),
        note=note,
        opened_at=now,
        opened_by=actor.name,
        changed_at=now,
        changed_by=actor.name,
    )
    db.session.add(task)
    db.session.flush()
    _record(ticket, task, EventKind.TASK_OPENED, actor=actor, now=now, note=note)
    if is_ready:
        task.ready_at = now
        _start_clock(ticket, task, now)
    return task


def _start_clock(ticket: Ticket, task: Task, now: datetime) -> None:
    if task.budget is not None:
        task.due_at = due_at(Budget.from_json(task.budget), now, policy_of(ticket.policy_id).policy)
    clock = task_clock(task)
    if clock is not None:
        arm(ticket, clock)


def assign_task(
    ticket: Ticket,
    task: Task,
    owner: Owner,
    *,
    actor: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> None:
    """Give a task to a department, a team, a crew or a person; a refused one is open again.

    Raises:
        Forbidden: when the task is settled.
        Stale: when somebody changed the task in between.
    """
    _check_version(task, seen_version)
    if TaskState(task.state) in SETTLED:
        state = TASK_STATE_NAMES[TaskState(task.state)]
        raise Forbidden(say("This task is %(state)s, so nobody needs it any more.", state=state))
    if task.state == TaskState.REFUSED:
        move_task(task, TaskState.OPEN, actor=actor, now=now)
    if owner.department is not None:
        task.department = owner.department.strip()
    task.team_id, task.crew_id, task.user_id = owner.team_id, owner.crew_id, owner.user_id
    task.automatic, task.reasons, task.eta_at = False, None, None
    _touch(task, actor, now)
    _record(ticket, task, EventKind.TASK_ASSIGNED, actor=actor, now=now)


def send_to_task(
    ticket: Ticket,
    task: Task,
    crew: Crew,
    reasons: dict[str, Any],
    *,
    eta_at: datetime | None,
    actor: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> None:
    """Let the planner give a task a crew of its own, with the reasons for and against each.

    Raises:
        Forbidden: when the task is not open.
        Stale: when somebody changed the task in between.
    """
    _check_version(task, seen_version)
    if task.state != TaskState.OPEN or task.crew_id is not None:
        raise Forbidden(say("This task has a crew already, or needs none now."))
    task.crew_id, task.automatic = crew.id, True
    task.reasons, task.eta_at = reasons, eta_at
    _touch(task, actor, now)
    _record(ticket, task, EventKind.TASK_ASSIGNED, actor=actor, now=now)


def start_task(
    ticket: Ticket, task: Task, *, actor: Actor, now: datetime, seen_version: int | None = None
) -> None:
    """Say that the work of a task has begun.

    Raises:
        Forbidden: when the task waits for another, or is past that.
        Stale: when somebody changed the task in between.
    """
    _check_version(task, seen_version)
    move_task(task, TaskState.IN_PROGRESS, actor=actor, now=now)
    _record(ticket, task, EventKind.TASK_STARTED, actor=actor, now=now)


def finish_task(
    ticket: Ticket,
    task: Task,
    *,
    actor: Actor,
    now: datetime,
    note: str = "",
    seen_version: int | None = None,
) -> None:
    """Say that a task is done; those that waited for it may begin.

    Raises:
        Forbidden: when the task waits for another, or was settled before.
        Stale: when somebody changed the task in between.
    """
    _check_version(task, seen_version)
    _settle(ticket, task, TaskState.DONE, actor=actor, now=now, note=note.strip() or None)


def refuse_task(
    ticket: Ticket,
    task: Task,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> None:
    """Give a task back to the desk; its clock goes on.

    A crew that the planner chose frees the task for the next crew.

    Raises:
        Invalid: when no reason is given.
        Forbidden: when the task waits for another, or was settled before.
        Stale: when somebody changed the task in between.
    """
    _check_version(task, seen_version)
    task_reason = check_reason(reason)
    move_task(task, TaskState.REFUSED, actor=actor, now=now)
    task.note = task_reason
    _record(ticket, task, EventKind.TASK_REFUSED, actor=actor, now=now, note=task_reason)
    if task.crew_id is not None:
        task.refused_by = [*task.refused_by, task.crew_id]
    if task.automatic:
        move_task(task, TaskState.OPEN, actor=actor, now=now)
    task.crew_id, task.automatic, task.reasons, task.eta_at = None, False, None, None


def cancel_task(
    ticket: Ticket,
    task: Task,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> None:
    """Say that a task is not needed; those that waited for it may begin.

    Raises:
        Invalid: when no reason is given.
        Forbidden: when the task was settled before.
        Stale: when somebody changed the task in between.
    """
    _check_version(task, seen_version)
    _settle(ticket, task, TaskState.CANCELLED, actor=actor, now=now, note=check_reason(reason))


def cancel_all_tasks(ticket: Ticket, *, actor: Actor, now: datetime) -> None:
    """Cancel what is left to do under a ticket that ends without a repair."""
    why = say("The ticket ended")
    for task in reversed(unsettled_tasks(ticket.id)):
        move_task(task, TaskState.CANCELLED, actor=actor, now=now)
        disarm(ticket, task=task)
        _record(ticket, task, EventKind.TASK_CANCELLED, actor=actor, now=now, why=why)


def check_tasks_allow_closing(ticket: Ticket, reason: str) -> None:
    """Refuse to close a ticket over a task that is not settled, unless somebody says why.

    Raises:
        Invalid: naming the tasks, on the field of the reason.
    """
    left = unsettled_tasks(ticket.id)
    if left and not reason.strip():
        first = left[0]
        fault = say(
            "%(count)s tasks are not settled, “%(task)s” first. "
            "Settle them, or say why the ticket is closed over them.",
            count=len(left),
            task=TASK_NAMES[TaskKind(first.kind)],
        )
        raise Invalid(fault, fields={"reason": fault}, facts={"tasks": [each.id for each in left]})


def _settle(
    ticket: Ticket,
    task: Task,
    target: TaskState,
    *,
    actor: Actor,
    now: datetime,
    note: str | None,
) -> None:
    kinds = {TaskState.DONE: EventKind.TASK_DONE, TaskState.CANCELLED: EventKind.TASK_CANCELLED}
    move_task(task, target, actor=actor, now=now)
    task.note = note or task.note
    disarm(ticket, task=task)
    _record(ticket, task, kinds[target], actor=actor, now=now, note=note)
    states = {each.id: TaskState(each.state) for each in tasks_of(ticket.id)}
    for each in unsettled_tasks(ticket.id):
        if each.state == TaskState.WAITING and may_begin(states[one] for one in each.waits_for):
            move_task(each, TaskState.OPEN, actor=actor, now=now)
            _record(ticket, each, EventKind.TASK_READY, actor=actor, now=now)
            _start_clock(ticket, each, now)
    if has_steps(ticket.kind):
        lead_request(ticket, task, actor=actor, now=now)


def _touch(task: Task, actor: Actor, now: datetime) -> None:
    task.assigned_at = now
    task.changed_at, task.changed_by = now, actor.name


def _record(
    ticket: Ticket,
    task: Task,
    kind: EventKind,
    *,
    actor: Actor,
    now: datetime,
    note: str | None = None,
    why: Sentence | None = None,
) -> None:
    """Write a step of a task into the story; nobody's view of the ticket grows stale by it."""
    facts: dict[str, Any] = {
        "task_id": task.id,
        "task": task.kind,
        "state": task.state,
        "department": task.department,
        "team_id": task.team_id,
        "crew_id": task.crew_id,
        "user_id": task.user_id,
    }
    if task.crew_id is not None:
        facts["crew"] = db.session.get_one(Crew, task.crew_id).name
    if why is not None:
        facts["reasons"] = [why.as_json()]
    record_aside(ticket, kind, actor=actor, now=now, told=Told(note=note, facts=facts))


def _check_version(task: Task, seen_version: int | None) -> None:
    if seen_version is None or seen_version == task.version:
        return
    raise Stale(
        say(
            "%(who)s changed this task at %(when)s. Look at it again before you change it.",
            who=task.changed_by,
            when=task.changed_at,
        ),
        facts={"version": task.version, "seen_version": seen_version, "state": task.state},
    )
