"""Is a file of the circle exactly what the page shows, and safe to open?"""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from sqlalchemy import select

from dispatch.actions import facts as fact_actions
from dispatch.actions.facts import pack_span
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.definitions import DEFINITIONS
from dispatch.domain.fact_columns import BLOCK_US
from dispatch.jobs import facts
from dispatch.models.base import db
from dispatch.models.facts import TicketFact
from dispatch.queries import fact_sums
from tests.circle.test_workbook import sheets_of
from tests.circle_history import DAYS, MONDAY, QUICK, a_week_of_tickets, past_ticket
from tests.factories import EAST, make_grid, make_team

EVENINGS = f"{DAYS}&days=weekdays&from_hour=17&to_hour=22"


@pytest.fixture
def week(app):
    with app.app_context(), transaction():
        a_week_of_tickets()


def lines_of(answer):
    assert answer.status_code == 200, answer.text
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
    return {(row["table"], row["group"], row["figure"]): row for row in rows}


def test_the_lines_are_the_figures_of_the_view(week, sign_in):
    manager = sign_in("manager")
    answer = manager.get(f"/circle/figures.csv?{EVENINGS}")
    found = lines_of(answer)
    assert found["period", "asked", "circle_attainment"]["value"] == "0.7"
    assert found["period", "asked", "circle_attainment"]["n"] == "50"
    assert found["grid", "East", "circle_attainment_late"]["value"] == "15"
    assert found["broken_by_grid", "East", "worst_stage"]["value"] == "dispatch"
    assert found["week", "mon 18:00", "broken_share"]["n"] == "10"
    assert found["overview", "", "repeat_30_days"]["n"] == "0"
    assert found["evidence", "", "circle_attainment"]["value"] == "0.7"
    assert ("period", "before", "tickets") in found
    assert ("period", "before", "tickets") not in lines_of(
        manager.get(f"/circle/figures.csv?{EVENINGS}&compare=0")
    )


def test_a_file_is_named_after_its_range_and_the_time(week, sign_in, clock):
    clock.move_to(MONDAY.replace(day=10, hour=9))
    answer = sign_in("manager").get(f"/circle/figures.xlsx?{DAYS}")
    name = re.search(r'filename="([^"]+)"', answer.headers["Content-Disposition"])[1]
    assert name == "circle_2026-03-02_2026-03-08_20260310-090000.xlsx"
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_workbook_has_the_view_the_figures_the_tickets_and_the_definitions(week, sign_in):
    answer = sign_in("manager").get(f"/circle/figures.xlsx?{EVENINGS}&grid=East")
    assert answer.mimetype.endswith("spreadsheetml.sheet")
    sheets = sheets_of(answer.data)
    view = {row[0]: row[1] for row in sheets["View"]}
    assert view["First day"] == "2026-03-02"
    assert view["days"] == "weekdays"
    assert "grid=East" in view["Address of the view"]
    grids = sheets["By grid"]
    assert [row[0] for row in grids] == ["group", "East"]
    assert grids[1][grids[0].index("circle_attainment")] == 0.4
    assert sheets["By the evidence of the arrival"][1][1] == 25
    assert len(sheets["Tickets"]) == 1 + 25
    assert [row[0] for row in sheets["Definitions"][1:]] == list(DEFINITIONS)
    assert all("\n" in row[2] or row[0] == "percentiles" for row in sheets["Definitions"][1:])


def test_a_name_that_looks_like_a_formula_is_text(app, sign_in):
    with app.app_context(), transaction():
        team = make_team("=2+3")
        grid = make_grid("@SUM(1)", EAST, team=team, now=MONDAY)
        past_ticket(MONDAY, QUICK, grid_id=grid.id, team_id=team.id)
    manager = sign_in("manager")
    groups = {key[1] for key in lines_of(manager.get(f"/circle/figures.csv?{DAYS}"))}
    assert {"'=2+3", "'@SUM(1)"} <= groups
    assert {"=2+3", "@SUM(1)"}.isdisjoint(groups)
    sheets = sheets_of(manager.get(f"/circle/figures.xlsx?{DAYS}").data)
    assert sheets["By team"][1][0] == "=2+3"


