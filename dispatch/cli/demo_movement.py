"""When would a simulated crew take its next step, and where would it be by then?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from dispatch.domain.place import Point, metres_between
from dispatch.domain.travel import DETOUR, SPEED_KMH
from dispatch.domain.visit_state import Cause, VisitState

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.queries.under_way import Trip

ARRIVED_METRES = 25.0
STRAIGHT_METRES_PER_SECOND = SPEED_KMH / 3.6 / DETOUR

A_DECLINE = 0.04
A_FAILURE = 0.07
A_SLOW_CREW = 0.08
FAILURES = (
    Cause.PART_MISSING,
    Cause.PART_MISSING,
    Cause.NO_ACCESS,
    Cause.VALVE_WILL_NOT_SHUT,
    Cause.TEMPORARY_REPAIR,
)
REMARKS = 2
"""In so many ways a crew of a city declines."""

PROMPT_SECONDS = 40.0
"""A crew on a visitor's ticket acknowledges within this, and sets off within this again."""


class Step(StrEnum):
    """What a crew does next on its visit."""

    ACKNOWLEDGE = "acknowledge"
    DECLINE = "decline"
    SET_OFF = "set_off"
    ARRIVE = "arrive"
    START = "start"
    RESTORE = "restore"
    COMPLETE = "complete"
    CANNOT_COMPLETE = "cannot_complete"


class Lapse(StrEnum):
    """What a crew now and then does, and its leader is asked to look at."""

    TAPS_AFAR = "taps_afar"
    HIDES = "hides"
    HURRIES = "hurries"


LAPSES = ((Lapse.TAPS_AFAR, 0.008), (Lapse.HIDES, 0.008), (Lapse.HURRIES, 0.008))
HURRY_SECONDS = 45.0


@dataclass(frozen=True)
class Habits:
    """How one visit goes, in real seconds: drawn once from its seed, so that it never changes."""

    acknowledge: float
    turnout: float
    traffic: float
    locate: float
    work: float
    declines: bool
    failure: Cause | None
    remark: int
    lapse: Lapse | None = None


class NextStep(NamedTuple):
    """A step and the instant at which it is due."""

    step: Step
    at: datetime


def habits_of(seed: int, *, work_minutes: float) -> Habits:
    """Draw how a visit goes; `work_minutes` is the median of the repair."""
    dice = Random(seed)  # noqa: S311  a simulation
    slow = dice.random() < A_SLOW_CREW
    return Habits(
        acknowledge=dice.uniform(240, 600) if slow else dice.uniform(25, 90),
        turnout=dice.uniform(20, 80),
        traffic=min(max(dice.lognormvariate(0.1, 0.3), 0.6), 2.5),
        locate=dice.uniform(30, 240),
        work=60 * work_minutes * min(dice.lognormvariate(0, 0.5), 4),
        declines=dice.random() < A_DECLINE,
        failure=dice.choice(FAILURES) if dice.random() < A_FAILURE else None,
        remark=dice.randrange(REMARKS),
    )


def prompt(habits: Habits) -> Habits:
    """Return the same habits of a crew that neither declines nor dawdles before it sets off."""
    return replace(
        habits,
        declines=False,
        acknowledge=min(habits.acknowledge, PROMPT_SECONDS),
        turnout=min(habits.turnout, PROMPT_SECONDS),
    )


def tempted(habits: Habits, seed: int) -> Habits:
    """Return the habits, on few visits with a lapse: a tap from afar, no position, or haste.

    A repair in haste is over before it can have been one.
    """
    left = Random(f"lapse {seed}").random()  # noqa: S311  a simulation
    for lapse, chance in LAPSES:
        left -= chance
        if left >= 0:
            continue
        if lapse is Lapse.HURRIES:
            soon = HURRY_SECONDS
            return replace(habits, lapse=lapse, locate=soon, work=soon, failure=None)
        return replace(habits, lapse=lapse)
    return habits


def next_step(trip: Trip, habits: Habits, speed: float) -> NextStep | None:
    """Return the next step of a visit; None while it drives, for then its place decides."""

    def after(begun: datetime | None, seconds: float) -> datetime:
        return (begun or trip.dispatched_at) + timedelta(seconds=seconds / speed)

    match trip.state:
        case VisitState.DISPATCHED:
            first = Step.DECLINE if habits.declines else Step.ACKNOWLEDGE
            return NextStep(first, after(trip.dispatched_at, habits.acknowledge))
        case VisitState.ACKNOWLEDGED:
            return NextStep(Step.SET_OFF, after(trip.acknowledged_at, habits.turnout))
        case VisitState.ARRIVED:
            return NextStep(Step.START, after(trip.arrived_at, habits.locate))
        case VisitState.WORKING:
            if not trip.is_restored and habits.failure is None:
                return NextStep(Step.RESTORE, after(trip.working_at, habits.work * 0.6))
            end = Step.COMPLETE if habits.failure is None else Step.CANNOT_COMPLETE
            return NextStep(end, after(trip.working_at, habits.work))
    return None


def drive_time(trip: Trip, habits: Habits) -> timedelta:
    """Return how long the drive takes; none where the start or the goal is unknown."""
    if trip.place is None or trip.goal is None:
        return timedelta()
    metres = metres_between(trip.place, trip.goal)
    return timedelta(seconds=metres / STRAIGHT_METRES_PER_SECOND * habits.traffic)


def advance(place: Point, goal: Point, metres: float) -> Point:
    """Return the point some metres along the straight line to a goal, at most the goal."""
    whole = metres_between(place, goal)
    if metres >= whole or whole <= ARRIVED_METRES:
        return goal
    share = metres / whole
    return Point(
        place.lat + (goal.lat - place.lat) * share, place.lon + (goal.lon - place.lon) * share
    )
