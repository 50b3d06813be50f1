"""Does `onevisit rehearse` print what happened, and refuse what cannot be rehearsed?"""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from dispatch.cli.main import main
from tests.past_files import CITY, CREWS, HEADER, MAP, WEST, collection, feature, table, written

FIGURES = {
    "policy", "seed", "crews", "tickets", "located", "in_a_grid", "attainment_30",
    "response_minutes", "by_level", "unserved", "home_team_share", "travel_km_per_ticket",
    "reassignments", "decision_ms", "wall_s", "bound", "folded_weeks", "load",
}  # fmt: skip
BOSTON_MAP = """
[columns]
external_id = "CASE_ENQUIRY_ID"
received_at = "OPEN_DT"
category = "TYPE"
lat = "LATITUDE"
lon = "LONGITUDE"
[format]
time = "%m/%d/%Y %I:%M:%S %p"
time_zone = "America/New_York"
[filter]
TYPE = ["Watermain Break", "Fire Hydrant", "Catchbasin", "Plumbing", "Utility Call-In",
  "No Utilities Residential - Water", "Utility Casting Repair", "BWSC Pothole"]
[categories]
"Watermain Break" = "burst"
"Fire Hydrant" = "hydrant"
[not_located]
points = [[42.3594, -71.0587]]
"""


@pytest.fixture
def run(tmp_path):
    """Return a function that rehearses; no database is made, for none is needed."""

    def rehearse(*arguments: object, language: str = "en", **content: bytes | str):
        files = {"tickets.csv": table(), "columns.toml": MAP, "grids.geojson": CITY}
        named = {f"{name}.{_ENDINGS[name]}": text for name, text in content.items()}
        for name, text in (files | named).items():
            written(tmp_path, name, text)
        given = [
            "rehearse",
            *("--tickets", tmp_path / "tickets.csv"),
            *("--columns", tmp_path / "columns.toml"),
            *("--grids", tmp_path / "grids.geojson"),
            *arguments,
        ]
        environment = {
            "ONEVISIT_TIME_ZONE": "Asia/Shanghai",
            "ONEVISIT_LANGUAGE": language,
            "ONEVISIT_DATA_DIR": str(tmp_path / "none"),
        }
        result = CliRunner().invoke(main, [str(each) for each in given], env=environment)
        assert not (tmp_path / "none").exists()
        return result

    return rehearse


_ENDINGS = {
    "tickets": "csv", "columns": "toml", "grids": "geojson", "roster": "csv", "bases": "csv"
}  # fmt: skip


def of(result):
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_the_figures_are_printed_as_json(run):
    told = of(run("--crews", 2, "--policy", "nearest", "--json"))
    assert set(told) >= FIGURES
    # Of five tickets City Hall's is not located, and one lies far outside every grid.
    assert (told["tickets"], told["located"], told["in_a_grid"]) == (5, 4, 3)
    assert (told["policy"], told["seed"], told["crews"], told["folded_weeks"]) == (
        "nearest",
        1,
        2,
        1,
    )
    assert (told["from"], told["to"]) == ("2026-01-05", "2026-01-08")
    assert told["response_minutes"]["n"] == 4
    assert told["bound"]["attainment_30"] >= told["attainment_30"]
    assert "not a proof" in told["bound"]["how"]


@pytest.mark.parametrize("policy", ["home", "fifo", "nearest", "onevisit"])
def test_every_policy_may_be_chosen(run, policy):
    options = () if policy == "onevisit" else ("--policy", policy)
    told = of(run("--crews", 2, *options, "--no-bound", "--json"))
    assert told["policy"] == policy
    assert told["unserved"] == (1 if policy == "home" else 0)


def test_the_same_seed_prints_the_same(run):
    first, again, other = (
        of(run("--crews", 1, "--seed", seed, "--no-bound", "--json")) for seed in (1, 1, 2)
    )
    for told in (first, again, other):
        del told["wall_s"], told["decision_ms"]
    assert first == again
    assert first["bound"] is None
    assert first != other


def test_a_person_gets_a_table_in_their_language(run):
    assert "Within 30 min" in run("--crews", 2).stdout
    assert "30 分钟内到场" in run("--crews", 2, language="zh-CN").stdout


