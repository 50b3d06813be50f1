"""What came of a rehearsal: when was each ticket reached, by whom, and which figures follow?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dispatch.domain.attainment import CIRCLE
from dispatch.domain.samples import Share, percentiles
from dispatch.rehearsal.city import NONE

if TYPE_CHECKING:
    from dispatch.rehearsal.city import City, Flags, Floats, Places

_MILLISECONDS = 1000.0
_METRES_A_KM = 1000.0
_ROUNDING = 1e-6


class Visit(NamedTuple):
    """One arrival of a crew and the time on site; seconds since the city's start."""

    ticket: int
    crew: int
    arrived: float
    left: float
    is_second: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What happened to each ticket; seconds since the city's start.

    `reached` is NaN for a ticket that no crew reached, `crew` then NONE; `on_site` is what the
    first visit took or would have taken. `decisions` are the seconds of each planner's decision.
    """

    city: City
    received: Floats
    reached: Floats
    crew: Places
    grid: Places
    level: Places
    cancelled: Flags
    on_site: Floats
    visits: tuple[Visit, ...]
    metres_to_tickets: float
    metres_home: float
    reassignments: int
    declined: int
    decisions: Floats

    @property
    def counted(self) -> Flags:
        """Return which tickets the figures stand on: those that were not cancelled."""
        return ~self.cancelled

    @property
    def in_time(self) -> Flags:
        """Return which tickets were reached within 30 minutes."""
        waited = self.reached - self.received
        return np.nan_to_num(waited, nan=np.inf) <= CIRCLE.total_seconds() + _ROUNDING

    @property
    def in_promise(self) -> Flags:
        """Return which tickets were reached within the promise of the street rules."""
        waited = self.reached - self.received
        return np.nan_to_num(waited, nan=np.inf) <= self.city.rules.promise + _ROUNDING

    def attainment_30(self, among: Flags | None = None) -> Share:
        """Measure how many tickets were reached within 30 minutes.

        Late and unserved ones are missed; cancelled ones are left out. Source: metrics.md.
        """
        counted = self.counted if among is None else self.counted & among
        return Share(int(np.sum(self.in_time & counted)), int(np.sum(counted)))

    def response_minutes(self, among: Flags | None = None) -> dict[str, float | int] | None:
        """Return the percentiles from call to arrival of the tickets that were reached."""
        counted = self.counted if among is None else self.counted & among
        spread = percentiles((self.reached - self.received)[counted])
        return None if spread is None else spread.as_minutes()

    def figures(self) -> dict[str, Any]:
        """Return the figures of `rehearse --json` that follow from what happened."""
        served = int(np.sum(~np.isnan(self.reached)))
        return {
            "attainment_30": self.attainment_30().rate,
            "response_minutes": self.response_minutes(),
            "by_level": self._groups(self.level, [str(level) for level in range(5)]),
            "by_grid": self._groups(self.grid, list(self.city.grid_names)),
            "by_hour": self._groups(self._hours(), [str(hour) for hour in range(24)]),
            "unserved": int(np.sum(np.isnan(self.reached) & self.counted)),
            "cancelled": int(np.sum(self.cancelled)),
            "declined": self.declined,
            "home_team_share": self._home_share().rate,
            "one_visit_share": self._one_visit_share().rate,
            "travel_km_per_ticket": _each(self.metres_to_tickets, served),
            "return_km_per_ticket": _each(self.metres_home, served),
            "reassignments": self.reassignments,
            "decision_ms": self._decision_ms(),
        }

    def _groups(self, keys: Places, names: list[str]) -> dict[str, Any]:
        found = {}
        for key in np.unique(keys).tolist():
            among = keys == key
            share = self.attainment_30(among)
            found["" if key == NONE else names[key]] = {
                "n": share.n,
                "attainment_30": share.rate,
                "response_minutes": self.response_minutes(among),
            }
        return found

    def _hours(self) -> Places:
        """Return the local hour of each call."""
        hours = [self.city.hour_at(at) for at in self.received.tolist()]
        return np.array(hours, dtype=np.int64)

    def _home_share(self) -> Share:
        team = self.city.calls.team
        owned = (self.crew != NONE) & (team != NONE)
        return Share(
            int(np.sum(self.city.staff.team[self.crew[owned]] == team[owned])), int(np.sum(owned))
        )

    def _one_visit_share(self) -> Share:
        again = {visit.ticket for visit in self.visits if visit.is_second}
        served = int(np.sum(~np.isnan(self.reached)))
        return Share(served - len(again), served)

    def _decision_ms(self) -> dict[str, float | None]:
        if not len(self.decisions):
            return {"p50": None, "p99": None}
        p50, p99 = np.percentile(self.decisions, [50, 99]) * _MILLISECONDS
        return {"p50": float(p50), "p99": float(p99)}


def _each(metres: float, tickets: int) -> float | None:
    return metres / _METRES_A_KM / tickets if tickets else None
