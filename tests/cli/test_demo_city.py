"""Does the city that ships with the project hold together, and does it give nobody away?"""

import csv
import gzip
import json
import re
import tomllib
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import shapely
from shapely.geometry import Point, shape

import dispatch
from dispatch.domain.categories import CATEGORIES, SKILLS

BOSTON = Path(dispatch.__file__).parent / "cli" / "demo_city" / "boston"
CITY_HALL = ("42.3594", "-71.0587")
HOUSE_NUMBER = re.compile(r"^(?![1-9]\d?00 block of )\d")
FICTIONAL_PHONE = re.compile(r"^(617|857|781|339)-555-01\d\d$")
BLOCK = re.compile(r"^(Unit|[1-9]\d?00) block of \S.*, [A-Z]\S.*$")


def _rows(name):
    path = BOSTON / name
    text = gzip.decompress(path.read_bytes()) if name.endswith(".gz") else path.read_bytes()
    return list(csv.DictReader(text.decode("utf-8").splitlines()))


@pytest.fixture(scope="module")
def grids():
    collection = json.loads((BOSTON / "grids.geojson").read_text(encoding="utf-8"))
    return {
        feature["properties"]["name"]: (feature["properties"], shape(feature["geometry"]))
        for feature in collection["features"]
    }


@pytest.fixture(scope="module")
def tickets():
    return _rows("tickets_2015.csv.gz")


@pytest.fixture(scope="module")
def crews():
    return _rows("crews.csv")


@pytest.fixture(scope="module")
def households():
    return _rows("households.csv")


@pytest.fixture(scope="module")
def column_map():
    return tomllib.loads((BOSTON / "columns.toml").read_text(encoding="utf-8"))


def _on_duty(crew, moment):
    start, end = (time.fromisoformat(crew[key]) for key in ("shift_start", "shift_end"))
    return start <= moment < end if start < end else moment >= start or moment < end


def test_all_26_neighbourhoods_are_there_in_under_150_kb(grids):
    assert len(grids) == 26
    assert (BOSTON / "grids.geojson").stat().st_size < 150_000
    for properties, _ in grids.values():
        assert set(properties) == {"name", "name_zh", "team", "team_zh", "zone"}
        assert properties["zone"] in {"town", "suburb"}
        for key in ("name_zh", "team_zh"):
            assert re.fullmatch(r"[\u4e00-\u9fff]+", properties[key])


def test_grids_are_valid_and_share_their_borders_without_overlap(grids):
    shapes = [polygon for _, polygon in grids.values()]
    assert all(polygon.is_valid and polygon.area > 0 for polygon in shapes)
    assert shapely.coverage_is_valid(shapes)


def test_grid_coordinates_have_at_most_five_decimals_and_lie_in_boston(grids):
    for _, polygon in grids.values():
        corners = shapely.get_coordinates(polygon)
        assert (abs(corners * 1e5 - (corners * 1e5).round()) < 1e-4).all()
        assert shapely.box(-71.2, 42.22, -70.92, 42.4).contains(polygon)


def test_each_team_has_two_to_four_grids_and_one_chinese_name(grids):
    teams = {}
    for name, (properties, _) in grids.items():
        teams.setdefault((properties["team"], properties["team_zh"]), []).append(name)
    assert len(teams) == len({team for team, _ in teams}) == len({zh for _, zh in teams}) == 9
    assert all(2 <= len(names) <= 4 for names in teams.values())


def test_both_zones_are_present(grids):
    suburbs = {name for name, (properties, _) in grids.items() if properties["zone"] == "suburb"}
    assert suburbs == {"Hyde Park", "West Roxbury", "Roslindale", "Mattapan", "Harbor Islands"}


