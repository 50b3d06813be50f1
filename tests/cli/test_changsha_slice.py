"""Does the second city of the demo hold together, and is it made the same way each time?"""

import csv
import gzip
import json
import re
import tomllib
from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest
import shapely
from shapely.geometry import Point, shape

from dispatch.domain.categories import CATEGORIES, SKILLS
from tools.changsha_grids import DISTRICTS, read_districts, read_streets, short
from tools.changsha_slice import CITIES, build

CHANGSHA = CITIES / "changsha"
TICKETS = "tickets_2025.csv.gz"
MADE = ("crews.csv", "grids.geojson", "households.csv", TICKETS)
CHINESE = re.compile(r"[\u3400-\u9fff]+")
GRID = re.compile(r"([\u3400-\u9fff]+[区县市])·([\u3400-\u9fff]+) \d\d")
ADDRESS = re.compile(
    r"([\u3400-\u9fff]{2}[区县市])[\u3400-\u9fff]+ \S+ \d+(组|栋)( \d单元 \d{3,4})?"
)
UNASSIGNED_PHONE = re.compile(r"1400000\d{4}")


def _rows(name):
    content = (CHANGSHA / name).read_bytes()
    text = gzip.decompress(content) if name.endswith(".gz") else content
    return list(csv.DictReader(text.decode("utf-8").splitlines()))


@pytest.fixture(scope="module")
def grids():
    collection = json.loads((CHANGSHA / "grids.geojson").read_text(encoding="utf-8"))
    return [(each["properties"], shape(each["geometry"])) for each in collection["features"]]


@pytest.fixture(scope="module")
def tickets():
    return _rows(TICKETS)


@pytest.fixture(scope="module")
def crews():
    return _rows("crews.csv")


def test_the_city_is_small_enough_to_ship():
    assert sum(each.stat().st_size for each in CHANGSHA.iterdir()) < 400_000


def test_every_grid_is_valid_and_shares_its_corners_with_its_neighbours(grids):
    shapes = [polygon for _, polygon in grids]
    assert all(polygon.is_valid and polygon.geom_type == "Polygon" for polygon in shapes)
    assert shapely.coverage_is_valid(shapes)
    corners = shapely.get_coordinates(shapes) * 1e5
    assert (abs(corners - corners.round()) < 1e-4).all()
    assert 200 <= len(grids) <= 300


def test_every_grid_has_both_names_once_and_its_district_zone(grids):
    for key in ("name", "name_zh"):
        assert len({properties[key] for properties, _ in grids}) == len(grids)
    for properties, _ in grids:
        assert set(properties) == {"name", "name_zh", "team", "team_zh", "zone"}
        found = GRID.fullmatch(properties["name_zh"])
        assert found, properties
        district = DISTRICTS[found[1]]
        assert properties["zone"] == district.zone
        assert properties["name"].startswith(district.english)
        assert properties["team_zh"].removesuffix("片区队") in {zh for _, zh in district.teams}
    assert {GRID.fullmatch(properties["name_zh"])[1] for properties, _ in grids} == set(DISTRICTS)


def test_grids_of_the_inner_districts_are_the_finer_ones(grids):
    mean = {}
    for district in DISTRICTS:
        own = [each.area for names, each in grids if names["name_zh"].startswith(district)]
        mean[district] = sum(own) / len(own)
    assert max(mean[each] for each in list(DISTRICTS)[:6]) < min(
        mean[each] for each in ("长沙县", "浏阳市", "宁乡市")
    )


def test_thirteen_teams_have_two_crews_with_every_skill_at_every_hour(grids, crews):
    teams = {properties["team"]: properties["team_zh"] for properties, _ in grids}
    assert len(teams) == len(set(teams.values())) == 13
    assert {crew["team"] for crew in crews} == set(teams)
    assert len({crew["crew"] for crew in crews}) == len({c["vehicle"] for c in crews}) == 52
    assert all(CHINESE.match(crew["crew"]) for crew in crews)
    for team in teams:
        for hour in range(24):
            on_duty = [c for c in crews if c["team"] == team and _on_duty(c, time(hour, 30))]
            assert len(on_duty) == 2, (team, hour)
            assert {s for c in on_duty for s in c["skills"].split(";")} == set(SKILLS)


def _on_duty(crew, moment):
    start, end = (time.fromisoformat(crew[key]) for key in ("shift_start", "shift_end"))
    return start <= moment < end if start < end else moment >= start or moment < end


