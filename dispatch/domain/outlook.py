"""What does a planner see at one instant: the tickets nobody has reached, and the crews on duty?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Places = NDArray[np.int64]

NOBODY = -1
"""In `heading` and in a plan: no ticket."""

REPAIR_MEAN_SECONDS = 45 * 60.0
"""Mean time on site where nothing better is known; the simulated cities use the same."""

REPAIR_SIGMA = 0.6
"""Spread of the logarithm of the time on site, for the same cities."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """One instant as arrays: n tickets that no crew has reached, m crews on duty.

    All times are in seconds. `drive` (n, m) counts from where a crew is, or from where it works;
    NaN means that there is no way. `may_go` (n, m) holds the hard rules. Of each ticket: `slack`
    until its arrival promise (negative when late, inf without one), `waited` since receipt,
    `weight` of its level, `work` expected on site. Of each crew: `heading`, the ticket it is sent
    to or NOBODY; `can_turn`, whether it may still be sent elsewhere; `on_site` since it began to
    work (NaN when it does not), with `repair_mean` and `repair_sigma` of that kind of work.
    `home` (n, m) marks the owning team's crews, `knows` (n, m) the crew that was last at the
    household; `extra_visits` (m,) are a crew's visits this shift above the mean of the crews. None
    stands for nobody, and for none. `first` (n,) marks households that a storm serves first,
    `told` (m,) crews that said themselves how much longer they need.
    `spread` is the relative error of `drive`, `arrivals` the tickets expected in an hour.
    """

    drive: Floats
    may_go: Flags
    home: Flags
    slack: Floats
    waited: Floats
    weight: Floats
    work: Floats
    heading: Places
    can_turn: Flags
    on_site: Floats
    repair_mean: Floats
    repair_sigma: Floats
    spread: float = 0.0
    arrivals: float = 0.0
    knows: Flags | None = None
    extra_visits: Floats | None = None
    first: Flags | None = None
    told: Flags | None = None

    @property
    def tickets(self) -> int:
        """Return n."""
        return len(self.slack)

    @property
    def crews(self) -> int:
        """Return m."""
        return len(self.heading)

    @property
    def is_free(self) -> Flags:
        """Return (m,): the crews that may be given a ticket now."""
        free: Flags = np.isnan(self.on_site) & ((self.heading == NOBODY) | self.can_turn)
        return free

    def only(self, tickets: Places) -> Outlook:
        """Return the same instant with some of the tickets, whose crews stay where they head."""
        position = np.full(self.tickets + 1, NOBODY)
        position[tickets] = np.arange(len(tickets))
        return replace(
            self,
            drive=self.drive[tickets],
            may_go=self.may_go[tickets],
            home=self.home[tickets],
            knows=None if self.knows is None else self.knows[tickets],
            slack=self.slack[tickets],
            waited=self.waited[tickets],
            weight=self.weight[tickets],
            first=None if self.first is None else self.first[tickets],
            work=self.work[tickets],
            heading=position[self.heading],
        )
