"""Does the map of the circle follow the keyboard, and its table the map?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.circle_history import a_week_of_tickets, last_week, past_ticket

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Served


CLASS_COLOURS = """
async () => {
  const { cellColour } = await import("/static/dashboards/map_cells.js");
  return [0, 1, 2, 3, 4].map((tone) => cellColour(tone));
}
"""


def test_a_wall_shows_the_newest_cells_each_minute(served: Served, page_as: Callable[..., Page]):
    with served.open() as now:
        a_week_of_tickets(last_week(now))
    page = page_as("manager")
    page.clock.install()
    page.goto("/circle/map?wall=1&last=20")
    expect(page.locator("html[data-map=ready]")).to_be_attached()
    expect(page.locator("#map-whole-n")).to_have_text("127")
    for name in (".top-bar", ".map-choices", "#map-time"):
        expect(page.locator(name)).to_be_hidden()
    with served.open() as now:
        past_ticket(now - timedelta(hours=2), (1, 2, 3, 10))
    with page.expect_response("**/circle/map.json?**"):
        page.clock.fast_forward(61_000)
    expect(page.locator("#map-whole-n")).to_have_text("128")


@pytest.mark.parametrize("width", [390, 1440])
def test_the_way_off_the_wall_covers_nothing(
    served: Served, page_as: Callable[..., Page], width: int
):
    with served.open() as now:
        a_week_of_tickets(last_week(now))
    page = page_as("manager", viewport={"width": width, "height": 900})
    page.goto("/circle/map?wall=1&last=20")
    expect(page.locator("html[data-map=ready]")).to_be_attached()
    button = page.locator(".leave-wall a").bounding_box()
    for name in ("h1", "#map-whole", "#map", "#map-legend", "#map-table", ".status-bar"):
        box = page.locator(name).bounding_box()
        if name == "h1":
            box["width"] = page.locator("h1").evaluate(
                "(head) => { const text = document.createRange(); text.selectNodeContents(head);"
                " return text.getBoundingClientRect().width; }"
            )
        beside = box["x"] + box["width"] <= button["x"]
        assert beside or box["y"] >= button["y"] + button["height"], name


def test_the_classes_differ_where_motion_is_reduced_and_on_paper(
    served: Served, page_as: Callable[..., Page]
):
    with served.open() as now:
        a_week_of_tickets(last_week(now))
    page = page_as("manager", reduced_motion="reduce", color_scheme="dark")
    page.goto("/circle/map?last=20")
    expect(page.locator("html[data-map=ready]")).to_be_attached()
    by_night = page.evaluate(CLASS_COLOURS)
    assert len(set(by_night)) == 5
    page.emulate_media(media="print")
    on_paper = page.evaluate(CLASS_COLOURS)
    assert len(set(on_paper)) == 5
    assert set(on_paper) != set(by_night)
    expect(page.locator("#map-table thead th button").first).to_be_visible()


def test_the_slider_narrows_hexagons_and_their_table_by_keyboard(
    served: Served, page_as: Callable[..., Page]
):
    with served.open() as now:
        monday = last_week(now)
        a_week_of_tickets(monday)
        place = {"lat": 28.15, "lon": 112.95, "place_standing": "inside"}
        for hour, minutes in ((0, 10), (9, 40)):
            past_ticket(monday + timedelta(hours=hour), (1, 2, 3, minutes), **place)
    days = monday.date().isoformat(), (monday + timedelta(days=6)).date().isoformat()
    page = page_as("manager")
    page.goto("/circle/map?from={}&to={}".format(*days))
    expect(page.locator("html[data-map=ready]")).to_be_attached()
    expect(page.locator("#map-table tbody tr")).to_have_count(2)
    page.get_by_role("link", name="Hexagons of 500 m").click()
    expect(page.locator("html[data-map=ready]")).to_be_attached()
    cell = page.locator("#map-table tbody tr")
    expect(cell).to_have_count(1)
    expect(cell.locator("[data-value=demand]")).to_have_text("2")
    page.get_by_role("slider", name="Time").press("ArrowRight")
    expect(page.locator("#map-moment")).to_have_text("00:00 – 01:00")
    expect(page.locator("#map-legend b")).to_have_text("30 min kept · 00:00 – 01:00")
    expect(cell.locator("[data-value=demand]")).to_have_text("1")
    expect(cell.locator("[data-value=attainment]")).to_have_text("100.0 %")
    page.get_by_role("slider", name="Time").press("ArrowRight")
    expect(cell).to_be_hidden()
    page.get_by_role("slider", name="Time").press("Home")
    with page.expect_download() as found:
        page.get_by_role("button", name="Picture (PNG)").click()
    assert found.value.suggested_filename.startswith("map_attainment")
    page.locator("#map").click()
    page.locator("#map-cell").get_by_role("link", name="The tickets of this cell").click()
    expect(page.locator("tbody tr")).to_have_count(2)
