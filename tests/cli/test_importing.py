"""Do the import commands take good files, refuse bad ones in one sentence and change nothing?"""

from __future__ import annotations

import gzip
import json

import pytest

from tests.past_files import (
    BOSTON_MAP,
    BOW_TIE,
    CITY,
    CREWS,
    EAST,
    HEADER,
    MAP,
    ROWS,
    WEST,
    collection,
    feature,
    table,
    written,
)


def of(result):
    return json.loads(result.stdout)


@pytest.fixture
def city(cli, tmp_path):
    file = written(tmp_path, "city.geojson", CITY)
    result = cli("import", "grids", file, "--team-field", "team", "--zone-field", "zone")
    assert result.exit_code == 0, result.stderr


@pytest.fixture
def column_map(tmp_path):
    return written(tmp_path, "map.toml", MAP)


def test_grids_are_imported_once(cli, tmp_path):
    file = written(tmp_path, "city.geojson", CITY)
    assert of(cli("import", "grids", file, "--json"))["imported"] == 2
    again = of(cli("import", "grids", file, "--json"))
    assert (again["imported"], again["already_there"]) == (0, 2)


def test_a_dry_run_changes_nothing(cli, tmp_path):
    file = written(tmp_path, "city.geojson", CITY)
    dry = cli("import", "grids", file, "--dry-run", "--json")
    assert of(dry)["imported"] == 2
    assert "dry run" in dry.stderr
    assert of(cli("import", "grids", file, "--json"))["imported"] == 2


def test_a_crossing_ring_is_repaired_and_named(cli, tmp_path):
    file = written(tmp_path, "bow.geojson", collection(feature("Bow", BOW_TIE)))
    assert of(cli("import", "grids", file, "--json"))["repaired"] == ["Bow"]


def test_an_overlap_is_a_warning(cli, tmp_path):
    moved = [[lon + 0.05, lat] for lon, lat in WEST]
    file = written(tmp_path, "two.geojson", collection(feature("A", WEST), feature("B", moved)))
    result = cli("import", "grids", file)
    assert result.exit_code == 0
    assert "“A” and “B” both own" in result.stderr


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "g.geojson, line 1: This is not JSON"),
        (b'{"type":', "g.geojson, line 1: This is not JSON"),
        (b"\xff{}", "g.geojson, line 1: Byte 1 is not UTF-8"),
        (b"[" * 100_000, "This is not JSON that can be read"),
        (b"{}", "not a GeoJSON FeatureCollection"),
        (collection(), "The file has 0 features"),
        (collection({"type": "Feature"}), "feature 1, feature: This is not a Feature"),
        (
            collection({"properties": {"name": "A"}, "geometry": None}),
            "feature 1, geometry: “A”: This is not a GeoJSON geometry",
        ),
        (
            collection(feature("A", WEST), feature("A", EAST)),
            "feature 2, name: “A” is the name of feature 1 already",
        ),
        (
            collection({"properties": {"a": 1, "b": 2}, "geometry": None}),
            "with --name-field. Found: a, b.",
        ),
        (
            collection(feature("A", [[lat, lon] for lon, lat in WEST])),
            "feature 1, geometry: “A”: The axes look exchanged",
        ),
        (
            json.dumps({"features": [feature("A", WEST)], "crs": {"name": "EPSG:3857"}}).encode(),
            "g.geojson, crs: The file is in a map projection",
        ),
    ],
)
def test_a_bad_grid_file_is_refused_in_one_sentence(cli, tmp_path, content, sentence):
    result = cli("import", "grids", written(tmp_path, "g.geojson", content))
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert result.stderr.splitlines()[-1] == "Nothing was changed."


def test_nothing_is_taken_of_a_file_with_one_bad_grid(cli, tmp_path):
    bad = collection(feature("West", WEST), feature("Flat", [WEST[0], WEST[1], WEST[0]]))
    result = cli("import", "grids", written(tmp_path, "g.geojson", bad), "--json")
    assert result.exit_code == 2
    (refused,) = of(result)["refused"]
    assert (refused["feature"], refused["field"]) == (2, "geometry")
    good = written(tmp_path, "w.geojson", collection(feature("West", WEST)))
    assert of(cli("import", "grids", good, "--json"))["imported"] == 1


