"""How likely is a crew in time in each grid, and what would that change?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, jsonify

from dispatch.access import current_scope, current_time, requires
from dispatch.api.parsing import ApiBlueprint
from dispatch.domain.permissions import Permission
from dispatch.queries.coverage import coverage_for, losses_for
from dispatch.queries.waiting_place import better_wait_for
from dispatch.schemas.coverage import CoverageReply, CrewLossesReply

if TYPE_CHECKING:
    from dispatch.queries.coverage import CoverageView
    from dispatch.queries.demand import DemandGrid
    from dispatch.queries.waiting_place import WaitingPlace

blueprint = ApiBlueprint(
    "coverage", __name__, url_prefix="/api/v1", description="Where a crew would be in time"
)

_DIGITS = 4


@blueprint.gets("/coverage")
@requires(Permission.SEE_DESK)
@blueprint.answers(200, CoverageReply)
def coverage() -> Response:
    """Return the chance of an arrival within 30 minutes by grid, now and in 1, 2 and 4 hours."""
    scope, now = current_scope(), current_time()
    view = coverage_for(scope, now)
    return jsonify(_coverage(view) | {"wait": _wait(better_wait_for(scope, now))})


@blueprint.gets("/coverage/crews")
@requires(Permission.SEE_DESK)
@blueprint.answers(200, CrewLossesReply)
def losses() -> Response:
    """Return the grid that falls most if a crew goes, for each crew where that matters."""
    found = losses_for(current_scope(), current_time())
    return jsonify(
        {
            "crews": [
                {
                    "crew_id": loss.crew_id,
                    "crew": loss.crew,
                    "grid": _named(loss.grid),
                    "before": round(loss.before, _DIGITS),
                    "after": round(loss.after, _DIGITS),
                }
                for loss in found
            ]
        }
    )


def _coverage(view: CoverageView) -> dict[str, Any]:
    chances = zip(*(each.by_grid.round(_DIGITS).tolist() for each in view.hours), strict=True)
    return {
        "as_of": view.as_of,
        "tickets": view.tickets,
        "hours": [
            {
                "hours": each.hours,
                "at": each.at,
                "on_duty": each.on_duty,
                "share": None if each.share is None else round(each.share, _DIGITS),
            }
            for each in view.hours
        ],
        "grids": [
            _named(grid) | {"id": grid.id, "tickets": grid.tickets, "chances": list(those)}
            for grid, those in zip(view.grids, chances, strict=True)
        ],
        "notes": list(view.notes),
    }


def _wait(found: WaitingPlace | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "crew_id": found.crew_id,
        "crew": found.crew,
        "place": {"lat": found.lat, "lon": found.lon},
        "grid": found.grid and _named(found.grid),
        "base_of": found.base_of,
        "measure": "arrival" if found.is_sooner else "coverage",
        "before": round(found.before, _DIGITS),
        "after": round(found.after, _DIGITS),
    }


def _named(grid: DemandGrid) -> dict[str, Any]:
    return {"name": grid.name, "name_zh": grid.name_zh}
