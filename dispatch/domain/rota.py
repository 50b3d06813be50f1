"""Who is on duty now, who is told at a rung, and to whom does it go when nobody is there?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.service_policy import ClockKind
from dispatch.domain.shifts import EVERY_DAY
from dispatch.domain.strict_json import wrong, wrong_fields

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

LONGEST_SILENCE_MINUTES = 24 * 60
MOST_STEPS = 20
MOST_ENTRIES = 2_000
LARGEST_FRACTION = 10.0


class DutyRole(StrEnum):
    """Who answers for a promise, from the nearest to it to the top of the house."""

    CREW = "crew"
    DISPATCHER = "dispatcher"
    TEAM_LEADER = "team_leader"
    DUTY_MANAGER = "duty_manager"
    HEAD_OF_OPERATIONS = "head_of_operations"


UPWARDS: tuple[DutyRole, ...] = tuple(DutyRole)
DUTY_NAMES: dict[DutyRole, Sentence] = {
    DutyRole.CREW: say("Crew"),
    DutyRole.DISPATCHER: say("Dispatcher"),
    DutyRole.TEAM_LEADER: say("Team leader"),
    DutyRole.DUTY_MANAGER: say("Duty manager"),
    DutyRole.HEAD_OF_OPERATIONS: say("Head of operations"),
}


@dataclass(frozen=True)
class RotaRule:
    """When one person (a row id) has a duty role, for one team or, with None, for all of them.

    Minutes of the utility's local day; an end at or before the start is next day's, equal times
    are the whole day. `weekdays` is a bit mask, Monday = 1. The dates bound the days on which it
    begins.
    """

    duty: DutyRole
    person: int
    start_minute: int = 0
    end_minute: int = 0
    weekdays: int = EVERY_DAY
    team_id: int | None = None
    from_date: date | None = None
    to_date: date | None = None

    def is_on_duty(self, at: datetime, zone: ZoneInfo) -> bool:
        """Tell whether the person has this duty at an instant; the end is not on duty."""
        return any(self._begins_on(day, at, zone) for day in _days_around(at, zone))

    def _begins_on(self, day: date, at: datetime, zone: ZoneInfo) -> bool:
        if self.from_date is not None and day < self.from_date:
            return False
        if self.to_date is not None and day > self.to_date:
            return False
        if not self.weekdays >> day.weekday() & 1:
            return False
        ends_on = day if self.end_minute > self.start_minute else _next_day(day)
        return (
            _instant(day, self.start_minute, zone) <= at < _instant(ends_on, self.end_minute, zone)
        )


@dataclass(frozen=True)
class LadderRule:
    """From a fraction of the promise on this duty role is told.

    Unacknowledged for `pass_on_minutes` it goes to the next role; with None it stays.
    """

    fraction: float
    duty: DutyRole
    pass_on_minutes: int | None = None


DEFAULT_LADDER: tuple[LadderRule, ...] = (
    LadderRule(0.5, DutyRole.CREW, 5),
    LadderRule(0.8, DutyRole.DISPATCHER, 5),
    LadderRule(1.0, DutyRole.TEAM_LEADER, 5),
    LadderRule(1.5, DutyRole.DUTY_MANAGER, 10),
)


class Chosen(NamedTuple):
    """Who is told: the duty role that was reached, its people, and the roles left out below it.

    Without people everybody at the desk is told, for nobody is on duty. `by_team` says that the
    rota names these people for the ticket's own team.
    """

    duty: DutyRole
    people: tuple[int, ...] = ()
    skipped: tuple[DutyRole, ...] = ()
    by_team: bool = False

    @property
    def everybody(self) -> bool:
        """Tell whether the alert is for everybody at the desk."""
        return not self.people


def choose_people(
    duty: DutyRole,
    rules: Iterable[RotaRule],
    *,
    crew: Collection[int],
    team_id: int | None,
    at: datetime,
    zone: ZoneInfo,
) -> Chosen:
    """Return who is told from a duty role upwards: the first role with anybody on duty.

    `crew` are the people of the crew that is on the ticket and on shift. Those whom the rota names
    for the ticket's own team come before those it names for the whole utility.
    """
    rules = list(rules)
    skipped: list[DutyRole] = []
    for role in UPWARDS[UPWARDS.index(duty) :]:
        if role is DutyRole.CREW and crew:
            return Chosen(role, tuple(sorted(crew)))
        here = [each for each in rules if each.duty is role and each.team_id in {None, team_id}]
        on_duty = [each for each in here if each.is_on_duty(at, zone)]
        own = [each for each in on_duty if each.team_id is not None]
        if on_duty:
            people = tuple(sorted({each.person for each in own or on_duty}))
            return Chosen(role, people, tuple(skipped), by_team=bool(own))
        skipped.append(role)
    return Chosen(UPWARDS[-1], (), tuple(skipped))


def next_duty(duty: DutyRole) -> DutyRole | None:
    """Return the duty role above, None at the top."""
    above = UPWARDS.index(duty) + 1
    return UPWARDS[above] if above < len(UPWARDS) else None


def step_for(ladder: Sequence[LadderRule], fraction: float) -> LadderRule:
    """Return the step that holds at a fraction: the last one not above it, else the first."""
    below = [step for step in ladder if step.fraction <= fraction]
    return below[-1] if below else ladder[0]


def step_at(ladder: Sequence[LadderRule], clock: ClockKind, fraction: float) -> LadderRule:
    """Return whom a rung of a clock tells and how long they may be silent.

    That a pause is over, or that nobody answered a hand-over, is the dispatcher's; a dispute is the
    duty manager's to decide, and when it was not, the head of operations hears of it. Of a call
    back the desk is told and no crew, which is on the road. Every other clock goes by the ladder.
    """
    step = step_for(ladder, fraction)
    if clock in {ClockKind.HOLD, ClockKind.RELIEF}:
        return replace(step, duty=DutyRole.DISPATCHER)
    if clock is ClockKind.CALL_BACK and step.duty is DutyRole.CREW:
        return replace(step, duty=DutyRole.DISPATCHER)
    if clock is ClockKind.DISPUTE:
        duty = DutyRole.DUTY_MANAGER if fraction < 1 else DutyRole.HEAD_OF_OPERATIONS
        return replace(step, duty=duty)
    return step


def why(chosen: Chosen) -> Sentence:
    """Say by which rule these people are told."""
    if chosen.everybody:
        return say("Nobody is on duty: this stays with everybody at the desk.")
    role = DUTY_NAMES[chosen.duty]
    if chosen.skipped:
        lowest = DUTY_NAMES[chosen.skipped[0]]
        return say(
            "%(missing)s: nobody on duty, so it goes up: %(duty)s.", missing=lowest, duty=role
        )
    if chosen.duty is DutyRole.CREW:
        return say("The crew that was sent, on shift.")
    if chosen.by_team:
        return say("%(duty)s of this team by the rota.", duty=role)
    return say("%(duty)s of the whole utility by the rota.", duty=role)


def check_ladder(steps: Sequence[LadderRule], named: Collection[DutyRole]) -> None:
    """Refuse a ladder that is empty, does not climb, or names a role that the rota has nobody for.

    Raises:
        Invalid: naming every wrong field, such as ``steps.1.duty``.
    """
    if not steps:
        raise wrong("steps", say("A ladder needs at least one step: somebody must be told."))
    faults: dict[str, Sentence] = {}
    for number, step in enumerate(steps):
        if not 0 < step.fraction <= LARGEST_FRACTION:
            faults[f"steps.{number}.percent"] = say(
                "Give a share of the promise from 1 to 1000 per cent."
            )
        minutes = step.pass_on_minutes
        if minutes is not None and not 0 < minutes <= LONGEST_SILENCE_MINUTES:
            faults[f"steps.{number}.pass_on_minutes"] = say(
                "Give whole minutes from 1 to %(most)s, or leave it empty.",
                most=LONGEST_SILENCE_MINUTES,
            )
        if step.duty is not DutyRole.CREW and step.duty not in named:
            faults[f"steps.{number}.duty"] = say(
                "The rota names nobody as %(duty)s. Write somebody in first.",
                duty=DUTY_NAMES[step.duty],
            )
    for number, (low, high) in enumerate(pairwise(steps)):
        if not low.fraction < high.fraction:
            faults.setdefault(
                f"steps.{number + 1}.percent",
                say("Each step must be later than the one before it."),
            )
        if UPWARDS.index(high.duty) < UPWARDS.index(low.duty):
            faults.setdefault(
                f"steps.{number + 1}.duty",
                say("A later step must not go to a duty below the one before it."),
            )
    if faults:
        raise wrong_fields(faults)


def rota_faults(rule: RotaRule) -> dict[str, Sentence]:
    """Return what cannot be meant about one entry of the rota, by its field."""
    faults: dict[str, Sentence] = {}
    if not 0 < rule.weekdays <= EVERY_DAY:
        faults["weekdays"] = say("Name at least one weekday, Monday 1 to Sunday 7.")
    if rule.from_date is not None and rule.to_date is not None and rule.to_date < rule.from_date:
        faults["to"] = say("The last day cannot be before the first.")
    return faults


def read_weekdays(text: str) -> int:
    """Read days such as ``1-5`` or ``1;3;7`` into a bit mask; nothing is every day.

    Raises:
        Invalid: when they are no such days.
    """
    mask = 0
    for part in text.replace(",", ";").split(";") if text.strip() else ["1-7"]:
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        ends = (first, last if dash else first)
        if not all(len(each) == 1 and each in "1234567" for each in ends) or ends[0] > ends[1]:
            fault = say("Write weekdays as 1-5 or 1;3;7, Monday 1 to Sunday 7.")
            raise Invalid(fault, fields={"weekdays": fault})
        for day in range(int(ends[0]), int(ends[1]) + 1):
            mask |= 1 << (day - 1)
    return mask


def weekdays_text(mask: int) -> str:
    """Write a bit mask of days as `read_weekdays` reads it."""
    days = [day for day in range(1, 8) if mask >> (day - 1) & 1]
    if days and days == list(range(days[0], days[-1] + 1)) and len(days) > 1:
        return f"{days[0]}-{days[-1]}"
    return ";".join(map(str, days))


def _days_around(at: datetime, zone: ZoneInfo) -> tuple[date, date]:
    today = at.astimezone(zone).date()
    return _day_before(today), today


def _day_before(day: date) -> date:
    return day.fromordinal(day.toordinal() - 1)


def _next_day(day: date) -> date:
    return day.fromordinal(day.toordinal() + 1)


def _instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(*divmod(minute, 60)), tzinfo=zone).astimezone(UTC)
