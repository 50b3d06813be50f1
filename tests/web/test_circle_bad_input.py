"""Does each view of the circle say what it knows, whatever it is given?"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.places import Grid
from tests.circle_history import DAYS, MONDAY, QUICK, past_ticket
from tests.factories import WEST, make_grid, make_team

PAGES = (
    "/circle", "/circle?wall=1", "/circle/tickets", "/circle/map", "/circle/map?shape=hex1000",
    "/circle/map?wall=1", "/circle/returns", "/circle/problems", "/circle/responsibility",
    "/circle/ranking",
)  # fmt: skip
FILES = (
    "/circle/figures.csv", "/circle/figures.xlsx", "/circle/figures.geojson", "/circle/rows.csv",
    "/circle/map.geojson", "/circle/map.json", "/circle/map.json?over=days",
    "/circle/returns/figures.csv", "/circle/problems/table.csv", "/circle/ranking.csv",
)  # fmt: skip
BACKWARDS = (5, 9, 4, 2)


def address(path: str, days: str = DAYS) -> str:
    return f"{path}{'&' if '?' in path else '?'}{days}"


def shown(browser, path, days=DAYS) -> str:
    """Return what a view says; every view and every file of it must answer."""
    for each in (*PAGES, *FILES):
        answer = browser.get(address(each, days))
        assert answer.status_code == 200, each
        if answer.mimetype.startswith(("text/", "application/json")):
            assert not re.search(r"\bnan\b|\binf\b|None<", answer.text), each
    return re.sub(r"\s+", " ", browser.get(address(path, days)).text)


def add(app, *tickets: tuple[datetime, tuple[int, ...], dict[str, object]]) -> None:
    """Add a grid and tickets, each with its minutes, in that grid unless it says otherwise."""
    with app.app_context(), transaction():
        team = make_team()
        grid = make_grid("West", WEST, team=team, now=MONDAY)
        place = {"grid_id": grid.id, "team_id": team.id}
        for at, minutes, columns in tickets:
            past_ticket(at, minutes, **(place | columns))


def test_an_empty_city_and_one_ticket_are_shown_in_every_view(app, sign_in):
    manager = sign_in("manager")
    assert "Figures appear with the first call" in shown(manager, "/circle")
    add(app, (MONDAY + timedelta(hours=9), QUICK, {}))
    assert "n = 1 is below 20: too few to judge" in shown(manager, "/circle")
    assert "Not ranked: fewer than 20 due promises" in shown(manager, "/circle/ranking")


@pytest.mark.parametrize("path", [*PAGES, *FILES])
def test_a_range_that_ends_before_it_starts_is_refused_with_a_sentence(sign_in, path):
    answer = sign_in("manager").get(address(path, "from=2026-03-08&to=2026-03-02"))
    assert answer.status_code == 422
    assert "before" in answer.text


def test_the_day_on_which_the_clocks_change_is_one_day_of_23_hours(app, sign_in):
    zone = ZoneInfo("Europe/Berlin")
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], time_zone=str(zone))
    before, after = (datetime(2026, 3, 29, hour, 30, tzinfo=zone) for hour in (1, 3))
    assert after.timestamp() - before.timestamp() == 3_600
    place = {"lat": 28.15, "lon": 112.95}
    add(app, (before, QUICK, place), (after, QUICK, place))
    days = "from=2026-03-28&to=2026-03-30"
    assert "3 days" in shown(sign_in("manager"), "/circle", days)
    manager = sign_in("manager")
    hours = manager.get(address("/circle/map.json", days)).json["parts"]
    assert [hour for hour, row in enumerate(hours) if row[0]] == [1, 3]
    by_day = manager.get(address("/circle/map.json?over=days", days)).json["parts"]
    assert [row[0] for row in by_day] == [0, 2, 0]


def test_a_grid_that_was_split_keeps_its_past_and_its_halves_their_own(app, sign_in):
    add(app, (MONDAY + timedelta(hours=9), QUICK, {}))
    with app.app_context(), transaction():
        old = db.session.scalars(select(Grid)).one()
        old.valid_to = MONDAY + timedelta(days=3)
        team = make_team("Other Team")
        west, south, east, north = WEST
        for name, box in (
            ("West A", (west, south, (west + east) / 2, north)),
            ("West B", ((west + east) / 2, south, east, north)),
        ):
            half = make_grid(name, box, team=team, now=MONDAY)
            at = MONDAY + timedelta(days=4, hours=9)
            past_ticket(at, QUICK, grid_id=half.id, team_id=team.id)
    page = shown(sign_in("manager"), "/circle/map")
    rows = dict(re.findall(r'<tr data-cell="([\w ]+)">(.*?)</tr>', page))
    assert set(rows) == {"West", "West A", "West B"}
    assert "no longer in force" in rows["West"]
    assert "no longer in force" not in rows["West A"]
    assert all(">1</a>" in row for row in rows.values())


def test_a_ticket_without_a_place_is_counted_and_named(app, sign_in):
    add(app, (MONDAY + timedelta(hours=9), QUICK, {"grid_id": None, "team_id": None}))
    page = shown(sign_in("manager"), "/circle/map")
    assert "Tickets in no grid, not on the map: 1" in page
    manager = sign_in("manager")
    assert "n = 1" in shown(manager, "/circle")
    assert "W000001" in manager.get(address("/circle/map/tickets?cell=none")).text


def test_a_clock_that_ran_backwards_gives_no_negative_minutes(app, sign_in):
    add(app, (MONDAY + timedelta(hours=9), BACKWARDS, {}))
    manager = sign_in("manager")
    page = shown(manager, "/circle")
    assert not re.search(r"[−-]\d+\.\d (min|%)|>[−-]\d+\.\d<", page)
    minutes = page.split('id="minutes"')[1].split("</section>")[0]
    assert "Acknowledge" in minutes
    assert "Travel" not in minutes.split("<tbody>")[1]
