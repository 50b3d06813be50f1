"""How are tables written as a workbook that a spreadsheet opens?"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from xlsxwriter import Workbook

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
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
_OPTIONS = {"in_memory": True, "remove_timezone": True}


class Ratio(float):
    """A share of one, shown as per cent."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its name, its columns, its rows of text, numbers, ratios, instants and None."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]


def workbook(sheets: Sequence[Sheet], zone: ZoneInfo) -> bytes:
    """Return an XLSX file; instants are written by the clock on the wall of `zone`.

    The same sheets give the same bytes, and no cell is ever a formula. A row beyond those that a
    sheet may have, and a character that XML cannot hold, is left out.
    """
    file = io.BytesIO()
    with Workbook(file, _OPTIONS) as book:
        book.set_properties({"created": _DATED})
        bold = book.add_format({"bold": True})
        shown = _Shown(
            zone,
            book.add_format({"num_format": "0.0%"}),
            book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        )
        for name, sheet in zip(_names([sheet.name for sheet in sheets]), sheets, strict=True):
            part = book.add_worksheet(name)
            part.freeze_panes(1, 0)
            part.set_column(0, max(len(sheet.columns), 1) - 1, _WIDTH)
            for column, title in enumerate(sheet.columns):
                part.write_string(0, column, _text(title), bold)
            for row, cells in enumerate(sheet.rows[: MOST_ROWS - 1], start=1):
                for column, value in enumerate(cells):
                    shown.write(part, row, column, value)
    return file.getvalue()


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


def _names(wanted: Iterable[str]) -> list[str]:
    """Return names that a workbook allows, each once whatever its case."""
    names: list[str] = []
    for name in wanted:
        base = _SHEET_FAULTS.sub(" ", _text(name)).strip(" '") or "Sheet"
        found, number = base[:_LONGEST_NAME], 1
        while found.casefold() in {each.casefold() for each in names}:
            number += 1
            tail = f" {number}"
            found = base[: _LONGEST_NAME - len(tail)] + tail
        names.append(found)
    return names


def _text(value: str) -> str:
    return _UNWRITABLE.sub("", value)[:_LONGEST_TEXT]
