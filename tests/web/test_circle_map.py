"""Does the map of the circle show the cells of the view, to those who may see or take them?"""

from __future__ import annotations

import json
import re
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


def test_a_wall_shows_the_whole_share_and_the_worst_cell_first(week, sign_in):
    manager = sign_in("manager")
    evenings = "&days=weekdays&from_hour=17&to_hour=22"
    wall = ""
    for more, worst in (("", "West"), (evenings, "East")):
        wall = manager.get(f"/circle/map?{DAYS}&wall=1{more}").text
        assert re.findall(r'<tr data-cell="(\w+)">', wall)[0] == worst
    assert 'class="dashboard wall map-wall"' in wall
    assert re.search(r'id="map-whole">[\d.]+ %</b>', wall)
    assert '"wall": true' in wall
    assert "map-whole" not in manager.get(f"/circle/map?{DAYS}").text


def test_the_page_has_a_table_of_the_cells_and_says_what_is_not_on_the_map(week, sign_in):
    page = sign_in("manager").get(f"/circle/map?{DAYS}").text
    west = page.split('<tr data-cell="West">')[1].split("</tr>")[0]
    assert re.findall(r'data-value="[a-z-]+">([^<]*)<', west) == [
        "72", "72.2 %", "72", "48.0", "72", "–", "0",
    ]  # fmt: skip
    assert "Tickets in no grid, not on the map: 2" in page
    assert "style=" not in page
    hexagons = sign_in("manager").get(f"/circle/map?{DAYS}&shape=hex500").text
    [row] = hexagons.split("<tbody>")[1].split("</tbody>")[0].split("<tr ")[1:]
    assert 'class="number few" data-value="attainment">50.0 %<' in row
    assert "Tickets without a place, not on the map: 127" in hexagons


def test_the_browser_reads_each_hour_and_each_day(week, sign_in):
    manager = sign_in("manager")
    by_hour = manager.get(f"/circle/map.json?{DAYS}").json
    west = next(cell for cell in by_hour["cells"] if cell["key"] == "West")
    assert {hour: row[0] for hour, row in west["parts"].items()} == {"10": 25, "18": 25, "11": 22}
    assert west["parts"]["11"][:3] == [22, 2, 22]
    assert (by_hour["whole"][0], by_hour["unplaced"][9]) == (129, 2)
    by_day = manager.get(f"/circle/map.json?{DAYS}&over=days").json
    assert [row[0] for row in by_day["parts"]] == [23, 21, 21, 21, 21, 22, 0]


def test_the_tickets_of_a_cell_are_listed_the_broken_ones_first(week, sign_in):
    manager = sign_in("manager")
    page = manager.get(f"/circle/map/tickets?{DAYS}&cell=West").text
    assert "72 tickets" in page
    rows = page.split("<tbody>")[1].split("</tr>")
    assert "48.0" in rows[0]
    assert "broken" in rows[0]
    assert "2 tickets" in manager.get(f"/circle/map/tickets?{DAYS}&cell=none").text
    empty = manager.get(f"/circle/map/tickets?{DAYS}&cell=North").text
    assert "No ticket of this view lies in this cell." in empty
    refused = manager.get(f"/circle/map/tickets?{DAYS}&shape=hex500&cell=here")
    assert refused.status_code == 422


def test_an_empty_city_has_a_page(sign_in):
    for shape in ("grid", "hex500"):
        assert (
            "No tickets in these days" in sign_in("manager").get(f"/circle/map?shape={shape}").text
        )


def test_the_file_needs_the_permission_to_export_and_a_known_shape(week, sign_in):
    assert sign_in("team_leader", team_id=1).get(FILE).status_code == 403
    assert sign_in("manager").get(f"{FILE}&shape=square").status_code == 422
