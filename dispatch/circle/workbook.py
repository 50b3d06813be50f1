"""How are tables written as a workbook that a spreadsheet opens?"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, islice
from typing import IO, TYPE_CHECKING, Any

from xlsxwriter import Workbook

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 1_048_576
"""Rows that one sheet may have."""

_LONGEST_TEXT = 32_767
_LONGEST_NAME = 31
_SHEET_FAULTS = re.compile(r"[\[\]:*?/\\]")
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_DATED = datetime(1980, 1, 1, tzinfo=UTC)
_WIDTH = 18


class Ratio(float):
    """A share of one, shown as per cent."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its name, its columns, its rows of text, numbers, ratios, instants and None."""

    name: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]


def workbook(sheets: Iterable[Sheet], zone: ZoneInfo) -> bytes:
    """Return an XLSX file; instants are written by the clock on the wall of `zone`.

    The same sheets give the same bytes, and no cell is ever a formula. A character that XML cannot
    hold is left out; rows beyond those that a sheet may have are on further sheets.
    """
    file = io.BytesIO()
    _write(file, sheets, zone, {"in_memory": True})
    return file.getvalue()


def write_workbook(file: IO[bytes], sheets: Iterable[Sheet], zone: ZoneInfo, folder: Path) -> None:
    """Write the same workbook with one row in memory; sheets wait in a folder for the end."""
    _write(file, sheets, zone, {"constant_memory": True, "tmpdir": str(folder)})


def _write(
    file: IO[bytes], sheets: Iterable[Sheet], zone: ZoneInfo, options: dict[str, Any]
) -> None:
    with Workbook(file, options | {"remove_timezone": True}) as book:
        book.set_properties({"created": _DATED})
        bold = book.add_format({"bold": True})
        shown = _Shown(
            zone,
            book.add_format({"num_format": "0.0%"}),
            book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        )
        names: set[str] = set()
        for sheet in sheets:
            rows = iter(sheet.rows)
            for part in batched_rows(rows):
                page = book.add_worksheet(_name(sheet.name, names))
                page.freeze_panes(1, 0)
                page.set_column(0, max(len(sheet.columns), 1) - 1, _WIDTH)
                for column, title in enumerate(sheet.columns):
                    page.write_string(0, column, _text(title), bold)
                for row, cells in enumerate(part, start=1):
                    for column, value in enumerate(cells):
                        shown.write(page, row, column, value)


def batched_rows(rows: Iterator[Sequence[Any]]) -> Iterator[Iterator[Sequence[Any]]]:
    """Yield the rows of one sheet after the other; there is always a first one."""
    first: list[Sequence[Any]] = []
    while True:
        yield islice(chain(first, rows), MOST_ROWS - 1)
        first = list(islice(rows, 1))
        if not first:
            return


@dataclass(frozen=True, slots=True)
class _Shown:
    """How a cell of each kind looks."""

    zone: ZoneInfo
    ratio: Format
    instant: Format

    def write(self, part: Worksheet, row: int, column: int, value: Any) -> None:
        if value is None:
            return
        if isinstance(value, bool):
            part.write_boolean(row, column, value)
        elif isinstance(value, datetime):
            part.write_datetime(row, column, value.astimezone(self.zone), self.instant)
        elif isinstance(value, int | float):
            part.write_number(row, column, value, self.ratio if isinstance(value, Ratio) else None)
        else:
            part.write_string(row, column, _text(str(value)))


def _name(wanted: str, names: set[str]) -> str:
    """Return a name that a workbook allows, none of `names` whatever its case, and add it."""
    base = _SHEET_FAULTS.sub(" ", _text(wanted)).strip(" '") or "Sheet"
    found, number = base[:_LONGEST_NAME], 1
    while found.casefold() in names:
        number += 1
        tail = f" {number}"
        found = base[: _LONGEST_NAME - len(tail)] + tail
    names.add(found.casefold())
    return found


def _text(value: str) -> str:
    return _UNWRITABLE.sub("", value)[:_LONGEST_TEXT]
