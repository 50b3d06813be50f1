"""Is a reporter who waits called back from the desk by keyboard, and does the queue count down?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.desk_scene import open_desk, row
from tests.factories import make_ticket

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Served

NUMBER = "13800005678"


@pytest.fixture
def waiting(city: Served) -> Served:
    with city.open() as now:
        make_ticket(
            now,
            category="discoloured_water",
            address="Furong Road 8",
            channel="web",
            reporter_name="Wang",
            reporter_phone=NUMBER,
        )
    return city


@pytest.mark.usefixtures("waiting")
def test_a_call_in_vain_is_kept_and_one_that_reached_somebody_ends_the_wait(
    page_as: Callable[..., Page],
):
    page = page_as("call_taker")
    open_desk(page, "?ticket=W000004")
    expect(page.locator(".promise", has_text="Call back")).to_be_visible()
    page.locator(".ticket-title").focus()
    page.keyboard.press("c")
    form = page.locator("dialog.call-back")
    expect(form).to_contain_text("138****5678")
    form.get_by_role("button", name="Show the number").click()
    expect(form.locator(f'a[href="tel:{NUMBER}"]')).to_be_visible()
    form.get_by_role("radio", name="Not reached").check()
    form.get_by_role("button", name="Note the call").click()
    expect(page.locator(".story")).to_contain_text("Call back: nobody answered")
    page.get_by_role("button", name="Call back").click()
    form.get_by_role("radio", name="Spoke to the resident").check()
    form.get_by_label("Note").fill("At home until noon")
    form.get_by_role("button", name="Note the call").click()
    expect(page.locator(".story")).to_contain_text("Reporter called back")
    expect(page.locator(".story")).to_contain_text("At home until noon")
    expect(page.locator(".promise", has_text="Call back")).to_contain_text("kept")
    expect(page.get_by_role("button", name="Call back")).to_have_count(0)


@pytest.mark.usefixtures("waiting")
def test_who_takes_no_calls_sees_the_promise_and_no_button(page_as: Callable[..., Page]):
    page = page_as("manager")
    open_desk(page, "?ticket=W000004")
    expect(page.locator(".promise", has_text="Call back")).to_be_visible()
    expect(page.get_by_role("button", name="Call back")).to_have_count(0)
    expect(row(page, "Furong Road 8")).to_be_visible()
