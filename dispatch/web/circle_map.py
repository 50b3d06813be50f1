"""Where is the promise kept, cell by cell of a map?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flask import Blueprint, current_app

from dispatch.access import current_scope, current_time, requires
from dispatch.domain.cell_figures import REPEAT_WITHIN_DAYS
from dispatch.domain.permissions import Permission
from dispatch.domain.samples import MINIMUM_SAMPLE
from dispatch.queries.circle_map import (
    CircleMap,
    circle_map,
    coverage_of_cells,
)
from dispatch.web.circle_asked import Asked, read_asked
from dispatch.web.circle_export import answer_file, filename_of

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Response

    from dispatch.queries.circle_map import MapCell

blueprint = Blueprint("circle_map", __name__, url_prefix="/circle")


@blueprint.get("/map.geojson")
@requires(Permission.EXPORT)
def as_file() -> Response:
    """Send the cells of the view with their figures as GeoJSON in WGS-84."""
    asked, now = read_asked(current_app.config["SETTINGS"].zone), current_time()
    found, chances = _cells(asked, now)
    whole = {
        "type": "FeatureCollection",
        "properties": asked.parts
        | {"as_of": found.as_of.isoformat(), "tickets_without_a_cell": found.unplaced_in_all},
        "features": [_feature(cell, chances.get(cell.key)) for cell in found.cells],
    }
    body = json.dumps(whole, ensure_ascii=False)
    return answer_file(body, "application/geo+json", filename_of("map", asked, "geojson", now))


def _cells(asked: Asked, now: datetime) -> tuple[CircleMap, dict[str, float]]:
    scope = current_scope()
    found = circle_map(asked.period, scope, asked.filters, asked.shape, over=asked.over, now=now)
    return found, coverage_of_cells(found.cells, asked.shape, scope, now)


def _feature(cell: MapCell, chance: float | None) -> dict[str, Any]:
    found, response = cell.whole, cell.whole.response
    return {
        "type": "Feature",
        "id": cell.key,
        "geometry": cell.outline,
        "properties": {
            "cell": cell.key,
            "grid": cell.grid,
            "tickets": found.n,
            "circle_attainment": found.circle.rate,
            "circle_attainment_n": found.circle.n,
            "response_p90_minutes": response and response.as_minutes()["p90"],
            "response_n": response.n if response else 0,
            f"repeats_{REPEAT_WITHIN_DAYS}_days": found.repeat.rate,
            f"repeats_{REPEAT_WITHIN_DAYS}_days_n": found.repeat.n,
            "coverage_now": chance,
            "below_minimum_n": found.n < MINIMUM_SAMPLE,
        },
    }
