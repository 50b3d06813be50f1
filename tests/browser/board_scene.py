"""How is the board opened in the tests, and how is a ticket lifted over it?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


def open_board(page: Page, query: str = "") -> None:
    page.goto(f"/desk/board{query}")
    expect(page.locator("html[data-board=ready]")).to_be_attached()


def crew(page: Page, name: str) -> Locator:
    return page.locator(".board-row", has=page.locator("b", has_text=re.compile(f"^{name}$")))


def foot(page: Page) -> Locator:
    return page.locator(".board-fit")


def lift(page: Page, what: Locator, onto: Locator) -> None:
    """Press on something, take it over a crew and wait until the crews are weighed."""
    start = what.bounding_box()
    assert start is not None
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + 12)
    page.mouse.down()
    page.mouse.move(start["x"] + start["width"] / 2 + 20, start["y"] + 20, steps=3)
    expect(page.locator(".row-fit").first).to_be_visible()
    goal = onto.locator(".board-lane").bounding_box()
    assert goal is not None
    page.mouse.move(goal["x"] + 300, goal["y"] + 20, steps=4)
    expect(onto).to_have_attribute("aria-selected", "true")
