"""How likely is a crew in time in each grid, now and in some hours, and what would change that?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from dispatch.domain.coverage import (
    chance_of_points,
    chances_in_time,
    expected_coverage,
    losses_by_grid,
    weighted_means,
)
from dispatch.domain.planned_visits import Without
from dispatch.domain.sentences import say
from dispatch.queries.candidates import crew_stamp
from dispatch.queries.crews_ahead import CrewAhead, crews_ahead
from dispatch.queries.demand import demand_of_grids
from dispatch.queries.kept_answers import KeptAnswers
from dispatch.queries.policies import policy_in_force
from dispatch.queries.workload import usual_travel, workload

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from dispatch.domain.permissions import Scope
    from dispatch.domain.sentences import Sentence
    from dispatch.domain.travel import TravelTimes
    from dispatch.queries.demand import Demand, DemandGrid

    Floats = NDArray[np.float64]
    _Place = tuple[float, float]

HOURS_AHEAD = (0, 1, 2, 4)
LEAST_FALL = 0.05
"""A fall of fewer points than these five is not worth a dispatcher's look."""

OLDEST = timedelta(seconds=10)
"""An answer is kept for so long, for everybody who asks."""


@dataclass(frozen=True)
class CoverageAt:
    """Coverage at one instant: `by_grid` in the order of the grids, `share` over their demand."""

    hours: int
    at: datetime
    on_duty: int
    by_grid: Floats
    share: float | None


@dataclass(frozen=True)
class CoverageView:
    """Coverage of the grids in sight, with the tickets that stand for their demand.

    `notes` say what the figure rests on where that is less than usual.
    """

    as_of: datetime
    grids: tuple[DemandGrid, ...]
    tickets: int
    hours: tuple[CoverageAt, ...]
    notes: tuple[Sentence, ...]


@dataclass(frozen=True)
class CrewLoss:
    """The grid that is hit hardest if one crew goes, and its chance before and after."""

    crew_id: int
    crew: str
    grid: DemandGrid
    before: float
    after: float


@dataclass(frozen=True)
class CoverageCity:
    """One instant of the city: what stands for demand, and the crews."""

    now: datetime
    demand: Demand
    crews: Sequence[CrewAhead]
    travel: TravelTimes

    def chances(self, hours: int) -> Floats:
        """Return the chance of each crew at each point in some hours, crews × points."""
        known, at = workload(self.now), self.now + timedelta(hours=hours)
        hour = _hour(at)
        if hours == 0:
            origins = [crew.origin for crew in self.crews]
            free = [crew.free_now for crew in self.crews]
            work = [crew.work for crew in self.crews]
        else:
            origins = [crew.base or crew.origin for crew in self.crews]
            free = [(1 - known.utilisation[hour]) * crew.is_on_duty(at) for crew in self.crews]
            work = [None] * len(self.crews)
        return chances_in_time(
            self.drives(origins, hour),
            np.array(free, dtype=np.float64),
            work=work,
            repair=known.repair,
            spread=self.travel.spread,
        )

    def drives(self, origins: Sequence[_Place | None], hour: int | None = None) -> Floats:
        """Return the seconds to each point, NaN for no way; each origin is asked for once.

        `origins` are latitudes and longitudes, None an unknown one; without `hour` at this hour.
        """
        degrees = np.array(
            [(np.nan, np.nan) if place is None else place for place in origins], dtype=np.float64
        ).reshape(-1, 2)
        distinct, of_each = np.unique(degrees, axis=0, return_inverse=True)
        hour = _hour(self.now) if hour is None else hour
        return self.travel.seconds(distinct, self.demand.points, hour)[of_each.ravel()]


_views: KeptAnswers[CoverageView] = KeptAnswers(OLDEST)
_losses: KeptAnswers[list[CrewLoss]] = KeptAnswers(OLDEST)


def coverage_for(
    scope: Scope,
    now: datetime,
    *,
    hours: Sequence[int] = HOURS_AHEAD,
    travel: TravelTimes | None = None,
) -> CoverageView:
    """Return the coverage of the asker's grids now and in some hours, at most ten seconds old.

    Now a crew counts from where it is, or from the ticket it works on; for an hour to come from its
    base. Every crew of the city counts, whoever asks. Without `travel`, drives are estimated from
    straight lines at the speeds of our own past drives.
    """
    travel = travel or usual_travel(now)
    demand = demand_of_grids(now)
    asked = (crew_stamp(), demand, travel, tuple(hours))
    view = _views.get(asked, now, lambda: _view(city_at(now, demand, travel), hours))
    return _narrowed(view, demand, scope)


def chances_at(points: Floats, now: datetime) -> Floats:
    """Return the chance now that a crew is in time at each point (n, 2), latitude and longitude.

    Every crew of the city counts, and drives are estimated as in `coverage_for`.
    """
    asked = replace(demand_of_grids(now), points=points)
    return chance_of_points(city_at(now, asked, usual_travel(now)).chances(0))


