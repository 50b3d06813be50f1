"""Do the addresses about the city answer for the call form and the map?"""

from __future__ import annotations

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.places import Household
from tests.factories import make_crew, make_grid, make_team, make_ticket


@pytest.fixture
def city(app, now):
    with app.app_context(), transaction():
        team = make_team()
        make_grid(team=team, now=now)
        make_crew("West 1", team=team)
        make_ticket(now, reporter_phone="138-0000-5678")
        db.session.add(Household(account="A-1", address="Road 1", phone="13812345678"))


@pytest.mark.usefixtures("city", "clock")
def test_the_call_form_has_its_answers(sign_in):
    desk = sign_in("call_taker")
    place = desk.get("/api/v1/places?lat=28.15&lon=112.95").json
    assert (place["grid"], place["standing"]) == ({"name": "West", "name_zh": None}, "inside")
    moved = desk.get("/api/v1/places?lat=28.15&lon=112.95&datum=gcj02").json["place"]
    assert abs(moved["lat"] - 28.15) > 1e-4
    sought = {"phone": "138-1234-5678"}
    [home] = desk.post("/api/v1/households/search", json=sought).json["households"]
    assert (home["account"], home["phone"]) == ("A-1", "138****5678")
    asked = {"category": "burst", "lat": 28.15, "lon": 112.95, "q": "Wuyi Road"}
    [same] = desk.post("/api/v1/duplicates/search", json=asked).json["duplicates"]
    assert same["number"] == "W000001"
    assert "Same category" in same["reasons"]
    asked |= {"ticket": "W000001", "household": "A-1"}
    assert desk.post("/api/v1/duplicates/search", json=asked).json["duplicates"] == []


@pytest.mark.usefixtures("city", "clock")
def test_duplicates_are_sought_with_whatever_is_known(sign_in):
    desk = sign_in("call_taker")
    here = {"category": "burst", "lat": 28.15, "lon": 112.95}
    long = "水🚰<script>alert(1)</script>" * 110
    for asked in (
        here | {"q": long},
        {"phone": "+86 138 0000 5678"},
        {"lat": 28.15, "lon": 112.95},
    ):
        [found] = desk.post("/api/v1/duplicates/search", json=asked).json["duplicates"]
        assert found["number"] == "W000001"
        assert (found["crew"], found["reports"]) == (None, 1)
    assert desk.post("/api/v1/duplicates/search", json={}).json == {
        "duplicates": [],
        "notices": [],
    }
    for wrong in ({"q": "x" * 5_000}, {"lat": 28.15}, {"phone": "call me"}, {"category": "none"}):
        assert desk.post("/api/v1/duplicates/search", json=wrong).status_code == 422


@pytest.mark.usefixtures("city")
def test_grids_are_sent_once(sign_in):
    desk = sign_in("dispatcher")
    first = desk.get("/api/v1/grids.geojson")
    assert first.mimetype == "application/geo+json"
    assert first.json["features"][0]["properties"]["name"] == "West"
    tag = {"If-None-Match": first.headers["ETag"]}
    again = desk.get("/api/v1/grids.geojson", headers=tag)
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.usefixtures("city")
def test_crews_are_listed(sign_in):
    [crew] = sign_in("dispatcher").get("/api/v1/crews").json["crews"]
    assert (crew["name"], crew["state_name"]) == ("West 1", "free")


@pytest.mark.usefixtures("city")
def test_no_address_takes_a_telephone_number_of_a_household(sign_in):
    desk = sign_in("call_taker")
    assert desk.get("/api/v1/households/search?phone=13812345678").status_code == 405
    answer = desk.post("/api/v1/households/search?phone=13812345678", json={})
    assert answer.json == {"households": []}
