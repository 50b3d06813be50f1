"""Does a phone without a connection say what needs one, and take nothing away for it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dispatch.models.base import db
from dispatch.models.people import UserSession
from tests.browser.crew_phone import Network, bar, call_out, offline, open_kept

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Faults, Served


@pytest.fixture
def sent(served: Served) -> Served:
    """Add the city and a burst main, and send crew W1 to it."""
    call_out(served)
    return served


@pytest.fixture
def phone(sent: Served, page_as: Callable[..., Page], faults: Faults) -> Page:
    """Open a phone that has all of today on it."""
    return open_kept(page_as, faults)


def sign_out(page: Page) -> None:
    page.locator(".top-bar .menu > summary").last.click()
    page.get_by_role("button", name="Sign out").click()


def test_without_a_connection_nobody_is_signed_out_and_nothing_is_taken_away(
    sent: Served, phone: Page, monkeypatch: pytest.MonkeyPatch
):
    network = Network(sent, monkeypatch)
    with offline(phone):
        sign_out(phone)
        bar(phone, "Signing out needs a connection. You are still signed in")
        expect(phone.get_by_role("button", name="Sign out")).to_be_hidden()
        phone.goto("/crew")
        expect(phone.locator(".day-ticket")).to_have_count(1)
        phone.goto("/crew/W000001")
        expect(phone.locator(".ticket-head")).to_contain_text("dispatched")
    bar(phone, "Everything is sent")
    # A guest network is a connection to the browser.
    phone.clock.install()
    network.mode = "portal"
    sign_out(phone)
    bar(phone, "Signing out needs a connection. You are still signed in")
    assert phone.evaluate("caches.has('crew-pages')")
    network.mode = ""
    phone.clock.run_for(31_000)
    bar(phone, "Everything is sent")
    with sent.app.app_context():
        assert db.session.query(UserSession).filter_by(revoked_at=None).count() == 1
    phone.goto("/crew")
    sign_out(phone)
    phone.wait_for_url("**/sign-in")


def test_what_needs_a_connection_says_so_in_place_of_the_browser(phone: Page):
    said = phone.locator("[data-queue-words]")
    with offline(phone):
        bar(phone, "No connection")
        for way in ('form[action="/language"] button', 'a[href="/account"]', 'a[href="/alerts"]'):
            phone.reload()
            expect(phone.locator("html[data-laid]")).to_be_attached()
            expect(said).not_to_contain_text("needs a connection")
            if "account" in way:
                phone.locator(".top-bar .menu > summary").last.click()
            phone.locator(way).first.click()
            expect(said).to_contain_text("This needs a connection. Tap again later")
            expect(phone.locator(".ticket-head")).to_be_visible()
    bar(phone, "Everything is sent")
    phone.locator('form[action="/language"] button').click()
    expect(phone.locator("html[lang=zh-CN]")).to_be_attached()
