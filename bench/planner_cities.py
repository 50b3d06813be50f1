"""Which cities do the planners' benchmarks rehearse: Boston's own calls, and a made-up one?"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from dispatch.cli.rehearsal_city import Wishes, city_for
from dispatch.domain.periods import Period
from dispatch.rehearsal.city import DAY, Calls, City, StreetRules
from dispatch.rehearsal.demand import Demand
from dispatch.rehearsal.staffing import staff_for

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROOT = Path(__file__).parent.parent
BOSTON = ROOT / "dispatch/cli/demo_city/boston"
TEAMS = ("north-east", "north-west", "south-east", "south-west")
MIDDLE = np.array([28.2, 113.0])
RADIUS_DEGREES, CROWDED_PLACES, CROWD_DEGREES = 0.1, 6, 0.011
STARTS = date(2026, 3, 2)


def boston(load: float, _seed: int) -> City:
    """Return Boston's week of 2015, every hour alike, with the crews for a load."""
    os.environ.setdefault("ONEVISIT_SECRET_KEY", "not-used-by-a-rehearsal-but-asked-for")
    wishes = Wishes(
        tickets=BOSTON / "tickets_2015.csv.gz",
        columns=BOSTON / "columns.toml",
        grids=BOSTON / "grids.geojson",
        load=load,
    )
    return city_for(wishes)[0]


def moments(dice: np.random.Generator, calls: int, days: int) -> NDArray[np.float64]:
    """Return seconds of calls since the start, in order: peaks at 9 and 19 o'clock each day."""
    hours = np.arange(24)
    rhythm = 1 + 0.6 * (np.exp(-(((hours - 9) / 2.5) ** 2)) + np.exp(-(((hours - 19) / 2.5) ** 2)))
    hour = dice.choice(24, calls, p=rhythm / rhythm.sum()) + dice.random(calls)
    return np.sort((dice.integers(0, days, calls) * 24 + hour) * 3_600.0)


def made_up(calls: int, days: int, dice: np.random.Generator) -> Demand:
    """Return calls of level 3 in a round city: half of them in six crowded places."""
    received = moments(dice, calls, days)
    middles = dice.normal(0, RADIUS_DEGREES / 2.5, (CROWDED_PLACES, 2))
    crowd = middles[dice.integers(0, CROWDED_PLACES, calls)]
    crowd = crowd + dice.normal(0, CROWD_DEGREES, (calls, 2))
    out, turn = RADIUS_DEGREES * np.sqrt(dice.random(calls)), 2 * np.pi * dice.random(calls)
    anywhere = np.column_stack([out * np.sin(turn), out * np.cos(turn)])
    place = np.where(dice.random((calls, 1)) < 0.5, crowd, anywhere)
    team = (2 * (place[:, 0] > 0) + (place[:, 1] > 0)).astype(np.int64)
    return demand_from(received, place + MIDDLE, team, days)


def demand_from(
    received: NDArray[np.float64],
    place: NDArray[np.float64],
    team: NDArray[np.int64],
    days: int,
) -> Demand:
    """Return some calls of level 3 as the demand of some days."""
    calls = Calls(
        received=received,
        place=place,
        level=np.full(len(received), 3),
        grid=team,
        team=team,
        skill=np.zeros(len(received), dtype=np.int64),
    )
    period = Period(STARTS, STARTS + timedelta(days=days), ZoneInfo("UTC"))
    return Demand(period=period, tickets=len(calls), calls=calls, in_a_grid=len(calls))


def staffed(demand: Demand, crews: int, calm: Demand | None = None) -> City:
    """Return a made-up city; the bases stand where the calls of `calm` are, by default its own."""
    return City(
        starts_at=demand.starts_at.astimezone(UTC),
        zone=demand.period.zone,
        seconds=demand.seconds,
        calls=demand.calls,
        staff=staff_for((calm or demand).calls, crews),
        grid_names=TEAMS,
        team_names=TEAMS,
    )


def two_peaks(load: float, seed: int, *, crews: int = 40, days: int = 3) -> City:
    """Return a made-up city with two peaks a day; `load` counts the time on site alone."""
    dice = np.random.default_rng(1_000 + seed)
    calls = dice.poisson(load * crews / StreetRules().repair_mean * days * DAY)
    return staffed(made_up(int(calls), days, dice), crews)


def with_levels(demand: Demand, shares: dict[int, float], dice: np.random.Generator) -> Demand:
    """Return the same calls with levels by chance, in shares that make one."""
    level = dice.choice(list(shares), len(demand.calls), p=list(shares.values()))
    return replace(demand, calls=replace(demand.calls, level=level.astype(np.int64)))