def test_the_map_has_every_grid_with_its_figures(week, app, sign_in):
    with app.app_context(), transaction():
        past_ticket(MONDAY.replace(hour=18), QUICK)
    answer = sign_in("manager").get(f"/circle/figures.geojson?{EVENINGS}")
    assert answer.mimetype == "application/geo+json"
    found = json.loads(answer.text)
    by_name = {one["properties"]["name"]: one for one in found["features"]}
    assert by_name["East"]["geometry"]["type"] == "Polygon"
    assert by_name["East"]["properties"]["circle_attainment"] == 0.4
    assert by_name["East"]["properties"]["circle_attainment_n"] == 25
    assert by_name["West"]["properties"]["circle_attainment"] == 1.0
    assert by_name[None]["geometry"] is None
    assert found["properties"]["days"] == "weekdays"


def test_an_empty_city_has_files_without_data(sign_in):
    manager = sign_in("manager")
    found = lines_of(manager.get(f"/circle/figures.csv?{DAYS}"))
    assert found["period", "asked", "circle_attainment"]["value"] == ""
    assert sheets_of(manager.get(f"/circle/figures.xlsx?{DAYS}").data)["Tickets"][1:] == []
    assert json.loads(manager.get(f"/circle/figures.geojson?{DAYS}").text)["features"] == []


def test_the_rows_of_a_group_are_those_of_its_tickets(week, sign_in):
    query = f"{EVENINGS}&by=grid&key=East&stage=dispatch"
    answer = sign_in("manager").get(f"/circle/rows.csv?{query}")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [(row["grid"], row["circle"]) for row in rows] == [("East", "late")] * 15


def test_the_tickets_of_a_group_are_a_workbook_too(week, sign_in):
    manager = sign_in("manager")
    query = f"{EVENINGS}&by=grid&key=East&stage=dispatch"
    rows = manager.get(f"/circle/rows.csv?{query}").text.removeprefix("\ufeff")
    sheets = sheets_of(manager.get(f"/circle/rows.xlsx?{query}").data)
    assert list(sheets) == ["View", "Tickets", "Definitions"]
    wanted = [row["number"] for row in csv.DictReader(io.StringIO(rows))]
    assert [row[0] for row in sheets["Tickets"][1:]] == wanted
    assert len(wanted) == 15
    view = {row[0]: row[1] for row in sheets["View"]}
    assert (view["key"], view["stage"], view["Tickets"]) == ("East", "dispatch", 15)
    assert "/circle/tickets?" in view["Address of the view"]
    assert "/circle/rows.xlsx?" in manager.get(f"/circle/tickets?{query}").text


def test_files_need_the_permission_to_export(week, sign_in):
    leader = sign_in("team_leader", team_id=1)
    for form in ("csv", "xlsx", "geojson"):
        assert leader.get(f"/circle/figures.{form}?{DAYS}").status_code == 403
    assert "figures.xlsx" not in leader.get(f"/circle?{DAYS}").text
    assert sign_in("manager").get("/circle/figures.pdf").status_code == 404


def test_page_and_files_say_how_near_the_minutes_are_that_are_added_up(
    week, app, sign_in, clock, monkeypatch
):
    monkeypatch.setattr(fact_actions, "FEWEST_TO_SUM", 1)
    monkeypatch.setattr(fact_sums, "FEWEST_SUMMED", 1)
    at = MONDAY.replace(month=6)
    clock.move_to(at)
    manager, wide = sign_in("manager"), "from=2026-01-01&to=2026-04-30"
    exact = lines_of(manager.get(f"/circle/figures.csv?{wide}"))
    assert 'id="within"' not in manager.get(f"/circle?{wide}").text
    with app.app_context():
        facts.run(at)
        numbers = {one // BLOCK_US for one in db.session.scalars(select(TicketFact.received_us))}
        db.session.rollback()
        for number in numbers:
            with transaction():
                pack_span(number, app.config["SETTINGS"].zone, at)
    assert "within 1.0 % of the exact ones, or half a second" in manager.get(f"/circle?{wide}").text
    found = lines_of(manager.get(f"/circle/figures.csv?{wide}"))
    assert found.pop(("overview", "", "minutes_within"))["value"] == "0.01"
    assert found.keys() == exact.keys()
    counts = [key for key in exact if not re.search("minutes|p50|p80|p90|p95|max", key[2])]
    assert [found[key] for key in counts] == [exact[key] for key in counts]
    answer = manager.get(f"/circle/figures.geojson?{wide}")
    assert json.loads(answer.text)["properties"]["minutes_within"] == 0.01
