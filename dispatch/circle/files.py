"""How is what the circle shows written as a file, a few tickets at a time?"""

from __future__ import annotations

import csv
import io
import json
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from dispatch.circle.lines import LINE_COLUMNS, grid_lines, lines_of, sheets_of
from dispatch.circle.workbook import Sheet, workbook, write_workbook
from dispatch.domain.broken_promises import SplitBy
from dispatch.domain.definitions import DEFINITIONS
from dispatch.domain.sentences import say
from dispatch.domain.spreadsheet import safe_cell
from dispatch.queries.circle_broken import broken_in, tickets_behind
from dispatch.queries.figure_rows import (
    BYTE_ORDER_MARK,
    COLUMNS,
    cells_of,
    count_of,
    csv_of,
    followers_in,
    ids_of,
    stories_in_turn,
)
from dispatch.queries.figures import circle_figures, open_now
from dispatch.queries.grid_map import grid_features
from dispatch.refusals import worded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from dispatch.circle.asked import Asked
    from dispatch.circle.lines import Line
    from dispatch.domain.permissions import Scope
    from dispatch.queries.figures import CircleFigures

    Tell = Callable[[int], None]

SMALL_EXPORT = 2_000
"""Tickets up to which a file is made while its asker waits; one with more is made beside."""

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
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class CircleFile(StrEnum):
    """A file that a view can be saved as; its ending is the last part."""

    FIGURES_CSV = "figures.csv"
    FIGURES_XLSX = "figures.xlsx"
    FIGURES_GEOJSON = "figures.geojson"
    ROWS_CSV = "rows.csv"
    ROWS_XLSX = "rows.xlsx"

    @property
    def form(self) -> str:
        """Return the ending of its name."""
        return self.value.rpartition(".")[2]

    @property
    def kind(self) -> str:
        """Return the media type."""
        return {"csv": "text/csv", "xlsx": WORKBOOK, "geojson": "application/geo+json"}[self.form]

    @property
    def subject(self) -> str:
        """Return what its name begins with when it is saved."""
        return "tickets" if self.value.startswith("rows") else "circle"

    @property
    def has_tickets(self) -> bool:
        """Tell whether each ticket of the view is a row of it; the others are short."""
        return self not in {CircleFile.FIGURES_CSV, CircleFile.FIGURES_GEOJSON}


@dataclass(frozen=True, slots=True)
class Shown:
    """A view that becomes a file: who sees it decides the scope; `address` is where it is shown."""

    asked: Asked
    scope: Scope
    now: datetime
    address: str

    @property
    def zone(self) -> ZoneInfo:
        """Return the utility's zone."""
        return self.asked.period.zone

    def figures(self) -> CircleFigures:
        """Return the figures of the view."""
        asked = self.asked
        return circle_figures(
            asked.period, self.scope, asked.filters, compare=asked.compare, now=self.now
        )

    def lines(self, found: CircleFigures) -> list[Line]:
        """Return every number that the view shows."""
        asked = self.asked
        view = (asked.period, self.scope, asked.filters)
        broken = broken_in(*view, by=asked.by, now=self.now)
        waiting = open_now(self.scope, asked.filters, now=self.now)
        return lines_of(found, broken, waiting, asked.by)

    def followers(self) -> Mapping[str, datetime]:
        """Return what came next to the places of the view's tickets."""
        asked = self.asked
        return followers_in(asked.period, self.scope, asked.filters, now=self.now)

    def count(self, file: CircleFile) -> int:
        """Return how many tickets a file will have, at most where hours are told apart."""
        asked = self.asked
        if not file.has_tickets:
            return 0
        if asked.is_of_group and file is not CircleFile.FIGURES_XLSX:
            return len(self.tickets(file))
        return count_of(asked.period, self.scope, asked.filters)

    def tickets(self, file: CircleFile) -> list[int]:
        """Return the ids of the tickets that are rows of a file, in their order there."""
        asked = self.asked
        view = (asked.period, self.scope, asked.filters)
        if not file.has_tickets:
            return []
        if not asked.is_of_group or file is CircleFile.FIGURES_XLSX:
            return ids_of(*view)
        only_broken = asked.only_broken
        return tickets_behind(
            *view, asked.group, stage=asked.stage, only_broken=only_broken, now=self.now
        ).tickets


