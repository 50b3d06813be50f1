"""Which crews may take a ticket, when would each arrive, and why or why not?"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from dispatch.domain.categories import SKILL_NAMES
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.travel import SOURCE_NAMES, Drive, Leg, great_circle_legs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dispatch.domain.place import Point
    from dispatch.domain.service_policy import Level

#: A live position older than this is named in the reasons; a van is elsewhere by then.
STALE_POSITION_SECONDS = 300

_SECONDS_PER_MINUTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What one ticket asks of a crew; `skill` is None when any crew will do.

    `repaired_by` are the crews whose work is to be checked, where another may go.
    """

    ticket_id: int
    point: Point | None
    level: Level
    skill: str | None
    arrive_due_at: datetime | None
    owning_team_id: int | None
    expected_work_minutes: int
    received_at: datetime | None = None
    repaired_by: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewOption:
    """One crew as the choice sees it; `position` is the base when `position_source` says so."""

    crew_id: int
    name: str
    team_id: int
    position: Point | None
    position_age_seconds: int | None
    position_source: Literal["live", "base"]
    skills: frozenset[str]
    vehicle: str | None
    on_shift: bool
    shift_ends_at: datetime | None
    busy_until: datetime | None
    active_visits: int
    declined: bool
    home_team: bool
    neighbour_team: bool
    visits_this_shift: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A crew weighed for a ticket: `excluded_by` names the first hard rule it breaks, if any.

    `chance` is that of arriving in time, None without a promise or a place; `eta_source` names who
    answered how long the drive takes.
    """

    crew_id: int
    name: str
    eta_seconds: int | None
    arrives_at: datetime | None
    makes_promise: bool | None
    excluded_by: str | None
    reasons: tuple[Sentence, ...]
    home: bool
    neighbour: bool
    metres: int | None
    visits: int
    chance: float | None = None
    eta_source: str | None = None


@dataclass(frozen=True, slots=True)
class _Situation:
    """One crew before one ticket, with the drive already known."""

    need: Need
    crew: CrewOption
    now: datetime
    arrives_at: datetime | None


@dataclass(frozen=True, slots=True)
class HardRule:
    """A rule no choice may break; `broken` answers why it is broken, or None."""

    name: str
    broken: Callable[[_Situation], Sentence | None]
    counted: str
    """The catalogue text that says how many crews the rule excluded, with `%(count)s`."""


_OFF_SHIFT = say("Off shift")
_COMMITTED = say("On another ticket")
_DECLINED = say("Declined this ticket before")
_ITS_OWN_WORK = say("Did the repair that is now to be checked; another crew goes")
_NOWHERE = say("No position and no base known")
_UNPLACED = say("The place is not known yet, so only the home team may go")
_FROM_BASE = say("No position; counted from the base")
_UNKNOWN_ETA = say("Arrival time unknown: the place is not known yet")
_HOME = say("Home team of this grid")
_NEIGHBOUR = say("Neighbouring team")
_OTHER = say("Team of another area")


def _off_shift(at: _Situation) -> Sentence | None:
    return None if at.crew.on_shift else _OFF_SHIFT


def _lacks_skill(at: _Situation) -> Sentence | None:
    skill = at.need.skill
    if skill is None or skill in at.crew.skills:
        return None
    return say("Lacks the skill %(skill)s", skill=SKILL_NAMES.get(skill, skill))


def _shift_too_short(at: _Situation) -> Sentence | None:
    ends_at = at.crew.shift_ends_at
    if ends_at is None:
        return None
    done_at = (at.arrives_at or at.now) + timedelta(minutes=at.need.expected_work_minutes)
    if done_at <= ends_at:
        return None
    left = max(0, _whole_minutes((ends_at - at.now).total_seconds()))
    return say("Shift ends in %(minutes)s min, too soon to get there and finish", minutes=left)


def _committed(at: _Situation) -> Sentence | None:
    until = at.crew.busy_until
    if until is not None and until > at.now:
        left = math.ceil((until - at.now).total_seconds() / _SECONDS_PER_MINUTE)
        return say("On another ticket for about %(minutes)s min more", minutes=left)
    return _COMMITTED if at.crew.active_visits > 0 else None


def _declined(at: _Situation) -> Sentence | None:
    return _DECLINED if at.crew.declined and not _own_work(at) else None


def _own_work(at: _Situation) -> Sentence | None:
    return _ITS_OWN_WORK if at.crew.crew_id in at.need.repaired_by else None


def _unplaced(at: _Situation) -> Sentence | None:
    return _UNPLACED if at.need.point is None and not at.crew.home_team else None


def _nowhere(at: _Situation) -> Sentence | None:
    return _NOWHERE if at.need.point is not None and at.crew.position is None else None


HARD_RULES: tuple[HardRule, ...] = (
    HardRule("shift", _off_shift, say("Crews off shift: %(count)s").text),
    HardRule("skill", _lacks_skill, say("Crews without the skill: %(count)s").text),
    HardRule("shift_end", _shift_too_short, say("Crews whose shift ends too soon: %(count)s").text),
    HardRule("committed", _committed, say("Crews on another ticket: %(count)s").text),
    HardRule("declined", _declined, say("Crews that declined this ticket: %(count)s").text),
    HardRule("checker", _own_work, say("Crews whose work is to be checked: %(count)s").text),
    HardRule("place", _unplaced, say("Crews of other teams, the place unknown: %(count)s").text),
    HardRule("position", _nowhere, say("Crews without a position or base: %(count)s").text),
)


def standing(
    crew: CrewOption, need: Need, near_teams: frozenset[int], refused: frozenset[int]
) -> CrewOption:
    """Return a crew as it stands before one ticket."""
    home = need.owning_team_id
    return replace(
        crew,
        declined=crew.crew_id in refused,
        home_team=crew.team_id == home,
        neighbour_team=crew.team_id in near_teams and crew.team_id != home,
    )


def assess(
    need: Need,
    crews: Sequence[CrewOption],
    *,
    now: datetime,
    drive: Drive = great_circle_legs,
    known: Mapping[int, Leg] = MappingProxyType({}),
) -> list[Candidate]:
    """Weigh every crew for one ticket: those that may go first, the soonest first.

    `drive` answers all legs at once; a leg without a finite time falls back to the straight line.
    `known` are legs, by crew, that were answered before.
    """
    legs = _legs(need, [crew for crew in crews if crew.crew_id not in known], drive) | dict(known)
    # Adding minutes to a local time goes wrong across a clock change; in UTC it does not.
    now = now.astimezone(UTC)
    weighed = [_weigh(need, crew, legs.get(crew.crew_id), now) for crew in crews]
    return sorted(weighed, key=_reading_order)


def _legs(need: Need, crews: Sequence[CrewOption], drive: Drive) -> dict[int, Leg]:
    """Answer the leg of each crew that has a position, keyed by crew."""
    to = need.point
    if to is None:
        return {}
    placed = [(crew.crew_id, crew.position) for crew in crews if crew.position is not None]
    legs = drive(to, [position for _, position in placed])
    return {
        crew_id: leg if _is_usable(leg) else great_circle_legs(to, [position])[0]
        for (crew_id, position), leg in zip(placed, legs, strict=True)
    }


def _is_usable(leg: Leg) -> bool:
    """Tell whether a road source gave a real answer: some say NaN for a place off the network."""
    return 0 <= leg.seconds < math.inf and 0 <= leg.metres < math.inf


def _weigh(need: Need, crew: CrewOption, leg: Leg | None, now: datetime) -> Candidate:
    eta = None if leg is None else math.ceil(leg.seconds)
    arrives_at = None if eta is None else now + timedelta(seconds=eta)
    spare = _spare_seconds(need, arrives_at)
    at = _Situation(need, crew, now, arrives_at)
    broken = [(rule.name, why) for rule in HARD_RULES if (why := rule.broken(at)) is not None]
    # Of a crew that may not go it would mislead to say how early it would be there.
    likely, chance = (None, None) if broken else (spare, _chance(need, leg, now))
    return Candidate(
        crew_id=crew.crew_id,
        name=crew.name,
        eta_seconds=eta,
        arrives_at=arrives_at,
        makes_promise=None if spare is None else spare >= 0,
        excluded_by=broken[0][0] if broken else None,
        reasons=(*(why for _, why in broken), *_remarks(need, crew, leg, likely, chance)),
        home=crew.home_team,
        neighbour=crew.neighbour_team,
        metres=None if leg is None else round(leg.metres),
        visits=crew.visits_this_shift,
        chance=chance,
        eta_source=None if leg is None else leg.source,
    )


def chance_in_time(drive_seconds: float, limit_seconds: float, spread: float) -> float:
    """Return the chance that a drive ends within a limit, its relative error being `spread`.

    The same law as `look_ahead.prospects`: an error that is normal around the estimate.
    """
    if drive_seconds == 0 or spread == 0:
        return float(drive_seconds <= limit_seconds)
    score = (limit_seconds / drive_seconds - 1.0) / spread
    return 0.5 * math.erfc(-score / math.sqrt(2.0))


def _chance(need: Need, leg: Leg | None, now: datetime) -> float | None:
    if need.arrive_due_at is None or leg is None:
        return None
    return chance_in_time(leg.seconds, (need.arrive_due_at - now).total_seconds(), leg.spread)


def _spare_seconds(need: Need, arrives_at: datetime | None) -> float | None:
    """Answer the seconds between arrival and promise, negative when late; None when unknown."""
    if need.arrive_due_at is None or arrives_at is None:
        return None
    return (need.arrive_due_at - arrives_at).total_seconds()


def _remarks(
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
    said.append(say("Visits this shift: %(count)s", count=crew.visits_this_shift))
    if crew.on_shift and crew.shift_ends_at is not None:
        said.append(say("On shift until %(at)s", at=crew.shift_ends_at))
    return (*said, *_position_remarks(crew))


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
    minutes = _whole_minutes(age)
    if crew.position_source == "base":
        return (say("Position is %(minutes)s min old; counted from the base", minutes=minutes),)
    return (say("Position is %(minutes)s min old", minutes=minutes),)


def _drive_sentence(eta: int, spare: float | None) -> Sentence:
    """Word the drive; rounded so that a crew is never said to be sooner than it is."""
    minutes = math.ceil(eta / _SECONDS_PER_MINUTE)
    if spare is None:
        return say("%(minutes)s min away", minutes=minutes)
    if spare >= 0:
        return say(
            "%(minutes)s min away, arrives %(spare)s min before the promise",
            minutes=minutes,
            spare=_whole_minutes(spare),
        )
    return say(
        "%(minutes)s min away, arrives %(late)s min after the promise",
        minutes=minutes,
        late=math.ceil(-spare / _SECONDS_PER_MINUTE),
    )


def _whole_minutes(seconds: float) -> int:
    return math.floor(seconds / _SECONDS_PER_MINUTE)


def _reading_order(candidate: Candidate) -> tuple[bool, float, bool, int]:
    eta = math.inf if candidate.eta_seconds is None else candidate.eta_seconds
    return (candidate.excluded_by is not None, eta, not candidate.home, candidate.crew_id)
