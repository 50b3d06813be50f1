"""Is a row of old records read as it was meant, in UTC, with its faults flagged or named?"""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.column_map import TIMES, read_column_map
from dispatch.domain.errors import Invalid
from dispatch.domain.file_faults import FileFaults
from dispatch.domain.past_ticket import PastTicketReader, flags_of
from dispatch.domain.table_rows import read_table
from tests.past_files import MAP, ROWS, table

START = datetime(2026, 1, 5, tzinfo=UTC)
MORE = """[columns]
received_at = "t"
address = "a"
lat = "lat"
lon = "lon"
level = "l"
household = "h"
description = "d"
category = "c"
[format]
time_zone = "America/New_York"
"""
MORE_HEADER = "t,a,lat,lon,l,h,d,c"


def reader_of(text: str = MAP) -> PastTicketReader:
    column_map = read_column_map(text.encode(), "map.toml", ZoneInfo("UTC"))
    return PastTicketReader(column_map, FileFaults("past.csv"))


def read(*rows: str, header: str | None = None, text: str = MAP):
    reader = reader_of(text)
    content = table(*rows, header=header) if header else table(*rows)
    rows_of = read_table(io.BytesIO(content), reader._faults)
    return list(reader.read(rows_of)), reader


def more(*rows: str):
    return read(*rows, header=MORE_HEADER, text=MORE)


def test_the_rows_of_a_city_are_read():
    past, reader = read(*ROWS)
    first = past[0]
    assert first.times["received_at"] == datetime(2026, 1, 5, 0, 0, tzinfo=UTC)
    assert (first.category, first.level, first.description) == ("burst", 1, "Main break")
    assert first.given == (28.15, 112.95)
    assert [each.has_ended for each in past] == [True, False, True, True, True]
    assert [each.flags for each in past][2] == ["closes_before_opening"]
    assert past[3].category == "other"
    assert past[3].given is None
    assert reader.filtered_out == 0


def test_a_filter_leaves_rows_out():
    past, reader = read(*ROWS, text=MAP + '[filter]\nkind = ["Leak"]\n')
    assert [each.external_id for each in past] == ["A2", "A3", "A5"]
    assert reader.filtered_out == 2


def test_a_row_without_an_id_gets_one_from_what_it_says():
    row = "2026-01-05T08:00:00,Here,,,,,,"
    past, _ = more(row, row, row.replace("Here", "There"))
    again, _ = more(row, row)
    assert len({each.external_id for each in past}) == 3
    assert [each.external_id for each in again] == [each.external_id for each in past[:2]]


def test_our_own_categories_levels_and_words_are_taken():
    (past,), _ = more("2026-01-05T08:00:00,Here,,,4,H7,It drips,leak")
    assert (past.category, past.level, past.household) == ("leak", 4, "H7")
    assert (past.description, past.address) == ("It drips", "Here")
    (other,), _ = more("2026-01-05T08:00:00Z,Here,,,,,,unknown")
    assert (other.category, other.level, other.household) == ("other", 3, None)
    assert other.times["received_at"].hour == 8


def test_an_hour_that_happens_twice_or_never_is_counted_as_doubtful():
    past, reader = more(
        "2026-11-01T01:30:00,Twice,,,,,,",
        "2026-03-08T02:30:00,Never,,,,,,",
        "2026-03-08T04:30:00,Once,,,,,,",
    )
    assert reader.doubtful_times == 2
    assert past[0].times["received_at"] == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert past[1].times["received_at"] == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (",Here,,,,,,", "t"),
        ("yesterday,Here,,,,,,", "t"),
        ("0001-01-01T00:00:00+14:00,Here,,,,,,", "t"),
        ("2026-01-05T08:00:00,Here,28.1,,,,,", "lon"),
        ("2026-01-05T08:00:00,Here,north,113,,,,", "lat"),
        ("2026-01-05T08:00:00,Here,0,0,,,,", "lat"),
        ("2026-01-05T08:00:00,Here,112.9,28.1,,,,", "lat"),
        ("2026-01-05T08:00:00,Here,28.1,inf,,,,", "lon"),
        ("2026-01-05T08:00:00,Here,,,9,,,", "l"),
    ],
)
def test_a_bad_cell_is_named(row, field):
    with pytest.raises(Invalid) as refusal:
        more(row)
    assert [place["field"] for place in refusal.value.facts["refused"]] == [field]


@pytest.mark.parametrize("year", ["1815", "0001", "2105"])
def test_a_year_that_cannot_be_meant_is_named(year):
    reader = PastTicketReader(reader_of()._map, FileFaults("past.csv"), now=START)
    content = table(ROWS[0].replace("2026-01-05 09", f"{year}-01-05 09"))
    with pytest.raises(Invalid, match=r"line 2, closed: “.*” lies before 1900 or more than a year"):
        list(reader.read(read_table(io.BytesIO(content), reader._faults)))


@pytest.mark.parametrize("given", ["9" * 201, "A\x1b[31m"])
def test_an_id_that_no_index_or_terminal_takes_is_named(given):
    with pytest.raises(Invalid, match="line 2, id: An id has at most 200 characters"):
        read(ROWS[0].replace("A1", given))


def test_an_id_that_stands_twice_is_named():
    with pytest.raises(Invalid, match="line 3, id: “A1” stands on line 2 already"):
        read(ROWS[0], ROWS[0])


def test_a_time_in_a_map_s_own_format_is_shown_as_an_example():
    with pytest.raises(Invalid, match="such as 2026-02-17 15:04"):
        read(ROWS[0].replace("2026-01-05 08:00", "soon"))


def test_an_empty_id_is_named():
    with pytest.raises(Invalid, match="line 2, id"):
        read(ROWS[0].removeprefix("A1"))


def test_only_a_header_is_a_file_of_no_tickets():
    reader = reader_of()
    rows = read_table(io.BytesIO(table().splitlines()[0] + b"\n"), reader._faults)
    assert list(reader.read(rows)) == []
    assert list(reader.read([])) == []


@given(st.dictionaries(st.sampled_from(TIMES), st.integers(0, 10_000)))
def test_times_that_follow_each_other_are_never_flagged(minutes):
    ordered = sorted(minutes.values())
    names = [name for name in TIMES if name in minutes]
    times = {n: START + timedelta(minutes=m) for n, m in zip(names, ordered, strict=True)}
    assert flags_of(times) == []


def test_an_arrival_before_the_call_is_flagged():
    times = {"received_at": START, "arrived_at": START - timedelta(seconds=1)}
    assert flags_of(times) == ["times_out_of_order"]
    times["closed_at"] = START - timedelta(seconds=2)
    assert flags_of(times) == ["closes_before_opening"]
