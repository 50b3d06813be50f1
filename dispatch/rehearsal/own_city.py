"""How does a rehearsal of the utility's own tickets and crews go?

Everything it needs is in two plain objects, so that it can run in a process of its own.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from dispatch.domain.categories import SKILLS, category_rule
from dispatch.domain.errors import Invalid
from dispatch.domain.rehearsal_wish import Staffing, check_count
from dispatch.domain.sentences import say
from dispatch.domain.shifts import ShiftRule, duty_at
from dispatch.domain.travel import StraightLine
from dispatch.rehearsal.city import ALWAYS, HOUR, NONE, WEEK, Calls, City, Staff, StreetRules
from dispatch.rehearsal.demand import Demand
from dispatch.rehearsal.engine import rehearse
from dispatch.rehearsal.own_figures import figures_of
from dispatch.rehearsal.policies import POLICIES
from dispatch.rehearsal.staffing import lent, spread, staff_for
from dispatch.rehearsal.storm import with_storm

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dispatch.domain.rehearsal_wish import Wish
    from dispatch.rehearsal.city import Floats, Places

_DAY = timedelta(days=1)
_MINUTE = 60.0
Duties = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTicket:
    """A located past ticket: seconds since 1970, WGS-84 degrees, names of its grid and team."""

    received: float
    lat: float
    lon: float
    level: int
    category: str
    grid: str | None
    team: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCrew:
    """A crew of today: its base in degrees if it has one, its shifts as minutes and weekdays."""

    team: str
    base: tuple[float, float] | None
    skills: tuple[str, ...]
    shifts: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a rehearsal starts from; `received` counts all tickets of the days, located or not.

    `speed_kmh` is one speed or 24 by the hour; `repair_mean` in seconds.
    """

    zone: str
    received: int
    tickets: tuple[OwnTicket, ...]
    crews: tuple[OwnCrew, ...]
    speed_kmh: float | tuple[float, ...]
    detour: float
    spread: float
    repair_mean: float
    repair_sigma: float

    def as_json(self) -> dict[str, Any]:
        """Return a JSON object that `from_json` reads back."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Material:
        """Rebuild what `as_json` wrote."""
        speed = stored["speed_kmh"]
        return cls(
            **stored
            | {
                "tickets": tuple(OwnTicket(**each) for each in stored["tickets"]),
                "crews": tuple(_crew(each) for each in stored["crews"]),
                "speed_kmh": tuple(speed) if isinstance(speed, list | tuple) else speed,
            }
        )


def _crew(stored: dict[str, Any]) -> OwnCrew:
    return OwnCrew(
        team=stored["team"],
        base=tuple(stored["base"]) if stored["base"] is not None else None,
        skills=tuple(stored["skills"]),
        shifts=tuple((begins, ends, days) for begins, ends, days in stored["shifts"]),
    )


def rehearse_own(
    material: Material, wish: Wish, on_progress: Callable[[float], None] | None = None
) -> dict[str, Any]:
    """Run a wish, and the same without its change; return the figures that the page shows.

    `unchanged` holds those of the second run, None where nothing was changed or it cannot be run.

    Raises:
        Invalid: when the wish cannot be rehearsed with this material.
    """
    tell = on_progress or (lambda _share: None)
    other = wish.unchanged()
    share = 1 if other is None else 2
    spans = wish.hours_of_change(ZoneInfo(material.zone))
    found = _figures(material, wish, spans, lambda done: tell(done / share))
    unchanged = None
    if other is not None:
        with suppress(Invalid):
            unchanged = _figures(material, other[0], spans, lambda done: tell((1 + done) / share))
    return found | {"unchanged": unchanged}


def _figures(
    material: Material,
    wish: Wish,
    spans: Sequence[tuple[datetime, datetime]],
    on_progress: Callable[[float], None],
) -> dict[str, Any]:
    city, demand = own_city(material, wish)
    outcome = rehearse(city, POLICIES[wish.planner], seed=wish.seed, on_progress=on_progress)
    # The city's teams may have lent their ground; the figures name the owners.
    hours = [(_since(begins, demand), _since(ends, demand)) for begins, ends in spans]
    figures = figures_of(outcome, demand.calls.team, wish.promise_minutes * _MINUTE, hours)
    facts = {
        "received": material.received,
        "located": len(material.tickets),
        "frost_tickets": demand.storm_calls,
        "crews": len(city.staff),
        "repair_minutes": material.repair_mean / _MINUTE,
    }
    return facts | figures


def own_city(material: Material, wish: Wish) -> tuple[City, Demand]:
    """Put together the city that a wish asks for, and the calls that it gets.

    Raises:
        Invalid: for wrong wishes, no tickets, too many of them, or no crew.
    """
    wish.check()
    check_count(len(material.tickets))
    calm, grids, teams = _demand(material, wish)
    staff = _staff(material, wish, calm, teams)
    demand = _with_frost(calm, wish)
    check_count(len(demand.calls))
    city = City(
        starts_at=demand.starts_at,
        zone=demand.period.zone,
        seconds=demand.seconds,
        calls=replace(demand.calls, team=lent(demand.calls, staff)),
        staff=staff,
        grid_names=grids,
        team_names=teams,
        travel=StraightLine(material.speed_kmh, material.detour, material.spread),
        rules=StreetRules(
            promise=wish.promise_minutes * _MINUTE,
            repair_mean=material.repair_mean,
            repair_sigma=material.repair_sigma,
        ),
    )
    return city, demand


def _demand(material: Material, wish: Wish) -> tuple[Demand, tuple[str, ...], tuple[str, ...]]:
    period = wish.period(ZoneInfo(material.zone))
    tickets = sorted(material.tickets, key=lambda each: each.received)
    grids = _names(each.grid for each in tickets)
    owners = [*(each.team for each in tickets), *(crew.team for crew in material.crews)]
    teams = _names([*owners, wish.extra_team if wish.extra_crews else None])
    begins = period.from_at.timestamp()
    calls = Calls(
        received=np.array([each.received - begins for each in tickets], dtype=np.float64),
        place=np.array([(each.lat, each.lon) for each in tickets], dtype=np.float64),
        level=np.array([each.level for each in tickets], dtype=np.int64),
        grid=_places([each.grid for each in tickets], grids),
        team=_places([each.team for each in tickets], teams),
        skill=np.array(
            [SKILLS.index(category_rule(each.category).skill) for each in tickets], dtype=np.int64
        ),
    )
    in_a_grid = int(np.sum(calls.grid != NONE))
    found = Demand(period=period, tickets=material.received, calls=calls, in_a_grid=in_a_grid)
    return found, grids, teams


def _names(given: Any) -> tuple[str, ...]:
    return tuple(sorted({name for name in given if name is not None}))


def _places(named: Sequence[str | None], names: tuple[str, ...]) -> Places:
    at = {name: place for place, name in enumerate(names)}
    return np.array([NONE if name is None else at[name] for name in named], dtype=np.int64)


def _with_frost(demand: Demand, wish: Wish) -> Demand:
    if wish.frost == 1:
        return demand
    begins = _instant(wish.frost_day or wish.first, wish.frost_hour * 60, demand)
    hours = min(float(wish.frost_hours), (demand.seconds - begins) / HOUR)
    return with_storm(demand, wish.frost, begins / HOUR, hours, wish.seed)


def _instant(day: Any, minute: int, demand: Demand) -> float:
    """Return a local minute of a day in seconds since the start."""
    zone = demand.period.zone
    local = datetime.combine(day, time(*divmod(minute, 60)), zone)
    return (local.astimezone(UTC) - demand.starts_at).total_seconds()


def _staff(material: Material, wish: Wish, demand: Demand, teams: tuple[str, ...]) -> Staff:
    if wish.staffing is Staffing.AROUND_THE_CLOCK:
        staff = staff_for(demand.calls, wish.crews)
    else:
        staff = _as_in_life(material.crews, demand, teams)
    if not wish.extra_crews:
        return _checked(staff)
    base = _base_of(wish.extra_team, material.crews, demand.calls, teams)
    extra = wish.extra_crews
    return Staff(
        base=np.concatenate([staff.base, np.tile(base, (extra, 1))]),
        team=np.concatenate([staff.team, np.full(extra, teams.index(wish.extra_team))]),
        skilled=np.concatenate([staff.skilled, np.ones((extra, len(SKILLS)), dtype=np.bool_)]),
        duties=(*staff.duties, *(_extra_duties(wish, demand),) * extra),
    )


def _checked(staff: Staff) -> Staff:
    if len(staff):
        return staff
    fault = say("There is no active crew. Add crews, or rehearse with crews around the clock.")
    raise Invalid(fault, fields={"staffing": fault})


def _as_in_life(crews: Sequence[OwnCrew], demand: Demand, teams: tuple[str, ...]) -> Staff:
    bases = [crew.base or _middle(crew.team, demand.calls, teams) for crew in crews]
    return Staff(
        base=np.array(bases, dtype=np.float64).reshape(-1, 2),
        team=_places([crew.team for crew in crews], teams),
        skilled=np.array(
            [[skill in crew.skills for skill in SKILLS] for crew in crews], dtype=np.bool_
        ).reshape(-1, len(SKILLS)),
        duties=tuple(duties_of(crew.shifts, demand) for crew in crews),
    )


def _base_of(
    team: str, crews: Sequence[OwnCrew], calls: Calls, teams: tuple[str, ...]
) -> tuple[float, float]:
    """Return where a team's crews wait: the base that most of them share, else among its calls."""
    bases = [crew.base for crew in crews if crew.team == team and crew.base is not None]
    return max(bases, key=bases.count) if bases else _middle(team, calls, teams)


