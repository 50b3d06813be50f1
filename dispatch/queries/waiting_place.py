"""Where should an idle crew wait?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dispatch.domain.coverage import best_wait
from dispatch.domain.idle_place import FEWEST_CALLS, best_move
from dispatch.domain.repair_time import mean_left
from dispatch.queries.candidates import crew_stamp
from dispatch.queries.coverage import OLDEST, city_at
from dispatch.queries.demand import demand_of_grids
from dispatch.queries.kept_answers import KeptAnswers
from dispatch.queries.workload import usual_travel, workload

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    from dispatch.domain.permissions import Scope
    from dispatch.domain.travel import TravelTimes
    from dispatch.queries.coverage import CoverageCity
    from dispatch.queries.demand import DemandGrid

    Floats = NDArray[np.float64]
    _Place = tuple[float, float, DemandGrid | None, str | None]

LEAST_GAIN = 0.01
MOST_PLACES = 100
"""Candidate places to wait at: the bases, and the grids with most tickets."""


@dataclass(frozen=True)
class WaitingPlace:
    """Where one idle crew should wait: a grid's middle, or a base (`grid` is None).

    `before` and `after` are the coverage of the whole city, or where nothing is won for that
    (`is_sooner`) the mean seconds until the first crew is at the next call.
    """

    crew_id: int
    crew: str
    lat: float
    lon: float
    grid: DemandGrid | None
    base_of: str | None
    before: float
    after: float
    is_sooner: bool = False


_waits: KeptAnswers[WaitingPlace | None] = KeptAnswers(OLDEST)


def better_wait_for(
    scope: Scope, now: datetime, *, travel: TravelTimes | None = None
) -> WaitingPlace | None:
    """Return where one idle crew in sight should wait, None where nothing is won by it.

    First of all where coverage rises by a point. Candidate places are the bases and the middles of
    the grids with most tickets, 100 at most. Where coverage is as good as it gets, the base from
    which the next call is reached soonest. At most ten seconds old.
    """
    travel = travel or usual_travel(now)
    demand = demand_of_grids(now)
    asked = (crew_stamp(), demand, travel, scope)
    city = city_at(now, demand, travel)
    return _waits.get(asked, now, lambda: _better_wait(city, scope) or _sooner_wait(city, scope))


def _better_wait(city: CoverageCity, scope: Scope) -> WaitingPlace | None:
    idle = [row for row, crew in enumerate(city.crews) if crew.is_idle and crew.is_seen(scope)]
    places = _places(city)
    found = best_wait(
        city.chances(0),
        np.array(idle, dtype=np.intp),
        city.drives([(lat, lon) for lat, lon, *_ in places]),
        city.demand.weights,
        spread=city.travel.spread,
    )
    if found is None or found.after - found.before < LEAST_GAIN:
        return None
    crew = city.crews[found.crew]
    return WaitingPlace(crew.crew_id, crew.name, *places[found.place], found.before, found.after)


def _sooner_wait(city: CoverageCity, scope: Scope) -> WaitingPlace | None:
    """Return the idle crew and the base from which the next call is reached soonest."""
    idle = [crew for crew in city.crews if crew.is_idle]
    places = [place for place in _places(city) if place[2] is None]
    if city.demand.tickets < FEWEST_CALLS or not idle or not places:
        return None
    found = best_move(
        _ways(city.drives([crew.origin for crew in idle])),
        np.flatnonzero([crew.is_seen(scope) for crew in idle]),
        _from_work(city),
        _ways(city.drives([(lat, lon) for lat, lon, *_ in places])),
        city.demand.weights,
    )
    if found is None:
        return None
    crew = idle[found.crew]
    gain = found.before, found.after
    return WaitingPlace(crew.crew_id, crew.name, *places[found.place], *gain, is_sooner=True)


def _from_work(city: CoverageCity) -> Floats:
    """Return the seconds until the soonest crew at work would be at each point."""
    usual = workload(city.now).repair
    left, origins = [], []
    for crew in city.crews:
        if crew.work is None or not crew.free_now:
            continue
        law = crew.work.repair or usual
        on_site = mean_left(*map(np.array, (crew.work.elapsed, law.mean_seconds, law.sigma)))
        left.append(crew.work.arrives_in + float(on_site))
        origins.append(crew.origin)
    if not origins:
        return np.full(len(city.demand.points), np.inf)
    soonest: Floats = (_ways(city.drives(origins)) + np.array(left)[:, None]).min(axis=0)
    return soonest


def _ways(seconds: Floats) -> Floats:
    """Return drives with inf where there is no way."""
    known: Floats = np.where(seconds >= 0, seconds, np.inf)
    return known


def _places(city: CoverageCity) -> list[_Place]:
    """Return the candidate places: each base once, then the grids with most tickets."""
    demand = city.demand
    bases = {crew.base: crew.name for crew in reversed(city.crews) if crew.base is not None}
    places: list[_Place] = [(*base, None, name) for base, name in bases.items()]
    del places[MOST_PLACES:]
    count = np.bincount(demand.grid_of, minlength=len(demand.grids))
    middle = [
        np.bincount(demand.grid_of, degrees, len(count)) / count for degrees in demand.points.T
    ]
    busiest = np.argsort(-demand.weights_of_grids(), kind="stable")[: MOST_PLACES - len(places)]
    places += [
        (float(middle[0][at]), float(middle[1][at]), demand.grids[at], None) for at in busiest
    ]
    return places
