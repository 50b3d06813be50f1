"""Does a workbook hold the tables that were put in, as text and numbers and nothing else?"""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xlsxwriter.utility import xl_cell_to_rowcol

from dispatch.circle import workbook as books
from dispatch.circle.workbook import MOST_ROWS, Ratio, Sheet, workbook, write_workbook

ZONE = ZoneInfo("Asia/Shanghai")
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def sheets_of(content: bytes) -> dict[str, list[list[Any]]]:
    """Read a workbook as a spreadsheet does: by its relations, every part well formed."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: ET.fromstring(archive.read(name)) for name in archive.namelist()}  # noqa: S314  our own file
    shared = ["".join(one.itertext()) for one in parts.get("xl/sharedStrings.xml", ())]
    targets = {one.get("Id"): one.get("Target") for one in parts["xl/_rels/workbook.xml.rels"]}
    return {
        str(sheet.get("name")): [
            _values(row, shared)
            for row in parts[f"xl/{targets[sheet.get(REL)]}"].iter(f"{MAIN}row")
        ]
        for sheet in parts["xl/workbook.xml"].iter(f"{MAIN}sheet")
    }


def _values(row: ET.Element, shared: list[str]) -> list[Any]:
    """Return the cells of a row up to its last one; those that are not there are None."""
    found = {xl_cell_to_rowcol(cell.get("r"))[1]: _value(cell, shared) for cell in row}
    return [found.get(column) for column in range(max(found, default=-1) + 1)]


def _value(cell: ET.Element, shared: list[str]) -> Any:
    found = cell.findtext(f"{MAIN}v")
    if cell.get("t") == "s":
        return shared[int(found or 0)]
    if cell.get("t") == "inlineStr":
        return "".join(cell.itertext())
    return None if found is None else float(found)


def test_values_keep_their_kind_and_no_cell_is_a_formula():
    rows = [["=1+1", 3, 0.25, Ratio(0.5), None], ["<&>", True, -1, Ratio(1), "a\nb"]]
    content = workbook([Sheet("One", ("a", "b", "c", "d", "e"), rows)], ZONE)
    assert sheets_of(content) == {
        "One": [
            ["a", "b", "c", "d", "e"],
            ["=1+1", 3.0, 0.25, 0.5],
            ["<&>", 1.0, -1.0, 1.0, "a\nb"],
        ]
    }
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_an_instant_is_written_by_the_clock_on_the_wall():
    at = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
    [[_], [cell]] = sheets_of(workbook([Sheet("One", ("at",), [[at]])], ZONE))["One"]
    assert cell == pytest.approx(46083 + 8 / 24)


def test_names_of_sheets_are_mended_and_made_different():
    wanted = ("By [grid]: a/b", "By [grid]: a/b", "", "x" * 40, "X" * 40)
    names = list(sheets_of(workbook([Sheet(name, ("a",), []) for name in wanted], ZONE)))
    assert names[0] == "By  grid   a b"
    assert len({name.casefold() for name in names}) == len(wanted)
    assert all(0 < len(name) <= 31 for name in names)


@given(st.lists(st.text(max_size=50), min_size=1, max_size=5))
def test_any_text_makes_a_well_formed_file(texts):
    [[head], *rows] = sheets_of(workbook([Sheet("One", ("t",), [[t] for t in texts])], ZONE))["One"]
    assert head == "t"
    assert len(rows) == len(texts)


def test_the_same_sheets_give_the_same_bytes():
    sheet = Sheet("One", ("a",), [[1]])
    assert workbook([sheet], ZONE) == workbook([sheet], ZONE)
    assert MOST_ROWS == 2**20


@pytest.mark.parametrize(("rows", "pages"), [(0, [1]), (2, [3]), (3, [3, 2]), (4, [3, 3])])
def test_rows_beyond_those_of_a_sheet_are_on_a_further_one(monkeypatch, rows, pages):
    monkeypatch.setattr(books, "MOST_ROWS", 3)
    sheets = [Sheet("One", ("a",), iter([[row] for row in range(rows)])), Sheet("Two", ("b",), [])]
    found = sheets_of(workbook(sheets, ZONE))
    *ones, two = found
    assert [len(found[name]) for name in ones] == pages
    assert two == "Two"
    assert [row[0] for name in ones for row in found[name][1:]] == list(range(rows))


def test_a_workbook_written_row_by_row_holds_the_same(tmp_path):
    rows = [["=1+1", 3, Ratio(0.5), datetime(2026, 3, 2, tzinfo=UTC), None, True]] * 5
    sheets = [Sheet("One", tuple("abcdef"), rows), Sheet("Two", ("t",), [["x"]])]
    file = io.BytesIO()
    write_workbook(file, sheets, ZONE, tmp_path)
    assert sheets_of(file.getvalue()) == sheets_of(workbook(sheets, ZONE))
    assert list(tmp_path.iterdir()) == []