def test_crews_are_imported_once_and_changed_by_name(cli, tmp_path):
    file = written(tmp_path, "crews.csv", CREWS)
    first = of(cli("import", "crews", file, "--json"))
    assert (first["imported"], first["teams"]) == (3, ["West Team", "East Team"])
    assert of(cli("import", "crews", file, "--json"))["already_there"] == 3
    file = written(tmp_path, "crews.csv", CREWS.replace("Van 1", "Van 9"))
    again = of(cli("import", "crews", file, "--json"))
    assert (again["changed"], again["already_there"]) == (1, 2)


def test_a_table_without_crews_is_refused_and_an_unknown_skill_is_told(cli, tmp_path):
    empty = cli("import", "crews", written(tmp_path, "none.csv", CREWS.splitlines()[0] + "\n"))
    assert empty.exit_code == 2
    assert "The file holds no crews" in empty.stderr
    told = cli("import", "crews", written(tmp_path, "crews.csv", CREWS), "--json")
    assert told.exit_code == 0
    assert "“divers”" in told.stderr
    assert [each for each in of(told)["warnings"] if "“divers”" in each]


def test_past_tickets_are_imported_once(cli, city, column_map, tmp_path):
    file = written(tmp_path, "past.csv.gz", table())
    first = of(cli("import", "tickets", file, "--columns", column_map, "--json"))
    assert first == {
        "imported": 5,
        "already_there": 0,
        "filtered_out": 0,
        "not_located": 1,
        "outside_grids": 1,
        "flagged": {"closes_before_opening": 1},
        "refused": [],
        "doubtful_times": 0,
    }
    again = of(cli("import", "tickets", file, "--columns", column_map, "--json"))
    assert (again["imported"], again["already_there"]) == (0, 5)
    more = written(tmp_path, "more.csv", table(*ROWS, "A6,2026-02-01 08:00,,Leak,Here,,"))
    assert of(cli("import", "tickets", more, "--columns", column_map, "--json"))["imported"] == 1


def test_a_dry_run_of_past_tickets_changes_nothing(cli, city, column_map, tmp_path):
    file = written(tmp_path, "past.csv", table())
    asked = ("import", "tickets", file, "--columns", column_map, "--json")
    assert of(cli(*asked, "--dry-run"))["imported"] == 5
    assert of(cli(*asked))["imported"] == 5


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (table(header="id,opened"), "past.csv, line 1, closed: There is no such column: add"),
        (table(ROWS[0].replace("2026-01-05 08:00", "5 Jan")), "line 2, opened: “5 Jan” is not a"),
        (table(ROWS[0].replace("28.15", "north")), "line 2, lat: “north” is not a number"),
        (table(ROWS[0].replace("28.15", "128.15").replace("112.95", "28")), "look exchanged"),
        (table(ROWS[0].replace("28.15", "nan")), "line 2, lat: This is not a number."),
        (table(*ROWS, ROWS[1]), "line 7, id: “A2” stands on line 3 already"),
        (table(ROWS[0]) + b"\xff\n", "past.csv, line 3: Byte 1 of this line is not UTF-8"),
        (table(ROWS[0] + "\0"), "line 2: This line holds a NUL byte"),
        (table("a,b"), "line 2: This row has 2 cells and the header 7"),
        (table('"open'), "line 2: A quote that opens in this row does not"),
        (b"", "past.csv: The file is empty"),
        (b"x" * 2_000_000, "line 1: This line is longer than 1 MB"),
    ],
)
def test_a_bad_table_is_refused_in_one_sentence(cli, city, column_map, tmp_path, content, sentence):
    file = written(tmp_path, "past.csv", content)
    result = cli("import", "tickets", file, "--columns", column_map)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert result.stderr.splitlines()[-1] == "Nothing was changed."
    rest = cli("export", "tickets", "-o", tmp_path / "out.csv", "--json")
    assert of(rest)["exported"] == 0


def test_twenty_faults_are_named_at_once(cli, city, column_map, tmp_path):
    rows = [f"B{n},soon,,Leak,Here,," for n in range(50)]
    file = written(tmp_path, "past.csv", table(*rows))
    result = cli("import", "tickets", file, "--columns", column_map, "--json")
    assert result.exit_code == 2
    refused = of(result)["refused"]
    assert [each["line"] for each in refused] == list(range(2, 22))
    assert {each["field"] for each in refused} == {"opened"}


