"""Are the rows of a crew table read as crews, and is every bad cell named?"""

from __future__ import annotations

import io

import pytest

from dispatch.domain.crew_rows import base_rows, check_areas, read_crew_rows, skill_warnings
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


MORE = HEADER + ",vehicle_class,carries,contractor,area"


def read_more(*cells: str, header=MORE):
    rows = [f"C{at},T,general,,,08:00,20:00,,{each}" for at, each in enumerate(cells)]
    return read_crew_rows(io.BytesIO("\n".join([header, *rows]).encode()), "crews.csv")


def test_vehicle_parts_and_area_are_read():
    full, empty, own = read_more(
        "excavator,valves; clamps_300;,Blue Pipe,South;North", ",,,", ",nothing,Blue Pipe,"
    )
    assert full.more() == {
        "vehicle_class": "excavator",
        "carries": ["clamps_300", "valves"],
        "contractor": "Blue Pipe",
        "area": ["North", "South"],
    }
    assert set(empty.more().values()) == {None}
    assert (own.carries, own.contractor, own.area) == ((), "Blue Pipe", ())
    assert read_more(",,,own")[0].area == ()


def test_of_columns_that_are_not_there_nothing_is_told():
    [draft] = read_more("van", header=HEADER + ",vehicle_class")
    assert draft.more() == {"vehicle_class": "van"}
    assert read(*CREWS.splitlines()[1:])[0].more() == {}


@pytest.mark.parametrize(
    ("cells", "field", "mend"),
    [
        ("lorry,,,", "vehicle_class", "bike, van, truck, excavator, tanker, jetter"),
        (",valves;vales,,", "carries", "“vales” is none of: clamps_150, .*pumps, nothing"),
        (f",,{'x' * 101},", "contractor", "1 to 100"),
        (f",,,{'x' * 101}", "area", "1 to 100"),
        (",,,own;North", "area", "“own” or the names of grids"),
    ],
)
def test_a_word_that_is_not_allowed_is_named_with_those_that_are(cells, field, mend):
    with pytest.raises(Invalid, match=mend) as refusal:
        read_more(cells)
    [place] = refusal.value.facts["refused"]
    assert (place["line"], place["field"]) == (2, field)
    assert "crews.csv, line 2" in str(refusal.value.sentence)


def test_a_grid_of_an_area_must_be_there():
    drafts = read_more(",,,", ",,,North;Nowhere", ",,,own")
    check_areas(drafts, {"North", "Nowhere"}, "crews.csv")
    with pytest.raises(Invalid, match=r"line 3, area: “Nowhere” is no grid, such as: East, North"):
        check_areas(drafts, {"North", "East"}, "crews.csv")
    with pytest.raises(Invalid, match="import the grids first"):
        check_areas(drafts, set(), "crews.csv")


def test_a_chinese_name_is_read_and_a_long_one_is_refused():
    header = HEADER + ",name_zh"
    named, unnamed = read_more("西区一组", "", header=header)
    assert (named.more(), unnamed.more()) == ({"name_zh": "西区一组"}, {"name_zh": None})
    with pytest.raises(Invalid, match="1 to 100"):
        read_more("组" * 101, header=header)
