"""Does a crew tick, read and say what is missing with one thumb?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from dispatch.models.base import db
from dispatch.models.tickets import TicketEvent, Visit
from tests.browser.conftest import PHONE, come_to_rest
from tests.browser.crew_phone import CREW, come_to_site
from tests.factories import DESK
from tests.trips import send, step, steward

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import Faults, Served

SMALLEST_TARGET_PIXELS = 56
SHORTEST = """(part) => Math.min(...[...part.querySelectorAll("button, select, summary, .option")]
    .map((each) => each.getBoundingClientRect().height).filter(Boolean))"""


@pytest.fixture
def on_site(served: Served) -> Served:
    """Add one burst main, with crew W1 on its site for five minutes."""
    come_to_site(served)
    return served


def facts(served: Served, kind: str) -> list[dict[str, object]]:
    with served.app.app_context():
        return [row.facts for row in db.session.query(TicketEvent).filter_by(kind=kind)]


def test_ticks_and_readings_wait_without_a_connection(
    on_site: Served, page_as: Callable[..., Page], faults: Faults
):
    faults.allow(r"net::ERR_|Failed to load resource|ERR_FAILED")
    page = page_as("crew", account=CREW, viewport=PHONE)
    page.goto("/crew/W000001")
    expect(page.locator("[data-queue]")).to_contain_text("Everything is sent")
    page.context.set_offline(True)
    safety = page.locator("#kit-tick-safety")
    safety.get_by_role("button", name="Electricity near the water is off").click()
    expect(safety.locator('[aria-pressed="true"]')).to_have_text(
        "Electricity near the water is off"
    )
    expect(safety.locator("summary")).to_contain_text("1 of 4")
    reading = page.locator("#kit-reading")
    reading.locator("summary").click()
    pressure = page.get_by_label("Pressure")
    pressure.fill("350")
    expect(page.locator("#kit-reading input:invalid")).to_have_count(1)
    page.get_by_label("Unit").first.select_option("bar")
    save = page.get_by_role("button", name="Save the reading").first
    save.click()
    pressure.fill("3.5")
    expect(pressure).to_have_value("3.5")
    assert reading.evaluate(SHORTEST) >= SMALLEST_TARGET_PIXELS
    save.click()
    expect(page.locator("#queued")).to_contain_text("Pressure · 3.5 · bar · before")
    assert facts(on_site, "ticked") == facts(on_site, "reading_taken") == []
    page.context.set_offline(False)
    expect(reading.locator(".past")).to_contain_text("Pressure, before: 350 kPa")
    expect(reading).to_have_attribute("open", "")
    expect(safety.locator('[aria-pressed="true"]')).to_have_count(1)
    assert facts(on_site, "ticked") == [{"list": "safety", "item": "power", "done": True}]
    assert [each["value"] for each in facts(on_site, "reading_taken")] == ["350"]


def fill_in_both(page: Page, served: Served) -> Locator:
    """Let the crew, offline, and the desk read one pressure; show what the phone says of it."""
    page.goto("/crew/W000001")
    expect(page.locator("[data-queue]")).to_contain_text("Everything is sent")
    page.context.set_offline(True)
    page.locator("#kit-reading summary").click()
    page.get_by_label("Pressure").fill("350")
    page.get_by_role("button", name="Save the reading").first.click()
    expect(page.locator("#queued")).to_contain_text("350")
    with served.open() as now:
        pass
    told = {"reading": "pressure", "unit": "kPa", "crew_id": 1}
    with served.app.app_context():
        step(1, "reading", DESK, now, when="before", value="320", **told)
        step(1, "reading", DESK, now, when="after", value="400", **told)
    page.context.set_offline(False)
    expect(page.locator("[data-queue]")).to_contain_text("1 step needs a look")
    page.goto("/crew/unsent")
    return page.locator("[data-settled] li.card")


def test_two_people_fill_in_fields_of_one_visit_and_choose_where_both_did(
    on_site: Served, page_as: Callable[..., Page], faults: Faults
):
    faults.allow(r"net::ERR_|Failed to load resource|ERR_FAILED")
    page = page_as("crew", account=CREW, viewport=PHONE, reduced_motion="reduce")
    row = fill_in_both(page, on_site)
    expect(row.locator(".past")).to_contain_text("Pressure · 350 · kPa · before")
    expect(row.locator(".past")).to_contain_text("Pressure, before: 320 kPa")
    expect(row.locator(".past")).to_contain_text(DESK.name)
    come_to_rest(page)
    assert Axe().run(page).response["violations"] == []
    desk = page_as("dispatcher")
    desk.goto("/desk?ticket=W000001")
    story = desk.locator(".story")
    expect(story).to_contain_text(f"{DESK.name}, ")
    expect(story.get_by_role("button", name=f"Keep {DESK.name}'s")).to_be_visible()
    with page.expect_response("**/field/sync"):
        row.get_by_role("button", name="Take the other").click()
    expect(page.locator("[data-queue]")).to_contain_text("Everything is sent")
    read = [(each["when"], each["value"]) for each in facts(on_site, "reading_taken")]
    assert read == [("before", "320"), ("after", "400"), ("before", "350"), ("before", "320")]
    expect(story.get_by_role("button", name=f"Keep {DESK.name}'s")).to_have_count(0)


@pytest.mark.parametrize(("button", "value"), [("Take the other", "320"), ("Keep mine", "350")])
def test_a_choice_is_of_the_visit_that_was_read_on_though_the_crew_was_sent_again(
    on_site: Served, page_as: Callable[..., Page], faults: Faults, button: str, value: str
):
    faults.allow(r"net::ERR_|Failed to load resource|ERR_FAILED")
    page = page_as("crew", account=CREW, viewport=PHONE)
    row = fill_in_both(page, on_site)
    with on_site.open() as now:
        pass
    with on_site.app.app_context():
        step(1, "cannot-complete", steward(1), now, cause="part_missing")
        send(1, 1, now)
    with page.expect_response("**/field/sync"):
        row.get_by_role("button", name=button).click()
    expect(page.locator("[data-queue]")).to_contain_text("Everything is sent")
    assert facts(on_site, "reading_taken")[-1]["value"] == value
    with on_site.app.app_context():
        read = db.session.query(TicketEvent).filter_by(kind="reading_taken")
        assert {each.visit_id for each in read} == {1}
        assert [each.id for each in db.session.query(Visit).order_by(Visit.id)] == [1, 2]


def test_it_works_without_a_script(on_site: Served, page_as: Callable[..., Page]):
    page = page_as("crew", account=CREW, viewport=PHONE, java_script_enabled=False)
    page.goto("/crew/W000001")
    page.get_by_role("button", name="Electricity near the water is off").click()
    ticked = page.locator('#kit-tick-safety [aria-pressed="true"]')
    expect(ticked).to_have_text("Electricity near the water is off")


def test_how_much_longer_is_one_tap_and_stands_at_the_desk(
    on_site: Served, page_as: Callable[..., Page]
):
    page = page_as("crew", account=CREW, viewport=PHONE)
    page.goto("/crew/W000001")
    expect(page.locator("[data-queue]")).to_contain_text("Everything is sent")
    times = page.locator("#kit-time-left")
    assert times.evaluate(SHORTEST) >= SMALLEST_TARGET_PIXELS
    times.get_by_role("button", name="About 20 min more").click()
    expect(times.locator('[aria-pressed="true"]')).to_have_text("20 min")
    expect(times).to_contain_text("You said so at")
    assert facts(on_site, "time_left") == [{"minutes": 20}]
    desk = page_as("dispatcher")
    desk.goto("/desk?ticket=W000001")
    expect(desk.locator(".crew-line")).to_contain_text("says it is done at about")
    desk.get_by_text("For the crew", exact=True).first.click()
    desk.get_by_role("button", name="Time still needed").click()
    desk.get_by_label("About 40 min more").check()
    with desk.expect_response("**/time-left"):
        desk.locator("dialog[open] button.primary").click()
    expect(desk.locator(".story")).to_contain_text("About 40 min more")
    assert [each["minutes"] for each in facts(on_site, "time_left")] == [20, 40]


def test_could_not_fix_says_what_is_needed(on_site: Served, page_as: Callable[..., Page]):
    page = page_as("crew", account=CREW, viewport=PHONE)
    page.goto("/crew/W000001/cannot-complete")
    page.get_by_text("What is needed next").first.click()
    page.get_by_label("Excavation").check()
    page.get_by_label("Valve key").check()
    page.get_by_label("A part is missing").check()
    page.get_by_role("button", name="End this visit").click()
    expect(page).to_have_url(re.compile("/crew$"))
    expect(page.locator("[data-queue]")).to_contain_text("Everything is sent")
    assert facts(on_site, "next_visit_needs") == [{"parts": ["valve_key"], "needs": ["excavation"]}]