def small_file(file: CircleFile, shown: Shown) -> bytes:
    """Return a file of a view, worded in the reader's language."""
    tickets = shown.tickets(file)
    if file.form == "xlsx":
        return workbook(_sheets(file, shown, tickets), shown.zone)
    return "".join(_texts(file, shown, tickets)).encode()


def write_file(
    out: IO[bytes], file: CircleFile, shown: Shown, tell: Callable[[int, int], None], folder: Path
) -> int:
    """Write the same file with few tickets in memory, and return how many it has.

    `tell` is told how many tickets are written, of how many; `folder` has room for as much again.
    """
    tickets = shown.tickets(file)

    def told(count: int) -> None:
        tell(count, len(tickets))

    if file.form == "xlsx":
        with tempfile.TemporaryDirectory(dir=folder, suffix=".part") as parts:
            sheets = _sheets(file, shown, tickets, told)
            write_workbook(out, sheets, shown.zone, Path(parts))
    else:
        for text in _texts(file, shown, tickets, told):
            out.write(text.encode())
    return len(tickets)


def _texts(
    file: CircleFile, shown: Shown, tickets: list[int], tell: Tell | None = None
) -> Iterator[str]:
    if file is CircleFile.ROWS_CSV:
        stories = stories_in_turn(tickets, shown.now, tell)
        yield from csv_of(stories, shown.followers(), shown.zone, shown.now)
    elif file is CircleFile.FIGURES_CSV:
        yield _lines_as_csv(shown)
    else:
        yield _as_map(shown)


def _lines_as_csv(shown: Shown) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(LINE_COLUMNS)
    for line in shown.lines(shown.figures()):
        writer.writerow([safe_cell(cell) for cell in line.cells])
    return BYTE_ORDER_MARK + text.getvalue()


def _sheets(
    file: CircleFile, shown: Shown, tickets: list[int], tell: Tell | None = None
) -> Iterator[Sheet]:
    yield _view_sheet(shown, len(tickets))
    if file is CircleFile.FIGURES_XLSX:
        names = {table: worded(name) for table, name in SHEET_NAMES.items()}
        yield from sheets_of(shown.lines(shown.figures()), names)
    followers = shown.followers()
    stories = stories_in_turn(tickets, shown.now, tell)
    rows = (cells_of(story, followers, shown.zone, shown.now) for story in stories)
    yield Sheet(worded(say("Tickets")), COLUMNS, rows)
    yield _definition_sheet()


def _view_sheet(shown: Shown, tickets: int) -> Sheet:
    asked = shown.asked
    group = asked.group_parts if asked.is_of_group else {}
    rows: list[list[Any]] = [
        [worded(say("First day")), str(asked.period.first)],
        [worded(say("Last day")), str(asked.period.last)],
        [worded(say("Time zone")), str(shown.zone)],
        [worded(say("Figures as of")), shown.now],
        *([name, value] for name, value in asked.narrowed.items()),
        *([name, str(value)] for name, value in group.items() if value is not None),
        [worded(say("Address of the view")), shown.address],
        [worded(say("Tickets")), tickets],
    ]
    return Sheet(worded(say("View")), ("", ""), rows)


def _definition_sheet() -> Sheet:
    rows = [[key, worded(figure.name), worded(figure.words)] for key, figure in DEFINITIONS.items()]
    columns = ("key", worded(say("Figure")), worded(say("Definition")))
    return Sheet(worded(say("Definitions")), columns, rows)


def _as_map(shown: Shown) -> str:
    """Write a feature for each grid in force, and one without a place for tickets in none."""
    found = shown.figures()
    features, _ = grid_features(shown.now)
    by_grid = grid_lines(found)
    for feature in features or ():
        known = by_grid.pop(feature["properties"]["name"], {"tickets": 0})
        feature["properties"] |= known
    for name, known in by_grid.items():
        gone = {"type": "Feature", "geometry": None, "properties": {"name": name} | known}
        (features := features or []).append(gone)
    whole = {
        "type": "FeatureCollection",
        "properties": shown.asked.parts
        | {"as_of": found.as_of.isoformat()}
        | ({"minutes_within": found.within} if found.within else {}),
        "features": features or [],
    }
    return json.dumps(whole, ensure_ascii=False)


def filename_of(what: str, asked: Asked, ending: str, now: datetime) -> str:
    """Name a file after its range and the time it was written, in the utility's zone."""
    period = asked.period
    written = now.astimezone(period.zone).strftime("%Y%m%d-%H%M%S")
    return f"{what}_{period.first}_{period.last}_{written}.{ending}"
