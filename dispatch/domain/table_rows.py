"""Which rows does a table of comma-separated values hold, and which line cannot be read?"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, NamedTuple

from dispatch.domain.file_faults import shown
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dispatch.domain.file_faults import FileFaults
    from dispatch.domain.sentences import Sentence

LONGEST_LINE_BYTES = 1024 * 1024
LONGEST_HEADER = 1_000
GZIP_SIGN = b"\x1f\x8b"
OTHER_SIGNS = frozenset(";\t|")


class TableRow(NamedTuple):
    """One row: the line of the file it ends on, and its cells without surrounding blanks."""

    line: int
    cells: list[str]


def read_table(lines: Iterable[bytes], faults: FileFaults) -> Iterator[TableRow]:
    """Yield the header and then every row that is not blank; each has as many cells as the header.

    UTF-8 with or without a byte-order mark. Raises Invalid at the first line that cannot be read,
    for what follows it could be misread; a row of the wrong width is a fault of its own.
    """
    reader = csv.reader(_decoded(lines, faults), strict=True)
    width = 0
    while True:
        first = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as fault:
            reason = _broken_row(str(fault), reader.line_num - first)
            raise faults.refuse(reason, line=first) from fault
        if not any(cells):
            continue
        width = width or len(cells)
        if len(cells) == width:
            yield TableRow(reader.line_num, [cell.strip() for cell in cells])
            continue
        faults.add(
            say(
                "This row has %(count)s cells and the header %(width)s: put cells that hold "
                "a comma in quotes.",
                count=len(cells),
                width=width,
            ),
            line=reader.line_num,
        )
    if not width:
        raise faults.refuse(say("The file is empty: its first line must name the columns."))


def _broken_row(fault: str, more_lines: int) -> Sentence:
    if "new-line" in fault:
        return say("The lines end with a carriage return alone: save the file as CSV again.")
    if "expected after" in fault:
        return say("After a closing quote comes a comma: write a quote inside a cell twice.")
    if "field limit" in fault and not more_lines:
        return say(
            "A cell of this line has more than %(limit)s characters: shorten it.",
            limit=csv.field_size_limit(),
        )
    return say("A quote that opens in this row does not close: close it or take it away.")


def _decoded(lines: Iterable[bytes], faults: FileFaults) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        if number == 1 and line.startswith(GZIP_SIGN):
            raise faults.refuse(say("This file is packed: unpack it first."))
        if len(line) >= LONGEST_LINE_BYTES:
            raise faults.refuse(
                say("This line is longer than 1 MB: the file is no table."), line=number
            )
        if b"\0" in line:
            raise faults.refuse(
                say("This line holds a NUL byte: save the file as CSV in UTF-8."), line=number
            )
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as fault:
            raise faults.refuse(
                say(
                    "Byte %(byte)s of this line is not UTF-8: save the file as UTF-8 and "
                    "import it again.",
                    byte=fault.start + 1,
                ),
                line=number,
            ) from fault


def columns_of(header: TableRow, wanted: Iterable[str], faults: FileFaults) -> dict[str, int]:
    """Return the place of each wanted column; a missing or doubled one is a fault of the header."""
    if len(header.cells) == 1 and OTHER_SIGNS & set(header.cells[0]):
        reason = say("Its cells do not stand between commas: save the file as CSV with commas.")
        faults.add(reason, line=header.line)
        return {}
    places = {}
    for name in wanted:
        if header.cells.count(name) == 1:
            places[name] = header.cells.index(name)
            continue
        reason = (
            say("The header names this column twice: rename one of them.")
            if name in header.cells
            else say(
                "There is no such column: add it or correct its name. Found: %(found)s.",
                found=shown(", ".join(header.cells), LONGEST_HEADER),
            )
        )
        faults.add(reason, line=header.line, field=name)
    return places
