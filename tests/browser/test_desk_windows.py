"""Do the windows of one browser choose alike and share one poller?"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.browser.desk_scene import open_desk, row
from tests.factories import make_ticket
from tests.trips import send, work

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Faults, Served


def test_a_ticket_chosen_in_one_window_is_chosen_in_the_others(
    city: Served, page_as: Callable[..., Page]
):
    first = page_as("dispatcher")
    open_desk(first)
    only_map = first.context.new_page()
    only_map.goto("/desk?only=map")
    expect(only_map.locator("html[data-map=ready]")).to_be_attached()
    expect(only_map.locator(".desk-queue")).to_have_count(0)
    only_list = first.context.new_page()
    only_list.goto("/desk?only=list")
    expect(only_list.locator(".queue-row")).to_have_count(3)
    expect(only_list.locator(".desk-map")).to_have_count(0)
    row(only_list, "Renmin Road").click()
    expect(row(first, "Renmin Road")).to_have_attribute("aria-selected", "true")
    expect(first.locator(".ticket-title")).to_have_text(re.compile("Low pressure"))
    expect(only_map).to_have_url(re.compile("ticket=W000002"))
    row(first, "Wuyi Road").click()
    expect(row(only_list, "Wuyi Road")).to_have_attribute("aria-selected", "true")


def test_a_window_that_cannot_ask_hears_what_another_is_told(
    city: Served, page_as: Callable[..., Page], faults: Faults
):
    # What the closed window was just asking is torn off.
    faults.allow("net::ERR_")
    first = page_as("dispatcher")
    open_desk(first)
    second = first.context.new_page()
    open_desk(second)
    # Its first list is there; from now on it depends on the other window alone.
    second.route("**/api/live*", lambda route: route.abort())
    with city.open() as now:
        make_ticket(now, category="leak", address="Shared Road 1")
    expect(row(first, "Shared Road")).to_be_visible()
    expect(row(second, "Shared Road")).to_be_visible()
    first.close()
    expect(second.locator(".desk-banners")).to_contain_text("Reconnecting")
    second.unroute("**/api/live*")
    with city.open() as now:
        make_ticket(now, category="leak", address="Later Road 2")
    expect(row(second, "Later Road")).to_be_visible()


def test_the_wall_shows_counters_and_what_is_overdue_without_addresses(
    city: Served, page_as: Callable[..., Page]
):
    with city.open() as now:
        make_ticket(now - timedelta(days=3), category="leak", address="Furong Road 8")
        begin = now - timedelta(minutes=50)
        make_ticket(begin, category="burst", address="Mended Road 1")
    with city.app.app_context():
        send(1, 1, now)
        send(5, 2, begin)
        work(5, 2, begin)
    page = page_as("dispatcher")
    page.goto("/desk?wall=1")
    page.get_by_role("button", name="Pause").click()
    expect(page.locator(".wall-head h2")).to_have_text("Counters")
    figure = page.locator(".wall-figure", has_text="Open")
    expect(figure.locator(".number")).to_have_text("4")
    expect(figure).to_contain_text("and 1 to follow up")
    urgent = page.locator(".wall-figure", has_text="Level 1")
    expect(urgent.locator(".number")).to_have_text("0")
    expect(page.locator(".top-bar")).to_be_hidden()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("region", name="Map")).to_be_visible()
    page.get_by_role("button", name="Next").click()
    board = page.get_by_role("region", name="Board")
    expect(board.locator(".bar .bar-words").first).to_be_visible()
    expect(board).not_to_contain_text("Road")
    expect(board.get_by_role("toolbar")).to_have_count(0)
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".wall-rows li")).to_have_count(1)
    expect(page.locator(".wall-rows")).to_contain_text("West")
    expect(page.locator("#desk")).not_to_contain_text("Road")
