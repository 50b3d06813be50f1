"""How does what the circle shows leave it as a file?"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, current_app, request

from dispatch.access import current_scope, current_time, requires
from dispatch.domain.broken_promises import SplitBy
from dispatch.domain.definitions import DEFINITIONS
from dispatch.domain.permissions import Permission
from dispatch.domain.sentences import say
from dispatch.domain.spreadsheet import safe_cell
from dispatch.queries.circle_broken import broken_in, shown_tickets, tickets_behind
from dispatch.queries.figure_rows import BYTE_ORDER_MARK, COLUMNS, cells_of, csv_of, rows_behind
from dispatch.queries.figures import circle_figures, open_now
from dispatch.queries.grid_map import grid_features
from dispatch.refusals import worded
from dispatch.web.circle_asked import Asked, read_asked
from dispatch.web.circle_lines import LINE_COLUMNS, grid_lines, lines_of, sheets_of
from dispatch.web.workbook import Sheet, workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from dispatch.domain.stories import TicketStory
    from dispatch.queries.figures import CircleFigures
    from dispatch.web.circle_lines import Line

blueprint = Blueprint("circle_export", __name__, url_prefix="/circle")

MOST_TICKETS = 20_000
"""Tickets in a workbook; all of them are in the CSV of the rows."""

SHEET_NAMES = {
    "overview": say("Overview"),
    "period": say("Period"),
    "team": say("By team"),
    "grid": say("By grid"),
    "level": say("By level"),
    "hour": say("By hour of the call"),
    "storm": say("In storm mode and outside"),
    "evidence": say("By the evidence of the arrival"),
    "week": say("Week"),
    "left_out": say("Left out"),
    **{f"broken_by_{by}": say("Broken promises") for by in SplitBy},
}


@blueprint.get("/rows.csv")
@requires(Permission.EXPORT)
def rows() -> Response:
    """Send the tickets behind the figures, exactly those that the view is narrowed to."""
    zone, now = current_app.config["SETTINGS"].zone, current_time()
    asked = read_asked(zone)
    stories = _stories(asked, now)

    def body() -> Iterator[str]:
        yield from csv_of(stories, zone, now)

    return answer_file(body(), "text/csv", filename_of("tickets", asked, "csv", now))


@blueprint.get("/figures.<any(csv, xlsx, geojson):form>")
@requires(Permission.EXPORT)
def figures(form: str) -> Response:
    """Send every figure that the view shows: as lines, as a workbook, or by grid for a map."""
    zone, now = current_app.config["SETTINGS"].zone, current_time()
    asked = read_asked(zone)
    scope = current_scope()
    found = circle_figures(asked.period, scope, asked.filters, compare=asked.compare, now=now)
    body, kind = _WRITERS[form](asked, found, now)
    return answer_file(body, kind, filename_of("circle", asked, form, now))


def _lines(asked: Asked, found: CircleFigures, now: datetime) -> list[Line]:
    scope = current_scope()
    broken = broken_in(asked.period, scope, asked.filters, by=asked.by, now=now)
    return lines_of(found, broken, open_now(scope, asked.filters, now=now), asked.by)


def _as_csv(asked: Asked, found: CircleFigures, now: datetime) -> tuple[str, str]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(LINE_COLUMNS)
    for line in _lines(asked, found, now):
        writer.writerow([safe_cell(cell) for cell in line.cells])
    return BYTE_ORDER_MARK + text.getvalue(), "text/csv"


def _as_workbook(asked: Asked, found: CircleFigures, now: datetime) -> tuple[bytes, str]:
    names = {table: worded(name) for table, name in SHEET_NAMES.items()}
    stories = rows_behind(asked.period, current_scope(), asked.filters, now)
    zone = asked.period.zone
    tickets = [cells_of(story, zone, now) for story in stories[:MOST_TICKETS]]
    sheets = [
        _view_sheet(asked, found, len(stories)),
        *sheets_of(_lines(asked, found, now), names),
        Sheet(worded(say("Tickets")), COLUMNS, tickets),
        _definition_sheet(),
    ]
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return workbook(sheets, zone), kind


def _view_sheet(asked: Asked, found: CircleFigures, tickets: int) -> Sheet:
    rows: list[list[Any]] = [
        [worded(say("First day")), str(asked.period.first)],
        [worded(say("Last day")), str(asked.period.last)],
        [worded(say("Time zone")), str(asked.period.zone)],
        [worded(say("Figures as of")), found.as_of],
        *([name, value] for name, value in asked.narrowed.items()),
        [worded(say("Address of the view")), request.host_url.rstrip("/") + asked.url()],
        [worded(say("Tickets")), tickets],
    ]
    if tickets > MOST_TICKETS:
        note = say(
            "Only the first %(most)s tickets are here; “Rows as CSV” has all.", most=MOST_TICKETS
        )
        rows.append(["", worded(note)])
    return Sheet(worded(say("View")), ("", ""), rows)


def _definition_sheet() -> Sheet:
    rows = [[key, worded(figure.name), worded(figure.words)] for key, figure in DEFINITIONS.items()]
    columns = ("key", worded(say("Figure")), worded(say("Definition")))
    return Sheet(worded(say("Definitions")), columns, rows)


def _as_map(asked: Asked, found: CircleFigures, now: datetime) -> tuple[str, str]:
    """Write a feature for each grid in force, and one without a place for tickets in none."""
    features, _ = grid_features(now)
    by_grid = grid_lines(found)
    for feature in features or ():
        known = by_grid.pop(feature["properties"]["name"], {"tickets": 0})
        feature["properties"] |= known
    for name, known in by_grid.items():
        gone = {"type": "Feature", "geometry": None, "properties": {"name": name} | known}
        (features := features or []).append(gone)
    whole = {
        "type": "FeatureCollection",
        "properties": asked.parts | {"as_of": found.as_of.isoformat()},
        "features": features or [],
    }
    return json.dumps(whole, ensure_ascii=False), "application/geo+json"


_Written = tuple[str | bytes, str]
_WRITERS: dict[str, Callable[[Asked, CircleFigures, datetime], _Written]] = {
    "csv": _as_csv,
    "xlsx": _as_workbook,
    "geojson": _as_map,
}


def _stories(asked: Asked, now: datetime) -> Iterable[TicketStory]:
    scope = current_scope()
    if asked.group is None and asked.stage is None and not asked.names_promise:
        return rows_behind(asked.period, scope, asked.filters, now)
    behind = tickets_behind(
        asked.period,
        scope,
        asked.filters,
        asked.group,
        stage=asked.stage,
        only_broken=asked.only_broken,
        now=now,
    )
    return [one.story for one in shown_tickets(behind.tickets, behind.usual, now)]


def filename_of(what: str, asked: Asked, ending: str, now: datetime) -> str:
    """Name a file after its range and the time it was written, in the utility's zone."""
    period = asked.period
    written = now.astimezone(period.zone).strftime("%Y%m%d-%H%M%S")
    return f"{what}_{period.first}_{period.last}_{written}.{ending}"


def answer_file(body: Any, kind: str, name: str) -> Response:
    """Answer with a file to be saved, never kept on the way."""
    answer = Response(body, mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
