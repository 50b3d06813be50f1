"""Does a tap count that began before the page was drawn anew under the thumb?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import PHONE
from tests.browser.crew_phone import CREW, bar, call_out, kinds, offline, settled, tap
from tests.trips import another_ticket, send

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import Faults, Served

TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture
def phone(served: Served, page_as: Callable[..., Page], faults: Faults) -> Page:
    """Send crew W1 to a burst main, and open a phone that has its day on it."""
    faults.allow(r"net::ERR_|Failed to load resource|ERR_FAILED")
    served.now = call_out(served)
    page = page_as("crew", account=CREW, viewport=PHONE)
    page.goto("/crew")
    settled(page)
    return page


def press(page: Page, target: Locator) -> None:
    """Put a thumb on something, and leave it there."""
    box = target.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()


def test_a_tap_counts_although_the_answer_to_the_last_one_comes_under_it(
    served: Served, phone: Page
):
    phone.goto("/crew/W000001")
    bar(phone, "Everything is sent")
    with phone.expect_response("**/crew/W000001"), offline(phone):
        tap(phone, "I take it")
        bar(phone, "1 saved on this phone")
        expect(phone.locator("html[data-resting]")).to_have_count(0)
        press(phone, phone.locator(".next-step").get_by_role("button"))
    phone.evaluate(TWO_FRAMES)
    phone.mouse.up()
    expect(phone.locator(".ticket-head")).to_contain_text("on the way")
    bar(phone, "Everything is sent")
    assert kinds(served) == ["acknowledge applied", "set-off applied"]


def test_a_ticket_opens_although_the_list_changes_under_the_thumb(served: Served, phone: Page):
    expect(phone.locator('#day a[href="/crew/W000001"]').first).to_be_visible()
    press(phone, phone.locator('#day a[href="/crew/W000001"]').first)
    with served.app.app_context():
        another_ticket(served.now)
        send(2, 1, served.now)
    with phone.expect_response("**/crew"):
        phone.evaluate("document.dispatchEvent(new Event('crew-look'))")
    phone.evaluate(TWO_FRAMES)
    phone.mouse.up()
    expect(phone).to_have_url(f"{served.url}/crew/W000001")