def test_a_missing_file_and_a_broken_packed_file_are_refused(cli, column_map, tmp_path):
    missing = cli("import", "tickets", tmp_path / "none.csv", "--columns", column_map)
    assert (missing.exit_code, "There is no such file" in missing.stderr) == (2, True)
    folder = cli("import", "tickets", tmp_path, "--columns", column_map)
    assert (folder.exit_code, "This is a folder" in folder.stderr) == (2, True)
    broken = tmp_path / "past.csv.gz"
    broken.write_bytes(b"no gzip")
    refused = cli("import", "tickets", broken, "--columns", column_map)
    assert (refused.exit_code, "not packed with gzip" in refused.stderr) == (2, True)
    broken.write_bytes(gzip.compress(table())[:-10])
    cut = cli("import", "tickets", broken, "--columns", column_map)
    assert (cut.exit_code, "packed file is broken" in cut.stderr) == (2, True)


def test_a_bad_column_map_is_refused(cli, tmp_path):
    file = written(tmp_path, "past.csv", table())
    bad = written(tmp_path, "map.toml", '[columns]\nlat = "lat"\nnoise = "x"\n')
    result = cli("import", "tickets", file, "--columns", bad)
    assert result.exit_code == 2
    for field in ("columns.noise", "columns.received_at", "columns.lon"):
        assert f"map.toml, {field}: " in result.stderr


def test_a_name_that_no_database_stores_is_refused(cli, tmp_path):
    for sign in ("\\ud800", "\\u0000", "\\u001b"):
        bad = collection(feature("West", WEST)).replace(b"West", b"W" + sign.encode())
        result = cli("import", "grids", written(tmp_path, "g.geojson", bad))
        assert result.exit_code == 2
        assert "g.geojson, feature 1, name: A control character" in result.stderr
    crews = written(tmp_path, "crews.csv", CREWS.replace("West 2", "W\x1b2"))
    result = cli("import", "crews", crews)
    assert (result.exit_code, "line 3, crew: A control" in result.stderr) == (2, True)


def test_a_refusal_is_worded_in_the_reader_s_language(cli, monkeypatch, tmp_path):
    monkeypatch.setenv("ONEVISIT_LANGUAGE", "zh-CN")
    result = cli("import", "grids", written(tmp_path, "g.geojson", b"{}"))
    assert result.exit_code == 2
    assert "没有做任何更改" in result.stderr


def test_without_tables_the_way_out_is_named(cli, database, environment, tmp_path):
    environment["ONEVISIT_DATABASE_URL"] = database.bare()
    result = cli("import", "grids", written(tmp_path, "city.geojson", CITY))
    assert result.exit_code == 2
    assert "onevisit db upgrade" in result.stderr


@pytest.mark.shared_data
@pytest.mark.timeout(900)
def test_a_year_of_boston_comes_in_whole_and_once(cli, shared_data, tmp_path):
    grids = of(cli("import", "grids", shared_data / "boston_grids.geojson", "--json"))
    assert grids["imported"] == 26
    assert len(grids["repaired"]) == 4
    column_map = written(tmp_path, "boston.toml", BOSTON_MAP)
    file = shared_data / "boston311_2015.csv.gz"
    result = cli("import", "tickets", file, "--columns", column_map, "--json")
    assert result.exit_code == 0, result.stderr
    first = of(result)
    assert first["imported"] == 121_245
    assert first["not_located"] == 17_070
    assert first["flagged"] == {"closes_before_opening": 197}
    again = of(cli("import", "tickets", file, "--columns", column_map, "--json"))
    assert (again["imported"], again["already_there"]) == (0, 121_245)


def test_the_header_is_what_the_map_of_the_tests_names():
    assert HEADER.count(",") == ROWS[0].count(",")


def test_a_rota_takes_the_place_of_the_one_before_or_is_refused_whole(cli, tmp_path):
    header = "duty,team,person,weekdays,start,end,from,to\n"
    cli("init", "--admin", "chen")
    file = tmp_path / "rota.csv"
    file.write_text(header + "duty_manager,,chen,1-5,08:00,20:00,,\n")
    done = cli("import", "rota", file, "--json")
    assert (done.exit_code, json.loads(done.stdout)["imported"]) == (0, 1)
    file.write_text(header + "duty_manager,,chen,,,,,\ndispatcher,,nobody,,,,,\n")
    refused = cli("import", "rota", file, "--json")
    assert refused.exit_code == 2
    [fault] = json.loads(refused.stdout)["refused"]
    assert (fault["line"], fault["field"]) == (3, "person")
    file.write_text(header)
    assert cli("import", "rota", file).exit_code == 2
