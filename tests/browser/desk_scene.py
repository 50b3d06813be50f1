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
