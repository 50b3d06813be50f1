"""Which teams and crews kept the 30 minutes most often, given the tickets that they had?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dispatch.domain.microseconds import micros
from dispatch.domain.place import metres_from
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
    is_due, is_kept = due_and_kept(facts, now)
    hours = local_hours(facts["received_at"], zone) // HOURS_ALIKE
    columns = [facts["level"], facts["category"], hours, _distances(facts, bases)]
    found = np.full(facts.size, np.nan)
    if is_due.any():
        found[:] = is_kept.sum() / is_due.sum()
    codes = np.zeros(facts.size, dtype=np.int64)
    for column in columns:
        codes = _joined(codes, column)
        n = np.bincount(codes[is_due], minlength=codes.max(initial=-1) + 1)
        kept = np.bincount(codes[is_kept], minlength=n.size)
        is_known = (n >= MINIMUM_SAMPLE)[codes]
        found[is_known] = (kept / np.maximum(n, 1))[codes][is_known]
    return found


def _joined(codes: Ints, column: NDArray[np.generic]) -> Ints:
    """Return codes of the pairs of two columns; a column has few different values."""
    values = np.unique(column)
    pairs = codes * values.size + np.searchsorted(values, column)
    used = np.bincount(pairs) > 0
    joined: Ints = (np.cumsum(used) - 1)[pairs]
    return joined


def _distances(facts: Facts, bases: Mapping[int, Point]) -> Ints:
    """Return the band of each ticket's distance from its team, −1 where either has no place."""
    found = np.full(facts.size, _NO_DISTANCE, dtype=np.int64)
    for team in np.unique(facts["team"]).tolist():
        if team not in bases:
            continue
        rows = np.flatnonzero((facts["team"] == team) & ~np.isnan(facts["lat"]))
        metres = metres_from(bases[team], facts["lat"][rows], facts["lon"][rows])
        found[rows] = np.searchsorted(DISTANCES_ALIKE, metres, side="right")
    return found
