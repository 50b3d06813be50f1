"""Can a resident report in three steps and watch the crew come, with a script and without?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from dispatch.models.base import db
from dispatch.models.tickets import Report, Ticket
from tests.browser.conftest import PHONE, come_to_rest
from tests.factories import IN_WEST, make_city
from tests.trips import open_burst, send, step, steward

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Served

HERE = {"latitude": IN_WEST.lat, "longitude": IN_WEST.lon, "accuracy": 8}


@pytest.fixture
def city(served: Served) -> Served:
    """Add teams, grids and crews."""
    with served.open() as now:
        make_city(now)
    return served


@pytest.fixture
def sent(served: Served) -> str:
    """Send crew W1 to a burst main and return the address of its track page."""
    with served.open() as now:
        pass
    with served.app.app_context():
        token = open_burst(now).report.token
        send(1, 1, now)
    return f"/t/{token}"


def choose(page: Page, kind: str) -> None:
    """Touch the card of a fault."""
    page.get_by_role("radio", name=re.compile(f"^{kind}")).check()


def test_three_steps_lead_to_the_track_page(city: Served, page_as: Callable[..., Page]):
    options = {"viewport": PHONE, "geolocation": HERE, "permissions": ["geolocation"]}
    page = page_as(**options)
    page.goto("/report")
    choose(page, "Burst pipe")
    expect(page.get_by_text("Keep away from it")).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Use my position").click()
    expect(page.get_by_text("Your position is added, exact to 8 m.")).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Telephone").fill("138 1234 5678")
    page.get_by_role("button", name="Send the report").click()
    expect(page).to_have_url(re.compile("/t/"))
    expect(page.get_by_role("heading", name="We are choosing a crew")).to_be_visible()
    with city.app.app_context():
        ticket = db.session.get(Ticket, 1)
        assert (ticket.lat, ticket.place_source) == (IN_WEST.lat, "gps")


def test_the_pin_goes_where_the_map_is_moved_without_a_mouse(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as(viewport=PHONE)
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    page.goto("/report")
    choose(page, "Leak Water")
    page.get_by_role("button", name="Go on").click()
    assert not any("ol.js" in each for each in loaded)
    page.get_by_role("button", name="Pin on the map").click()
    expect(page.locator(".pin-map canvas")).to_be_visible()
    come_to_rest(page)
    assert page.locator(".pin-map .ol-viewport").bounding_box()["height"] > 200
    expect(page.locator(".pin-map").get_by_role("button", name="+")).to_be_visible()
    page.locator(".pin-map").press("ArrowUp")
    expect(page.get_by_text("The pin is set.")).to_be_visible()
    assert any("ol.js" in each for each in loaded)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Send the report").click()
    expect(page).to_have_url(re.compile("/t/"))
    with city.app.app_context():
        ticket = db.session.get(Ticket, 1)
        assert ticket.place_source == "pin"
        assert ticket.lat is not None


def test_an_empty_place_is_told_where_it_is_asked(city: Served, page_as: Callable[..., Page]):
    page = page_as(viewport=PHONE)
    page.goto("/report")
    choose(page, "No water")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_contain_text("Say where it is")
    expect(page.get_by_role("heading", name="Where is it?")).to_be_visible()
    expect(page.get_by_label("Address, or how to find it")).to_be_focused()
    page.get_by_label("Address, or how to find it").fill("Wuyi Road 12")
    expect(page.get_by_role("alert")).to_be_hidden()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_label("Telephone")).to_be_visible()


def test_an_error_leads_to_its_step_with_everything_still_there(
    city: Served, page_as: Callable[..., Page], faults: list[str]
):
    faults.allow("422")
    page = page_as(viewport=PHONE)
    page.goto("/report")
    choose(page, "No water")
    page.get_by_role("button", name="Go on").click()
    page.evaluate("document.querySelector('[name=lat]').value = 'x'")
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("What do you see?").fill("Dry since noon")
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_text("Your position could not be read")).to_be_visible()
    expect(page.get_by_role("heading", name="Where is it?")).to_be_visible()
    page.get_by_role("button", name="Remove").click()
    page.get_by_label("Address").fill("Wuyi Road 12")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_label("What do you see?")).to_have_value("Dry since noon")
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_role("heading", name="We have your report")).to_be_visible()


def test_a_change_of_language_loses_nothing(city: Served, page_as: Callable[..., Page]):
    page = page_as(viewport=PHONE)
    page.goto("/report")
    choose(page, "Leak Water")
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Address").fill("五一路12号")
    page.locator("button[lang='zh-CN']").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator("[name=address]")).to_have_value("五一路12号")
    expect(page.locator("[name=category]:checked")).to_have_value("leak")


def test_the_fault_nearby_is_followed(served: Served, sent: str, page_as: Callable[..., Page]):
    options = {"viewport": PHONE, "geolocation": HERE, "permissions": ["geolocation"]}
    page = page_as(**options)
    page.goto("/report")
    choose(page, "Burst pipe")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Use my position").click()
    expect(page.get_by_text("Your position is added")).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_text(re.compile("Somebody reported this at"))).to_be_visible()
    come_to_rest(page)
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("button", name="Yes, follow this one").click()
    expect(page.get_by_text("reported by 2 people")).to_be_visible()
    with served.app.app_context():
        assert db.session.query(Ticket).count() == 1


def test_it_works_without_a_script(city: Served, page_as: Callable[..., Page]):
    page = page_as(viewport=PHONE, java_script_enabled=False)
    page.goto("/report")
    choose(page, "Dirty water")
    page.get_by_label("Address").fill("Wuyi Road 12")
    page.get_by_label("What do you see?").fill("brown")
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_role("heading", name="We have your report")).to_be_visible()


def test_the_track_page_follows_by_itself(served: Served, sent: str, page_as: Callable[..., Page]):
    page = page_as(viewport=PHONE)
    page.clock.install()
    page.goto(sent)
    expect(page.get_by_role("heading", name="A crew has been chosen")).to_be_visible()
    with served.app.app_context():
        at = db.session.get(Ticket, 1).received_at
        for name in ("acknowledge", "set-off"):
            step(1, name, steward(1), at)
    page.clock.run_for(21_000)
    expect(page.get_by_role("heading", name="The crew is on the way")).to_be_visible()
    from_till = re.compile(r"\d\d:\d\d – (\d+ \w+ )?\d\d:\d\d")  # near midnight it names days
    expect(page.get_by_text(from_till)).to_be_visible()


def test_not_fixed_is_heard(served: Served, sent: str, page_as: Callable[..., Page]):
    with served.app.app_context():
        ticket = db.session.get(Ticket, 1)
        for name in ("acknowledge", "set-off", "arrive", "start", "complete"):
            step(1, name, steward(1), ticket.received_at)
    page = page_as(viewport=PHONE)
    page.goto(sent)
    page.get_by_role("button", name="No, it is not").click()
    expect(page.get_by_role("heading", name="We come again")).to_be_visible()
    with served.app.app_context():
        assert db.session.get(Ticket, 1).state == "reopened"
        assert db.session.get(Report, 1).fixed_answer == "not_fixed"
