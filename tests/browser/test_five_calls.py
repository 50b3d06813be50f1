"""Are five calls taken one after the other by keyboard alone?"""

from __future__ import annotations

import sys
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

import pytest

from dispatch.models.base import db
from dispatch.models.tickets import Ticket
from tests.browser.desk_scene import open_desk

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Served


class Call(NamedTuple):
    """One call: who, where, which kind, the keys that answer, the words, and how it ends."""

    phone: str
    address: str
    category: str
    keys: str
    words: str
    ending: str = "Control+Enter"


CALLS = (
    Call("13911110001", "Nanhu Road 1", "burst", "nnn1y", "water fountain at the crossing"),
    Call("13911110002", "Nanhu Road 20", "no_water", "y21", "the whole stairwell is dry"),
    Call("13911110003", "Nanhu Road 33", "riser", "ynn", "the fuse box is wet"),
    Call("13911110004", "Nanhu Road 41", "plumbing", "n21", "tap drips", "Control+Shift+Enter"),
    Call("13911110005", "Nanhu Road 58", "bill", "yn", "twice as much as last year"),
)


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is there."""
    for _ in range(40):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(selector)


def choose(page: Page, category: str) -> None:
    """Walk down the kinds of fault with the arrow keys."""
    tab_to(page, "input[name=category]")
    page.keyboard.press("Space")
    for _ in range(20):
        if page.locator("input[name=category]:checked").input_value() == category:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(category)


def take(page: Page, call: Call) -> None:
    page.keyboard.press("n")
    expect(page.locator("#call-phone")).to_be_focused()
    page.keyboard.type(call.phone)
    tab_to(page, "#call-address")
    page.keyboard.type(call.address)
    choose(page, call.category)
    for key in call.keys:
        page.keyboard.press(key)
    tab_to(page, "#call-description")
    page.keyboard.type(call.words)
    if page.locator(".danger-card").count():
        page.keyboard.press("Alt+0")
    page.keyboard.press(call.ending)


def test_five_calls_are_taken_by_keyboard_alone(city: Served, page_as: Callable[..., Page]):
    page = page_as("call_taker")
    open_desk(page)
    for number, call in enumerate(CALLS, start=4):
        began = perf_counter()
        take(page, call)
        expect(page.locator(".toast").last).to_contain_text(f"W{number:06}")
        expect(page.locator(".call-drawer[open]")).to_have_count(0)
        sys.stdout.write(f"{call.category}: {perf_counter() - began:.1f} s\n")
    with city.open():
        rows = db.session.query(Ticket).where(Ticket.id > 3).order_by(Ticket.id)
        assert [(row.category, row.level, row.state) for row in rows] == [
            ("burst", 1, "received"),
            ("no_water", 2, "received"),
            ("riser", 1, "received"),
            ("plumbing", 3, "solved_by_phone"),
            ("bill", 4, "received"),
        ]
