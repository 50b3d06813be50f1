"""Do two dispatchers on one ticket know of each other?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.desk_scene import open_desk, row

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page


@pytest.mark.usefixtures("city")
def test_who_else_looks_is_named_on_the_ticket_and_marked_in_the_list(page_as: Callable[..., Page]):
    li = page_as("dispatcher", account={"name": "Li Na"})
    open_desk(li, "?ticket=W000001")
    expect(li.locator(".viewers")).to_be_empty()
    chen = page_as("call_taker", account={"name": "Chen"}, locale="zh-CN")
    open_desk(chen, "?ticket=W000001")
    expect(li.locator(".viewers")).to_have_text("Being viewed by Chen")
    expect(chen.locator(".viewers")).to_have_text("Li Na正在查看")
    mark = "svg[aria-label='Being viewed by Chen']"
    expect(row(li, "Wuyi Road").locator(mark)).to_be_visible()
    row(chen, "Renmin Road").click()
    expect(row(li, "Renmin Road").locator(mark)).to_be_visible()
    expect(chen.locator(".viewers")).to_be_empty()
