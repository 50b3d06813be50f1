"""Which crews may take a ticket, when would each arrive, and why or why not?"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from dispatch.domain.candidate_remarks import arrival_basis, remarks, whole_minutes
from dispatch.domain.categories import SKILL_NAMES
from dispatch.domain.crew_fit import (
    NOTHING,
    Area,
    Kit,
    missing_part,
    outside_area,
    why_missing_part,
    why_outside,
    why_wrong_vehicle,
    wrong_vehicle,
)
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.travel import Drive, Leg, great_circle_legs
from dispatch.domain.whereabouts import drift_seconds, with_drift

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dispatch.domain.place import Point
    from dispatch.domain.service_policy import Level

_SECONDS_PER_MINUTE = 60

MOST_EXTRA_VISITS = 3.0
"""Fairness counts no more visits than this above or below the mean of the crews."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What one ticket asks of a crew; `skill` is None when any crew will do.

    `repaired_by` are the crews whose work is to be checked, where another may go; `last_crew_id`
    is the one that was last at this household, at `last_visit_at`.
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
    kit: Kit = NOTHING
    grid_id: int | None = None
    last_crew_id: int | None = None
    last_visit_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewOption:
    """One crew as the choice sees it; `position` is the base when `position_source` says so.

    None as `vehicle_class` or `carries` is not recorded, as `area` everywhere. `has_told`: the
    crew itself said when it is free. `mean_visits` is
    what the crews on duty have had this shift.
    """

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
    vehicle_class: str | None = None
    carries: frozenset[str] | None = None
    area: Area | None = None
    mean_visits: float | None = None
    has_told: bool = False

    @property
    def drift(self) -> float:
        """Return how far in seconds of driving it may be from its position by now."""
        is_seen = self.position_source == "live" and self.position is not None
        return drift_seconds(self.position_age_seconds) if is_seen else 0.0

    @property
    def extra_visits(self) -> float:
        """Return its visits this shift above the mean of the crews, at most 3 either way."""
        if self.mean_visits is None:
            return 0.0
        above = self.visits_this_shift - self.mean_visits
        return max(-MOST_EXTRA_VISITS, min(above, MOST_EXTRA_VISITS))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A crew weighed for a ticket: `excluded_by` names the first hard rule it breaks, if any.

    `chance` is that of arriving in time, None without a promise or a place; `eta_source` names who
    answered how long the drive takes. `knows`: it was the last at this household. `basis` says what
    the arrival rests on.
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
    knows: bool = False
    extra_visits: float = 0.0
    basis: tuple[Sentence, ...] = ()


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
_DECLINED = say("Declined this ticket or was taken off it before")
_ITS_OWN_WORK = say("Did the repair that is now to be checked; another crew goes")
_NOWHERE = say("No position and no base known")
_UNPLACED = say("The place is not known yet, so only the home team may go")


def _off_shift(at: _Situation) -> Sentence | None:
    return None if at.crew.on_shift else _OFF_SHIFT


def _lacks_skill(at: _Situation) -> Sentence | None:
    skill = at.need.skill
    if skill is None or skill in at.crew.skills:
        return None
    return say("Lacks the skill %(skill)s", skill=SKILL_NAMES.get(skill, skill))


def _wrong_vehicle(at: _Situation) -> Sentence | None:
    return why_wrong_vehicle(at.need.kit, at.crew.name, at.crew.vehicle_class)


def _missing_part(at: _Situation) -> Sentence | None:
    return why_missing_part(at.need.kit, at.crew.name, at.crew.carries)


def _outside_area(at: _Situation) -> Sentence | None:
    area = at.crew.area
    return why_outside(area) if area is not None and _works_elsewhere(at.crew, at.need) else None


def _works_elsewhere(crew: CrewOption, need: Need) -> bool:
    return outside_area(
        crew.area, crew.team_id, grid_id=need.grid_id, owning_team_id=need.owning_team_id
    )


def _shift_too_short(at: _Situation) -> Sentence | None:
    ends_at = at.crew.shift_ends_at
    if ends_at is None:
        return None
    done_at = (at.arrives_at or at.now) + timedelta(minutes=at.need.expected_work_minutes)
    if done_at <= ends_at:
        return None
    left = max(0, whole_minutes((ends_at - at.now).total_seconds()))
    return say("Shift ends in %(minutes)s min, too soon to get there and finish", minutes=left)


def _committed(at: _Situation) -> Sentence | None:
    until = at.crew.busy_until
    if until is not None and until > at.now:
        left = math.ceil((until - at.now).total_seconds() / _SECONDS_PER_MINUTE)
        if at.crew.has_told:
            return say("On another ticket for about %(minutes)s min more, as it said", minutes=left)
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
    HardRule("vehicle", _wrong_vehicle, say("Crews without the vehicle: %(count)s").text),
    HardRule("parts", _missing_part, say("Crews without the parts: %(count)s").text),
    HardRule("shift_end", _shift_too_short, say("Crews whose shift ends too soon: %(count)s").text),
    HardRule("committed", _committed, say("Crews on another ticket: %(count)s").text),
    HardRule("declined", _declined, say("Crews that declined this ticket: %(count)s").text),
    HardRule("checker", _own_work, say("Crews whose work is to be checked: %(count)s").text),
    HardRule("area", _outside_area, say("Crews that work only elsewhere: %(count)s").text),
    HardRule("place", _unplaced, say("Crews of other teams, the place unknown: %(count)s").text),
    HardRule("position", _nowhere, say("Crews without a position or base: %(count)s").text),
)


def is_able(crew: CrewOption, need: Need) -> bool:
    """Tell whether a crew has the skill, the vehicle and the parts, and may work at that place."""
    return (
        (need.skill is None or need.skill in crew.skills)
        and not wrong_vehicle(need.kit, crew.vehicle_class)
        and missing_part(need.kit, crew.carries) is None
        and not _works_elsewhere(crew, need)
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
    `known` are legs, by crew, that were answered before; an old position makes any leg longer.
    """
    legs = _legs(need, [crew for crew in crews if crew.crew_id not in known], drive) | dict(known)
    # Adding minutes to a local time goes wrong across a clock change; in UTC it does not.
    now = now.astimezone(UTC)
    weighed = [_weigh(need, crew, _drifted(legs.get(crew.crew_id), crew), now) for crew in crews]
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


def _drifted(leg: Leg | None, crew: CrewOption) -> Leg | None:
    """Let a leg begin somewhere around a position that is some minutes old."""
    if leg is None or not crew.drift:
        return leg
    return replace(leg, seconds=with_drift(leg.seconds, crew.drift))


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
        reasons=(*(why for _, why in broken), *remarks(need, crew, leg, likely, chance)),
        home=crew.home_team,
        neighbour=crew.neighbour_team,
        metres=None if leg is None else round(leg.metres),
        visits=crew.visits_this_shift,
        chance=chance,
        eta_source=None if leg is None else leg.source,
        knows=crew.crew_id == need.last_crew_id,
        extra_visits=crew.extra_visits,
        basis=arrival_basis(crew, leg),
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


def _reading_order(candidate: Candidate) -> tuple[bool, float, bool, int]:
    eta = math.inf if candidate.eta_seconds is None else candidate.eta_seconds
    return (candidate.excluded_by is not None, eta, not candidate.home, candidate.crew_id)
