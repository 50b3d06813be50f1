"""Does Ctrl+K find and do everything by keys, and can single letters be switched off?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from dispatch.models.base import db
from dispatch.models.places import Household
from dispatch.models.tickets import Report
from tests.browser.desk_scene import open_desk, row

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Served


def ask(page: Page, words: str) -> None:
    field = page.get_by_role("combobox", name="Search everything")
    expect(field).to_have_count(0)
    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    page.keyboard.type(words)


def test_tickets_steps_crews_grids_and_pages_are_reached_by_keys(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("dispatcher")
    open_desk(page)
    ask(page, "renmin")
    chosen = page.locator(".palette-list [aria-selected=true]")
    expect(chosen).to_contain_text("W000002")
    page.keyboard.press("Enter")
    expect(page.locator(".ticket-title")).to_have_text(re.compile("Low pressure"))
    ask(page, "hold")
    expect(chosen).to_have_text(re.compile("Hold"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Why does it wait?")
    page.keyboard.press("Escape")
    ask(page, "east")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Escape")
    ask(page, "east")
    page.get_by_role("option", name=re.compile("^East.*alone")).click()
    expect(page).to_have_url(re.compile("grid=East"))
    ask(page, "folow")
    expect(chosen).to_contain_text("Follow-up calls")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/desk/follow-ups"))


def test_what_the_list_does_not_hold_is_looked_for_everywhere(
    city: Served, page_as: Callable[..., Page]
):
    with city.open():
        first = db.session.get_one(Report, 1)
        first.phone = "617-555-0139"
        db.session.commit()
    page = page_as("dispatcher")
    open_desk(page)
    page.keyboard.press("/")
    page.keyboard.type("617 555 0139")
    page.get_by_role("button", name="Search closed tickets, telephones and names too").click()
    field = page.get_by_role("combobox", name="Search everything")
    expect(field).to_have_value("617 555 0139")
    expect(page.locator(".palette-list [aria-selected=true]")).to_contain_text("W000001")


def test_households_are_found_by_those_who_take_calls(city: Served, page_as: Callable[..., Page]):
    page = page_as("dispatcher")
    open_desk(page)
    ask(page, "furong")
    expect(page.get_by_role("option", name=re.compile("Furong Road 8"))).to_be_visible()
    page.keyboard.press("Escape")
    manager = page_as("manager")
    open_desk(manager)
    ask(manager, "furong")
    expect(manager.locator(".palette-none")).to_be_visible()


def test_a_mistyped_place_the_board_and_the_handover_are_reached(
    city: Served, page_as: Callable[..., Page]
):
    with city.open():
        home = {"account": "H-2", "name": "Li", "phone": "13800005679"}
        db.session.add(Household(**home, address="Jiefang West Road 5", lat=28.16, lon=112.96))
    page = page_as("dispatcher")
    open_desk(page)
    ask(page, "jiefnag west")
    place = page.get_by_role("option", name=re.compile("H-2 .*Jiefang West Road 5 .*West Team"))
    expect(place).to_be_visible()
    place.click()
    expect(page.locator(".desk-parts")).to_have_attribute("data-tab", "map")
    ask(page, "board")
    page.get_by_role("option", name=re.compile("^Board")).click()
    expect(page.locator(".desk-parts")).to_have_attribute("data-tab", "board")
    ask(page, "handover")
    page.get_by_role("option", name=re.compile("^Handover")).first.click()
    expect(page).to_have_url(re.compile("/desk/handover"))


def test_the_first_letters_of_pinyin_find_a_name(city: Served, page_as: Callable[..., Page]):
    page = page_as("dispatcher", locale="zh-CN")
    open_desk(page)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="全局搜索")).to_be_focused()
    page.keyboard.type("sx")
    expect(page.get_by_role("option", name=re.compile("筛选"))).to_be_visible()


def test_single_letters_are_switched_off_and_the_palette_stays(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("dispatcher")
    open_desk(page)
    page.keyboard.press("?")
    page.get_by_label(re.compile("^Single letters")).uncheck()
    page.keyboard.press("Escape")
    page.reload()
    expect(row(page, "Wuyi")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("?")
    ask(page, "keys")
    expect(page.locator(".queue-row[aria-selected=true]")).to_have_count(0)
    page.keyboard.press("Enter")
    page.get_by_label(re.compile("^Single letters")).check()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator(".queue-row[aria-selected=true]")).to_have_count(1)
