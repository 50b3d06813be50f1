"""Which cards can the form of a call show, and what brings each of them there?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from playwright.sync_api import Page


def show_caller(page: Page) -> None:
    """Type the number of somebody who called before, beside the calls that broke off."""
    page.fill("#call-phone", "13800005678")
    expect(page.locator(".caller-known li").first).to_be_visible()
    expect(page.locator(".household").first).to_be_visible()
    page.locator(".unfinished summary").click()
    expect(page.locator(".unfinished li").first).to_be_visible()


def show_danger(page: Page) -> None:
    """Answer that water runs over electricity: questions, danger and the card of self-help."""
    page.locator("input[name=category][value=riser]").focus()
    page.keyboard.press("Space")
    page.keyboard.press("y")
    expect(page.locator(".danger-card")).to_be_visible()
    expect(page.locator(".help-card")).to_be_visible()
    page.keyboard.press("Alt+m")
    expect(page.locator(".help-card [aria-pressed=true]")).to_be_visible()


def show_suggestions(page: Page) -> None:
    """Set the pin beside an open ticket, and type an address that the book knows."""
    page.locator(".call-coordinates > summary").click()
    page.fill("#call-lat", "28.1501")
    page.fill("#call-lon", "112.9501")
    page.locator("input[name=category][value=burst]").focus()
    page.keyboard.press("Space")
    expect(page.locator(".likely > li").first).to_be_visible()
    page.locator("#call-address").focus()
    page.keyboard.type("furonglu 12")
    expect(page.locator("#call-place-0")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#call-place-0")).to_have_attribute("aria-selected", "true")
