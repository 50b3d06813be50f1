"""What does a rehearsal of the utility's own tickets and crews start from?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dispatch.domain.travel import StraightLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dispatch.rehearsal.city import Floats

GRID = "grid"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTicket:
    """A located past ticket: seconds since 1970, WGS-84 degrees, names of its grid and team.

    `pipe_mm` is the nominal width of the pipe, None when it is not recorded.
    """

    received: float
    lat: float
    lon: float
    level: int
    category: str
    grid: str | None
    team: str | None
    pipe_mm: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCrew:
    """A crew of today: its base in degrees if it has one, its shifts as minutes and weekdays.

    `vehicle` and `carries` are keys of `crew_fit`, None when not recorded; `area` names the grids
    where alone it works, none for those of its own team, None for everywhere.
    """

    team: str
    base: tuple[float, float] | None
    skills: tuple[str, ...]
    shifts: tuple[tuple[int, int, int], ...]
    vehicle: str | None = None
    carries: tuple[str, ...] | None = None
    area: tuple[str, ...] | None = None


class OwnSite(NamedTuple):
    """A place for a base in degrees; `kind` is ``base`` or ``grid``."""

    name: str
    kind: str
    lat: float
    lon: float
    name_zh: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a rehearsal starts from; `received` counts all tickets of the days, located or not.

    `speed_kmh` is one speed or 24 by the hour; `repair_mean` in seconds. `sites` are the places
    where bases could stand: those of today, and the middles of grids.
    """

    zone: str
    received: int
    tickets: tuple[OwnTicket, ...]
    crews: tuple[OwnCrew, ...]
    speed_kmh: float | tuple[float, ...]
    detour: float
    spread: float
    repair_mean: float
    repair_sigma: float
    sites: tuple[OwnSite, ...] = ()

    @property
    def straight(self) -> StraightLine:
        """Return the straight line at the speeds of our own drives."""
        return StraightLine(self.speed_kmh, self.detour, self.spread)

    def places(self) -> Floats:
        """Return where calls and bases are, (n, 2) in degrees."""
        bases = [crew.base for crew in self.crews if crew.base is not None]
        found = [*((each.lat, each.lon) for each in self.tickets), *bases]
        return np.array(found, dtype=np.float64).reshape(-1, 2)

    def as_json(self) -> dict[str, Any]:
        """Return a JSON object that `from_json` reads back."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Material:
        """Rebuild what `as_json` wrote."""
        speed = stored["speed_kmh"]
        return cls(
            **stored
            | {
                "tickets": tuple(OwnTicket(**each) for each in stored["tickets"]),
                "crews": tuple(_crew(each) for each in stored["crews"]),
                "sites": tuple(OwnSite(*each) for each in stored.get("sites", ())),
                "speed_kmh": tuple(speed) if isinstance(speed, list | tuple) else speed,
            }
        )


def _crew(stored: dict[str, Any]) -> OwnCrew:
    return OwnCrew(
        team=stored["team"],
        base=tuple(stored["base"]) if stored["base"] is not None else None,
        skills=tuple(stored["skills"]),
        shifts=tuple((begins, ends, days) for begins, ends, days in stored["shifts"]),
        vehicle=stored.get("vehicle"),
        carries=_all(stored.get("carries")),
        area=_all(stored.get("area")),
    )


def _all(stored: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if stored is None else tuple(stored)
