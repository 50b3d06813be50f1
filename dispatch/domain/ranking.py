"""Which teams and crews kept the 30 minutes most often, given the tickets that they had?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dispatch.domain.microseconds import micros
from dispatch.domain.place import metres_apart
from dispatch.domain.samples import MINIMUM_SAMPLE
from dispatch.domain.wall_clock import local_hours

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from numpy.typing import NDArray

    from dispatch.domain.facts import Facts
    from dispatch.domain.place import Point
    from dispatch.domain.samples import Share

    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

RANKED_COLUMNS = frozenset({"arrived_at", "arrive_due_at", "circle", "crew", "lat", "lon"})
"""What is read of a fact here, besides what facts are narrowed by."""
HOURS_ALIKE = 4
"""Calls of one stretch of so many hours of the day are alike."""
DISTANCES_ALIKE = (2_000.0, 5_000.0, 10_000.0)
"""Where the bands of metres between the team's place and the ticket end."""
_NO_DISTANCE = -1
_FEW_VALUES = 1_000


@dataclass(frozen=True, slots=True)
class Fared:
    """The promises that one team or crew kept, and the share that its tickets let expect."""

    kept: Share
    expected: float | None

    @property
    def beyond(self) -> float | None:
        """Return the share kept − the share expected; None when nothing was due."""
        rate = self.kept.rate
        return None if rate is None or self.expected is None else rate - self.expected

    @property
    def between(self) -> tuple[float, float] | None:
        """Return the interval of the share kept, less the share expected."""
        found = self.kept.between
        if found is None or self.expected is None:
            return None
        return found[0] - self.expected, found[1] - self.expected


@dataclass(frozen=True, slots=True)
class Place:
    """The place of one of those that were given; all are numbers of their order there.

    `first` to `last` are the places that the intervals allow, from 1; `alike` are those whose
    intervals overlap with its own.
    """

    number: int
    first: int
    last: int
    alike: tuple[int, ...]


def ranked(fared: Sequence[Fared]) -> list[Place]:
    """Rank teams or crews by how often they kept the 30 minutes, against what their tickets were.

    Formula: circle attainment − expected attainment; the highest is first. Expected: the mean of
    its tickets, each taken at the share kept by all tickets of the city that were like it in these
    days: the same category, level, four hours of the day and distance from the place of the team.
    Where fewer than 20 are like it the distance is let go, then the hours, then the category, then
    the level. The interval is Wilson's at 95 % of the share kept. Two whose intervals overlap are
    not told apart; a place such as 1 to 3 is what the intervals allow.
    In: tickets that count for circle attainment and are due. A ticket counts for its team, and for
    the crew that arrived first; where none has arrived, for the one that was sent last and has it.
    Out: teams and crews with fewer than 20 promises that were due, which are listed apart; for
    crews, tickets that no crew has.
    """
    ends = {
        number: one.between
        for number, one in enumerate(fared)
        if one.between is not None and one.kept.n >= MINIMUM_SAMPLE
    }
    order = sorted(
        ends, key=lambda number: (-(fared[number].beyond or 0.0), -fared[number].kept.n, number)
    )
    places = []
    for number in order:
        low, high = ends[number]
        above = [other for other in order if ends[other][0] > high]
        below = [other for other in order if ends[other][1] < low]
        alike = [other for other in order if other not in {number, *above, *below}]
        places.append(Place(number, 1 + len(above), len(order) - len(below), tuple(alike)))
    return places


def due_and_kept(facts: Facts, now: datetime) -> tuple[Bools, Bools]:
    """Tell which tickets count for circle attainment and are due, and which of them were kept."""
    reached, due = facts["arrived_at"], facts["arrive_due_at"]
    is_open = np.isnan(reached)
    stood = np.where(is_open, float(micros([now])[0]), reached)
    is_due: Bools = (facts["circle"] == 0) & ~(is_open & (stood <= due))
    return is_due, is_due & ~is_open & (stood <= due)


def expected_rates(
    facts: Facts, now: datetime, zone: ZoneInfo, bases: Mapping[int, Point]
) -> Floats:
    """Return for each ticket of a city the share kept by those that are like it.

    `bases` are the places of the teams by their numbers. Each ticket is itself one of those that
    are like it. NaN everywhere where nothing was due. What is alike: see `ranked`.
    """
    if not facts.size:
        return np.empty(0)
    is_due, is_kept = due_and_kept(facts, now)
    hours = local_hours(facts["received_at"], zone) // HOURS_ALIKE
    codes = np.zeros(facts.size, dtype=np.int64)
    rates = np.array([is_kept.sum() / is_due.sum() if is_due.any() else np.nan])
    for column in (facts["level"], facts["category"], hours, _distances(facts, bases)):
        codes, before = _joined(codes, column)
        n = np.bincount(codes[is_due], minlength=before.size)
        kept = np.bincount(codes[is_kept], minlength=before.size)
        rates = np.where(n >= MINIMUM_SAMPLE, kept / np.maximum(n, 1), rates[before])
    found: Floats = rates[codes]
    return found


def _joined(codes: Ints, column: NDArray[Any]) -> tuple[Ints, Ints]:
    """Return codes of the pairs of codes and a column, and of each pair the code that it had."""
    low, high = int(column.min()), int(column.max())
    width = high - low + 1
    if width <= _FEW_VALUES:
        part = column - low
    else:
        values = np.unique(column)
        part, width = np.searchsorted(values, column), values.size
    pairs = codes * width + part
    is_used = np.bincount(pairs) > 0
    joined: Ints = (np.cumsum(is_used) - 1)[pairs]
    return joined, np.flatnonzero(is_used) // width


def _distances(facts: Facts, bases: Mapping[int, Point]) -> Ints:
    """Return the band of each ticket's distance from its team, −1 where either has no place."""
    teams = facts["team"]
    places = np.full((2, int(teams.max(initial=0)) + 2), np.nan)  # -1, no team, is the last.
    for team in bases.keys() & set(range(places.shape[1] - 1)):
        places[:, team] = bases[team].lat, bases[team].lon
    lats, lons = places[:, teams]
    metres = metres_apart(lats, lons, facts["lat"], facts["lon"])
    found = np.zeros(facts.size, dtype=np.int64)
    for end in DISTANCES_ALIKE:
        found += metres >= end
    found[np.isnan(metres)] = _NO_DISTANCE
    return found