def test_the_load_folds_thin_weeks_and_says_so(run):
    rows = [f"B{day},2026-01-{day:02d} 08:00,,Leak,A,28.15,112.95" for day in range(1, 29)]
    result = run("--load", 0.7, "--json", tickets=table(*rows))
    told = of(result)
    assert (told["folded_weeks"], told["crews"]) == (4, 1)
    assert "every hour has as many calls" in result.stderr
    assert (told["from"], told["to"]) == ("2026-01-01", "2026-01-29")
    assert told["rehearsed_days"] == 7
    kept = run("--load", 0.7, "--keep-hours", "--json", tickets=table(*rows))
    assert of(kept)["folded_weeks"] == 4
    assert "each call at its hour of the week" in kept.stderr
    assert of(run("--load", 0.7, "--fold", 1, "--json", tickets=table(*rows)))["folded_weeks"] == 1
    assert of(run("--crews", 2, "--fold", 2, "--json", tickets=table(*rows)))["folded_weeks"] == 2


def test_a_range_of_days_is_kept(run):
    told = of(run("--crews", 1, "--from", "2026-01-06", "--to", "2026-01-07", "--json"))
    assert (told["tickets"], told["from"], told["to"]) == (2, "2026-01-06", "2026-01-07")


def test_a_roster_brings_crews_skills_and_shifts(run, tmp_path):
    result = run("--roster", tmp_path / "roster.csv", "--json", roster=CREWS)
    told = of(result)
    assert told["crews"] == 3
    # Only West 1 can mend mains, by day; it has a way to all of them but Beijing's, in days.
    assert "Crews without a base wait in the middle of their team's calls: West 2" in result.stderr
    assert "divers" in result.stderr


def test_bases_may_be_named(run, tmp_path):
    bases = "base_lat,base_lon\n28.15,112.95\n40.5,116.5\n"
    result = run("--crews", 2, "--bases", tmp_path / "bases.csv", "--json", bases=bases)
    assert of(result)["crews"] == 2
    assert "outside every grid, and which are at home nowhere: 1" in result.stderr


def test_the_street_may_be_unkind(run):
    unkind = ("--declines", 0.5, "--cancelled", 0.5, "--no-access", 0.5, "--second-visits", 0.5)
    told = of(
        run("--crews", 2, *unkind, "--breaks", 30, "--turns", 1, "--wait-where-suggested", "--json")
    )
    assert set(told) >= {"cancelled", "declined", "one_visit_share"}


def test_a_storm_adds_calls_but_no_crews(run):
    rows = [f"B{n},2026-01-05 {n:02d}:00,,Leak,A,28.15,112.95" for n in range(24)]
    storm = ("--storm", 3.5, "--storm-from", 6, "--storm-hours", 6)
    calm = of(run("--load", 0.7, "--json", tickets=table(*rows)))
    wild = of(run("--load", 0.7, *storm, "--json", tickets=table(*rows)))
    assert (calm["storm_calls"], wild["storm_calls"]) == (0, 15)
    assert wild["crews"] == calm["crews"]
    assert wild["attainment_30"] < calm["attainment_30"]


def test_roads_without_a_way_leave_tickets_unserved(run, tmp_path):
    folder = tmp_path / "roads"
    folder.mkdir()
    (folder / "nodes.csv").write_text("index,x,y\n1,112.95,28.15\n2,112.96,28.15\n")
    (folder / "arcs.csv").write_text("fromNode,toNode,seconds\n1,2,60\n2,1,60\n")
    bases = ("--bases", tmp_path / "bases.csv")
    options = ("--crews", 1, *bases, "--roads", folder, "--json", "--no-bound")
    result = run(*options, bases="base_lat,base_lon\n28.15,112.95\n")
    told = of(result)
    assert told["unserved"] == 2
    assert "no base has a way to, and which stay unserved: 2" in result.stderr


