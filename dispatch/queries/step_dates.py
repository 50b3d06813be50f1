"""Which steps does a request take, how far is it, and on which day is each expected?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dispatch.domain.budgets import Budget
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.step_dates import StepDate, StepStanding, step_dates
from dispatch.domain.task_state import (
    CUSTOMERS_STEPS,
    SETTLED,
    TASK_NAMES,
    TaskKind,
    TaskState,
)
from dispatch.domain.ticket_kinds import has_steps
from dispatch.domain.ticket_state import TicketState
from dispatch.queries.policies import policy_of
from dispatch.queries.tasks import tasks_of

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.models.tickets import Task, Ticket

S = TicketState
UNDER_WAY = (
    "info",
    say("Your request is under way"),
    say("Below you see which step it has reached, and by which day each is done."),
)
REQUEST_HEADLINES: dict[TicketState, tuple[str, Sentence, Sentence]] = {
    S.RECEIVED: UNDER_WAY,
    S.ACCEPTED: UNDER_WAY,
    S.RETURNED: UNDER_WAY,
    S.REOPENED: UNDER_WAY,
    S.COMPLETED: (
        "good",
        say("All steps are done"),
        say("Please tell us whether everything is as it should be."),
    ),
    S.CLOSED: (
        "good",
        say("Done and closed"),
        say("If something is not as it should be, say so below."),
    ),
}


@dataclass(frozen=True)
class RequestStep:
    """One step of a request, as its customer may read it.

    `standing` is ``done``, ``now`` or ``ahead``; `is_customers` says that we wait for the customer.
    """

    name: Sentence
    standing: str
    is_customers: bool
    at: datetime | None
    promise: Sentence | None


def dates_of(ticket: Ticket, now: datetime) -> dict[int, StepDate]:
    """Return when each task of a ticket is expected to be done, by id, with the promise in words.

    Source: the calendar of the promises that the ticket keeps.
    """
    steps = [_standing(task) for task in tasks_of(ticket.id)]
    return step_dates(steps, policy_of(ticket.policy_id).policy, now)


def request_steps(ticket: Ticket, now: datetime) -> tuple[RequestStep, ...]:
    """Return the steps of a request in order; none for a fault, whose tasks are internal."""
    if not has_steps(ticket.kind):
        return ()
    dates = dates_of(ticket, now)
    return tuple(
        _step(task, dates[task.id])
        for task in tasks_of(ticket.id)
        if task.state != TaskState.CANCELLED
    )


def _step(task: Task, date: StepDate) -> RequestStep:
    kind, state = TaskKind(task.kind), TaskState(task.state)
    is_done = state in SETTLED
    standing = "done" if is_done else "ahead" if state is TaskState.WAITING else "now"
    is_customers = kind in CUSTOMERS_STEPS
    promise = date.promise
    if is_customers and not is_done:
        promise = say("We wait for your payment; the next steps count from it.")
    return RequestStep(TASK_NAMES[kind], standing, is_customers, date.expected_at, promise)


def _standing(task: Task) -> StepStanding:
    return StepStanding(
        id=task.id,
        kind=TaskKind(task.kind),
        state=TaskState(task.state),
        waits_for=tuple(task.waits_for),
        budget=Budget.from_json(task.budget) if task.budget else None,
        ready_at=task.ready_at,
        due_at=task.due_at,
        ended_at=task.ended_at,
    )
