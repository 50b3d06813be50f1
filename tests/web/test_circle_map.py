"""Does the map of the circle show the cells of the view, to those who may see or take them?"""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from dispatch.actions.unit_of_work import transaction
from tests.circle_history import DAYS, MONDAY, a_week_of_tickets, past_ticket

FILE = f"/circle/map.geojson?{DAYS}"


@pytest.fixture
def week(app):
    with app.app_context(), transaction():
        a_week_of_tickets()
        at = MONDAY + timedelta(hours=9)
        for minutes in (10, 40):
            place = {"lat": 28.15, "lon": 112.95, "place_standing": "inside"}
            past_ticket(at, (1, 2, 3, minutes), **place)


def features_of(answer):
    assert answer.status_code == 200, answer.text
    found = json.loads(answer.text)
    return found["properties"], {one["id"]: one for one in found["features"]}


def test_the_file_holds_each_grid_with_its_figures_and_their_n(week, sign_in):
    answer = sign_in("manager").get(FILE)
    assert answer.mimetype == "application/geo+json"
    asked, grids = features_of(answer)
    assert asked["tickets_without_a_cell"] == 2
    assert asked["from"] == "2026-03-02"
    west = grids["West"]["properties"]
    assert grids["West"]["geometry"]["type"] == "Polygon"
    assert (west["tickets"], west["circle_attainment_n"], west["below_minimum_n"]) == (
        72,
        72,
        False,
    )
    assert west["circle_attainment"] == pytest.approx(52 / 72)
    assert 0 <= west["coverage_now"] <= 1


def test_hexagons_hold_the_tickets_with_a_place_and_the_rest_is_counted(week, sign_in):
    asked, cells = features_of(sign_in("manager").get(f"{FILE}&shape=hex500"))
    [cell] = cells.values()
    assert asked["shape"] == "hex500"
    assert asked["tickets_without_a_cell"] == 127
    assert cell["properties"]["tickets"] == 2
    assert cell["properties"]["circle_attainment"] == 0.5
    assert cell["properties"]["below_minimum_n"] is True
    [ring] = cell["geometry"]["coordinates"]
    assert len(ring) == 7
    assert ring[0] == ring[-1]


def test_an_empty_city_has_a_file_without_cells(sign_in):
    for shape in ("grid", "hex500", "hex1000"):
        assert features_of(sign_in("manager").get(f"{FILE}&shape={shape}"))[1] == {}


def test_the_file_needs_the_permission_to_export_and_a_known_shape(week, sign_in):
    assert sign_in("team_leader", team_id=1).get(FILE).status_code == 403
    assert sign_in("manager").get(f"{FILE}&shape=square").status_code == 422
