"""Are the rows of a crew table read as crews, and is every bad cell named?"""

from __future__ import annotations

import io

import pytest

from dispatch.domain.crew_rows import base_rows, read_crew_rows, skill_warnings
from dispatch.domain.errors import Invalid
from tests.past_files import CREWS

HEADER = CREWS.splitlines()[0]


def read(*rows: str):
    return read_crew_rows(io.BytesIO("\n".join([HEADER, *rows]).encode()), "crews.csv")


def test_shifts_skills_and_bases_are_read():
    day, night, round_the_clock = read(*CREWS.splitlines()[1:])
    assert (day.shift_start, day.shift_end, day.vehicle) == (480, 1200, "Van 1")
    assert (night.shift_start, night.shift_end, night.base) == (1200, 480, None)
    assert (round_the_clock.shift_start, round_the_clock.shift_end) == (0, 0)
    assert day.skills == ("general", "mains")
    assert night.vehicle is None


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (",T,general,,,08:00,20:00,", "crew"),
        ("C,,general,,,08:00,20:00,", "team"),
        ("C,T,;,,,08:00,20:00,", "skills"),
        (f"C,T,{'x' * 65},,,08:00,20:00,", "skills"),
        ("C,T,general,,,8,20:00,", "shift_start"),
        ("C,T,general,,,08:00,25:00,", "shift_end"),
        ("C,T,general,28.1,,08:00,20:00,", "base_lon"),
        ("C,T,general,112.9,28.1,08:00,20:00,", "base_lat"),
        ("C,T,general,28.1,999,08:00,20:00,", "base_lon"),
    ],
)
def test_a_bad_cell_is_named(row, field):
    with pytest.raises(Invalid) as refusal:
        read(row)
    assert [(place["line"], place["field"]) for place in refusal.value.facts["refused"]] == [
        (2, field)
    ]


def test_a_name_may_stand_once():
    row = "C,T,general,,,08:00,20:00,"
    with pytest.raises(Invalid, match="line 2 already"):
        read(row, row)


def test_a_missing_column_is_named():
    with pytest.raises(Invalid, match="vehicle"):
        read_crew_rows(io.BytesIO(HEADER.removesuffix(",vehicle").encode()), "crews.csv")


def test_a_header_alone_holds_no_crews():
    with pytest.raises(Invalid, match=r"crews\.csv: The file holds no crews"):
        read()


def test_a_skill_that_no_fault_asks_for_is_named_once_and_taken():
    drafts = read("C,T,general;mians,,,08:00,20:00,", "D,T,mians;quality,,,08:00,20:00,")
    assert drafts[0].skills == ("general", "mians")
    (warning,) = skill_warnings(drafts)
    assert "Line 2, crew “C”" in str(warning)
    assert "“mians”" in str(warning)
    assert skill_warnings(read("C,T,general;mains,,,08:00,20:00,")) == []


def bases(content: str):
    return base_rows(io.BytesIO(content.encode()), "bases.csv")


def test_bases_are_read():
    [first, second] = bases("name,base_lat,base_lon\nA,28.1,112.9\nB,28.2,113\n")
    assert (first.lat, first.lon, second.lon) == (28.1, 112.9, 113.0)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("base_lat,base_lon\n", "The file holds no bases"),
        ("name,base_lat,base_lon\nA,,\n", "line 2, base_lat: Write where the base stands"),
        ("base_lat,base_lon\n28.1,x\n", "line 2, base_lon: “x” is not a number"),
        ("lat,lon\n1,2\n", "base_lat: There is no such column"),
    ],
)
def test_a_bad_base_is_named(content, words):
    with pytest.raises(Invalid, match=words):
        bases(content)
