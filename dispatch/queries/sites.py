"""Where do crews start from today, and where could they?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from sqlalchemy import select

from dispatch.models.base import db
from dispatch.models.people import Crew, Team
from dispatch.queries.demand import demand_of_grids
from dispatch.queries.grids import grid_map

if TYPE_CHECKING:
    from datetime import datetime

MOST_GRIDS = 300
"""So many middles of grids are candidates, those with most tickets; more take too long."""


@dataclass(frozen=True, slots=True)
class Site:
    """A place for a base in WGS-84 degrees; `kind` is ``base``, ``grid`` or ``file``."""

    name: str
    kind: str
    lat: float
    lon: float
    name_zh: str | None = None


def bases() -> list[Site]:
    """Return the bases of the active crews, each place once, under the names of its teams."""
    teams: dict[tuple[float, float], dict[str, str]] = {}
    rows = db.session.execute(
        select(Crew.base_lat, Crew.base_lon, Team.name, Team.name_zh)
        .join(Team, Team.id == Crew.team_id)
        .where(Crew.active)
        .order_by(Crew.id)
    )
    for lat, lon, name, chinese in rows:
        if lat is not None and lon is not None:
            teams.setdefault((lat, lon), {})[name] = chinese or name
    return [
        Site(", ".join(names), "base", *place, name_zh="、".join(names.values()))
        for place, names in teams.items()
    ]


def candidate_sites(now: datetime) -> list[Site]:
    """Return the places to choose from: every base, and the middles of the busiest grids."""
    demand, index = demand_of_grids(now), grid_map(now).index
    busiest = np.argsort(-demand.weights_of_grids(), kind="stable")[:MOST_GRIDS]
    grids = [demand.grids[place] for place in busiest]
    middles = shapely.point_on_surface([index.grid(grid.id).shape for grid in grids])
    return bases() + [
        Site(grid.name, "grid", float(point.y), float(point.x), grid.name_zh)
        for grid, point in zip(grids, middles, strict=True)
    ]
