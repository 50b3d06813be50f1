"""Which piece of work runs beside a repair, how does it stand, and what may follow?"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from dispatch.domain.errors import Forbidden
from dispatch.domain.sentences import Sentence, say

if TYPE_CHECKING:
    from collections.abc import Iterable


class TaskKind(StrEnum):
    """What another department does for the same fault, or a step of a request; a closed list."""

    VALVE_CLOSING = "valve_closing"
    TRAFFIC_PERMIT = "traffic_permit"
    EXCAVATION = "excavation"
    DISINFECTION = "disinfection"
    REINSTATEMENT = "reinstatement"
    ACCEPTANCE = "acceptance"
    SURVEY = "survey"
    QUOTE = "quote"
    PAYMENT = "payment"
    CONSTRUCTION = "construction"
    METER_OPENING = "meter_opening"
    SAMPLING = "sampling"
    ANALYSIS = "analysis"
    REPLY = "reply"


BESIDE_REPAIRS = (
    TaskKind.VALVE_CLOSING,
    TaskKind.TRAFFIC_PERMIT,
    TaskKind.EXCAVATION,
    TaskKind.DISINFECTION,
    TaskKind.REINSTATEMENT,
)
"""What other departments do beside a repair; the others are steps of a request."""

CUSTOMERS_STEPS = frozenset({TaskKind.PAYMENT})
"""Steps in which we wait for the customer: the ticket is on hold until they are done."""


TASK_NAMES: dict[TaskKind, Sentence] = {
    TaskKind.VALVE_CLOSING: say("Valve closing"),
    TaskKind.TRAFFIC_PERMIT: say("Traffic permit"),
    TaskKind.EXCAVATION: say("Excavation"),
    TaskKind.DISINFECTION: say("Disinfection"),
    TaskKind.REINSTATEMENT: say("Road reinstatement"),
    TaskKind.ACCEPTANCE: say("Acceptance of the request"),
    TaskKind.SURVEY: say("Survey on site"),
    TaskKind.QUOTE: say("Plan and quote"),
    TaskKind.PAYMENT: say("Payment by the customer"),
    TaskKind.CONSTRUCTION: say("Construction"),
    TaskKind.METER_OPENING: say("Meter and opening"),
    TaskKind.SAMPLING: say("Sampling"),
    TaskKind.ANALYSIS: say("Analysis"),
    TaskKind.REPLY: say("Answer to the customer"),
}
DEPARTMENT_NAMES: dict[TaskKind, Sentence] = {
    TaskKind.VALVE_CLOSING: say("Network control"),
    TaskKind.TRAFFIC_PERMIT: say("Traffic police"),
    TaskKind.EXCAVATION: say("Civil works"),
    TaskKind.DISINFECTION: say("Water quality laboratory"),
    TaskKind.REINSTATEMENT: say("Road maintenance"),
    TaskKind.ACCEPTANCE: say("Customer service"),
    TaskKind.SURVEY: say("Design"),
    TaskKind.QUOTE: say("Design"),
    TaskKind.PAYMENT: say("The customer"),
    TaskKind.CONSTRUCTION: say("Installation works"),
    TaskKind.METER_OPENING: say("Metering"),
    TaskKind.SAMPLING: say("Water quality laboratory"),
    TaskKind.ANALYSIS: say("Water quality laboratory"),
    TaskKind.REPLY: say("Customer service"),
}
"""Who does it where the settings name nobody else."""


class TaskState(StrEnum):
    """Where a task stands. A refused one is back at the desk; its clock goes on."""

    WAITING = "waiting"
    OPEN = "open"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    REFUSED = "refused"
    CANCELLED = "cancelled"


S = TaskState

TASK_STATE_NAMES: dict[TaskState, Sentence] = {
    S.WAITING: say("waits for another task"),
    S.OPEN: say("open"),
    S.IN_PROGRESS: say("in progress"),
    S.DONE: say("done"),
    S.REFUSED: say("refused"),
    S.CANCELLED: say("cancelled"),
}

FOLLOWS: dict[TaskState, frozenset[TaskState]] = {
    S.WAITING: frozenset({S.OPEN, S.CANCELLED}),
    S.OPEN: frozenset({S.IN_PROGRESS, S.DONE, S.REFUSED, S.CANCELLED}),
    S.IN_PROGRESS: frozenset({S.DONE, S.REFUSED, S.CANCELLED}),
    S.REFUSED: frozenset({S.OPEN, S.CANCELLED}),
    S.DONE: frozenset(),
    S.CANCELLED: frozenset(),
}

SETTLED = frozenset({S.DONE, S.CANCELLED})
"""States after which nobody is expected to do anything."""


def check_task_transition(state: TaskState, target: TaskState) -> None:
    """Refuse a step of a task that the table does not hold.

    Raises:
        Forbidden: naming the present state and the one asked for.
    """
    if target not in FOLLOWS[state]:
        raise Forbidden(
            say(
                "This task stands at “%(state)s”, so it cannot become “%(target)s”.",
                state=TASK_STATE_NAMES[state],
                target=TASK_STATE_NAMES[target],
            ),
            facts={"state": str(state), "target": str(target)},
        )


def may_begin(before: Iterable[TaskState]) -> bool:
    """Tell whether a task may begin, by the states of those that it waits for."""
    return all(state in SETTLED for state in before)


def department_of(kind: str, named: str) -> Sentence:
    """Return who does a task: as it was named, else as is usual for its kind."""
    return Sentence(named) if named else DEPARTMENT_NAMES[TaskKind(kind)]
