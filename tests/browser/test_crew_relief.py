"""Does a ticket go from one crew's phone to the other's, with and without a connection?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from dispatch.models.base import db
from dispatch.models.tickets import Visit
from tests.browser.conftest import PHONE
from tests.browser.crew_phone import CREW, bar, call_out, offline, settled, tap
from tests.browser.desk_scene import open_desk
from tests.trips import step, steward

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Faults, Served


@pytest.fixture
def sent(served: Served) -> Served:
    """Add the city and one burst main, and send crew W1 to it ten minutes ago."""
    call_out(served, timedelta(minutes=10))
    return served


def test_a_ticket_is_handed_over_and_taken_over_without_a_connection(
    sent: Served, page_as: Callable[..., Page], faults: Faults
):
    faults.allow(r"net::ERR_|Failed to load resource|ERR_FAILED")
    phone = page_as("crew", account=CREW, viewport=PHONE)
    phone.goto("/crew")
    settled(phone)
    with offline(phone):
        phone.goto("/crew/W000001")
        tap(phone, "I take it")
        phone.get_by_role("link", name="Hand over to another crew").click()
        phone.get_by_label("Our shift ends").check()
        phone.get_by_label("What has been done so far").fill("valve is shut")
        phone.get_by_label("Which crew").select_option(label="W2")
        phone.get_by_role("button", name="Ask them to take it over").click()
        expect(phone.locator("#queued")).to_contain_text("valve is shut")
        bar(phone, "2 saved on this phone")
    bar(phone, "Everything is sent")
    other = page_as("crew", account={"crew_id": 2, "name": "Li"}, viewport=PHONE)
    other.goto("/crew")
    settled(other)
    with offline(other):
        expect(other.locator("[data-relief]")).to_contain_text("valve is shut")
        other.get_by_role("button", name="Take it over").click()
        expect(other.locator(".relief-said")).to_have_text("Take it over: waits on this phone")
        expect(other.get_by_role("button", name="Take it over")).to_be_hidden()
    bar(other, "Everything is sent")
    expect(other.locator("[data-relief]")).to_have_count(0)
    expect(other.locator(".day-ticket")).to_have_attribute("data-number", "W000001")
    phone.goto("/crew/W000001")
    expect(phone.locator("#ticket")).to_contain_text("not with your crew now")
    with sent.app.app_context():
        states = [row.state for row in db.session.query(Visit).filter_by(ticket_id=1)]
        assert sorted(states) == ["acknowledged", "handed_over"]


def test_the_desk_names_a_crew_for_one_that_asks(sent: Served, page_as: Callable[..., Page]):
    with sent.open() as now:
        at = now - timedelta(minutes=6)
    with sent.app.app_context():
        step(1, "acknowledge", steward(1), at)
        step(1, "hand-over", steward(1), at, reason="vehicle_down", note="valve is shut")
    page = page_as("dispatcher", viewport={"width": 1440, "height": 1000})
    open_desk(page, "?ticket=W000001")
    mark = page.locator(".queue-row .hand-over")
    expect(mark).to_contain_text("not answered")
    expect(page.locator(".pinned-note b")).to_contain_text("should have been answered by")
    note = page.locator(".pinned-note").filter(has_text="for another crew to take over")
    expect(note).to_contain_text("The vehicle has broken down")
    expect(note).to_contain_text("valve is shut")
    page.get_by_text("For the crew", exact=True).first.click()
    page.get_by_role("button", name="Hand over to another crew").first.click()
    page.get_by_label("Which crew").select_option(label="W2")
    page.locator("dialog[open] button.primary").click()
    expect(page.locator(".pinned-note").filter(has_text="asked W2 at")).to_be_visible()
    expect(mark).to_have_attribute("data-tone", "warn")
    with sent.app.app_context():
        assert db.session.get_one(Visit, 1).relief_crew_id == 2