def _middle(team: str, calls: Calls, teams: tuple[str, ...]) -> tuple[float, float]:
    own: Floats = calls.place[calls.team == teams.index(team)]
    own = own if len(own) else calls.place
    lat, lon = own[spread(own, 1)[0]].tolist()
    return lat, lon


def duties_of(shifts: Sequence[tuple[int, int, int]], demand: Demand) -> Duties:
    """Return a crew's times on duty in seconds since the start, by the clock on the wall.

    Shifts that touch or overlap are one duty. They go on for a week after the days, for what is
    left over then.
    """
    ends_at = demand.seconds + WEEK
    spans = []
    for begins, ends, weekdays in shifts:
        rule, day = ShiftRule(begins, ends, weekdays), demand.period.first - 2 * _DAY
        while day <= demand.period.until + 8 * _DAY:
            at = datetime.combine(day, time(*divmod(begins % 1440, 60)), demand.period.zone)
            duty = duty_at([rule], demand.period.zone, at)
            if duty is not None:
                until = duty.ends_at or at + 2 * _DAY
                spans.append((_since(duty.starts_at, demand), _since(until, demand)))
            day += _DAY
    merged = _merged(spans)
    if any(begins <= 0 and ends >= ends_at for begins, ends in merged):
        return ALWAYS
    return tuple((max(begins, 0.0), ends) for begins, ends in merged if ends > 0)


def _since(at: datetime, demand: Demand) -> float:
    return (at - demand.starts_at).total_seconds()


def _merged(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for begins, ends in sorted(spans):
        if merged and begins <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(ends, merged[-1][1]))
        else:
            merged.append((begins, ends))
    return merged


def _extra_duties(wish: Wish, demand: Demand) -> Duties:
    if wish.extra_day is None:
        return duties_of([(wish.extra_from, wish.extra_to, 0b111_1111)], demand)
    begins = _instant(wish.extra_day, wish.extra_from, demand)
    wraps = wish.extra_to <= wish.extra_from
    ends = _instant(wish.extra_day + _DAY if wraps else wish.extra_day, wish.extra_to, demand)
    return ((begins, ends),)