REFUSED = [
    ((), {}, "Give one of --crews, --load and --roster.", "请在"),
    (("--crews", 2, "--load", 0.7), {}, "Give one of --crews, --load", "请在"),
    (("--crews", 0), {}, "at least one crew", "至少"),
    (("--load", 0), {}, "A load is a share", "负荷"),
    (("--load", "nan"), {}, "A load is a share", "负荷"),
    (("--crews", 1, "--fold", 0), {}, "at least one week", "至少"),
    (("--crews", 1, "--declines", 1.5), {}, "A chance is a number from 0 to 1", "0 到 1"),
    (("--crews", 1, "--level-weights", 0, 1, 1, 1), {}, "A level weighs more", "权重"),
    (("--crews", 1, "--turns", -1), {}, "numbers from 0 up", "不小于 0"),
    (("--crews", 2001), {}, "2001 crews are too many", "太多"),
    (("--load", 1e-9), {}, "crews are too many", "太多"),
    (("--crews", 1, "--breaks", "inf"), {}, "A break lasts from 0 to 480", "480"),
    (("--crews", 1, "--storm", 0.5), {}, "multiplies the calls by 1 to 100", "1 到 100"),
    (("--crews", 1, "--storm", 1e9), {}, "multiplies the calls by 1 to 100", "1 到 100"),
    (("--crews", 1, "--storm", 2, "--storm-from", 1e6), {}, "hours within the", "小时"),
    (("--crews", 1, "--storm-from", 5), {}, "Say with --storm", "--storm"),
    (("--crews", 1, "--from", "2030-01-01"), {}, "no call on 2030-01-01 or later. The", "没有来电"),
    (
        ("--crews", 1, "--from", "2030-01-01", "--to", "2030-01-02"),
        {},
        "The calls are from",
        "来电",
    ),
    (("--crews", 1, "--to", "2001-01-01"), {}, "no call before 2001-01-01. The", "没有来电"),
    (("--crews", 1, "--from", "2026-01-06", "--to", "2026-01-06"), {}, "holds no day", "没有一天"),
    (("--crews", 1, "--from", "2026-01-07", "--to", "2026-01-06"), {}, "Give the earlier", "早"),
    (("--crews", 1), {"tickets": HEADER + "\n"}, "no ticket to rehearse", "没有可"),
    (
        ("--crews", 1),
        {"tickets": table("A4,2026-01-06 11:00,,Leak,City Hall,28.2,113.0")},
        "None of the 1 tickets has a place",
        "均无位置",
    ),
    (("--crews", 1), {"grids": collection()}, "The file has 0 features", "0"),
    (("--crews", 1), {"grids": "no"}, "This is not JSON", "JSON"),
    (("--crews", 1), {"columns": "no"}, "not a column map in TOML", "TOML"),
]


@pytest.mark.parametrize(("options", "files", "english", "chinese"), REFUSED)
def test_what_cannot_be_rehearsed_is_refused_in_both_languages(
    run, options, files, english, chinese
):
    for language, words in (("en", english), ("zh-CN", chinese)):
        result = run(*options, language=language, **files)
        assert (result.exit_code, result.stdout) == (2, "")
        assert words in result.stderr


def test_a_roster_names_its_own_bases(run, tmp_path):
    files = {"roster": CREWS, "bases": "base_lat,base_lon\n28,113\n"}
    options = ("--roster", tmp_path / "roster.csv", "--bases", tmp_path / "bases.csv")
    result = run(*options, **files)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "names the bases already" in result.stderr


@pytest.mark.parametrize(
    ("bases", "words"),
    [
        ("base_lat,base_lon\n", "The file holds no bases"),
        ("base_lat,base_lon\n1,x\n", "line 2, base_lon: “x” is not a number of degrees"),
        ("base_lat,base_lon,name\n,,A\n28,113,B\n", "line 2, base_lat: Write where"),
        ("lat,lon\n1,2\n", "base_lat: There is no such column"),
    ],
)
def test_wrong_bases_are_refused(run, tmp_path, bases, words):
    result = run("--crews", 1, "--bases", tmp_path / "bases.csv", bases=bases)
    assert result.exit_code == 2
    assert words in result.stderr


def test_a_file_that_is_not_there_is_named(run, tmp_path):
    result = run("--roster", tmp_path / "nowhere.csv")
    assert result.exit_code == 2
    assert "nowhere.csv" in result.stderr


def test_grids_of_one_team_may_be_named_by_a_field(run):
    grids = collection(feature("West", WEST, crew_of="One"))
    options = ("--crews", 1, "--team-field", "crew_of", "--policy", "home", "--json")
    assert of(run(*options, grids=grids))["home_team_share"] == 1.0


@pytest.mark.shared_data
def test_a_year_of_boston_is_rehearsed(run, shared_data, tmp_path):
    written(tmp_path, "boston.toml", BOSTON_MAP)
    files = (
        *("--tickets", shared_data / "boston311_2015.csv.gz"),
        *("--columns", tmp_path / "boston.toml"),
        *("--grids", shared_data / "boston_grids.geojson"),
    )
    options = ("--from", "2015-01-01", "--to", "2016-01-01", "--load", 0.7, "--json")
    home, nearest, ours = (
        of(run(*files, *options, "--policy", *rest))
        for rest in (("home", "--no-bound"), ("nearest",), ("onevisit", "--no-bound"))
    )
    assert nearest["located"] == nearest["response_minutes"]["n"] > 2000
    assert nearest["in_a_grid"] >= nearest["located"] - 5
    assert nearest["crews"] == home["crews"] > 10
    shares = [each["attainment_30"] for each in (nearest["bound"], ours, nearest, home)]
    assert shares == sorted(shares, reverse=True)
