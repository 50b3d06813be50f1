"""What is said of a crew before a ticket, whether or not it may go?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dispatch.domain.categories import SKILL_NAMES
from dispatch.domain.crew_fit import not_recorded
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.travel import SOURCE_NAMES, Leg
from dispatch.domain.whereabouts import STALE_POSITION_SECONDS

if TYPE_CHECKING:
    from dispatch.domain.candidates import CrewOption, Need

_SECONDS_PER_MINUTE = 60
_NOTABLE_VISITS = 1.0

_FROM_BASE = say("No position; counted from the base")
_UNKNOWN_ETA = say("Arrival time unknown: the place is not known yet")
_HOME = say("Home team of this grid")
_NEIGHBOUR = say("Neighbouring team")
_OTHER = say("Team of another area")


def remarks(
    need: Need, crew: CrewOption, leg: Leg | None, spare: float | None, chance: float | None
) -> tuple[Sentence, ...]:
    """Say what holds for the crew whether or not it may go."""
    said = [_HOME if crew.home_team else _NEIGHBOUR if crew.neighbour_team else _OTHER]
    if leg is not None:
        said += [_drive_sentence(math.ceil(leg.seconds), spare), _source_sentence(leg)]
    elif need.point is None:
        said.append(_UNKNOWN_ETA)
    if chance is not None:
        said.append(say("Chance to be in time: %(percent)s of 100", percent=round(100 * chance)))
    if need.skill is not None and need.skill in crew.skills:
        said.append(say("Has the skill %(skill)s", skill=SKILL_NAMES.get(need.skill, need.skill)))
    said += not_recorded(need.kit, crew.vehicle_class, crew.carries)
    if need.last_visit_at is not None and crew.crew_id == need.last_crew_id:
        said.append(say("Knows this household: last there on %(on)s", on=need.last_visit_at))
    said.append(_visits_sentence(crew))
    if crew.on_shift and crew.shift_ends_at is not None:
        said.append(say("On shift until %(at)s", at=crew.shift_ends_at))
    return (*said, *_position_remarks(crew))


def arrival_basis(crew: CrewOption, leg: Leg | None) -> tuple[Sentence, ...]:
    """Say what an expected arrival rests on: who reckoned the drive, and from which position."""
    return () if leg is None else (_source_sentence(leg), *_position_remarks(crew))


def _visits_sentence(crew: CrewOption) -> Sentence:
    if crew.mean_visits is None or abs(crew.extra_visits) < _NOTABLE_VISITS:
        return say("Visits this shift: %(count)s", count=crew.visits_this_shift)
    return say(
        "Visits this shift: %(count)s; the crews on duty have %(mean)s in the mean",
        count=crew.visits_this_shift,
        mean=round(crew.mean_visits, 1),
    )


def _source_sentence(leg: Leg) -> Sentence:
    """Name who says how long the drive takes, and how wrong that may be."""
    return say(
        "Drive by %(source)s, give or take %(minutes)s min",
        source=SOURCE_NAMES.get(leg.source, leg.source),
        minutes=max(1, round(leg.seconds * leg.spread / _SECONDS_PER_MINUTE)),
    )


def _position_remarks(crew: CrewOption) -> tuple[Sentence, ...]:
    age = crew.position_age_seconds
    if crew.position is None:
        return ()
    if crew.position_source == "base" and age is None:
        return (_FROM_BASE,)
    if age is None or age <= STALE_POSITION_SECONDS:
        return ()
    minutes = whole_minutes(age)
    if crew.position_source == "base":
        return (say("Position is %(minutes)s min old; counted from the base", minutes=minutes),)
    drift = math.ceil(crew.drift / _SECONDS_PER_MINUTE)
    said = say(
        "Position is %(minutes)s min old; it may be %(drift)s min of driving from there by now",
        minutes=minutes,
        drift=drift,
    )
    return (said,)


def _drive_sentence(eta: int, spare: float | None) -> Sentence:
    """Word the drive; rounded so that a crew is never said to be sooner than it is."""
    minutes = math.ceil(eta / _SECONDS_PER_MINUTE)
    if spare is None:
        return say("%(minutes)s min away", minutes=minutes)
    if spare >= 0:
        return say(
            "%(minutes)s min away, arrives %(spare)s min before the promise",
            minutes=minutes,
            spare=whole_minutes(spare),
        )
    return say(
        "%(minutes)s min away, arrives %(late)s min after the promise",
        minutes=minutes,
        late=math.ceil(-spare / _SECONDS_PER_MINUTE),
    )


def whole_minutes(seconds: float) -> int:
    """Return the minutes that have passed in full."""
    return math.floor(seconds / _SECONDS_PER_MINUTE)
