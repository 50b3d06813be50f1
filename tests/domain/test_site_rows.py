"""Are the rows of a table of sites read, and is every bad cell named?"""

from __future__ import annotations

import io

import pytest

from dispatch.domain.errors import Invalid
from dispatch.domain.place import Point
from dispatch.domain.site_rows import read_site_rows


def read(*rows: str):
    return read_site_rows(io.BytesIO("\n".join(rows).encode()), "sites.csv")


def test_names_and_points_are_read_in_any_order_of_columns():
    found = read("lon,remark,name,lat", "112.95,old depot,North,28.15", "113,,South,28.1")
    assert found == [("North", Point(28.15, 112.95)), ("South", Point(28.1, 113.0))]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (",28.1,113", "line 3, name: Write a text"),
        ("North,28.1,113", "line 3, name: “North” stands in this file twice"),
        ("South,x,113", "line 3, lat: “x” is not a number of degrees"),
        ("South,28.1,", "line 3, lon: “” is not a number of degrees"),
        ("South,28.1,999", "line 3, lon: 999.0 is out of range"),
        ("South,113,28.1", "look exchanged"),
        ("South,nan,28.1", "line 3, lat: This is not a number"),
    ],
)
def test_a_cell_that_cannot_be_meant_is_named(row, words):
    with pytest.raises(Invalid, match=words):
        read("name,lat,lon", "North,28.15,112.95", row)


def test_a_table_without_rows_or_columns_is_refused():
    with pytest.raises(Invalid, match="holds no sites"):
        read("name,lat,lon")
    with pytest.raises(Invalid, match="no such column"):
        read("name,lat", "North,28")
