"""Does a program learn where a crew would be in time?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.models.places import Grid
from tests.factories import IN_WEST, make_city, make_grid, make_ticket

HOURS = timedelta(hours=1)


@pytest.fixture
def city(app, now):
    with app.app_context(), transaction():
        found = make_city(now)
        make_grid("North", (112.90, 29.0, 113.00, 29.1), team=found.west, now=now, name_zh="北片")
        make_ticket(now - HOURS, place=IN_WEST)
        return {"east": found.east.id}


@pytest.mark.usefixtures("city", "clock")
def test_coverage_is_told_by_grid_and_hour(sign_in, now):
    answer = sign_in("call_taker").get("/api/v1/coverage").json
    assert answer["as_of"] == now.isoformat()
    assert [each["hours"] for each in answer["hours"]] == [0, 1, 2, 4]
    assert answer["hours"][0] | {"share": None, "at": None} == {
        "hours": 0, "at": None, "on_duty": 3, "share": None,
    }  # fmt: skip
    assert 0.9 < answer["hours"][0]["share"] <= 1
    west, east, north = answer["grids"]
    assert (west["name"], west["tickets"], len(west["chances"])) == ("West", 1, 4)
    assert (east["tickets"], north["name_zh"]) == (0, "北片")
    assert north["chances"] == [0, 0, 0, 0]
    assert any("half of the hours" in note for note in answer["notes"])


@pytest.mark.usefixtures("clock")
def test_a_leader_learns_of_the_own_grids(city, sign_in):
    answer = sign_in("team_leader", team_id=city["east"]).get("/api/v1/coverage").json
    assert [grid["name"] for grid in answer["grids"]] == ["East"]


@pytest.mark.usefixtures("clock")
def test_a_city_without_grids_is_no_data(sign_in):
    answer = sign_in("dispatcher").get("/api/v1/coverage").json
    assert (answer["grids"], answer["wait"]) == ([], None)
    assert [each["share"] for each in answer["hours"]] == [None] * 4


@pytest.mark.usefixtures("city", "clock")
def test_the_harm_of_sending_a_crew_is_told(app, sign_in):
    with app.app_context(), transaction():
        for crew in db.session.query(Crew).filter(Crew.name != "E1"):
            crew.active = False
    [loss] = sign_in("dispatcher").get("/api/v1/coverage/crews").json["crews"]
    assert (loss["crew"], loss["after"]) == ("E1", 0)
    assert loss["grid"] == {"name": "East", "name_zh": None}
    assert loss["before"] > 0.9


@pytest.mark.usefixtures("city", "clock")
def test_where_to_wait_is_told_with_its_gain(app, sign_in, now):
    with app.app_context(), transaction():
        make_ticket(now, place=IN_WEST.__class__(29.05, 112.95))
    wait = sign_in("dispatcher").get("/api/v1/coverage").json["wait"]
    assert wait["grid"] == {"name": "North", "name_zh": "北片"}
    assert (wait["crew"], wait["base_of"], wait["measure"]) == ("W1", None, "coverage")
    assert wait["place"] == pytest.approx({"lat": 29.05, "lon": 112.95})
    assert wait["before"] < wait["after"]


@pytest.mark.usefixtures("city", "clock")
def test_a_change_of_grids_shows_at_once(app, sign_in, now):
    desk = sign_in("dispatcher")
    assert len(desk.get("/api/v1/coverage").json["grids"]) == 3
    with app.app_context(), transaction():
        db.session.query(Grid).filter_by(name="North").one().valid_to = now
    assert len(desk.get("/api/v1/coverage").json["grids"]) == 2
