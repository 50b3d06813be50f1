"""Does a dispatcher get the work order by one key, and is it a sheet with a code?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import come_to_rest
from tests.browser.desk_scene import open_desk

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page


@pytest.mark.usefixtures("city")
def test_the_work_order_is_opened_by_its_key_and_printed(page_as: Callable[..., Page]):
    page = page_as("dispatcher")
    open_desk(page, "?ticket=W000001")
    expect(page.locator(".story")).to_be_visible()
    with page.context.expect_page() as opened:
        page.keyboard.press("P")
    sheet = opened.value
    expect(sheet.locator("html[data-ready]")).to_be_attached()
    expect(sheet.get_by_role("heading", level=1)).to_have_text("Work order W000001")
    expect(sheet.locator(".qr path")).to_be_visible()
    come_to_rest(sheet)
    assert sheet.locator(".qr svg").bounding_box()["width"] > 110
    sheet.evaluate("window.print = () => { document.title = 'printed' }")
    sheet.get_by_role("button", name="Print").click()
    expect(sheet).to_have_title("printed")


@pytest.mark.usefixtures("city")
def test_on_paper_only_the_sheet_is_left_and_it_is_light(page_as: Callable[..., Page]):
    page = page_as("dispatcher", color_scheme="dark", locale="zh-CN")
    page.goto("/desk/tickets/W000001/work-order")
    expect(page.locator("h1")).to_have_text("工单 W000001")
    page.emulate_media(media="print")
    expect(page.locator(".paper-tools")).to_be_hidden()
    expect(page.locator(".qr svg")).to_be_visible()
    ground = "getComputedStyle(document.querySelector('.qr svg')).backgroundColor"
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    assert len(page.pdf(format="A4", prefer_css_page_size=True)) > 1000
