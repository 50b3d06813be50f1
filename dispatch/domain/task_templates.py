"""Which tasks does a category of fault open, in which order, for whom and by when?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dispatch.domain.budgets import Budget
from dispatch.domain.sentences import say
from dispatch.domain.strict_json import (
    joined,
    read_object,
    read_optional,
    read_whole,
    wrong,
    wrong_fields,
)
from dispatch.domain.task_state import TaskKind

if TYPE_CHECKING:
    from collections.abc import Sequence

LAST_STEP = 9
LONGEST_NAME = 80


@dataclass(frozen=True)
class TaskRule:
    """How one kind of task is done.

    `department` is empty for the usual one. `allowed` runs from the instant at which the task may
    begin. With a `skill` the planner gives it a crew of its own. `before_crew`: the planner sends
    no crew for the repair before it is settled.
    """

    department: str = ""
    allowed: Budget | None = None
    skill: str | None = None
    before_crew: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return a JSON object that `from_json` reads back."""
        return {
            "department": self.department,
            "allowed": self.allowed and self.allowed.as_json(),
            "skill": self.skill,
            "before_crew": self.before_crew,
        }

    @classmethod
    def from_json(cls, stored: object, path: str = "") -> TaskRule:
        """Read what `as_json` wrote; raises Invalid, naming the field under `path`."""
        readers = {
            "department": _read_name,
            "allowed": read_optional(Budget.from_json),
            "skill": read_optional(_read_name),
            "before_crew": _read_flag,
        }
        return cls(**read_object(stored, path, readers))


@dataclass(frozen=True)
class PlannedTask:
    """One task of a template: its kind, its rule, and the kinds that come before it."""

    kind: TaskKind
    rule: TaskRule
    after: tuple[TaskKind, ...]


@dataclass(frozen=True)
class TaskTemplates:
    """The kinds of tasks, and for each category the step of each kind that it opens.

    Tasks of one step run side by side; a later step waits for all of the earlier ones.
    """

    kinds: dict[TaskKind, TaskRule] = field(default_factory=dict)
    steps: dict[str, dict[TaskKind, int]] = field(default_factory=dict)

    def rule_of(self, kind: TaskKind) -> TaskRule:
        """Return how a kind of task is done.

        One that is not set has neither clock nor skill; a step of a request has its usual ones.
        """
        return self.kinds.get(kind) or STEP_RULES.get(kind, TaskRule())

    def of_category(self, category: str) -> list[PlannedTask]:
        """Return what a category opens, in order, so that a task stands after those before it."""
        steps = self.steps.get(category, {})
        order = list(TaskKind)
        return [
            PlannedTask(
                kind,
                self.rule_of(kind),
                tuple(other for other in order if steps.get(other, LAST_STEP) < steps[kind]),
            )
            for kind in sorted(steps, key=lambda each: (steps[each], order.index(each)))
        ]

    def of_procedure(self, steps: Sequence[TaskKind]) -> list[PlannedTask]:
        """Return the steps of a request, each of which waits for the one before it."""
        return [
            PlannedTask(kind, self.rule_of(kind), tuple(steps[max(0, place - 1) : place]))
            for place, kind in enumerate(steps)
        ]

    def as_json(self) -> dict[str, Any]:
        """Return a JSON object that `from_json` reads back."""
        return {
            "kinds": {str(kind): self.kinds[kind].as_json() for kind in self.kinds},
            "steps": {
                category: {str(kind): step for kind, step in steps.items()}
                for category, steps in self.steps.items()
            },
        }

    @classmethod
    def from_json(cls, stored: object, path: str = "") -> TaskTemplates:
        """Read what `as_json` wrote; raises Invalid, naming every wrong field under `path`."""
        found = read_object(stored, path, {"kinds": _read_kinds, "steps": _read_categories})
        return cls(**found)


def _read_name(value: object, path: str) -> str:
    if isinstance(value, str) and len(value) <= LONGEST_NAME and (value.isprintable()):
        return " ".join(value.split())
    raise wrong(path, say("This must be a line of at most %(most)s characters.", most=LONGEST_NAME))


def _read_flag(value: object, path: str) -> bool:
    if isinstance(value, bool):
        return value
    raise wrong(path, say("This must be true or false."))


def _read_kinds(value: object, path: str) -> dict[TaskKind, TaskRule]:
    named = [str(kind) for kind in TaskKind if isinstance(value, dict) and kind in value]
    found = read_object(value, path, dict.fromkeys(named, TaskRule.from_json))
    return {TaskKind(name): rule for name, rule in found.items()}


def _read_categories(value: object, path: str) -> dict[str, dict[TaskKind, int]]:
    if not isinstance(value, dict):
        raise wrong(path, say("This must be an object with named fields."))
    faults = {joined(path, name): say("Use a plain word.") for name in value if not _is_key(name)}
    if faults:
        raise wrong_fields(faults)
    return {name: _read_steps(steps, joined(path, name)) for name, steps in value.items()}


def _is_key(name: object) -> bool:
    return isinstance(name, str) and name.isascii() and name.isidentifier()


def _read_steps(value: object, path: str) -> dict[TaskKind, int]:
    named = [str(kind) for kind in TaskKind if isinstance(value, dict) and kind in value]
    found = read_object(value, path, dict.fromkeys(named, read_whole(1, LAST_STEP)))
    return {TaskKind(name): step for name, step in found.items()}


STEP_RULES = {
    TaskKind.ACCEPTANCE: TaskRule(allowed=Budget(working_days=1)),
    TaskKind.SURVEY: TaskRule(allowed=Budget(working_days=2), skill="meter"),
    TaskKind.QUOTE: TaskRule(allowed=Budget(working_days=3)),
    TaskKind.PAYMENT: TaskRule(),
    TaskKind.CONSTRUCTION: TaskRule(allowed=Budget(working_days=10)),
    TaskKind.METER_OPENING: TaskRule(allowed=Budget(working_days=1)),
    TaskKind.SAMPLING: TaskRule(allowed=Budget(working_days=1), skill="quality"),
    TaskKind.ANALYSIS: TaskRule(allowed=Budget(working_days=3)),
    TaskKind.REPLY: TaskRule(allowed=Budget(working_days=1)),
}
"""How the steps of a request are done where the settings do not say."""

_KINDS = {
    **STEP_RULES,
    TaskKind.VALVE_CLOSING: TaskRule(allowed=Budget(minutes=30)),
    TaskKind.TRAFFIC_PERMIT: TaskRule(allowed=Budget(minutes=120)),
    TaskKind.EXCAVATION: TaskRule(allowed=Budget(minutes=240)),
    TaskKind.DISINFECTION: TaskRule(allowed=Budget(minutes=240)),
    TaskKind.REINSTATEMENT: TaskRule(allowed=Budget(working_days=5)),
}

DEFAULT_TASKS = TaskTemplates(kinds=_KINDS)
"""No category opens a task by itself until the utility says so; the desk may ask for each."""

SUGGESTED_TASKS = TaskTemplates(
    kinds=_KINDS,
    steps={
        "burst": {
            TaskKind.VALVE_CLOSING: 1,
            TaskKind.TRAFFIC_PERMIT: 1,
            TaskKind.EXCAVATION: 2,
            TaskKind.DISINFECTION: 3,
            TaskKind.REINSTATEMENT: 3,
        },
        "road_flooding": {TaskKind.VALVE_CLOSING: 1, TaskKind.TRAFFIC_PERMIT: 1},
    },
)
"""What a utility may begin with: the form of the promises fills it in on request."""
