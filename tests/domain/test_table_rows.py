"""Is a table read row by row, and is the first line that cannot be read named?"""

from __future__ import annotations

import csv
import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.errors import Invalid
from dispatch.domain.file_faults import FileFaults
from dispatch.domain.table_rows import columns_of, read_table

CELLS = st.text(
    st.characters(blacklist_characters="\0\r", blacklist_categories=("Cs",)), min_size=1
).map(str.strip)


def rows_of(content: bytes):
    return list(read_table(io.BytesIO(content), FileFaults("t.csv")))


def test_a_byte_order_mark_and_blank_lines_are_passed_over():
    rows = rows_of(b"\xef\xbb\xbfa,b\r\n\r\n,\r\n 1 , 2 \r\n")
    assert [row.cells for row in rows] == [["a", "b"], ["1", "2"]]
    assert rows[1].line == 4


def test_a_quoted_cell_may_hold_a_line_end():
    rows = rows_of(b'a,b\n"x\ny",2\n')
    assert (rows[1].cells, rows[1].line) == (["x\ny", "2"], 3)


@given(st.lists(st.tuples(CELLS, CELLS).filter(all), min_size=1, max_size=10))
def test_what_a_spreadsheet_writes_is_read_back(cells):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("a", "b"), *cells])
    assert [tuple(row.cells) for row in rows_of(text.getvalue().encode())[1:]] == cells


@pytest.mark.parametrize("content", [b"", b"\n\n", b"x" * 2**20, b"a\n\xff", b"a\n\0", b'a\n"b'])
def test_what_cannot_be_read_is_refused(content):
    with pytest.raises(Invalid):
        rows_of(content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'a,b\n1,"x\n' + b"2,y\n" * 60_000, "t.csv, line 2: A quote that opens in this row does"),
        (b"a\n" + b"x" * 200_000, "line 2: A cell of this line has more than 131072 characters"),
        (gzip.compress(b"a,b\n", mtime=0), "t.csv: This file is packed: unpack it first"),
        (b"a,b\r1,2\r", "line 1: The lines end with a carriage return alone"),
        (b'a,b\n1,"x"y\n', "line 2: After a closing quote comes a comma"),
    ],
)
def test_the_first_line_of_a_broken_row_is_named_with_its_mend(content, words):
    with pytest.raises(Invalid, match=words):
        rows_of(content)


@pytest.mark.parametrize("sign", [";", "\t", "|"])
def test_a_table_between_other_signs_is_one_fault(sign):
    faults = FileFaults("t.csv")
    assert columns_of(rows_of(f"a{sign}b\n".encode())[0], ["a", "b"], faults) == {}
    assert ["commas" in str(fault.reason) for fault in faults.found] == [True]


def test_a_row_of_another_width_is_a_fault_and_reading_goes_on():
    faults = FileFaults("t.csv")
    rows = list(read_table(io.BytesIO(b"a,b\n1\n3,4\n"), faults))
    assert [row.cells for row in rows] == [["a", "b"], ["3", "4"]]
    assert [fault.line for fault in faults.found] == [2]


def test_a_doubled_column_is_a_fault_only_when_it_is_wanted():
    faults = FileFaults("t.csv")
    header = rows_of(b"a,a,b\n")[0]
    assert columns_of(header, ["b"], faults) == {"b": 2}
    assert not faults.found
    columns_of(header, ["a"], faults)
    assert "twice" in str(faults.found[0].reason)
