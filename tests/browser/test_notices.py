"""Is an interruption drawn and published, does it answer a call by keyboard, and is it told of?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from dispatch.models.base import db
from dispatch.models.notices import NoticeRow
from dispatch.models.tickets import Ticket
from tests.browser.desk_scene import open_call, open_desk, take_call
from tests.notices import announce

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Served


def type_dry_tap(page: Page) -> None:
    """Say by keyboard that a household in the west has no water."""
    expect(page.locator("#call-phone")).to_be_focused()
    page.keyboard.type("13911110009")
    page.locator("#call-address").focus()
    page.keyboard.type("Furong")
    expect(page.get_by_role("option", name="Furong Road 8")).to_be_visible()
    page.keyboard.press("Enter")
    page.get_by_role("radio", name="No water").focus()
    page.keyboard.press("Space")


def test_a_call_from_inside_is_attached_with_one_key_and_taken_off(
    city: Served, page_as: Callable[..., Page]
):
    with city.open() as now:
        announce(now, ticket="W1")
    page = page_as("call_taker")
    open_desk(page)
    take_call(page)
    type_dry_tap(page)
    expect(page.locator(".known-notice")).to_contain_text("Furong Road")
    expect(page.locator(".known-notice")).to_contain_text("expected to end")
    page.keyboard.press("Alt+1")
    told = page.locator(".toast", has_text="known interruption")
    expect(told).to_contain_text("A crew works on it as W000001")
    page.keyboard.press("u")
    expect(page.locator(".toast").last).to_contain_text("W000004")
    with city.open():
        assert db.session.get_one(Ticket, 1).report_count == 1


def test_a_call_without_a_ticket_is_noted_as_answered(city: Served, page_as: Callable[..., Page]):
    with city.open() as now:
        announce(now)
    page = page_as("call_taker")
    open_call(page)
    type_dry_tap(page)
    expect(page.get_by_role("button", name="Answer with it")).to_be_visible()
    page.keyboard.press("Alt+1")
    expect(page.locator(".toast")).to_contain_text("Nobody needs to come.")
    with city.open():
        assert db.session.get_one(Ticket, 4).state == "answered_by_notice"


def test_grids_are_chosen_an_area_is_drawn_and_the_draft_published(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("dispatcher")
    page.goto("/desk/notices/new")
    ground = page.locator("#notice-map")
    expect(page.locator("#notice-map[data-ready=true]")).to_be_attached()
    box = ground.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.click(box["x"] + box["width"] * 0.42, middle)
    expect(page.locator("input[name=grids]:checked")).to_have_count(1)
    page.get_by_role("button", name="Draw the area").click()
    for x, y in ((0.55, -20), (0.6, 30), (0.65, -25)):
        page.mouse.click(box["x"] + box["width"] * x, middle + y)
    page.mouse.dblclick(box["x"] + box["width"] * 0.58, middle - 40)
    expect(page.locator("#notice [name=outline]")).to_have_value(re.compile(r'"type":"Polygon"'))
    page.get_by_label("Area in Chinese").fill("五一路")
    page.get_by_label("Area in English").fill("Wuyi Road")
    page.get_by_label("Text in Chinese").fill("更换阀门")
    page.get_by_label("Text in English").fill("A valve is changed.")
    page.get_by_role("button", name="Keep as a draft").click()
    expect(page.get_by_text("Households in the area")).to_be_visible()
    page.get_by_role("button", name="Publish").click()
    expect(page.locator(".flashes")).to_contain_text("Published")
    with city.open():
        row = db.session.query(NoticeRow).one()
        assert row.outline["type"] == "Polygon"
        assert row.published_at is not None


def test_a_resident_reads_of_it_once_the_place_is_chosen(
    city: Served, page_as: Callable[..., Page]
):
    with city.open() as now:
        announce(now, ticket="W1")
    page = page_as(
        None, permissions=["geolocation"], geolocation={"latitude": 28.15, "longitude": 112.95}
    )
    page.goto("/report")
    page.get_by_role("radio", name="No water").check()
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Use my position").click()
    known = page.locator("[data-notices]")
    expect(known).to_contain_text("Known interruptions near you")
    expect(known).to_contain_text("Furong Road")
