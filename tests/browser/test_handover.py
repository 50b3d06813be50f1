"""Does the desk remind the next dispatcher of a handover until it is signed?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.desk_scene import open_desk

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Served


def test_one_writes_and_the_next_reads_signs_and_is_reminded_no_more(
    city: Served, page_as: Callable[..., Page]
):
    leaving = page_as("dispatcher", account={"name": "Ann"})
    open_desk(leaving)
    leaving.get_by_role("link", name="Handover").click()
    leaving.locator("#note-text").fill("Valve 7 is stuck")
    leaving.locator("#note-ticket").fill("W000001")
    leaving.get_by_role("button", name="Note it").click()
    expect(leaving.locator(".timeline")).to_contain_text("Valve 7 is stuck")
    leaving.locator("#handover-text").fill("Mind the valve")
    leaving.get_by_role("button", name="Hand the desk over").click()
    expect(leaving.get_by_text("The next dispatcher signs it.")).to_be_visible()
    coming = page_as("dispatcher", account={"name": "Bo"})
    open_desk(coming)
    reminder = coming.locator(".desk-banners .banner", has_text="Ann handed the desk over")
    expect(reminder).to_be_visible()
    reminder.get_by_role("link", name="Read it").click()
    expect(coming.get_by_role("link", name="W000003")).to_be_visible()
    coming.get_by_role("button", name="I have read it and take the desk over").click()
    expect(coming.locator("#signature")).to_contain_text("Read and signed by Bo")
    expect(coming.get_by_role("button", name="Print")).to_be_visible()
    open_desk(coming)
    expect(coming.locator(".desk-banners", has_text="handed the desk over")).to_have_count(0)
