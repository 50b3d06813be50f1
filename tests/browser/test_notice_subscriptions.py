"""Does a resident say by position or by pin which place interruptions are told of?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from dispatch.models.base import db
from dispatch.models.notices import NoticeSubscription
from tests.browser.conftest import PHONE, come_to_rest
from tests.factories import IN_WEST
from tests.notices import announce

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Served

HERE = {"latitude": IN_WEST.lat, "longitude": IN_WEST.lon, "accuracy": 8}


def subscriptions(served: Served) -> list[tuple[str, float, float]]:
    with served.app.app_context():
        rows = db.session.scalars(select(NoticeSubscription).order_by(NoticeSubscription.id))
        return [(row.place, row.lat, row.lon) for row in rows]


def send(page: Page, recipient: str) -> None:
    page.get_by_label("Mobile number").fill(recipient)
    page.get_by_role("button", name="Send me the link").click()
    expect(page.get_by_role("heading", name="Open the link that we sent")).to_be_visible()


def test_a_place_is_given_by_position_and_by_a_pin_that_keys_move(
    city: Served, page_as: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
):
    settings = replace(city.app.config["SETTINGS"], sms_url="https://sms.example.org")
    monkeypatch.setitem(city.app.config, "SETTINGS", settings)
    with city.open() as now:
        announce(now)
    page = page_as(None, viewport=PHONE, geolocation=HERE, permissions=["geolocation"])
    page.goto("/notices/subscribe")
    page.get_by_role("button", name="Use my position").click()
    expect(page.get_by_text("Your position is added, exact to 8 m.")).to_be_visible()
    expect(page.locator("[data-notices]")).to_contain_text("Furong Road")
    send(page, "138 0000 5678")
    assert subscriptions(city) == [("the place on the map", IN_WEST.lat, IN_WEST.lon)]
    page.get_by_role("link", name="Ask again").click()
    page.get_by_role("button", name="Pin on the map").click()
    expect(page.locator(".pin-map canvas")).to_be_visible()
    come_to_rest(page)
    page.locator(".pin-map").press("ArrowUp")
    expect(page.get_by_text("The pin is set.")).to_be_visible()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("The pin is set.")).to_be_hidden()
    page.locator(".pin-map").press("ArrowUp")
    expect(page.get_by_text("The pin is set.")).to_be_visible()
    send(page, "139 0000 5678")
    (_, lat, lon), (_, pinned_lat, pinned_lon) = subscriptions(city)
    assert (pinned_lat, pinned_lon) != (lat, lon)
    assert pinned_lat > 28
