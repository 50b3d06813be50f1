"""Is a call that breaks off kept for a call back, and gone on with where it stood?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from dispatch.models.base import db
from dispatch.models.calls import UnfinishedCall
from tests.browser.desk_scene import open_call, open_desk, take_call

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Served

LONG = "水管 🚰 <script>window.hurt = 1</script> " + "水一直在流，" * 500


def test_a_caller_who_hangs_up_is_kept_and_gone_on_with_by_keys(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("call_taker")
    open_call(page)
    page.keyboard.type("13911110001")
    page.get_by_role("radio", name="Leak", exact=True).focus()
    page.keyboard.press("Space")
    page.keyboard.press("3")
    page.locator("#call-description").focus()
    page.keyboard.insert_text(LONG[:3_000])
    page.keyboard.press("Alt+u")
    expect(page.locator("[data-unfinished]")).to_contain_text("The call is kept.")
    expect(page.locator("#call-phone")).to_have_value("")

    other = page_as("dispatcher")
    open_desk(other)
    other.keyboard.press("n")
    expect(other.locator(".unfinished summary")).to_contain_text("1 unfinished call")
    other.locator(".unfinished summary").click()
    expect(other.locator(".unfinished li")).to_contain_text("139****0001")
    other.locator("#call-phone").focus()
    other.keyboard.press("Alt+r")
    expect(other.locator("#call-phone")).to_have_value("13911110001")
    expect(other.locator("#call-description")).to_have_value(LONG[:3_000].strip())
    expect(other.get_by_role("radio", name="It gushes")).to_be_checked()
    other.locator("#call-address").focus()
    other.keyboard.type("Nanhu Road 1")
    other.keyboard.press("Control+Enter")
    expect(other.locator(".toast").first).to_contain_text("W000004")
    page.reload()
    expect(page.locator("html[data-ready]")).to_be_attached()
    expect(page.locator(".unfinished")).to_have_count(0)
    assert other.evaluate("window.hurt") is None
    with city.open():
        assert db.session.get_one(UnfinishedCall, 1).ticket_id == 4


def test_a_discarded_call_comes_back_and_an_empty_one_is_refused(
    city: Served, page_as: Callable[..., Page], faults
):
    faults.allow("422")
    page = page_as("call_taker")
    open_call(page)
    page.keyboard.press("Alt+u")
    expect(page.locator("[data-problem]")).to_contain_text("Nothing was typed of this call yet.")
    page.keyboard.type("13911110001")
    page.keyboard.press("Alt+u")
    page.locator(".unfinished summary").click()
    page.get_by_role("button", name="Discard").click()
    expect(page.locator("[data-unfinished]")).to_contain_text("was discarded")
    expect(page.locator(".unfinished")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".unfinished")).to_contain_text(re.compile("139\\*+0001"))


def test_the_call_after_one_that_was_gone_on_with_is_a_call_of_its_own(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("call_taker")
    open_desk(page)
    take_call(page)
    page.keyboard.type("13911110001")
    page.keyboard.press("Alt+u")
    expect(page.locator("[data-unfinished]")).to_contain_text("The call is kept.")
    page.keyboard.press("Alt+r")
    expect(page.locator("#call-phone")).to_have_value("13911110001")
    for number, address in ((4, "Nanhu Road 1"), (5, "Beihu Road 90")):
        page.locator("#call-address").fill(address)
        page.get_by_role("radio", name="No water", exact=True).focus()
        page.keyboard.press("Space")
        card = page.get_by_role("button", name="Send to the caller when saved")
        expect(card).to_have_attribute("aria-pressed", "false")
        page.keyboard.press("Alt+m")
        expect(card).to_have_attribute("aria-pressed", "true")
        page.keyboard.press("Control+Enter")
        expect(page.locator(".toast").last).to_contain_text(f"W{number:06}")
        expect(page.locator(".call-drawer[open]")).to_have_count(0)
        take_call(page)
