"""Which tasks does a burst of the demo open, and when do the departments do them?"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from dispatch.actions.administration import store_policy
from dispatch.actions.tasks import finish_task, start_task
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.budgets import Budget
from dispatch.domain.errors import Refused
from dispatch.domain.task_state import TaskKind, TaskState
from dispatch.domain.task_templates import TaskRule, TaskTemplates
from dispatch.queries.policies import policy_in_force
from dispatch.queries.tasks import task_of_department, tasks_of_departments

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.models.tickets import Task, Ticket

log = logging.getLogger(__name__)

BURST_TASKS = TaskTemplates(
    kinds={
        TaskKind.VALVE_CLOSING: TaskRule(allowed=Budget(minutes=30)),
        TaskKind.TRAFFIC_PERMIT: TaskRule(allowed=Budget(minutes=60)),
        TaskKind.EXCAVATION: TaskRule(allowed=Budget(minutes=120)),
        TaskKind.REINSTATEMENT: TaskRule(allowed=Budget(working_days=2)),
    },
    steps={
        "burst": {
            TaskKind.VALVE_CLOSING: 1,
            TaskKind.TRAFFIC_PERMIT: 2,
            TaskKind.EXCAVATION: 2,
            TaskKind.REINSTATEMENT: 3,
        }
    },
)
WHY = "Demo: a burst opens tasks for other departments 演示：爆管自动开相关任务"
BEGIN_SECONDS = (20.0, 120.0)
WORK_SECONDS = (60.0, 300.0)


def let_bursts_open_tasks(*, actor: Actor, now: datetime) -> None:
    """Put the promises in force under which a burst opens tasks; older tickets have none."""
    policy = policy_in_force().policy
    kinds = policy.tasks.kinds | BURST_TASKS.kinds
    tasks = replace(policy.tasks, kinds=kinds, steps=BURST_TASKS.steps)
    store_policy(replace(policy, tasks=tasks), WHY, actor=actor, now=now)


def move_tasks(actor: Actor, speed: float, now: datetime) -> None:
    """Let the departments begin and finish what is due; all waiting is `speed` times as short.

    A road is reinstated only after the repair. What a crew or a person has is left to them.
    """
    for task_id, ticket_id in tasks_of_departments():
        try:
            with transaction():
                _move(*task_of_department(task_id, ticket_id), actor, speed, now)
        except Refused as refusal:
            # A visitor did something with this task a moment ago; the next tick sees it.
            log.info("task %s: %s", task_id, refusal)


def _move(ticket: Ticket, task: Task, actor: Actor, speed: float, now: datetime) -> None:
    dice = Random(task.id)  # noqa: S311  a simulation
    begin, work = (
        timedelta(seconds=dice.uniform(*each) / speed) for each in (BEGIN_SECONDS, WORK_SECONDS)
    )
    if task.state == TaskState.OPEN:
        if now - (task.ready_at or now) >= begin:
            start_task(ticket, task, actor=actor, now=now)
    elif now - (task.started_at or now) >= work:
        finish_task(ticket, task, actor=actor, now=now)
