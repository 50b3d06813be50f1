"""How many crews does a load ask for, and where do they wait?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from dispatch.domain.grids import Plane
from dispatch.rehearsal.city import ALWAYS, NONE, City, Staff, all_skilled

if TYPE_CHECKING:
    from dispatch.domain.travel import TravelTimes
    from dispatch.rehearsal.city import Calls, Floats, Places, StreetRules
    from dispatch.rehearsal.demand import Demand, Ground

LEAST_CREWS = 20
"""Fewer crews than this are too few to say anything about planning."""

MOST_POINTS = 5_000
_ROUNDS = 30
_TRIES = 6
_FIRST_DRIVE = 600.0


def staff_for(calls: Calls, crews: int) -> Staff:
    """Return crews around the clock that can do everything, their bases spread by demand.

    Each team with demand has a crew where there are enough; a crew belongs to the team whose
    ticket its base stands on.
    """
    base, team = bases_for(calls, crews)
    return Staff(base=base, team=team, skilled=all_skilled(crews), duties=(ALWAYS,) * crews)


def bases_for(calls: Calls, crews: int) -> tuple[Floats, Places]:
    """Return for each crew its base (m, 2) and its team."""
    some = np.linspace(0, len(calls) - 1, min(len(calls), MOST_POINTS)).round().astype(np.int64)
    place, team = calls.place[some], calls.team[some]
    teams, demand = np.unique(team[team != NONE], return_counts=True)
    if not 0 < len(teams) <= crews:
        chosen = spread(place, crews)
        return place[chosen], team[chosen]
    bases, owners = [], []
    for owner, count in zip(teams, shared_out(crews, demand), strict=True):
        own = place[team == owner]
        bases.append(own[spread(own, int(count))])
        owners.append(np.full(count, owner))
    return np.concatenate(bases), np.concatenate(owners)


def shared_out(crews: int, demand: Places) -> Places:
    """Share crews out by demand, one for each at least; the largest remainders get the rest."""
    parts = (crews - len(demand)) * demand / demand.sum()
    shares: Places = 1 + parts.astype(np.int64)
    rest = crews - int(shares.sum())
    shares[np.argsort(-(parts % 1), kind="stable")[:rest]] += 1
    return shares


def spread(place: Floats, count: int) -> Places:
    """Return the `count` of some places, (n, 2) in degrees, that stand best for all of them.

    k-means from seeds that lie evenly along a winding path through the demand; each middle is
    then moved to the nearest place. When there are more crews than places, places are shared.
    """
    flat = Plane(float(np.mean(place[:, 0]))).metres(place[:, ::-1])
    order = np.argsort(_winding(flat), kind="stable")
    ranks = ((np.arange(count) + 0.5) / count * len(flat)).astype(np.int64)
    middles = flat[order[ranks]]
    for _ in range(_ROUNDS):
        nearest = np.argmin(_squares(flat, middles), axis=1)
        sizes = np.bincount(nearest, minlength=count)
        sums = np.column_stack([np.bincount(nearest, flat[:, axis], count) for axis in (0, 1)])
        moved = np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], middles)
        if np.allclose(moved, middles, atol=1.0):
            break
        middles = moved
    chosen: Places = np.argmin(_squares(flat, middles), axis=0)
    return chosen


def _squares(flat: Floats, middles: Floats) -> Floats:
    squares: Floats = ((flat[:, None, :] - middles[None, :, :]) ** 2).sum(axis=2)
    return squares


def _winding(flat: Floats) -> Places:
    """Return the place of each point along a Z-order curve of 1,024 × 1,024 cells."""
    low, high = flat.min(axis=0), flat.max(axis=0)
    cells = ((flat - low) / np.maximum(high - low, 1.0) * 1023).astype(np.int64)
    key = np.zeros(len(flat), dtype=np.int64)
    for bit in range(10):
        key |= ((cells[:, 0] >> bit) & 1) << (2 * bit) | ((cells[:, 1] >> bit) & 1) << (2 * bit + 1)
    return key


def mean_drive(calls: Calls, base: Floats, travel: TravelTimes) -> float:
    """Return the mean seconds from the nearest base to a call; NaN drives are left out."""
    some = np.linspace(0, len(calls) - 1, min(len(calls), MOST_POINTS)).round().astype(np.int64)
    drives = travel.seconds(base, calls.place[some], None)
    nearest = np.nanmin(np.where(np.isnan(drives), np.inf, drives), axis=0)
    reached = nearest[np.isfinite(nearest)]
    return float(reached.mean()) if len(reached) else 0.0


def crews_for_load(demand: Demand, load: float, rules: StreetRules, travel: TravelTimes) -> int:
    """Return the number of crews whose time the expected work fills to a share of `load`.

    The work of a ticket is the mean time on site and the mean drive from the nearest base.
    """
    drive, crews = _FIRST_DRIVE, 0
    for _ in range(_TRIES):
        before = crews
        work = len(demand.calls) * (rules.repair_mean + drive)
        crews = max(1, round(work / demand.seconds / load))
        if crews == before:
            break
        drive = mean_drive(demand.calls, bases_for(demand.calls, crews)[0], travel)
    return crews


def load_of(demand: Demand, staff: Staff, rules: StreetRules, travel: TravelTimes) -> float:
    """Return expected work ÷ crew time, as `crews_for_load` reckons it."""
    drive = mean_drive(demand.calls, staff.base, travel)
    on_duty = sum(
        max(0.0, min(ends, demand.seconds) - max(begins, 0.0))
        for duties in staff.duties
        for begins, ends in duties
    )
    return len(demand.calls) * (rules.repair_mean + drive) / max(on_duty, 1.0)


def lent(calls: Calls, staff: Staff) -> Places:
    """Return the team of each call when a team without a crew lends its ground to a neighbour.

    The neighbour is the team of the base that is nearest to the middle of the ground's calls.
    """
    team = calls.team.copy()
    manned = np.isin(np.arange(team.max(initial=NONE) + 1), staff.team)
    owned = staff.team != NONE
    for owner in np.unique(team[team != NONE]):
        if manned[owner] or not owned.any():
            continue
        middle = calls.place[calls.team == owner].mean(axis=0)
        away = ((staff.base[owned] - middle) ** 2).sum(axis=1)
        team[calls.team == owner] = staff.team[owned][np.argmin(away)]
    return team


def usual_drive(demand: Demand, travel: TravelTimes) -> float:
    """Return the mean seconds of a drive when there are as few crews as make sense."""
    crews = min(LEAST_CREWS, len(demand.calls))
    return mean_drive(demand.calls, bases_for(demand.calls, crews)[0], travel)


def city_of(
    demand: Demand, ground: Ground, staff: Staff, rules: StreetRules, travel: TravelTimes
) -> City:
    """Put a city together; a team without a crew lends its ground to a neighbour."""
    return City(
        starts_at=demand.starts_at,
        zone=demand.period.zone,
        seconds=demand.seconds,
        calls=replace(demand.calls, team=lent(demand.calls, staff)),
        staff=staff,
        grid_names=ground.grid_names,
        team_names=ground.team_names,
        travel=travel,
        rules=rules,
    )
