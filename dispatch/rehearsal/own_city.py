"""How does a rehearsal of the utility's own tickets and crews go?

Everything it needs is in two plain objects, so that it can run in a process of its own.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from dispatch.domain.errors import Invalid
from dispatch.domain.rehearsal_wish import Staffing, check_count
from dispatch.domain.sentences import say
from dispatch.domain.shifts import ShiftRule, duty_at
from dispatch.rehearsal.bound import bound_of
from dispatch.rehearsal.city import ALWAYS, HOUR, NONE, WEEK, Calls, City, Staff, StreetRules
from dispatch.rehearsal.demand import Demand
from dispatch.rehearsal.engine import rehearse
from dispatch.rehearsal.own_figures import figures_of
from dispatch.rehearsal.own_fit import able, needs_of
from dispatch.rehearsal.own_material import GRID, Material
from dispatch.rehearsal.policies import POLICIES
from dispatch.rehearsal.rebasing import at_sites, choose_sites, moved_team
from dispatch.rehearsal.staffing import lent, spread, staff_for
from dispatch.rehearsal.storm import with_storm

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dispatch.domain.crews_on_top import CrewsOnTop
    from dispatch.domain.rehearsal_wish import Wish
    from dispatch.domain.travel import TravelTimes
    from dispatch.rehearsal.city import Flags, Floats, Places
    from dispatch.rehearsal.outcome import Outcome
    from dispatch.rehearsal.own_material import OwnCrew, OwnSite
    from dispatch.rehearsal.rebasing import Chosen

_DAY = timedelta(days=1)
_MINUTE = 60.0
_BOUND_TAKES = 8
"""The search takes about so many times as long as a run: for the progress that is told."""
Duties = tuple[tuple[float, float], ...]


def rehearse_own(
    material: Material,
    wish: Wish,
    on_progress: Callable[[float], None] | None = None,
    travel: TravelTimes | None = None,
) -> dict[str, Any]:
    """Run a wish, and the same without its change; return the figures that the page shows.

    `unchanged` holds those of the second run, None where nothing was changed or it cannot be run;
    `bound` what a search with full knowledge reaches of the first, None where none was asked for.
    `travel` answers the drives, the straight line unless told.

    Raises:
        Invalid: when the wish cannot be rehearsed with this material.
    """
    tell = on_progress or (lambda _share: None)
    other = wish.unchanged()
    whole = 1 + (other is not None) + _BOUND_TAKES * wish.with_bound
    spans = wish.hours_of_change(ZoneInfo(material.zone))
    roads = travel or material.straight
    outcome, found = _figures(material, wish, roads, spans, lambda done: tell(done / whole))
    unchanged = bound = None
    if other is not None:
        with suppress(Invalid):
            run = (material, other[0], roads, spans)
            unchanged = _figures(*run, lambda done: tell((1 + done) / whole))[1]
    if wish.with_bound:
        begun = whole - _BOUND_TAKES
        best = bound_of(outcome, lambda done: tell((begun + _BOUND_TAKES * done) / whole))
        bound = best.attainment_30.as_json() | {"how": best.how.as_json()}
    return found | {"unchanged": unchanged, "bound": bound}


def _figures(
    material: Material,
    wish: Wish,
    travel: TravelTimes,
    spans: Sequence[tuple[datetime, datetime]],
    on_progress: Callable[[float], None],
) -> tuple[Outcome, dict[str, Any]]:
    city, demand, sited = own_city(material, wish, travel)
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
        "travel": {"source": travel.source, "spread": travel.spread},
        "sites": sited and _named(sited, material.sites),
    }
    return outcome, facts | figures


def _named(sited: Chosen, sites: Sequence[OwnSite]) -> dict[str, Any]:
    chosen = [sites[place] for place in sited.places]
    return {
        "chosen": [{"name": each.name, "name_zh": each.name_zh} for each in chosen],
        "share": sited.share,
        "proven": sited.proven,
    }


def own_city(
    material: Material, wish: Wish, travel: TravelTimes | None = None
) -> tuple[City, Demand, Chosen | None]:
    """Put together the city that a wish asks for, the calls that it gets, and its chosen sites.

    Raises:
        Invalid: for wrong wishes, no tickets, too many of them, no crew, or too few places.
    """
    wish.check()
    check_count(len(material.tickets))
    calm, grids, teams = _demand(material, wish)
    roads = travel or material.straight
    staff, sited = _rebased(_staff(material, wish, calm, teams), material, wish, calm, roads)
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
        travel=roads,
        rules=_rules(material, wish),
    )
    return city, demand, sited


def _rules(material: Material, wish: Wish) -> StreetRules:
    return StreetRules(
        promise=wish.promise_minutes * _MINUTE,
        repair_mean=material.repair_mean,
        repair_sigma=material.repair_sigma,
        declines=wish.declines,
        cancelled=wish.cancelled,
        no_access=wish.no_access,
        second_visit=wish.second_visits,
        break_seconds=wish.break_minutes * _MINUTE,
        wait_where_suggested=wish.wait_where_suggested,
    )


def _rebased(
    staff: Staff, material: Material, wish: Wish, demand: Demand, travel: TravelTimes
) -> tuple[Staff, Chosen | None]:
    """Let crews wait where the wish says; return the chosen sites when it asks for a choice."""
    if wish.base_team:
        found = [
            each for each in material.sites if (each.kind, each.name) == (GRID, wish.base_grid)
        ]
        if not found:
            fault = say("There is no grid “%(grid)s”.", grid=wish.base_grid)
            raise Invalid(fault, fields={"base_grid": fault})
        names = _team_names(material, wish)
        team = names.index(wish.base_team) if wish.base_team in names else NONE - 1
        return moved_team(staff, team, (found[0].lat, found[0].lon)), None
    if not wish.sites:
        return staff, None
    places = np.array([(each.lat, each.lon) for each in material.sites]).reshape(-1, 2)
    promise = wish.promise_minutes * _MINUTE
    sited = choose_sites(places, demand.calls, travel, wish.sites, promise)
    return at_sites(staff, places[list(sited.places)], demand.calls), sited


def _team_names(material: Material, wish: Wish) -> tuple[str, ...]:
    owners = [*(each.team for each in material.tickets), *(each.team for each in material.crews)]
    return _names([*owners, *(each.team for each in wish.crews_on_top)])


def _demand(material: Material, wish: Wish) -> tuple[Demand, tuple[str, ...], tuple[str, ...]]:
    period = wish.period(ZoneInfo(material.zone))
    tickets = sorted(material.tickets, key=lambda each: each.received)
    grids = _names(each.grid for each in tickets)
    teams = _team_names(material, wish)
    begins = period.from_at.timestamp()
    calls = Calls(
        received=np.array([each.received - begins for each in tickets], dtype=np.float64),
        place=np.array([(each.lat, each.lon) for each in tickets], dtype=np.float64),
        level=np.array([each.level for each in tickets], dtype=np.int64),
        grid=_places([each.grid for each in tickets], grids),
        team=_places([each.team for each in tickets], teams),
        skill=needs_of(tickets, material.crews)[1],
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
    tickets = sorted(material.tickets, key=lambda each: each.received)
    needs, _of_each = needs_of(tickets, material.crews)
    if wish.staffing is Staffing.AROUND_THE_CLOCK:
        staff = staff_for(demand.calls, wish.crews)
        staff = replace(staff, skilled=np.ones((len(staff), len(needs)), dtype=np.bool_))
    else:
        skilled = able(material.crews, needs)
        staff = _as_in_life(material.crews, skilled, demand, teams)
    for block in wish.crews_on_top:
        base = _base_of(block.team, material.crews, demand.calls, teams)
        staff = _joined(staff, block, base, teams.index(block.team), demand)
    return _checked(staff)


def _joined(
    staff: Staff, block: CrewsOnTop, base: tuple[float, float], team: int, demand: Demand
) -> Staff:
    """Add crews that can do everything."""
    extra = block.crews
    return Staff(
        base=np.concatenate([staff.base, np.tile(base, (extra, 1))]),
        team=np.concatenate([staff.team, np.full(extra, team)]),
        skilled=np.concatenate([staff.skilled, np.ones((extra, staff.skilled.shape[1]), np.bool_)]),
        duties=(*staff.duties, *(_extra_duties(block, demand),) * extra),
    )


def _checked(staff: Staff) -> Staff:
    if len(staff):
        return staff
    fault = say("There is no active crew. Add crews, or rehearse with crews around the clock.")
    raise Invalid(fault, fields={"staffing": fault})


def _as_in_life(
    crews: Sequence[OwnCrew], skilled: Flags, demand: Demand, teams: tuple[str, ...]
) -> Staff:
    bases = [crew.base or _middle(crew.team, demand.calls, teams) for crew in crews]
    return Staff(
        base=np.array(bases, dtype=np.float64).reshape(-1, 2),
        team=_places([crew.team for crew in crews], teams),
        skilled=skilled,
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


def _extra_duties(block: CrewsOnTop, demand: Demand) -> Duties:
    if block.day is None:
        return duties_of([(block.begins, block.ends, 0b111_1111)], demand)
    [(begins, ends)] = block.spans((), demand.period.zone)
    return ((_since(begins, demand), _since(ends, demand)),)
