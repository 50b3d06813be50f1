"""On which working day is each step of a ticket expected to be done, and why then?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from dispatch.domain.calendar_words import working_days_words
from dispatch.domain.service_policy import due_at
from dispatch.domain.task_state import CUSTOMERS_STEPS, SETTLED, TaskKind, TaskState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dispatch.domain.budgets import Budget
    from dispatch.domain.sentences import Sentence
    from dispatch.domain.service_policy import ServicePolicy

_A_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class StepStanding:
    """One step as it stands: what it waits for (ids), its time allowed, and its instants."""

    id: int
    kind: TaskKind
    state: TaskState
    waits_for: tuple[int, ...]
    budget: Budget | None
    ready_at: datetime | None
    due_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True)
class StepDate:
    """When a step should be done, None where the customer decides; and the promise in words."""

    expected_at: datetime | None
    promise: Sentence | None


def step_dates(
    steps: Sequence[StepStanding], policy: ServicePolicy, now: datetime
) -> dict[int, StepDate]:
    """Return the date of each step by id; `steps` stand in an order in which none waits for later.

    A step under way is expected at its due date, or at once when that is past; each later one
    follows when those before it are done. After a step of the customer nothing can be dated.
    """
    found: dict[int, StepDate] = {}
    for step in steps:
        found[step.id] = _date(step, found, policy, now)
    return found


def _date(
    step: StepStanding, before: dict[int, StepDate], policy: ServicePolicy, now: datetime
) -> StepDate:
    if step.state in SETTLED:
        return StepDate(step.ended_at, None)
    start = step.ready_at or _start(step, before, now)
    if start is None or step.budget is None:
        is_customers = step.kind in CUSTOMERS_STEPS
        return StepDate(None if is_customers else start, None)
    due = step.due_at or due_at(step.budget, start, policy)
    words = (
        working_days_words(policy.calendar, step.budget.working_days, start, due)
        if step.budget.working_days
        else None
    )
    return StepDate(max(due, now), words)


def _start(step: StepStanding, before: dict[int, StepDate], now: datetime) -> datetime | None:
    """Return when a step may begin: a moment before the last of those before it is due.

    At the very end of a working day the next one would count already.
    """
    ends = [before[each].expected_at for each in step.waits_for if each in before]
    known = [at for at in ends if at is not None]
    if len(known) < len(ends):
        return None
    return max(known) - _A_MOMENT if known else now
