"""What was promised to this resident, and by when is it due?"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any, cast
from zoneinfo import ZoneInfo

from dispatch.domain.arrival import DEFAULT_ARRIVAL, ArrivalRules
from dispatch.domain.asking import DEFAULT_ASKING, AskingRules
from dispatch.domain.budgets import Budget
from dispatch.domain.holding import DEFAULT_HOLDS, HoldLimits
from dispatch.domain.instants import as_utc
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.strict_json import (
    MINUTES_A_DAY,
    clock_time,
    read_clock_time,
    read_list,
    read_number,
    read_object,
    read_optional,
    read_whole,
    wrong,
)
from dispatch.domain.task_templates import DEFAULT_TASKS, TaskTemplates
from dispatch.domain.working_hours import WorkCalendar

_A_DAY = Budget(minutes=MINUTES_A_DAY)
_FOUR_HOURS = Budget(minutes=4 * 60)


class Level(IntEnum):
    """How urgent a fault is; 1 is the most urgent."""

    EMERGENCY = 1
    URGENT = 2
    STANDARD = 3
    ENQUIRY = 4


class Zone(StrEnum):
    """Whether a grid counts as town or as suburb."""

    TOWN = "town"
    SUBURB = "suburb"


class ClockKind(StrEnum):
    """The promises that are timed, with a pause, a dispute and the answer to a hand-over."""

    DISPATCH = "dispatch"
    ACKNOWLEDGE = "acknowledge"
    CALL_BACK = "call_back"
    ARRIVE = "arrive"
    RESTORE = "restore"
    REPAIR = "repair"
    FOLLOW_UP = "follow_up"
    TASK = "task"
    HOLD = "hold"
    DISPUTE = "dispute"
    RELIEF = "relief"


STARTS_AT_RECEIPT = (
    ClockKind.DISPATCH,
    ClockKind.CALL_BACK,
    ClockKind.ARRIVE,
    ClockKind.RESTORE,
    ClockKind.REPAIR,
)
LEVEL_NAMES: dict[Level, Sentence] = {
    Level.EMERGENCY: say("Emergency"),
    Level.URGENT: say("Urgent"),
    Level.STANDARD: say("Standard"),
    Level.ENQUIRY: say("Enquiry"),
}
ZONE_NAMES: dict[Zone, Sentence] = {Zone.TOWN: say("Town"), Zone.SUBURB: say("Suburb")}
CLOCK_NAMES: dict[ClockKind, Sentence] = {
    ClockKind.DISPATCH: say("Dispatch"),
    ClockKind.ACKNOWLEDGE: say("Acknowledge"),
    ClockKind.CALL_BACK: say("Call back"),
    ClockKind.ARRIVE: say("Arrive"),
    ClockKind.RESTORE: say("Stop or restore water"),
    ClockKind.REPAIR: say("Repair"),
    ClockKind.FOLLOW_UP: say("Follow up"),
    ClockKind.TASK: say("Task"),
    ClockKind.HOLD: say("The pause is over"),
    ClockKind.DISPUTE: say("Decide a dispute"),
    ClockKind.RELIEF: say("Answer a hand-over"),
}


@dataclass(frozen=True)
class ArriveTargets:
    """The arrival promise of a level; night comes before circle, circle before zone."""

    town: Budget
    suburb: Budget
    in_circle: Budget | None = None
    night: Budget | None = None

    def target(self, *, zone: Zone, in_circle: bool, night: bool) -> Budget:
        """Return the arrival budget for a place and a time of day."""
        if night and self.night:
            return self.night
        if in_circle and self.in_circle:
            return self.in_circle
        return self.town if zone is Zone.TOWN else self.suburb

    @classmethod
    def from_json(cls, stored: object, path: str = "") -> ArriveTargets:
        """Read a JSON object with a budget or null a field."""
        optional = read_optional(Budget.from_json)
        return cls(
            **read_object(
                stored,
                path,
                {
                    "town": Budget.from_json,
                    "suburb": Budget.from_json,
                    "in_circle": optional,
                    "night": optional,
                },
            )
        )


@dataclass(frozen=True)
class LevelTargets:
    """The promises of one level; None means that nothing is promised."""

    dispatch: Budget | None = None
    acknowledge: Budget | None = None
    call_back: Budget | None = None
    arrive: ArriveTargets | None = None
    restore: Budget | None = None
    repair: Budget | None = None
    repair_large_main: Budget | None = None

    @classmethod
    def from_json(cls, stored: object, path: str = "") -> LevelTargets:
        """Read a JSON object in which every promise is named, null where there is none."""
        readers = {field.name: read_optional(Budget.from_json) for field in fields(cls)}
        found = read_object(
            stored, path, {**readers, "arrive": read_optional(ArriveTargets.from_json)}
        )
        return cls(**found)


@dataclass(frozen=True)
class ServicePolicy:
    """Every promise of a utility: level x zone x time of day, and the ladder of warnings.

    `levels` holds the four levels in order, `night` the first and the last minute of the night
    after local midnight, `ladder` the fractions of a budget at which somebody is told.
    Raises Invalid, naming the field.
    """

    levels: tuple[LevelTargets, LevelTargets, LevelTargets, LevelTargets]
    calendar: WorkCalendar
    follow_up: Budget = _A_DAY
    night: tuple[int, int] = (22 * 60, 6 * 60)
    ladder: tuple[float, ...] = (0.5, 0.8, 1.0, 1.5)
    circle_minutes: int = 30
    large_main_mm: int = 100
    tasks: TaskTemplates = DEFAULT_TASKS
    asking: AskingRules = DEFAULT_ASKING
    holds: HoldLimits = DEFAULT_HOLDS
    dispute: Budget = _FOUR_HOURS
    arrival: ArrivalRules = DEFAULT_ARRIVAL

    def __post_init__(self) -> None:
        """Refuse a ladder that does not climb or that has no breach."""
        if list(self.ladder) != sorted(set(self.ladder)) or 1.0 not in self.ladder:
            raise wrong("ladder", say("The steps must rise, and one of them must be 1."))

    def of_level(self, level: Level) -> LevelTargets:
        """Return the promises of one level."""
        return self.levels[level - 1]

    def is_night(self, at: datetime) -> bool:
        """Tell whether the local time of an instant falls into the night hours."""
        local = as_utc(at).astimezone(self.calendar.zone)
        minute = local.hour * 60 + local.minute
        begins, ends = self.night
        if begins <= ends:
            return begins <= minute < ends
        return minute >= begins or minute < ends

    def as_json(self) -> dict[str, Any]:
        """Return a JSON object that `from_json` reads back."""
        return {
            "levels": {str(int(level)): _json_of(self.of_level(level)) for level in Level},
            "calendar": self.calendar.as_json(),
            "follow_up": self.follow_up.as_json(),
            "night": [clock_time(minute) for minute in self.night],
            "ladder": list(self.ladder),
            "circle_minutes": self.circle_minutes,
            "large_main_mm": self.large_main_mm,
            "tasks": self.tasks.as_json(),
            "asking": self.asking.as_json(),
            "holds": self.holds.as_json(),
            "dispute": self.dispute.as_json(),
            "arrival": self.arrival.as_json(),
        }

    @classmethod
    def from_json(cls, stored: object) -> ServicePolicy:
        """Read what `as_json` wrote; raises Invalid, naming every wrong field.

        A policy that was stored before there were tasks, follow-ups, longest pauses, disputes and
        rules of arrival has the usual ones.
        """
        if isinstance(stored, dict):
            stored = _usual() | stored
        found = read_object(
            stored,
            "",
            {
                "levels": _read_levels,
                "calendar": WorkCalendar.from_json,
                "follow_up": Budget.from_json,
                "night": _read_night,
                "ladder": read_list(read_number(0.01, 10)),
                "circle_minutes": read_whole(1, MINUTES_A_DAY),
                "large_main_mm": read_whole(1, 5000),
                "tasks": TaskTemplates.from_json,
                "asking": AskingRules.from_json,
                "holds": HoldLimits.from_json,
                "dispute": Budget.from_json,
                "arrival": ArrivalRules.from_json,
            },
        )
        return cls(**found)


def _usual() -> dict[str, Any]:
    return {
        "tasks": DEFAULT_TASKS.as_json(),
        "asking": DEFAULT_ASKING.as_json(),
        "holds": DEFAULT_HOLDS.as_json(),
        "dispute": _FOUR_HOURS.as_json(),
        "arrival": DEFAULT_ARRIVAL.as_json(),
    }


def targets_for(
    policy: ServicePolicy,
    *,
    level: Level,
    zone: Zone,
    in_circle: bool,
    received_at: datetime,
    pipe_mm: int | None = None,
) -> dict[ClockKind, Budget]:
    """Return the budget of each promise made to a ticket; a clock that is absent is not promised.

    `in_circle` says whether the ticket's grid lies inside the service circle; `pipe_mm` is the
    nominal diameter of the main, where known.
    """
    promised = policy.of_level(level)
    is_large = pipe_mm is not None and pipe_mm >= policy.large_main_mm
    night = policy.is_night(received_at)
    budgets = {
        ClockKind.DISPATCH: promised.dispatch,
        ClockKind.ACKNOWLEDGE: promised.acknowledge,
        ClockKind.CALL_BACK: promised.call_back,
        ClockKind.ARRIVE: promised.arrive
        and promised.arrive.target(zone=zone, in_circle=in_circle, night=night),
        ClockKind.RESTORE: promised.restore,
        ClockKind.REPAIR: (is_large and promised.repair_large_main) or promised.repair,
        ClockKind.FOLLOW_UP: policy.follow_up,
    }
    return {kind: budget for kind, budget in budgets.items() if budget}


def due_at(budget: Budget, start: datetime, policy: ServicePolicy) -> datetime:
    """Return the instant, in UTC, at which a promise that started at `start` falls due."""
    if budget.minutes is not None:
        return as_utc(start) + timedelta(minutes=budget.minutes)
    return policy.calendar.add_working_days(start, budget.working_days or 0)


def dues_for(
    policy: ServicePolicy,
    *,
    level: Level,
    zone: Zone,
    in_circle: bool,
    received_at: datetime,
    pipe_mm: int | None = None,
) -> dict[ClockKind, datetime]:
    """Return when each promise that starts at receipt falls due, in UTC.

    After a change of level, zone or pipe call it again with the same `received_at`: the new
    promises count from the same receipt. Acknowledge starts at the dispatch of its visit and
    follow-up at completion; take those from `targets_for` and `due_at`.
    """
    targets = targets_for(
        policy,
        level=level,
        zone=zone,
        in_circle=in_circle,
        received_at=received_at,
        pipe_mm=pipe_mm,
    )
    return {
        kind: due_at(targets[kind], received_at, policy)
        for kind in STARTS_AT_RECEIPT
        if kind in targets
    }


def _read_levels(value: object, path: str) -> tuple[LevelTargets, ...]:
    found = read_object(value, path, {str(int(level)): LevelTargets.from_json for level in Level})
    return tuple(found[str(int(level))] for level in Level)


def _read_night(value: object, path: str) -> tuple[int, int]:
    minutes = read_list(read_clock_time)(value, path)
    if len(minutes) != len(("begins", "ends")):
        raise wrong(path, say("This must be a pair of times such as 08:30 and 17:30."))
    return cast("tuple[int, int]", minutes)


def _json_of(targets: LevelTargets | ArriveTargets) -> dict[str, Any]:
    values = {field.name: getattr(targets, field.name) for field in fields(targets)}
    return {
        name: _json_of(value) if isinstance(value, ArriveTargets) else value and value.as_json()
        for name, value in values.items()
    }


def _minutes(minutes: int) -> Budget:
    return Budget(minutes=minutes)


DEFAULT_POLICY = ServicePolicy(
    levels=(
        LevelTargets(
            dispatch=_minutes(5),
            acknowledge=_minutes(5),
            call_back=_minutes(10),
            arrive=ArriveTargets(town=_minutes(30), suburb=_minutes(50)),
            restore=_minutes(4 * 60),
            repair=_minutes(24 * 60),
            repair_large_main=_minutes(48 * 60),
        ),
        LevelTargets(
            dispatch=_minutes(10),
            acknowledge=_minutes(10),
            call_back=_minutes(10),
            arrive=ArriveTargets(
                town=_minutes(60),
                suburb=_minutes(60),
                in_circle=_minutes(30),
                night=_minutes(90),
            ),
            restore=_minutes(4 * 60),
            repair=_minutes(24 * 60),
        ),
        LevelTargets(
            dispatch=_minutes(10),
            acknowledge=_minutes(30),
            call_back=_minutes(30),
            arrive=ArriveTargets(town=_minutes(120), suburb=_minutes(120)),
            repair=_minutes(24 * 60),
        ),
        LevelTargets(
            dispatch=_minutes(30),
            call_back=Budget(same_working_day=True),
            repair=Budget(working_days=3),
        ),
    ),
    calendar=WorkCalendar(zone=ZoneInfo("Asia/Shanghai")),
)
