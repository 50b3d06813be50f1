"""What does a desk show in the tests, and how is it opened?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from playwright.sync_api import Page


def open_desk(page: Page, query: str = "") -> None:
    page.goto(f"/desk{query}")
    expect(page.locator(".queue-row").first).to_be_visible()
    expect(page.locator("html[data-map=ready]")).to_be_attached()


def row(page: Page, words: str):
    return page.locator(".queue-row", has_text=words)


def open_call(page: Page) -> None:
    """Open the form for a call alone on its page, once its script is there."""
    page.goto("/desk/call")
    expect(page.locator("html[data-ready]")).to_be_attached()


def take_call(page: Page) -> None:
    """Open the form for a call by its key, and wait until it is more than a plain form."""
    page.keyboard.press("n")
    expect(page.locator("[data-save-key]")).to_be_visible()
    expect(page.locator("#call-phone")).to_be_focused()


def type_caller(page: Page) -> None:
    """Say by keyboard who calls, from where, and that a main has burst."""
    expect(page.locator("#call-phone")).to_be_focused()
    page.keyboard.type("13800005678")
    expect(page.locator(".household")).to_contain_text("Furong Road 8")
    page.locator("#call-address").focus()
    page.keyboard.type("Furong")
    expect(page.get_by_role("option", name="Furong Road 8")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".grid-found")).to_contain_text("West Team")
    page.get_by_role("radio", name="Burst main").focus()
    page.keyboard.press("Space")


def pin_call(page: Page) -> None:
    """Say by coordinates where it is: some metres from the first ticket."""
    page.locator("summary", has_text="Pin on the map").click()
    page.fill("#call-lat", "28.1501")
    page.fill("#call-lon", "112.9501")
