"""Which streets does a crew's phone keep around its tickets?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app

from dispatch.adapters.road_times.kept import KEPT, KeptTravel
from dispatch.queries.workload import usual_travel

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.surroundings import StreetsIn


def streets_known(now: datetime) -> StreetsIn | None:
    """Return what gives the streets in a box, None without a road map or while it is read."""
    settings = current_app.config["SETTINGS"]
    if settings.travel != "roads":
        return None
    kept: KeptTravel = current_app.extensions.setdefault(KEPT, KeptTravel(settings))
    travel = kept.known or kept.within_budget(usual_travel(now))
    return travel.streets_in if travel.knows_streets else None