def test_every_team_has_two_crews_on_duty_at_every_quarter_of_an_hour(grids, crews):
    teams = {properties["team"] for properties, _ in grids.values()}
    assert {crew["team"] for crew in crews} == teams
    for team in teams:
        own = [crew for crew in crews if crew["team"] == team]
        for quarter in range(96):
            on_duty = [c for c in own if _on_duty(c, time(quarter // 4, quarter % 4 * 15))]
            assert len(on_duty) >= 2, (team, quarter)
            skills = {skill for crew in on_duty for skill in crew["skills"].split(";")}
            assert skills == set(SKILLS), (team, quarter)


def test_six_crews_of_each_skill_have_two_hours_left_at_every_quarter_of_an_hour(crews):
    for quarter in range(96):
        minutes = (quarter * 15, quarter * 15 + 120)
        times = [time(minute // 60 % 24, minute % 60) for minute in minutes]
        staying = [c for c in crews if _on_duty(c, times[0]) and _on_duty(c, times[1])]
        for skill in SKILLS:
            assert sum(skill in c["skills"].split(";") for c in staying) >= 6, (skill, times)


def test_crews_have_the_agreed_columns_known_skills_and_names_of_their_own(crews):
    assert (BOSTON / "crews.csv").read_text(encoding="utf-8").splitlines()[0] == (
        "crew,team,skills,base_lat,base_lon,shift_start,shift_end,vehicle"
        ",vehicle_class,carries,contractor,area,name_zh"
    )
    assert len({crew["crew"] for crew in crews}) == len(crews) == 36
    assert len({crew["name_zh"] for crew in crews}) == len(crews)
    assert len({crew["vehicle"] for crew in crews}) == len(crews)
    skills = [set(crew["skills"].split(";")) for crew in crews]
    assert all("general" in one <= set(SKILLS) for one in skills)
    assert len({frozenset(one) for one in skills}) > 1


def test_each_base_lies_in_a_grid_of_its_own_team(grids, crews):
    for crew in crews:
        base = Point(float(crew["base_lon"]), float(crew["base_lat"]))
        owners = {p["team"] for p, polygon in grids.values() if polygon.contains(base)}
        assert owners == {crew["team"]}, crew["crew"]


def test_the_year_is_whole(tickets):
    assert len(tickets) == 2623
    assert len({row["case_id"] for row in tickets}) == len(tickets)
    opened = [datetime.fromisoformat(row["opened"]) for row in tickets]
    assert opened == sorted(opened)
    assert {moment.year for moment in opened} == {2015}
    assert {moment.month for moment in opened} == set(range(1, 13))


def test_tickets_close_after_they_open_and_some_are_still_open(tickets):
    closed = [row for row in tickets if row["closed"]]
    assert len(tickets) - len(closed) == 366
    for row in closed:
        assert datetime.fromisoformat(row["closed"]) >= datetime.fromisoformat(row["opened"])


def test_the_column_map_fits_the_file(tickets, column_map):
    assert set(column_map["columns"].values()) == set(tickets[0])
    assert {"external_id", "received_at", "category", "lat", "lon"} <= set(column_map["columns"])
    assert set(column_map["categories"]) == {row["type"] for row in tickets}
    assert set(column_map["categories"].values()) <= {rule.key for rule in CATEGORIES}
    layout = column_map["format"]
    assert ZoneInfo(layout["time_zone"]).key == "America/New_York"
    for row in tickets:
        for moment in filter(None, (row["opened"], row["closed"])):
            written = datetime.strptime(moment, layout["time"])  # noqa: DTZ007 local by the map
            assert written.strftime(layout["time"]) == moment


def test_places_the_city_could_not_find_stay_on_city_hall(tickets, column_map):
    assert column_map["not_located"]["points"] == [[float(part) for part in CITY_HALL]]
    fallback = [row for row in tickets if (row["lat"], row["lon"]) == CITY_HALL]
    assert len(fallback) == 155
    assert all(row in fallback for row in tickets if not row["place"])


def test_located_tickets_lie_in_the_grids_but_for_four_at_the_city_line(grids, tickets):
    city = shapely.union_all([polygon for _, polygon in grids.values()])
    outside = [
        row["place"]
        for row in tickets
        if (row["lat"], row["lon"]) != CITY_HALL
        and not city.intersects(Point(float(row["lon"]), float(row["lat"])))
    ]
    assert len(outside) == 4


def test_no_place_shows_a_house(tickets, households):
    for row in tickets:
        place = row["place"]
        assert not HOUSE_NUMBER.match(place), place
        assert not place or " & " in place or BLOCK.match(place), place
        assert not re.search(r"\bMA\b|\b\d{5}\b", place), place
    assert all(BLOCK.match(row["address"]) for row in households)


@pytest.mark.parametrize(
    "place", ["12 Dix St, Dorchester", "310 block of Dix St", "1208-1210 A St"]
)
def test_the_house_number_check_sees_a_house_number(place):
    assert HOUSE_NUMBER.match(place)


def test_points_are_no_finer_than_a_block(tickets, households):
    for row in [*tickets, *households]:
        point = (row["lat"], row["lon"])
        assert point == CITY_HALL or all(len(part.split(".")[1]) == 3 for part in point)


def test_households_are_made_up_and_stand_on_real_blocks(tickets, households):
    assert len(households) == 400
    for key in ("account", "phone", "address"):
        assert len({row[key] for row in households}) == 400
    assert all(FICTIONAL_PHONE.match(row["phone"]) for row in households)
    blocks = {(row["place"], row["lat"], row["lon"]) for row in tickets}
    assert all((row["address"], row["lat"], row["lon"]) in blocks for row in households)
    assert all(re.fullmatch(r"[A-Z][A-Za-z-]+", row["name"]) for row in households)


def test_the_readme_names_sources_and_licences():
    text = (BOSTON.parent / "README.md").read_text(encoding="utf-8")
    for word in ("City of Boston", "PDDL", "click_that_hood", "MIT", "2,623"):
        assert word in text
