"""Does `onevisit site` choose the best places, and say plainly when it cannot?"""

from __future__ import annotations

import json

import pytest

from dispatch.actions.placing import GivenPlace
from dispatch.actions.unit_of_work import transaction
from dispatch.cli import siting
from dispatch.models.base import db
from dispatch.models.people import Crew, Team
from dispatch.models.places import Grid
from tests.factories import IN_EAST, IN_WEST, make_city, make_ticket

DAYS = ("--from", "2026-03-02", "--to", "2026-03-03")


@pytest.fixture
def city(session, now):
    with transaction():
        found = make_city(now)
        for place in (IN_WEST, IN_WEST, GivenPlace(28.155, 112.95), IN_EAST):
            make_ticket(now, place=place)
    return found


def table(tmp_path, *rows: str):
    file = tmp_path / "sites.csv"
    file.write_text("\n".join(["name,lat,lon", *rows]), encoding="utf-8")
    return file


@pytest.mark.usefixtures("city")
def test_the_best_site_is_named_beside_the_bases_of_today(cli, tmp_path):
    file = table(tmp_path, "Depot,28.152,112.95", "Far,28.15,113.05")
    result = cli("site", "--sites", 1, "--metres", 1_000, "--candidates", file, *DAYS, "--json")
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    assert told["sites"] == [
        {
            "name": "Depot", "name_zh": None, "kind": "file",
            "lat": 28.152, "lon": 112.95, "share": 0.75,
        }
    ]  # fmt: skip
    assert (told["share"], told["proven"], told["tickets"], told["candidates"]) == (
        0.75,
        True,
        4,
        2,
    )
    assert told["today"] == {"bases": 2, "share": 1.0}
    assert (told["metres"], told["within_minutes"]) == (1_000, None)
    assert (told["from"], told["to"]) == ("2026-03-02", "2026-03-03")


@pytest.mark.usefixtures("city")
def test_bases_and_grids_are_chosen_from_by_minutes_of_driving(cli):
    result = cli("site", "--sites", 2, "--within", 2, "--json")
    told = json.loads(result.stdout)
    assert {site["kind"] for site in told["sites"]} <= {"base", "grid"}
    assert (told["share"], told["candidates"], told["within_minutes"]) == (1.0, 4, 2)
    assert (told["from"], told["to"]) == (None, None)


@pytest.mark.usefixtures("city")
def test_a_person_reads_the_sites_and_what_they_cover_together(cli):
    result = cli("site", "--sites", 1)
    assert result.exit_code == 0, result.stderr
    assert "Covers alone" in result.stdout
    assert "Together: 100.00 % of 4 tickets within a drive of 30 min, from 1 of 4" in result.stdout
    assert "Today's 2 bases: 100.00 %." in result.stdout
    assert "No other choice of so many covers more." in result.stdout


def test_a_chinese_reader_reads_chinese_names(city, cli, monkeypatch):
    monkeypatch.setenv("ONEVISIT_LANGUAGE", "zh-CN")
    with transaction():
        for named in (*db.session.query(Team), *db.session.query(Grid)):
            named.name_zh = "东片区"
    result = cli("site", "--sites", 2, "--metres", 900)
    assert "东片区" in result.stdout
    assert "合计：4 张工单中的" in result.stdout


def test_without_bases_and_time_both_are_said(city, cli, monkeypatch):
    class Unfinished:
        x, status = None, 1

    monkeypatch.setattr("dispatch.domain.siting.milp", lambda *_, **__: Unfinished())
    with transaction():
        for crew in db.session.query(Crew):
            crew.base_lat = crew.base_lon = None
    result = cli("site", "--sites", 1, "--metres", 900, "--to", "2026-03-03")
    assert "within 900 m as the crow flies" in result.stdout
    assert "No crew has a base today" in result.stdout
    assert "a better choice may exist" in result.stdout


@pytest.mark.usefixtures("city")
def test_many_places_are_put_together_into_squares(cli, monkeypatch):
    monkeypatch.setattr(siting, "MOST_PLACES", 1)
    told = json.loads(cli("site", "--sites", 1, "--json").stdout)
    assert (told["tickets"], told["share"]) == (4, 1.0)


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--sites", 9), "9 sites are asked for, and there are only 4 places"),
        (("--sites", 0), "--sites must be a whole number, 1 or more."),
        ((), "--sites is missing"),
        (("--sites", 1, "--within", 9, "--metres", 9), "either --within or --metres"),
        (("--sites", 1, "--within", 0), "--within must be a number above 0."),
        (("--sites", 1, "--within", "nan"), "A reach is a number"),
        (("--sites", 1, "--metres", "inf"), "A reach is a number"),
        (("--sites", 1, "--from", "2026-04-01"), "No located ticket was received in these days"),
        (("--sites", 1, "--from", "yesterday"), "“yesterday” is not a day"),
        (("--sites", 1, "--candidates", "nowhere.csv"), "There is no such file"),
    ],
)
def test_what_cannot_be_chosen_is_refused_in_a_sentence(cli, arguments, words):
    result = cli("site", *arguments)
    assert result.exit_code == 2
    assert words in result.stderr


def test_a_city_without_bases_and_grids_has_no_place_to_choose(session, cli, now):
    with transaction():
        make_ticket(now)
    result = cli("site", "--sites", 1)
    assert result.exit_code == 2
    assert "There is no place to choose from" in result.stderr


@pytest.mark.usefixtures("city")
def test_a_bad_table_of_sites_names_its_line(cli, tmp_path):
    result = cli("site", "--sites", 1, "--candidates", table(tmp_path, "Depot,x,113"))
    assert result.exit_code == 2
    assert "sites.csv, line 2, lat: “x” is not a number" in result.stderr
