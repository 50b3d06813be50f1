"""Which calls does a rehearsed city get: whose, where, when, in which grid?"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from dispatch.domain.categories import SKILLS, category_rule
from dispatch.domain.errors import Invalid
from dispatch.domain.grids import GridIndex, GridShape
from dispatch.domain.periods import Period
from dispatch.domain.place import to_wgs84_many
from dispatch.domain.sentences import say
from dispatch.rehearsal.city import NONE, WEEK, Calls

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from zoneinfo import ZoneInfo

    from dispatch.domain.grid_features import GridDraft
    from dispatch.domain.past_ticket import PastTicket
    from dispatch.domain.place import Datum
    from dispatch.rehearsal.city import Places

DAYS_A_WEEK = 7
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The grids of a city and who owns them; without a team's name a grid is its own team."""

    index: GridIndex
    grid_names: tuple[str, ...]
    team_names: tuple[str, ...]
    team_of_grid: Places


def ground_of(drafts: Sequence[GridDraft]) -> Ground:
    """Index the grids of a file."""
    owners = [draft.team or draft.name for draft in drafts]
    teams = tuple(dict.fromkeys(owners))
    shapes = [
        GridShape(number, draft.name, None, draft.shape) for number, draft in enumerate(drafts)
    ]
    return Ground(
        index=GridIndex(shapes),
        grid_names=tuple(draft.name for draft in drafts),
        team_names=teams,
        team_of_grid=np.array([teams.index(owner) for owner in owners], dtype=np.int64),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """The calls of some days: how many, how many with a place, and the located ones as arrays.

    `period` are the days that are rehearsed; `folded_from` those of the file, if weeks are folded.
    """

    period: Period
    tickets: int
    calls: Calls
    in_a_grid: int
    folded_weeks: int = 1
    storm_calls: int = 0
    folded_from: Period | None = None

    @property
    def starts_at(self) -> datetime:
        """Return the first instant of the days."""
        return self.period.from_at

    @property
    def seconds(self) -> float:
        """Return how long the days last."""
        return (self.period.to_at - self.period.from_at).total_seconds()

    @property
    def weeks(self) -> int:
        """Return how many weeks have begun in the days."""
        return math.ceil(self.period.days / DAYS_A_WEEK)


def period_of(past: Iterable[PastTicket], zone: ZoneInfo) -> Period:
    """Return the days from the first call to the last."""
    days = [ticket.times["received_at"].astimezone(zone).date() for ticket in past]
    if not days:
        raise no_tickets()
    return Period(min(days), max(days) + _DAY, zone)


def demand_of(past: Sequence[PastTicket], datum: Datum, ground: Ground, period: Period) -> Demand:
    """Take the calls of the days that are in the range.

    Raises:
        Invalid: when there is none, or none has a place.
    """
    kept = [each for each in past if period.from_at <= each.times["received_at"] < period.to_at]
    if not kept:
        raise no_tickets()
    located = sorted(
        (each for each in kept if each.given is not None),
        key=lambda each: (each.times["received_at"], each.external_id),
    )
    if not located:
        raise Invalid(
            say(
                "None of the %(count)s tickets has a place: name lat and lon in the column map.",
                count=len(kept),
            )
        )
    given = np.array([each.given for each in located], dtype=np.float64)
    lats, lons = to_wgs84_many(given[:, 0], given[:, 1], datum)
    grid = ground.index.find_many(lats, lons)
    rules = [category_rule(each.category) for each in located]
    calls = Calls(
        received=_seconds([each.times["received_at"] for each in located], period.from_at),
        place=np.column_stack([lats, lons]),
        level=np.array([each.level for each in located], dtype=np.int64),
        grid=grid,
        team=np.where(grid == NONE, NONE, ground.team_of_grid[grid]),
        skill=np.array([SKILLS.index(rule.skill) for rule in rules], dtype=np.int64),
    )
    return Demand(
        period=period, tickets=len(kept), calls=calls, in_a_grid=int(np.sum(grid != NONE))
    )


def no_tickets() -> Invalid:
    """Return the refusal of days without a call."""
    return Invalid(
        say("There is no ticket to rehearse: widen the range of days or the map's filter.")
    )


def folded(demand: Demand, weeks: int, *, even: bool = False) -> Demand:
    """Lay the weeks onto as many as asked for; each call keeps its hour of the week on the wall.

    The weeks are dealt out in turn, so that each new one holds every season. `even` lays each
    week a little later than the one before, so that every hour gets as many calls as any other;
    the order and the gaps within a week stay, but for the one call that comes round the end.
    """
    first, zone = demand.period.first, demand.period.zone
    instants = []
    for seconds in demand.calls.received.tolist():
        wall = (demand.starts_at + timedelta(seconds=seconds)).astimezone(zone)
        week = (wall.date() - first).days // DAYS_A_WEEK
        moved = wall.replace(tzinfo=None) - timedelta(weeks=week - week % weeks)
        instants.append(moved.replace(tzinfo=zone).astimezone(UTC))
    period = Period(first, first + timedelta(weeks=weeks), zone)
    received = _seconds(instants, period.from_at)
    # Weeks without a call, as before a stray one, must not count.
    busy, turn = np.unique(np.floor(demand.calls.received / WEEK), return_inverse=True)
    if even:
        received = (received + turn / len(busy) * WEEK) % (weeks * WEEK)
    order = np.argsort(received, kind="stable")
    return replace(
        demand,
        period=period,
        calls=reordered(replace(demand.calls, received=received), order),
        folded_weeks=math.ceil(len(busy) / weeks),
        folded_from=demand.period,
    )


def reordered(calls: Calls, order: Places) -> Calls:
    """Return some calls in another order."""
    return Calls(
        received=calls.received[order],
        place=calls.place[order],
        level=calls.level[order],
        grid=calls.grid[order],
        team=calls.team[order],
        skill=calls.skill[order],
    )


def weeks_for(demand: Demand, least: float, crew_seconds: float) -> int:
    """Return the most weeks to fold onto so that the work needs at least so many crews.

    `crew_seconds` is the crew time that all the calls need; one week when even that is too thin.
    """
    for weeks in range(demand.weeks, 1, -1):
        if crew_seconds / (weeks * WEEK) >= least:
            return weeks
    return 1


def _seconds(
    instants: Sequence[datetime], since: datetime
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([(at - since).total_seconds() for at in instants], dtype=np.float64)