def losses_for(scope: Scope, now: datetime, *, travel: TravelTimes | None = None) -> list[CrewLoss]:
    """Return for each crew in sight the grid that falls most if it goes, by more than 5 points.

    Crews whose going does less harm are left out. At most ten seconds old.
    """
    travel = travel or usual_travel(now)
    demand = demand_of_grids(now)
    found = _losses.get(
        (crew_stamp(), demand, travel), now, lambda: _all_losses(city_at(now, demand, travel))
    )
    seen = {crew.crew_id for crew in crews_ahead(now) if crew.is_seen(scope)}
    return [loss for loss in found if loss.crew_id in seen]


def coverage_without_each(now: datetime, *, travel: TravelTimes | None = None) -> Without:
    """Return the coverage of every grid now, and what each crew's going takes from it."""
    city = city_at(now, demand_of_grids(now), travel or usual_travel(now))
    demand, chances = city.demand, city.chances(0)
    grids = len(demand.grids)
    names = tuple(grid.name for grid in demand.grids)
    ids = tuple(crew.crew_id for crew in city.crews)
    if not grids or not len(chances):
        return Without(ids, names, np.zeros(grids), np.zeros((len(ids), grids)))
    before = weighted_means(chance_of_points(chances), demand.weights, demand.grid_of, grids)
    falls = losses_by_grid(chances, demand.weights, demand.grid_of, grids)
    return Without(ids, names, before, falls)


def city_at(now: datetime, demand: Demand, travel: TravelTimes) -> CoverageCity:
    """Return the crews and the demand of an instant."""
    return CoverageCity(now, demand, crews_ahead(now), travel)


def _view(city: CoverageCity, hours: Sequence[int]) -> CoverageView:
    found: list[CoverageAt] = []
    unreached = np.zeros(0)
    for ahead in hours:
        chances = city.chances(ahead)
        reached = chance_of_points(chances)
        unreached = unreached if found else reached == 0
        found.append(_at(city, ahead, reached))
    return CoverageView(
        city.now,
        city.demand.grids,
        city.demand.tickets,
        tuple(found),
        _notes(city, int(np.count_nonzero(unreached))),
    )


def _at(city: CoverageCity, ahead: int, reached: Floats) -> CoverageAt:
    demand, at = city.demand, city.now + timedelta(hours=ahead)
    by_grid = weighted_means(reached, demand.weights, demand.grid_of, len(demand.grids))
    return CoverageAt(
        ahead,
        at,
        sum(crew.is_on_duty(at) for crew in city.crews),
        by_grid,
        expected_coverage(by_grid, demand.weights_of_grids()),
    )


def _narrowed(view: CoverageView, demand: Demand, scope: Scope) -> CoverageView:
    if scope.everything:
        return view
    seen = demand.in_scope(scope)
    weights = demand.weights_of_grids()[seen]
    hours = tuple(
        replace(
            each,
            by_grid=each.by_grid[seen],
            share=expected_coverage(each.by_grid[seen], weights),
        )
        for each in view.hours
    )
    grids = tuple(demand.grids[place] for place in seen)
    return replace(view, grids=grids, hours=hours, tickets=sum(grid.tickets for grid in grids))


def _all_losses(city: CoverageCity) -> list[CrewLoss]:
    demand, chances = city.demand, city.chances(0)
    grids = len(demand.grids)
    if not grids or not len(chances):
        return []
    falls = losses_by_grid(chances, demand.weights, demand.grid_of, grids)
    before = weighted_means(chance_of_points(chances), demand.weights, demand.grid_of, grids)
    worst = falls.argmax(axis=1)
    return [
        CrewLoss(
            crew.crew_id,
            crew.name,
            demand.grids[grid],
            float(before[grid]),
            float(before[grid] - falls[row, grid]),
        )
        for row, (crew, grid) in enumerate(zip(city.crews, worst, strict=True))
        if falls[row, grid] > LEAST_FALL
    ]


def _hour(at: datetime) -> int:
    return at.astimezone(policy_in_force().policy.calendar.zone).hour


def _notes(city: CoverageCity, unreached: int) -> tuple[Sentence, ...]:
    notes = []
    if not city.demand.grids:
        notes.append(say("No grid is in force: draw or import grids first."))
    elif not city.demand.tickets:
        notes.append(
            say("No located ticket is known yet: every grid counts alike, by a point in it.")
        )
    if not any(crew.is_on_duty(city.now) for crew in city.crews):
        notes.append(say("No crew is on duty now: nothing is covered."))
    from_base = sum(crew.from_base and crew.is_on_duty(city.now) for crew in city.crews)
    if from_base:
        notes.append(
            say("Crews without a position, counted from their base: %(count)s", count=from_base)
        )
    nowhere = [crew.name for crew in city.crews if crew.origin is None]
    if nowhere:
        notes.append(
            say("Neither position nor base is known, left out: %(crews)s", crews=", ".join(nowhere))
        )
    if unreached and any(crew.is_on_duty(city.now) for crew in city.crews):
        notes.append(say("Places that no crew can reach now: %(count)s", count=unreached))
    if not workload(city.now).is_known:
        notes.append(
            say("Too few visits are known: crews are taken to be busy half of the hours to come.")
        )
    return tuple(notes)
