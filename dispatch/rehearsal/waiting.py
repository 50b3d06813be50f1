"""Where do the idle crews of a rehearsed city wait, if they follow what the desk suggests?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dispatch.domain.idle_place import FEWEST_CALLS, best_move, better_place, others_than
from dispatch.domain.repair_time import mean_left

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dispatch.rehearsal.city import City, Floats
    from dispatch.rehearsal.fleet import Fleet
    from dispatch.rehearsal.sight import Sight

LAST_CALLS = 300
"""So many calls stand for where the next one comes from."""

RENEWED_EVERY = 50


class WaitingPlaces:
    """The bases as places to wait, and the last calls as points; no call is known beforehand."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.bases = np.unique(city.staff.base, axis=0)
        self._known = 0
        self._points = np.empty((0, 2))
        self._from_bases = np.empty((len(self.bases), 0))

    def moves(
        self, sight: Sight, fleet: Fleet, fresh: Iterable[int], now: float
    ) -> dict[int, Floats]:
        """Return where idle crews should go now: each that has just become idle, and one more.

        A crew that has just become idle and is well placed stays where it is.
        """
        self._renew(now)
        if not self._points.size:
            return {crew: self.city.staff.base[crew] for crew in fresh}
        return self._better(sight, fleet, set(fresh), now)

    def _renew(self, now: float) -> None:
        """Take the last calls anew, after every so many of them: the drives are asked for once."""
        known = int(np.searchsorted(self.city.calls.received, now, side="right"))
        if known < FEWEST_CALLS or (known < self._known + RENEWED_EVERY and self._known):
            return
        self._known = known
        self._points = self.city.calls.place[max(0, known - LAST_CALLS) : known]
        self._from_bases = self._drives(self.bases)

    def _drives(self, origins: Floats) -> Floats:
        """Return the drives to the points, for the traffic of the middle of the day."""
        seconds = self.city.travel.seconds(origins, self._points, None)
        return np.where(np.isnan(seconds), np.inf, seconds)

    def _better(self, sight: Sight, fleet: Fleet, fresh: set[int], now: float) -> dict[int, Floats]:
        idle = sight.idle()
        here = fleet.places(now)
        stays = fleet.goal[idle].copy()
        is_fresh = np.isin(idle, list(fresh))
        stays[is_fresh] = here[idle[is_fresh]]
        arrives = self._drives(stays)
        working = self._from_work(sight, here, now)
        moves: dict[int, Floats] = {}
        settled = np.flatnonzero(~is_fresh)
        for row in np.flatnonzero(is_fresh).tolist():
            others = others_than(row, arrives, working)
            found = better_place(others, arrives[row], self._from_bases)
            moves[int(idle[row])] = stays[row] if found is None else self.bases[found[0]]
            if found is not None:
                arrives[row] = self._from_bases[found[0]]
        best = best_move(arrives, settled, working, self._from_bases)
        if best is not None:
            moves[int(idle[best.crew])] = self.bases[best.place]
        return moves

    def _from_work(self, sight: Sight, here: Floats, now: float) -> Floats:
        """Return the seconds until the soonest crew at work would be at each point."""
        working = np.flatnonzero(sight.on_duty & ~np.isnan(sight.on_site))
        if not len(working):
            return np.full(len(self._points), np.inf)
        law = sight.repair_mean[working], sight.repair_sigma[working]
        left = mean_left(now - sight.on_site[working], *law)
        soonest: Floats = (self._drives(here[working]) + left[:, None]).min(axis=0)
        return soonest
