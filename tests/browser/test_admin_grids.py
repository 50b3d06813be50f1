"""Is a grid drawn, bent and cut with the mouse, and what was drawn written into the form?"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import come_to_rest

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Served

HERE = "/admin/grids/draw"


def open_map(page: Page, query: str = "") -> tuple[float, float, float, float]:
    page.goto(HERE + query)
    expect(page.locator("#grid-map[data-ready=true]")).to_be_attached()
    page.locator("#grid-map").scroll_into_view_if_needed()
    come_to_rest(page)
    box = page.locator("#grid-map").bounding_box()
    assert box is not None
    return box["x"], box["y"], box["width"], box["height"]


def drawn(page: Page) -> dict[str, object]:
    found: dict[str, object] = json.loads(page.locator("[name=outline]").input_value())
    return found


def test_a_line_cuts_a_grid_in_two(city: Served, page_as: Callable[..., Page]):
    page = page_as("administrator")
    left, top, width, height = open_map(page, "?kind=split&grid=1")
    middle = left + width * 0.4
    page.mouse.click(middle, top + 12)
    page.mouse.dblclick(middle + 15, top + height - 12)
    expect(page.locator("[name=outline]")).not_to_have_value("")
    assert drawn(page)["type"] == "LineString"
    page.locator("[name=name]").fill("West B")
    page.get_by_role("button", name="Show what it does").click()
    expect(page.locator("#grid-effect")).to_contain_text("“West B” is new.")
    expect(page.locator("#grid-effect")).to_contain_text("It brings no overlap and no gap.")
    page.get_by_role("button", name="Put in force").click()
    expect(page.locator("body")).to_contain_text("In force: West, West B.")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("body")).to_contain_text("Ended: West B.")


def test_a_new_outline_catches_on_its_neighbour(city: Served, page_as: Callable[..., Page]):
    page = page_as("administrator")
    left, top, width, height = open_map(page)
    corner = (left + width / 2, top + height / 2)
    page.mouse.click(*corner)
    page.mouse.click(corner[0] + 60, corner[1])
    page.mouse.dblclick(corner[0] + 60, corner[1] + 60)
    expect(page.locator("[name=outline]")).not_to_have_value("")
    assert drawn(page)["type"] == "Polygon"
    (ring,) = drawn(page)["coordinates"]
    # The two grids share the edge at 113 degrees, which lies in the middle of the map.
    assert ring[0][0] == pytest.approx(113.0, abs=1e-6)


def test_what_is_written_is_drawn_and_dragged(city: Served, page_as: Callable[..., Page]):
    page = page_as("administrator")
    left, top, width, height = open_map(page, "?kind=edit&grid=1")
    before = page.locator("[name=outline]").input_value()
    page.mouse.move(left + width / 2, top + height / 2)
    # The grid fills the height but for 40 pixels on each side, and the map stretches upwards.
    tall = height - 80
    x = left + width / 2 - tall * math.cos(math.radians(28.15)) / 2
    y = top + 40
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y + 40, steps=4)
    page.mouse.up()
    expect(page.locator("[name=outline]")).not_to_have_value(before)
    page.get_by_role("button", name="Draw anew").click()
    expect(page.locator("[name=outline]")).to_have_value("")


def test_two_clicks_choose_the_grids_to_merge(city: Served, page_as: Callable[..., Page]):
    page = page_as("administrator", locale="zh-CN")
    left, top, width, height = open_map(page, "?kind=merge")
    page.mouse.click(left + width * 0.3, top + height / 2)
    page.mouse.click(left + width * 0.7, top + height / 2)
    expect(page.locator("#drawn")).to_be_visible()
    page.get_by_role("button", name="查看影响").click()
    expect(page.locator("#grid-effect")).to_contain_text("停用")
