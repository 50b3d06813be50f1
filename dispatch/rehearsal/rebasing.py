"""Where do crews wait when a rehearsal moves their bases?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linear_sum_assignment

from dispatch.domain.siting import covered_by, covered_demand, maximal_covering
from dispatch.domain.travel import great_circle_metres
from dispatch.rehearsal.roster import posts_at

if TYPE_CHECKING:
    from dispatch.domain.travel import TravelTimes
    from dispatch.rehearsal.city import Calls, Floats, Staff

SEARCH_SECONDS = 5.0
REACHES = (1.0, 0.75, 0.5, 0.35, 0.25)
"""Shares of the promise: where fewer places cover all, a shorter drive tells more of them apart."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which of some places were chosen for bases, the share of the calls that they cover together.

    `proven` is False when the search ran out of time: a better choice may exist.
    """

    places: tuple[int, ...]
    share: float | None
    proven: bool


def moved_team(staff: Staff, team: int, place: tuple[float, float]) -> Staff:
    """Let the crews of one team wait at a place, latitude and longitude in degrees."""
    base = np.where((staff.team == team)[:, None], np.array(place), staff.base)
    return replace(staff, base=base)


def choose_sites(
    places: Floats, calls: Calls, travel: TravelTimes, count: int, promise: float
) -> Chosen:
    """Choose at most so many of some places, (p, 2), that most calls are a drive of `promise` away.

    Where fewer would do, the drive is shortened until each of them adds something.

    Raises:
        Invalid: when there are fewer places than asked for.
    """
    drives = travel.seconds(places, calls.place, None)
    weights = np.ones(len(calls))
    for share in REACHES:
        reach = covered_by(drives, promise * share)
        found = maximal_covering(reach, weights, count, seconds=SEARCH_SECONDS / len(REACHES))
        if len(found.sites) == count:
            break
    kept = covered_demand(covered_by(drives, promise), weights, found.sites)
    return Chosen(found.sites, kept / len(calls), found.proven)


def at_sites(staff: Staff, sites: Floats, calls: Calls) -> Staff:
    """Share the crews out over sites, (s, 2), by the calls nearest to each.

    Each crew goes to the site that lets all of them move the least from where they waited.
    """
    posts = posts_at(sites, len(staff), calls)
    _crews, chosen = linear_sum_assignment(great_circle_metres(staff.base, posts))
    return replace(staff, base=posts[chosen])
