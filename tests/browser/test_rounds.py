"""Does a leader make a round, and a steward go it with a thumb, with a script and without?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from dispatch.models.base import db
from dispatch.models.field import FieldEntry
from tests.browser.conftest import PHONE
from tests.browser.crew_phone import bar, offline, settled
from tests.browser.furnishing import furnish
from tests.factories import IN_WEST

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Faults, Served

BIG_BUTTON_PIXELS = 56
HERE = {"latitude": IN_WEST.lat, "longitude": IN_WEST.lon, "accuracy": 8}
CREW = {"crew_id": 1, "name": "Wang"}


def tap(page: Page, role: str, label: str) -> None:
    """Press a button or link, which must be big."""
    button = page.locator("main").get_by_role(role, name=label)
    expect(button).to_be_visible()
    assert button.bounding_box()["height"] >= BIG_BUTTON_PIXELS
    button.click()


def test_a_round_is_made_and_gone(served: Served, page_as: Callable[..., Page]):
    furnish(served)
    page = page_as("team_leader", account={"team_id": 1}, locale="en-GB")
    page.goto("/desk/rounds?grid=1")
    page.get_by_label("芙蓉路14号").check()
    page.get_by_label("Crew").select_option("1")
    page.get_by_role("button", name="Put onto the round").click()
    expect(page.locator(".stops")).to_contain_text("芙蓉路14号")
    options = {"viewport": PHONE, "geolocation": HERE, "permissions": ["geolocation"]}
    page = page_as("crew", account=CREW, locale="en-GB", **options)
    page.goto("/crew")
    page.get_by_role("link", name="My round").click()
    expect(page.locator("#round .place")).to_contain_text("芙蓉路12号")
    page.get_by_text("Add a note").click()
    page.get_by_label("Note").fill("Meter read")
    tap(page, "button", "Done here")
    expect(page.locator(".round-list")).to_contain_text("Meter read")
    told = page.locator(".round-list > li [data-told]")
    expect(told.nth(1)).to_be_visible()
    tap(page, "button", "Nobody home")
    expect(page.locator("#round .place")).to_contain_text("芙蓉路14号")
    expect(told.nth(2)).to_be_visible()
    tap(page, "link", "Found a fault")
    page.get_by_label("What is it?").select_option("leak")
    tap(page, "button", "Report it")
    expect(page.locator("#round")).to_contain_text("The round is done")
    expect(page.locator(".round-list")).to_contain_text(re.compile(r"fault found · .*W\d{6}"))


def find(page: Page, link: str, category: str) -> None:
    """Report a fault at the stop ahead, or on the way."""
    tap(page, "link", link)
    page.get_by_label("What is it?").select_option(category)
    tap(page, "button", "Report it")


def go_round_alone(page: Page) -> None:
    """End the two stops that are left on a phone without a connection, one of them anew."""
    rows, place = page.locator(".round-list > li"), page.locator("#round .place")
    page.goto("/crew/round")
    expect(place).to_contain_text("芙蓉路12号")
    page.get_by_text("Add a note").click()
    page.get_by_label("Note").fill("Meter read")
    tap(page, "button", "Done here")
    expect(place).to_contain_text("芙蓉路13号")
    expect(rows.nth(1)).to_contain_text("waits on this phone")
    expect(page.locator("[data-left]")).to_have_text("1 of 3 stops left")
    page.reload()
    expect(place).to_contain_text("芙蓉路13号")
    rows.nth(1).get_by_role("button", name="Undo").click()
    expect(place).to_contain_text("芙蓉路12号")
    tap(page, "button", "Nobody home")
    expect(place).to_contain_text("芙蓉路13号")
    find(page, "Found a fault", "leak")
    expect(page.locator("#round")).to_contain_text("The round is done")
    find(page, "I saw a fault on the way", "cover_missing")
    expect(page.locator("#queued")).to_contain_text("Found a fault")
    bar(page, "5 saved on this phone")
    page.goto("/crew/unsent")
    expect(page.locator("[data-waiting] li")).to_have_count(5)
    page.goto("/crew/round")


def test_a_round_is_gone_without_a_connection(
    served: Served, page_as: Callable[..., Page], faults: Faults
):
    faults.allow(r"net::ERR_|Failed to load resource|ERR_FAILED")
    furnish(served)
    options = {"viewport": PHONE, "geolocation": HERE, "permissions": ["geolocation"]}
    page = page_as("crew", account=CREW, locale="en-GB", **options)
    page.goto("/crew")
    settled(page)
    with offline(page):
        go_round_alone(page)
    bar(page, "Everything is sent")
    with served.app.app_context():
        sent = db.session.query(FieldEntry).filter(FieldEntry.kind.startswith("round-"))
        assert [(row.kind, row.outcome) for row in sent.order_by(FieldEntry.id)] == [
            (f"round-{kind}", "applied")
            for kind in ("done", "undo", "nobody-home", "fault", "fault")
        ]
    rows = page.locator(".round-list > li")
    expect(rows.nth(1)).to_contain_text("nobody home")
    expect(rows.nth(2)).to_contain_text(re.compile(r"fault found · .*W\d{6}"))
    expect(page.locator("#queued")).to_have_count(0)


def test_a_stop_ends_without_a_script(served: Served, page_as: Callable[..., Page]):
    furnish(served)
    page = page_as("crew", account=CREW, locale="en-GB", viewport=PHONE, java_script_enabled=False)
    page.goto("/crew/round")
    tap(page, "button", "Nobody home")
    expect(page.locator(".flashes")).to_contain_text("Noted: nobody home.")


def test_another_stop_is_taken_first_without_a_connection(
    served: Served, page_as: Callable[..., Page], faults: Faults
):
    faults.allow(r"net::ERR_|Failed to load resource|ERR_FAILED")
    furnish(served)
    options = {"viewport": PHONE, "geolocation": HERE, "permissions": ["geolocation"]}
    page = page_as("crew", account=CREW, locale="en-GB", **options)
    page.goto("/crew")
    settled(page)
    with offline(page):
        page.goto("/crew/round")
        place, rows = page.locator("#round .place"), page.locator(".round-list > li")
        expect(place).to_contain_text("芙蓉路12号")
        expect(page.locator("html[data-laid]")).to_be_attached()
        rows.nth(2).get_by_role("link", name="Take this one first").click()
        expect(place).to_contain_text("芙蓉路13号")
        expect(rows.nth(2)).to_have_attribute("aria-current", "step")
        page.reload()
        expect(place).to_contain_text("芙蓉路13号")
        tap(page, "button", "Done here")
        expect(place).to_contain_text("芙蓉路12号")
        bar(page, "1 saved on this phone")
    bar(page, "Everything is sent")
    expect(place).to_contain_text("芙蓉路12号")
    expect(rows.nth(2)).to_contain_text("done")
