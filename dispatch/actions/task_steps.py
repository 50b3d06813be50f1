"""Which named steps of a task can a person or a program ask for, and whose are they?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dispatch.actions import tasks
from dispatch.domain.errors import Invalid, NotAllowed, NotFound
from dispatch.domain.permissions import Permission
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.people import Team, User
from dispatch.queries.tasks import task_for_change
from dispatch.queries.visits import crew_for_change

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.models.tickets import Task, Ticket

OWN_STEPS = frozenset({"start", "finish", "refuse"})
"""Steps that whoever has the task may take too."""

TASK_STEPS = frozenset({"assign", "cancel"}) | OWN_STEPS


def ask_for_task(ticket: Ticket, args: dict[str, Any], *, actor: Actor, now: datetime) -> Task:
    """Open a task that a person or a program asks for, given to whom they name.

    Raises:
        NotAllowed: when the asker's role may not ask, or may not say whose it is.
        Refused: whatever the action itself refuses.
    """
    if not actor.can(Permission.ASK_FOR_TASK):
        raise _not_yours()
    new = tasks.NewTask(
        kind=args["kind"],
        department=args.get("department"),
        minutes=args.get("minutes"),
        waits_for=tuple(args.get("waits_for") or ()),
        note=(args.get("note") or "").strip() or None,
    )
    task = tasks.open_task(ticket, new, actor=actor, now=now)
    if any(args.get(name) for name in ("team_id", "crew_id", "user_id")):
        _check_may_run(actor)
        tasks.assign_task(ticket, task, _owner(args, actor), actor=actor, now=now)
    return task


def take_task_step(
    ticket: Ticket,
    task_id: int,
    step: str,
    args: dict[str, Any],
    *,
    actor: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> Task:
    """Take one step of a task by its name.

    Raises:
        NotFound: when there is no such step, or no such task under the ticket.
        NotAllowed: when the asker neither runs tasks nor has this one.
        Refused: whatever the action itself refuses.
    """
    if step not in TASK_STEPS:
        fault = say("There is no step “%(step)s”.", step=step)
        raise NotFound(fault, fields={"step": fault}, facts={"steps": sorted(TASK_STEPS)})
    task = task_for_change(ticket, task_id)
    if step not in OWN_STEPS or not is_own(task, actor):
        _check_may_run(actor)
    by: dict[str, Any] = {"actor": actor, "now": now, "seen_version": seen_version}
    reason = str(args.get("reason") or "")
    if step == "assign":
        tasks.assign_task(ticket, task, _owner(args, actor), **by)
    elif step == "start":
        tasks.start_task(ticket, task, **by)
    elif step == "finish":
        tasks.finish_task(ticket, task, note=str(args.get("note") or ""), **by)
    elif step == "refuse":
        tasks.refuse_task(ticket, task, reason=reason, **by)
    else:
        tasks.cancel_task(ticket, task, reason=reason, **by)
    return task


def is_own(task: Task, actor: Actor) -> bool:
    """Tell whether a task is the asker's own, or that of the asker's crew."""
    is_named = task.user_id is not None and task.user_id == actor.user_id
    is_crews = actor.can(Permission.DO_FIELD_WORK) and task.crew_id is not None
    return is_named or (is_crews and task.crew_id == actor.crew_id)


def _owner(args: dict[str, Any], actor: Actor) -> tasks.Owner:
    crew_id, team_id, user_id = (args.get(name) for name in ("crew_id", "team_id", "user_id"))
    if crew_id is not None:
        crew_for_change(crew_id, actor.scope)
    if team_id is not None and db.session.get(Team, team_id) is None:
        fault = say("There is no such team.")
        raise Invalid(fault, fields={"team_id": fault})
    known = select(User.id).where(User.id == user_id, User.active)
    if user_id is not None and db.session.scalar(known) is None:
        fault = say("There is no such person, or the account is closed.")
        raise Invalid(fault, fields={"user_id": fault})
    return tasks.Owner(args.get("department"), team_id, crew_id, user_id)


def _check_may_run(actor: Actor) -> None:
    if not actor.can(Permission.RUN_TASKS):
        raise _not_yours()


def _not_yours() -> NotAllowed:
    return NotAllowed(say("Your role may not take this step. Ask a dispatcher."))
