"""What is a rehearsed city made of: its calls, its crews, the rules of its street?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from dispatch.domain.attainment import CIRCLE
from dispatch.domain.categories import SKILLS
from dispatch.domain.outlook import REPAIR_MEAN_SECONDS, REPAIR_SIGMA, Outlook
from dispatch.domain.travel import StraightLine, TravelTimes

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]

Policy = Callable[[Outlook], Places]
"""For every crew of the outlook the ticket it should head to, or NOBODY."""

NONE = -1
"""No grid, no team, no crew."""

HOUR = 3600.0
DAY = 24 * HOUR
WEEK = 7 * DAY
ALWAYS: tuple[tuple[float, float], ...] = ((0.0, np.inf),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """The located tickets of a city, oldest first.

    `received` in seconds since the city's start; `place` (n, 2) in WGS-84 degrees, latitude first;
    `grid` and `team` index the names of the city, NONE outside every grid; `skill`
    indexes the columns of `Staff.skilled`: SKILLS, or what `own_fit` finds that tickets ask for.
    """

    received: Floats
    place: Floats
    level: Places
    grid: Places
    team: Places
    skill: Places

    def __len__(self) -> int:
        return len(self.received)


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """The crews of a city.

    `base` (m, 2) in WGS-84 degrees; `team` indexes the names of the city; `skilled` (m, skills)
    tells who may do what; `duties` holds for each crew its times on duty in seconds since the
    city's start.
    """

    base: Floats
    team: Places
    skilled: Flags
    duties: tuple[tuple[tuple[float, float], ...], ...]

    def __len__(self) -> int:
        return len(self.base)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreetRules:
    """What the street does to a plan; times in seconds, chances from 0 to 1.

    `most_turns` limits how often a crew may be diverted before it arrives, None does not.
    `wait_where_suggested`: idle crews wait where they are nearest to the next call, not at home.
    `declines` is the chance that a crew refuses a ticket, `cancelled` that the caller gives up
    (after `cancel_after` in the mean), `no_access` that nobody opens (found out in
    `no_access_seconds`), `second_visit` that a repair does not hold; after both a second visit is
    due `second_after` later. `tells` is the chance that a crew says how much longer it needs, twice
    on a visit and as well as it knows (`chance`). `break_seconds` is a break in the middle of a
    duty, every eight hours in one without an end. A ticket that waits `patience` after the last
    call is given up.
    """

    promise: float = CIRCLE.total_seconds()
    level_weights: tuple[float, ...] = (1.0, 1.0, 1.0, 1.0)
    repair_mean: float = REPAIR_MEAN_SECONDS
    repair_sigma: float = REPAIR_SIGMA
    most_turns: int | None = None
    wait_where_suggested: bool = False
    declines: float = 0.0
    cancelled: float = 0.0
    cancel_after: float = 20 * 60.0
    no_access: float = 0.0
    no_access_seconds: float = 5 * 60.0
    second_visit: float = 0.0
    second_after: float = HOUR
    tells: float = 0.0
    break_seconds: float = 0.0
    tick: float = 5 * 60.0
    patience: float = WEEK


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """A city to rehearse: it does not change, so that every policy meets the same one."""

    starts_at: datetime
    zone: ZoneInfo
    seconds: float
    calls: Calls
    staff: Staff
    grid_names: tuple[str, ...] = ()
    team_names: tuple[str, ...] = ()
    travel: TravelTimes = field(default_factory=StraightLine)
    rules: StreetRules = field(default_factory=StreetRules)

    def hour_at(self, seconds: float) -> int:
        """Return the local hour of an instant, in seconds since the start."""
        return (self.starts_at + timedelta(seconds=seconds)).astimezone(self.zone).hour


def all_skilled(crews: int) -> Flags:
    """Return crews of which each has every skill."""
    return np.ones((crews, len(SKILLS)), dtype=np.bool_)
