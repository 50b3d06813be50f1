"""How are tables written as a workbook that a spreadsheet opens?

The smallest file that ISO/IEC 29500 (Office Open XML, SpreadsheetML) allows: text stands in the
cells themselves and is marked as text, so that no cell is ever a formula.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from zoneinfo import ZoneInfo

MOST_ROWS = 1_048_576
"""Rows that one sheet may have."""

_LONGEST_TEXT = 32_767
_LONGEST_NAME = 31
_SHEET_FAULTS = re.compile(r"[\[\]:*?/\\]")
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_DATED = (1980, 1, 1, 0, 0, 0)
_PLAIN, _BOLD, _RATIO, _INSTANT = range(4)
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><numFmts count="2">'
    '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd hh:mm:ss"/>'
    '<numFmt numFmtId="165" formatCode="0.0%"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)


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

    The same sheets give the same bytes. A row beyond those that a sheet may have, and a character
    that XML cannot hold, is left out.
    """
    names = _names([sheet.name for sheet in sheets])
    parts = {
        "[Content_Types].xml": _content_types(len(sheets)),
        "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": _book(names),
        "xl/_rels/workbook.xml.rels": _relations(
            [("worksheet", f"worksheets/sheet{number}.xml") for number in _numbers(sheets)]
            + [("styles", "styles.xml")]
        ),
        "xl/styles.xml": _STYLES,
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(_entry(name), text)
        for number, sheet in zip(_numbers(sheets), sheets, strict=True):
            with archive.open(_entry(f"xl/worksheets/sheet{number}.xml"), "w") as part:
                for text in _sheet(sheet, zone):
                    part.write(text.encode())
    return file.getvalue()


def _numbers(sheets: Sequence[Sheet]) -> range:
    return range(1, len(sheets) + 1)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _DATED)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


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


def _content_types(count: int) -> str:
    sheets = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" '
        f'ContentType="{_TYPE}.worksheet+xml"/>'
        for number in range(1, count + 1)
    )
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
        f"{sheets}</Types>"
    )


def _relations(targets: Iterable[tuple[str, str]]) -> str:
    found = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{found}</Relationships>'


def _book(names: Iterable[str]) -> str:
    sheets = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"/>'
        for number, name in enumerate(names, start=1)
    )
    return (
        f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>'
    )


def _sheet(sheet: Sheet, zone: ZoneInfo) -> Iterator[str]:
    yield (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        '</sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/>'
        f'<cols><col min="1" max="{max(len(sheet.columns), 1)}" width="18" customWidth="1"/></cols>'
        "<sheetData>"
    )
    yield _row(sheet.columns, zone, style=_BOLD)
    for row in sheet.rows[: MOST_ROWS - 1]:
        yield _row(row, zone)
    yield "</sheetData></worksheet>"


def _row(cells: Sequence[Any], zone: ZoneInfo, style: int = _PLAIN) -> str:
    return f"<row>{''.join(_cell(cell, zone, style) for cell in cells)}</row>"


def _cell(value: Any, zone: ZoneInfo, style: int) -> str:
    if value is None:
        return "<c/>"
    if isinstance(value, bool):
        return f'<c t="b"><v>{int(value)}</v></c>'
    if isinstance(value, datetime):
        wall = value.astimezone(zone).replace(tzinfo=UTC)
        return f'<c s="{_INSTANT}"><v>{(wall - _EPOCH).total_seconds() / 86_400:.10f}</v></c>'
    if isinstance(value, int | float):
        shown = _RATIO if isinstance(value, Ratio) else style
        return f'<c s="{shown}"><v>{float(value) if isinstance(value, float) else value!r}</v></c>'
    text = escape(_text(str(value)))
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _text(value: str) -> str:
    return _UNWRITABLE.sub("", value)[:_LONGEST_TEXT]
