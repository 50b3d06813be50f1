"""Is an exported file whole, safe in a spreadsheet, and the old one kept when it is not?"""

from __future__ import annotations

import csv
import json

import pytest

from tests.past_files import CITY, MAP, ROWS, table, written


@pytest.fixture
def past(cli, tmp_path):
    cli("import", "grids", written(tmp_path, "city.geojson", CITY))
    rows = [ROWS[0].replace("Wuyi Road", "=1+1"), *ROWS[1:]]
    file = written(tmp_path, "past.csv", table(*rows))
    column_map = written(tmp_path, "map.toml", MAP)
    assert cli("import", "tickets", file, "--columns", column_map).exit_code == 0


def test_a_csv_opens_in_a_spreadsheet_and_runs_nothing(cli, past, tmp_path):
    out = tmp_path / "out.csv"
    out.write_text("old", "utf-8")
    result = cli("export", "tickets", "-o", out, "--json")
    assert json.loads(result.stdout)["exported"] == 5
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(out.read_text("utf-8-sig").splitlines()))
    assert rows[0]["address"] == "'=1+1"
    assert rows[0]["received_at"] == "2026-01-05T00:00:00+00:00"
    assert rows[2]["flags"] == "closes_before_opening"


def test_days_are_the_utility_s_days(cli, past, tmp_path):
    asked = ("export", "tickets", "--from", "2026-01-05", "--to", "2026-01-06", "--json")
    result = cli(*asked, "-o", tmp_path / "out.csv")
    assert json.loads(result.stdout)["exported"] == 2


def test_geojson_has_a_feature_a_ticket(cli, past, tmp_path):
    out = tmp_path / "out.geojson"
    cli("export", "tickets", "--format", "geojson", "-o", out)
    features = json.loads(out.read_text("utf-8"))["features"]
    assert features[0]["geometry"] == {"type": "Point", "coordinates": [112.95, 28.15]}
    assert features[3]["geometry"] is None
    assert features[0]["properties"]["number"] == "W000001"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--format", "xlsx"], "--format"),
        (["--grid", "Nowhere"], "There is no grid named “Nowhere”."),
        (["--from", "yesterday"], "--from"),
    ],
)
def test_a_refused_export_leaves_the_old_file(cli, past, tmp_path, options, sentence):
    out = tmp_path / "out.csv"
    out.write_text("old", "utf-8")
    result = cli("export", "tickets", *options, "-o", out)
    assert (result.exit_code, out.read_text("utf-8")) == (2, "old")
    assert sentence in result.stderr
    assert not list(tmp_path.glob(".out*"))


def test_a_folder_that_is_not_there_is_refused(cli, tmp_path):
    result = cli("export", "tickets", "-o", tmp_path / "none" / "out.csv")
    assert (result.exit_code, "choose another folder" in result.stderr) == (2, True)


def test_parts_that_visits_used_are_a_csv(cli, past, tmp_path):
    out = tmp_path / "parts.csv"
    result = cli("export", "parts", "--from", "2026-01-05", "-o", out, "--json")
    assert json.loads(result.stdout) == {"exported": 0, "file": str(out), "format": "csv"}
    assert out.read_text("utf-8-sig").startswith("number,category,pipe_mm,team,crew,item,count")
