"""Where is the promise kept, on a map: its page, its cells for the browser and as a file?"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint, current_app, render_template, url_for

from dispatch.access import current_scope, current_time, requires
from dispatch.circle.asked import Asked, read_asked
from dispatch.circle.files import filename_of
from dispatch.domain.cell_figures import REPEAT_WITHIN_DAYS, CellShape, MapFigure
from dispatch.domain.figure_looks import Reading, Watched
from dispatch.domain.permissions import Permission
from dispatch.domain.samples import MINIMUM_SAMPLE
from dispatch.domain.sentences import say
from dispatch.queries.circle_map import (
    MOST_DAYS,
    UNPLACED,
    CircleMap,
    circle_map,
    coverage_of_cells,
    tickets_in_cell,
)
from dispatch.web.catalogue import browser_catalogue
from dispatch.web.circle import one_page, shared_words
from dispatch.web.circle_export import answer_file
from dispatch.web.circle_since import changed_since
from dispatch.web.circle_words import MINUTE
from dispatch.web.map_facts import map_facts

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Response

    from dispatch.domain.cell_figures import CellFigures, Over
    from dispatch.domain.sentences import Sentence
    from dispatch.queries.circle_map import MapCell

blueprint = Blueprint("circle_map", __name__, url_prefix="/circle")

SHAPE_NAMES: dict[CellShape, Sentence] = {
    CellShape.GRID: say("Grids"),
    CellShape.HEX_500: say("Hexagons of 500 m"),
    CellShape.HEX_1000: say("Hexagons of 1 km"),
}
FIGURE_NAMES: dict[MapFigure, Sentence] = {
    MapFigure.ATTAINMENT: say("30 min kept"),
    MapFigure.RESPONSE: say("Arrival P90"),
    MapFigure.DEMAND: say("Tickets"),
    MapFigure.REPEATS: say("Repeats"),
    MapFigure.COVERAGE: say("Coverage now"),
}


@blueprint.get("/map")
@requires(Permission.SEE_FIGURES)
def page() -> str:
    """Show the cells of a view on a map, and the same values in a table."""
    asked, now = read_asked(current_app.config["SETTINGS"].zone), current_time()
    found, chances = _cells(asked, now, over=None)
    cells = sorted(found.cells, key=_worst_first if asked.wall else _most_first)
    return render_template(
        "circle_map.html",
        **shared_words(asked),
        figures=found,
        cells=cells,
        chances=chances,
        shapes=SHAPE_NAMES,
        figure_names=FIGURE_NAMES,
        over_days=asked.period.days <= MOST_DAYS,
        most_days=MOST_DAYS,
        repeat_days=REPEAT_WITHIN_DAYS,
        unplaced_key=UNPLACED,
        map_facts=_facts(asked),
        since=changed_since(asked, _readings(found.whole), event=found.event, now=found.as_of),
        catalogue=browser_catalogue(),
    )


def _most_first(cell: MapCell) -> tuple[Any, ...]:
    return -cell.whole.n, cell.key


def _worst_first(cell: MapCell) -> tuple[Any, ...]:
    """Put what a wall is about on top; cells of too few promises stand below."""
    circle = cell.whole.circle
    return circle.greyed, circle.rate is None, circle.rate, cell.key


@blueprint.get("/map.json")
@requires(Permission.SEE_FIGURES)
def cells() -> dict[str, Any]:
    """Send the cells with their figures, for the whole range and for each hour or day of it."""
    asked, now = read_asked(current_app.config["SETTINGS"].zone), current_time()
    found, chances = _cells(asked, now, over=asked.over)
    return {
        "as_of": found.as_of.isoformat(),
        "first_day": str(asked.period.first),
        "last_day": str(asked.period.last),
        "whole": found.whole,
        "parts": found.parts,
        "unplaced": found.unplaced,
        "cells": [
            {
                "key": cell.key,
                "outline": cell.outline,
                "whole": cell.whole,
                "parts": cell.parts,
                "coverage": chances.get(cell.key),
            }
            for cell in found.cells
        ],
    }


@blueprint.get("/map/tickets")
@requires(Permission.SEE_FIGURES)
def tickets() -> str:
    """Show the tickets of a cell, or those that lie in none."""
    asked, now = read_asked(current_app.config["SETTINGS"].zone), current_time()
    key = asked.cell or UNPLACED
    found = tickets_in_cell(asked.period, current_scope(), asked.filters, asked.shape, key, now=now)
    return render_template(
        "circle_map_tickets.html",
        **shared_words(asked),
        key=key,
        unplaced_key=UNPLACED,
        shapes=SHAPE_NAMES,
        **one_page(found, asked),
        path=url_for("circle_map.tickets"),
        parts={"cell": key},
        now=now,
    )


@blueprint.get("/map.geojson")
@requires(Permission.EXPORT)
def as_file() -> Response:
    """Send the cells of the view with their figures as GeoJSON in WGS-84."""
    asked, now = read_asked(current_app.config["SETTINGS"].zone), current_time()
    found, chances = _cells(asked, now, over=None)
    whole = {
        "type": "FeatureCollection",
        "properties": asked.parts
        | {"as_of": found.as_of.isoformat(), "tickets_without_a_cell": found.unplaced_in_all},
        "features": [_feature(cell, chances.get(cell.key)) for cell in found.cells],
    }
    body = json.dumps(whole, ensure_ascii=False)
    name = filename_of("map", asked, "geojson", found.as_of)
    return answer_file(body, "application/geo+json", name)


def _cells(asked: Asked, now: datetime, over: Over | None) -> tuple[CircleMap, dict[str, float]]:
    scope = current_scope()
    found = circle_map(asked.period, scope, asked.filters, asked.shape, over=over, now=now)
    return found, coverage_of_cells(found.cells, asked.shape, scope, now)


def _readings(whole: CellFigures) -> dict[Watched, Reading]:
    return {
        Watched.CIRCLE: Reading.of(whole.circle),
        Watched.RESPONSE_P90: Reading(whole.response_p90, whole.arrived),
        Watched.REPEAT_30: Reading.of(whole.repeat),
    }


def _feature(cell: MapCell, chance: float | None) -> dict[str, Any]:
    found, late = cell.whole, cell.whole.response_p90
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
            "response_p90_minutes": late and late / MINUTE,
            "response_n": found.arrived,
            f"repeats_{REPEAT_WITHIN_DAYS}_days": found.repeat.rate,
            f"repeats_{REPEAT_WITHIN_DAYS}_days_n": found.repeat.n,
            "coverage_now": chance,
            "below_minimum_n": found.n < MINIMUM_SAMPLE,
        },
    }


def _facts(asked: Asked) -> dict[str, Any]:
    """Return what the scripts of the map need to know beside its cells."""
    period = asked.period
    days = [str(period.first + timedelta(days=day)) for day in range(period.days)]
    return {
        "map": map_facts(current_app.config["SETTINGS"]),
        "cells": asked.url(url_for("circle_map.cells"), wall=None),
        "tickets": asked.url(url_for("circle_map.tickets"), wall=None),
        "file": asked.url(url_for("circle_map.as_file"), wall=None),
        "figure": asked.figure,
        "over": asked.over,
        "repeatDays": REPEAT_WITHIN_DAYS,
        "minimum": MINIMUM_SAMPLE,
        "wall": asked.wall,
        "days": days if period.days <= MOST_DAYS else [],
    }
