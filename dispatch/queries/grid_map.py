"""How do the grids look on a map, and whose is a point of it?"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dispatch.models.base import db
from dispatch.models.people import Team
from dispatch.models.places import Grid
from dispatch.queries.grids import grid_index

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from dispatch.domain.place import Point


def grid_features(
    now: datetime, *, unless: Collection[str] = ()
) -> tuple[list[dict[str, Any]] | None, str]:
    """Return the valid grids as GeoJSON features, and a stamp that changes with them.

    The features are None when the stamp is one of `unless`: the asker has them already.
    """
    valid = (Grid.valid_from <= now, (Grid.valid_to.is_(None)) | (Grid.valid_to > now))
    known = db.session.execute(
        select(Grid.id, Team.name, Team.name_zh)
        .outerjoin(Team, Team.id == Grid.team_id)
        .where(*valid)
        .order_by(Grid.id)
    ).all()
    stamp = hashlib.sha256(repr([tuple(row) for row in known]).encode()).hexdigest()[:16]
    if stamp in unless:
        return None, stamp
    rows = db.session.execute(
        select(Grid, Team)
        .outerjoin(Team, Team.id == Grid.team_id)
        .where(*valid)
        .order_by(Grid.name)
    )
    return [_feature(grid, team) for grid, team in rows], stamp


def _feature(grid: Grid, team: Team | None) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": grid.id,
        "geometry": grid.geometry,
        "properties": {
            "name": grid.name,
            "name_zh": grid.name_zh,
            "team": _team(team),
            "zone": grid.zone,
            "in_circle": grid.in_circle,
            "version": grid.version,
        },
    }


def owner_of(point: Point, now: datetime) -> dict[str, Any]:
    """Return the grid and team of a WGS-84 point, and the other grids that are near it."""
    found = grid_index(now).find_grid(point)
    keys = [key for key in (found.key, *found.others) if key is not None]
    rows = db.session.execute(
        select(Grid.id, Grid.name, Grid.name_zh, Team)
        .outerjoin(Team, Team.id == Grid.team_id)
        .where(Grid.id.in_(keys))
    )
    known = {grid_id: ({"name": name, "name_zh": zh}, team) for grid_id, name, zh, team in rows}
    grid, team = known[found.key] if found.key is not None else (None, None)
    return {
        "place": {"lat": point.lat, "lon": point.lon},
        "grid": grid,
        "team": _team(team),
        "standing": found.standing,
        "others": [known[key][0]["name"] for key in found.others],
        "metres": found.metres,
    }


def _team(team: Team | None) -> dict[str, Any] | None:
    return {"id": team.id, "name": team.name, "name_zh": team.name_zh} if team else None
