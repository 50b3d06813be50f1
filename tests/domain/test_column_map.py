"""Is a column map read whole, and is every wrong field of it named?"""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from dispatch.domain.column_map import ISO_TIME, read_column_map
from dispatch.domain.errors import Invalid
from dispatch.domain.place import Datum
from tests.past_files import MAP

SHANGHAI = ZoneInfo("Asia/Shanghai")
LEAST = '[columns]\nreceived_at = "t"\naddress = "a"\n'


def test_a_whole_map_is_read():
    found = read_column_map(
        (MAP + '[filter]\nkind = ["Leak"]\n').encode(), "map.toml", ZoneInfo("UTC")
    )
    assert found.columns["received_at"] == "opened"
    assert (found.zone, found.datum, found.source) == (SHANGHAI, Datum.WGS84, "city")
    assert found.keep == {"kind": frozenset({"Leak"})}
    assert found.not_located == {(28.2, 113.0)}


def test_the_utility_s_zone_and_iso_times_are_the_default():
    found = read_column_map(LEAST.encode(), "map.toml", SHANGHAI)
    assert (found.zone, found.time_format, found.source) == (SHANGHAI, ISO_TIME, "import")
    assert not found.keep
    assert not found.not_located


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ("nonsense", None),
        ("columns = 3", "columns"),
        ("[columns]\n", "columns.received_at"),
        ('[columns]\nreceived_at = ""\naddress = "a"', "columns.received_at"),
        ('[columns]\nreceived_at = "t"', "columns.address"),
        ('[columns]\nreceived_at = "t"\nlat = "a"', "columns.lon"),
        ('[columns]\nreceived_at = "t"\nlon = "a"', "columns.lat"),
        (LEAST + 'phone = "p"', "columns.phone"),
        (LEAST + "[colour]", "colour"),
        (LEAST + '[format]\ncolour = "x"', "format.colour"),
        (LEAST + '[format]\ntime = "%Q"', "format.time"),
        (LEAST + '[format]\ntime = "%H:%M"', "format.time"),
        (LEAST + '[format]\ntime_zone = "Mars"', "format.time_zone"),
        (LEAST + '[format]\ntime_zone = "../etc/passwd"', "format.time_zone"),
        (LEAST + '[format]\ndatum = "nad27"', "format.datum"),
        ("filter = 1\n" + LEAST, "filter"),
        (LEAST + '[filter]\na = "x"', "filter.a"),
        (LEAST + '[categories]\n"x" = "fire"', "categories.x"),
        (LEAST + "[not_located]\npoints = [[1]]", "not_located.points"),
        ("not_located = 1\n" + LEAST, "not_located.points"),
        (LEAST + f"[not_located]\npoints = [[1{'0' * 400}, 2]]", "not_located.points"),
        (LEAST + "[not_located]\npoints = [[nan, 2]]", "not_located.points"),
        ('source = "a\\u0000"\n' + LEAST, "source"),
        ("source = 1\n" + LEAST, "source"),
    ],
)
def test_a_wrong_field_is_named(content, field):
    with pytest.raises(Invalid) as refusal:
        read_column_map(content.encode(), "map.toml", SHANGHAI)
    assert field in [place["field"] for place in refusal.value.facts["refused"]]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[columns]\nb = \n", "map.toml, line 2: This is not a column map in TOML"),
        (b"[columns]\n\xff", "map.toml, line 2: Byte 11 is not UTF-8"),
        (b"a = " + b"[" * 10_000, "map.toml: This is nested too deeply"),
    ],
)
def test_what_is_no_toml_is_refused_with_its_line(content, words):
    with pytest.raises(Invalid, match=words):
        read_column_map(content, "map.toml", SHANGHAI)
