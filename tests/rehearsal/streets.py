"""Which tiny cities do the tests of a rehearsal play in?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from dispatch.domain.travel import TravelTimes
from dispatch.rehearsal.chance import Chance
from dispatch.rehearsal.city import ALWAYS, Calls, City, Staff, StreetRules, all_skilled
from dispatch.rehearsal.engine import Run

MINUTE = 60.0
REPAIR = 40 * MINUTE


@dataclass(frozen=True)
class OneStreet(TravelTimes):
    """A street along which a place is so many minutes' drive from its beginning.

    Beyond `broken_at` minutes there is no way; from inside the `tunnel` none is known.
    """

    broken_at: float = np.inf
    tunnel: tuple[float, float] = (np.inf, np.inf)
    source: str = "one_street"
    spread: float = 0.0

    def seconds(self, origins, goals, hour):
        del hour
        starts, ends = np.asarray(origins)[:, 0], np.asarray(goals)[:, 0]
        drives = np.abs(starts[:, None] - ends[None, :]) * MINUTE
        cut = (starts[:, None] > self.broken_at) != (ends[None, :] > self.broken_at)
        inside = (self.tunnel[0] < starts) & (starts < self.tunnel[1])
        return np.where(cut | inside[:, None], np.nan, drives)


def street(calls, bases, **given: Any) -> City:
    """Return a city: calls as (minute, place[, team]), bases as places in minutes of driving."""
    rules = StreetRules(**{name: given.pop(name) for name in list(given) if name in RULES})
    facts = {
        "starts_at": datetime(2026, 3, 2, tzinfo=UTC),
        "zone": ZoneInfo("UTC"),
        "seconds": 24 * 3600.0,
        "calls": calls_of(calls),
        "staff": crews_at(bases),
        "travel": OneStreet(),
        "rules": rules,
        "grid_names": ("One",),
        "team_names": ("A", "B"),
    }
    return City(**(facts | given))


RULES = set(StreetRules.__dataclass_fields__)


def calls_of(calls) -> Calls:
    """Return calls given as (minute, place[, team])."""
    count = len(calls)
    return Calls(
        received=np.array([call[0] * MINUTE for call in calls], dtype=float),
        place=np.array([(call[1], 0.0) for call in calls], dtype=float).reshape(-1, 2),
        level=np.full(count, 2),
        grid=np.zeros(count, dtype=np.int64),
        team=np.array([call[2] if len(call) > 2 else 0 for call in calls], dtype=np.int64),
        skill=np.zeros(count, dtype=np.int64),
    )


def crews_at(bases, duties=None, team=None) -> Staff:
    """Return crews that can do everything, around the clock unless `duties` says otherwise."""
    crews = len(bases)
    return Staff(
        base=np.array([(base, 0.0) for base in bases], dtype=float),
        team=np.zeros(crews, dtype=np.int64) if team is None else np.array(team),
        skilled=all_skilled(crews),
        duties=duties or (ALWAYS,) * crews,
    )


def even_run(city, policy, **happens: Any):
    """Run a city in which every visit takes 40 minutes and nothing else is left to chance."""
    tickets = len(city.calls)
    facts = {
        "on_site": np.full((2, tickets), REPAIR),
        "comes_back": np.zeros(tickets, dtype=bool),
        "gives_up_after": np.full(tickets, np.inf),
        "guess": np.full((2, 2, tickets), np.nan),
        "seed": 1,
    }
    named = {name: np.array(value) for name, value in happens.items()}
    return Run(city, policy, Chance(**(facts | named))).to_the_end(lambda _share: None)


def minutes(seconds) -> list[float]:
    """Return instants in minutes since the city's start."""
    return [round(at / MINUTE, 6) for at in np.asarray(seconds).tolist()]
