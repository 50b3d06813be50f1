"""Can a dispatcher narrow the list by keys, keep that as a view, and see what changed meanwhile?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from dispatch.actions.pinning import pin_ticket
from dispatch.queries.tickets import ticket_for_change
from tests.browser.desk_scene import open_desk, row
from tests.factories import DESK, make_ticket

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Served


def test_the_list_is_narrowed_by_keys_and_the_address_keeps_it(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("dispatcher")
    open_desk(page)
    page.keyboard.press("f")
    expect(page.locator(".filter-levels button").first).to_be_focused()
    page.get_by_label("Grid", exact=True).focus()
    page.keyboard.type("East")
    expect(page.locator(".queue-row")).to_have_count(1)
    expect(page).to_have_url(re.compile("grid=East"))
    page.keyboard.press("Escape")
    expect(page.locator("#filter-menu > summary")).to_be_focused()
    expect(page.locator(".token")).to_contain_text("Grid: East")
    page.reload()
    expect(page.locator(".queue-row")).to_have_count(1)
    page.locator(".token").click()
    expect(page.locator(".queue-row")).to_have_count(3)


def test_an_address_holds_every_filter(city: Served, page_as: Callable[..., Page]):
    with city.open() as now:
        make_ticket(now, category="no_water", place=None, address="X", reporter_phone="13800005678")
    page = page_as("dispatcher")
    open_desk(page, "?phone=1&place=0&team=-&state=received&category=no_water&level=2,9")
    expect(page.locator(".token")).to_have_count(6)
    expect(page.locator(".token").first).to_contain_text("Level: 2")
    page.locator(".token").first.click()
    expect(page.locator(".queue-row")).to_have_count(1)
    expect(row(page, "W000004")).to_be_visible()


def test_a_view_is_kept_counted_used_deleted_and_brought_back(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("dispatcher")
    open_desk(page, "?grid=East")
    page.keyboard.press("v")
    page.get_by_label("Keep what is set now as a view").fill("My East")
    page.keyboard.press("Enter")
    summary = page.locator("#views-menu > summary")
    expect(summary).to_contain_text("My East")
    page.get_by_role("button", name="All tickets").click()
    expect(page.locator(".queue-row")).to_have_count(3)
    mine = page.get_by_role("button", name=re.compile("^My East"))
    expect(mine.locator(".number")).to_have_text("1")
    mine.click()
    expect(page.locator(".queue-row")).to_have_count(1)
    expect(page).to_have_url(re.compile("grid=East"))
    page.get_by_role("button", name="Delete the view “My East”").click()
    expect(mine).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    page.keyboard.press("v")
    expect(mine).to_be_visible()


def test_a_shared_view_is_used_by_who_may_not_share(city: Served, page_as: Callable[..., Page]):
    first = page_as("dispatcher", account={"name": "Ann"})
    open_desk(first, "?show=place")
    first.keyboard.press("v")
    first.get_by_label("Share it").check()
    first.get_by_label("Keep what is set now as a view").fill("Where is it?")
    first.keyboard.press("Enter")
    expect(first.locator("#views-menu > summary")).to_contain_text("Where is it?")
    page = page_as("call_taker")
    open_desk(page, "?level=1,2,3,4")
    page.keyboard.press("v")
    expect(page.get_by_label("Share it")).to_have_count(0)
    page.get_by_role("button", name=re.compile("Where is it.*Ann")).click()
    expect(page.locator(".queue-row")).to_have_count(1)
    expect(page.get_by_role("button", name="Not placed 1")).to_have_attribute(
        "aria-pressed", "true"
    )


def test_a_ticket_that_changed_is_marked_until_it_is_looked_at(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("dispatcher")
    open_desk(page)
    expect(page.locator(".unread")).to_have_count(0)
    with city.open() as now:
        ticket = ticket_for_change("W000002", DESK.scope)
        pin_ticket(ticket, pinned=True, reason="x", actor=DESK, now=now)
    with city.open() as now:
        make_ticket(now, category="leak", address="Cai E Road 5")
    expect(page.locator(".unread")).to_have_count(2)
    row(page, "Renmin Road").click()
    expect(row(page, "Renmin Road").locator(".unread")).to_have_count(0)
    expect(row(page, "Cai E Road").locator(".unread")).to_have_count(1)
    page.goto("/desk?unread=1")
    expect(page.locator(".queue-row")).to_have_count(1)
    expect(row(page, "Cai E Road")).to_be_visible()
