"""How are tickets written to a file?"""

from __future__ import annotations

import csv
import json
import os
import tempfile
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from dispatch.cli.declaring import group as group_of
from dispatch.cli.declaring import json_option, option
from dispatch.cli.running import answer, application, bar
from dispatch.domain.categories import CATEGORIES
from dispatch.domain.errors import Invalid
from dispatch.domain.permissions import Scope
from dispatch.domain.sentences import say
from dispatch.domain.spreadsheet import safe_cell
from dispatch.domain.ticket_state import TicketState
from dispatch.queries.export import EXPORT_COLUMNS, ExportFilters, exported_tickets
from dispatch.queries.parts_export import PART_COLUMNS, exported_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from zoneinfo import ZoneInfo

group = group_of("export", say("Export tickets to a file."))
DAY = click.DateTime(["%Y-%m-%d"])
ROWS_A_STEP = 500


@group.command("tickets", sentence=say("Export tickets, without anybody's name or number."))
@option(
    "--format",
    "form",
    type=click.Choice(["csv", "geojson"]),
    default="csv",
    show_default=True,
    sentence=say("Form of the file."),
)
@option("--from", "first", type=DAY, sentence=say("First day of the calls."))
@option("--to", "end", type=DAY, sentence=say("Day after the last."))
@option("--state", type=click.Choice([str(each) for each in TicketState]), sentence=say("State."))
@option("--grid", sentence=say("Name of a grid."))
@option("--team", sentence=say("Name of a team."))
@option(
    "--category", type=click.Choice([each.key for each in CATEGORIES]), sentence=say("Category.")
)
@option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    sentence=say("File to write; one of that name is replaced at the end."),
)
@json_option
def tickets(
    *,
    form: str,
    first: datetime | None,
    end: datetime | None,
    output: Path,
    as_json: bool,
    **names: str | None,
) -> None:
    """Write to a file beside it first, so that a broken export leaves the old file."""
    with application() as app:
        zone = app.config["SETTINGS"].zone
        filters = ExportFilters(from_at=_local(first, zone), to_at=_local(end, zone), **names)
        rows = exported_tickets(Scope(everything=True), filters)
        with bar(say("Exporting"), None) as move, replaced(output) as file:
            count = WRITERS[form](file, _counted(rows, move))
    facts = {"exported": count, "file": str(output), "format": form}
    done = say("%(count)s tickets written to %(file)s.", count=count, file=str(output))
    answer(as_json, facts, done)


@group.command("parts", sentence=say("Export the parts that visits used."))
@option("--from", "first", type=DAY, sentence=say("First day of the use."))
@option("--to", "end", type=DAY, sentence=say("Day after the last."))
@option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    sentence=say("File to write; one of that name is replaced at the end."),
)
@json_option
def parts(*, first: datetime | None, end: datetime | None, output: Path, as_json: bool) -> None:
    """Write a row for each part of each visit, as CSV."""
    with application() as app:
        zone = app.config["SETTINGS"].zone
        rows = exported_parts(_local(first, zone), _local(end, zone))
        with bar(say("Exporting"), None) as move, replaced(output) as file:
            count = _write_csv(file, _counted(rows, move), PART_COLUMNS)
    done = say("%(count)s rows written to %(file)s.", count=count, file=str(output))
    answer(as_json, {"exported": count, "file": str(output), "format": "csv"}, done)


def _local(day: datetime | None, zone: ZoneInfo) -> datetime | None:
    return day.replace(tzinfo=zone) if day else None


def _counted(
    rows: Iterable[dict[str, Any]], move: Callable[[float], None]
) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(rows, start=1):
        if number % ROWS_A_STEP == 0:
            move(number)
        yield row


@contextmanager
def replaced(path: Path) -> Iterator[IO[str]]:
    """Give a new file that takes the name of `path` once it is whole; only its owner reads it.

    Raises:
        Invalid: when the folder cannot be written to.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as fault:
        refusal = say(
            "%(file)s cannot be written (%(reason)s): choose another folder.",
            file=str(path),
            reason=fault.strerror or str(fault),
        )
        raise Invalid(refusal, fields={"output": refusal}) from fault
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            yield file
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _write_csv(
    file: IO[str], rows: Iterable[dict[str, Any]], columns: Sequence[str] = EXPORT_COLUMNS
) -> int:
    # Spreadsheets take a file without this mark for another encoding.
    file.write("\ufeff")
    writer = csv.writer(file)
    writer.writerow(columns)
    count = 0
    for row in rows:
        writer.writerow([safe_cell(row[name]) for name in columns])
        count += 1
    return count


def _write_geojson(file: IO[str], rows: Iterable[dict[str, Any]]) -> int:
    count = 0
    file.write('{"type":"FeatureCollection","features":[')
    for row in rows:
        file.write(",\n" if count else "\n")
        json.dump(_feature(row), file, ensure_ascii=False)
        count += 1
    file.write("\n]}\n")
    return count


def _feature(row: dict[str, Any]) -> dict[str, Any]:
    lat, lon = row["lat"], row["lon"]
    point = None if lat is None else {"type": "Point", "coordinates": [lon, lat]}
    properties = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row.items()
        if name not in {"lat", "lon"}
    }
    return {"type": "Feature", "geometry": point, "properties": properties}


WRITERS = {"csv": _write_csv, "geojson": _write_geojson}