def test_each_base_lies_in_a_grid_of_its_own_team(grids, crews):
    for crew in crews:
        base = Point(float(crew["base_lon"]), float(crew["base_lat"]))
        assert {p["team"] for p, each in grids if each.intersects(base)} >= {crew["team"]}


def test_every_ticket_lies_in_a_grid_of_the_district_it_names(grids, tickets):
    tree = shapely.STRtree([polygon for _, polygon in grids])
    for row in tickets:
        spot = Point(float(row["lon"]), float(row["lat"]))
        found = tree.query(spot, predicate="dwithin", distance=2e-5)
        districts = {GRID.fullmatch(grids[each][0]["name_zh"])[1] for each in found}
        assert ADDRESS.fullmatch(row["place"])[1] in districts, row


def test_the_year_has_the_rhythm_of_the_other_city(tickets):
    packed = (CITIES / "boston" / "tickets_2015.csv.gz").read_bytes()
    theirs = list(csv.DictReader(gzip.decompress(packed).decode().splitlines()))
    assert len(tickets) == len({row["case_id"] for row in tickets}) == len(theirs)
    ours, before = (
        [datetime.fromisoformat(row["opened"]) for row in rows] for rows in (tickets, theirs)
    )
    assert ours == sorted(ours)
    assert {moment.year for moment in ours} == {2025}
    assert sorted((at.weekday(), at.time()) for at in ours) == sorted(
        (at.weekday(), at.time()) for at in before
    )
    assert all(row["opened"] < row["closed"] for row in tickets)


def test_the_column_map_fits_the_file(tickets):
    column_map = tomllib.loads((CHANGSHA / "columns.toml").read_text(encoding="utf-8"))
    assert set(column_map["columns"].values()) | {"on_building"} == set(tickets[0])
    assert set(column_map["categories"]) == {row["type"] for row in tickets}
    assert set(column_map["categories"].values()) <= {rule.key for rule in CATEGORIES}
    assert ZoneInfo(column_map["format"]["time_zone"]).key == "Asia/Shanghai"


def test_households_stand_for_nobody():
    households = _rows("households.csv")
    assert len({row["account"] for row in households}) == 400
    assert len({row["phone"] for row in households}) == 400
    for row in households:
        assert UNASSIGNED_PHONE.fullmatch(row["phone"])
        assert ADDRESS.fullmatch(row["address"]), row
        assert row["name"][-2:] in {"先生", "女士"}


def test_a_street_office_is_named_without_its_kind():
    assert [short(each) for each in ("望月湖街道", "朝阳街街道", "沙市镇", "沩山乡", "镇")] == [
        *("望月湖", "朝阳街", "沙市", "沩山", "镇")
    ]


def test_the_readme_says_what_is_real_what_is_made_up_and_whose_it_is(tickets):
    text = (CHANGSHA / "README.md").read_text(encoding="utf-8")
    on_buildings = sum(row["on_building"] == "yes" for row in tickets)
    for words in ("ODbL", "OpenStreetMap", "jaska", "made up", f"{on_buildings:,}", "GCJ-02"):
        assert words in text


@pytest.mark.shared_data
def test_the_tool_makes_the_shipped_files(shared_data, tmp_path):
    build(shared_data, tmp_path)
    for name in MADE:
        made, shipped = ((folder / name).read_bytes() for folder in (tmp_path, CHANGSHA))
        if name.endswith(".gz"):
            made, shipped = gzip.decompress(made), gzip.decompress(shipped)
        assert made == shipped, name


@pytest.mark.shared_data
def test_the_middle_of_every_street_office_lies_in_its_district(shared_data):
    districts = read_districts(shared_data / "changsha_districts_gcj02.geojson")
    for street in read_streets():
        assert shapely.contains_xy(districts[street.district], street.lon, street.lat), street


@pytest.mark.shared_data
def test_every_building_ticket_stands_on_a_building(shared_data, tickets):
    text = (shared_data / "changsha_buildings.csv").read_text(encoding="utf-8-sig")
    rows = csv.DictReader(text.splitlines())
    known = {(f"{float(row['lat']):.4f}", f"{float(row['lon']):.4f}") for row in rows}
    found = [(row["lat"], row["lon"]) for row in tickets if row["on_building"] == "yes"]
    assert set(found) <= known
