"""Does a crew get through its day with one thumb, with a script and without?"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from dispatch.actions.sessions import open_session
from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.people import User
from dispatch.models.tickets import Ticket, TicketEvent
from tests.browser.conftest import PHONE
from tests.browser.crew_phone import bar, kinds, offline
from tests.factories import DESK, IN_WEST, make_city
from tests.trips import another_ticket, open_burst, send, step

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Request

    from tests.browser.conftest import Faults, Served

BIG_BUTTON_PIXELS = 56
HERE = {"latitude": IN_WEST.lat, "longitude": IN_WEST.lon, "accuracy": 8}
CREW = {"crew_id": 1, "name": "Wang"}


SMALL = """(within) => [...document.querySelectorAll(
        ["a", "button", "summary", "select", "input:not([type=hidden])"]
            .map((each) => `${within} ${each}`).join()
    )]
    .filter((each) => each.checkVisibility())
    .map((each) => [each.textContent.trim(), each.getBoundingClientRect()])
    .filter(([, { width, height }]) => Math.min(width, height) < 44)
    .map(([words]) => words)"""


@pytest.fixture
def sent(served: Served) -> Served:
    """Add the city and one burst main, and send crew W1 to it."""
    with served.open() as now:
        pass
    with served.app.app_context():
        open_burst(now, reporter_name="Ms Zhou", reporter_phone="13812345678")
        send(1, 1, now)
    return served


def tap(page: Page, label: str) -> None:
    """Press the big button, which must be big."""
    button = page.locator(".next-step").get_by_role("button", name=label)
    expect(button).to_be_visible()
    page.wait_for_load_state()
    assert button.bounding_box()["height"] >= BIG_BUTTON_PIXELS
    button.click()


def test_five_taps_lead_from_the_list_to_fixed(sent: Served, page_as: Callable[..., Page]):
    options = {"viewport": PHONE, "geolocation": HERE, "permissions": ["geolocation"]}
    page = page_as("crew", account=CREW, **options)
    page.goto("/crew")
    page.get_by_role("link", name=re.compile("Burst main")).click()
    expect(page.get_by_role("link", name="Call 138****5678")).to_be_visible()
    for label, state in [
        ("I take it", "acknowledged"),
        ("Set off", "on the way"),
        ("I am there", "on site"),
        ("Start work", "working"),
    ]:
        tap(page, label)
        expect(page.locator(".ticket-head")).to_contain_text(state)
    tap(page, "Fixed")
    expect(page).to_have_url(re.compile("/crew$"))
    expect(page.locator(".day-done")).to_contain_text("Burst main")
    with sent.app.app_context():
        arrival = db.session.query(TicketEvent).filter_by(kind="arrived").one()
        assert (arrival.lat, arrival.lon) == (IN_WEST.lat, IN_WEST.lon)
        assert db.session.get(Ticket, 1).state == "completed"


def test_the_narrowest_phone_has_no_small_target_on_top(sent: Served, page_as: Callable[..., Page]):
    page = page_as("crew", account=CREW, viewport={"width": 360, "height": 740})
    for address in ("/crew", "/crew/W000001", "/crew/unsent"):
        page.goto(address)
        expect(page.locator(".top-bar .menu > summary").last).to_be_visible()
        assert page.evaluate(SMALL, ".top-bar") == []
        assert page.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.parametrize("address", ["/account", "/alerts"])
def test_what_a_crew_reaches_beside_its_work_is_made_for_a_thumb_too(
    address: str, served: Served, page_as: Callable[..., Page]
):
    with served.open() as now:
        make_city(now)
    page = page_as("crew", account=CREW, viewport={"width": 360, "height": 740})
    with served.app.app_context(), transaction():
        own = db.session.query(User).one()
        open_session(own, now=now, lifetime=timedelta(days=1), kind="browser")
    page.goto(address)
    expect(page.get_by_role("link", name="My tickets")).to_be_visible()
    assert page.evaluate(SMALL, "body > :not(.skip-link)") == []
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    expect(page.locator("[data-queue]")).to_contain_text("Everything is sent")


def test_a_new_ticket_appears_and_is_announced(sent: Served, page_as: Callable[..., Page]):
    page = page_as("crew", account=CREW, viewport=PHONE)
    page.clock.install()
    page.goto("/crew")
    page.locator("[data-sound]").click()
    expect(page.locator("[data-sound]")).to_have_attribute("aria-pressed", "true")
    with sent.app.app_context():
        at = db.session.get(Ticket, 1).received_at
        another_ticket(at, category="no_water")
        send(2, 1, at)
    page.clock.run_for(11_000)
    expect(page.locator(".day-ticket")).to_have_count(2)
    expect(page.locator("[data-news]")).to_have_text("A new ticket came: W000002")


# The bell's script waits a minute after each of these, for the page asks on its behalf.
COUNT_TOLD = """
window.told = 0;
document.addEventListener("bell-told", () => { window.told += 1; });
"""


def look(page: Page, act: Callable[[], object]) -> None:
    """Let something make the page ask for news once, and wait until all of it has the answer."""
    before = page.evaluate("window.told")
    act()
    page.wait_for_function("(n) => window.told > n", arg=before)


def test_a_phone_that_lies_still_asks_less_and_once_for_day_and_bell(
    sent: Served, page_as: Callable[..., Page]
):
    page = page_as("crew", account=CREW, viewport=PHONE)
    page.add_init_script(COUNT_TOLD)
    began = datetime.now(UTC)
    page.clock.install(time=began)
    page.clock.pause_at(began + timedelta(seconds=1))
    page.goto("/crew")
    with page.expect_response("**/alerts/centre"):
        page.clock.run_for(1_000)
    expect(page.locator("#alert-centre summary")).to_be_visible()
    look(page, lambda: page.clock.fast_forward(301_000))
    asked: list[str] = []

    def note(request: Request) -> None:
        # Pictures of what is drawn anew come when the browser likes, mostly from its own cache.
        if request.resource_type == "fetch":
            asked.append(request.url.rpartition("/")[2])

    page.on("request", note)
    for _ in range(4):
        look(page, lambda: page.clock.run_for(15_000))
    assert asked == ["crew"] * 4
    look(page, lambda: page.mouse.click(5, 300))
    look(page, lambda: page.clock.run_for(10_000))
    assert asked == ["crew"] * 6


def test_the_ring_empties_while_one_looks(sent: Served, page_as: Callable[..., Page]):
    page = page_as("crew", account=CREW, viewport=PHONE)
    page.clock.install()
    page.goto("/crew/W000001")
    ring = page.locator(".promise .text")
    expect(ring).to_have_text(re.compile(r"^(30|29)min$"))
    page.clock.run_for(10 * 60_000)
    expect(ring).to_have_text(re.compile(r"^(20|19)min$"))
    page.clock.run_for(25 * 60_000)
    expect(ring).to_have_text(re.compile(r"^[45]min late$"))


def test_an_open_page_says_that_the_ticket_changed(sent: Served, page_as: Callable[..., Page]):
    page = page_as("crew", account=CREW, viewport=PHONE)
    page.clock.install()
    page.goto("/crew/W000001")
    with sent.app.app_context():
        at = db.session.get(Ticket, 1).received_at + timedelta(seconds=1)
        step(1, "level", DESK, at, level=2)
    page.clock.run_for(16_000)
    expect(page.locator("[data-changed]")).to_be_visible()


def test_it_works_without_a_script(sent: Served, page_as: Callable[..., Page]):
    page = page_as("crew", account=CREW, viewport=PHONE, java_script_enabled=False)
    page.goto("/crew")
    page.get_by_role("link", name=re.compile("Burst main")).click()
    tap(page, "I take it")
    expect(page.locator(".ticket-head")).to_contain_text("acknowledged")
    page.get_by_role("link", name="Decline").click()
    page.get_by_role("radio", name="Still busy at another place").check()
    page.get_by_role("button", name="Decline").click()
    expect(page.get_by_text("Nothing to do now")).to_be_visible()


def test_without_a_service_worker_it_is_a_plain_page_that_says_so(
    sent: Served, page_as: Callable[..., Page], faults: Faults
):
    faults.allow(r"net::ERR_|Failed to load resource|ERR_FAILED")
    page = page_as("crew", account=CREW, viewport=PHONE)
    page.add_init_script("delete Navigator.prototype.serviceWorker")
    for address in ("/crew", "/crew/unsent"):
        page.goto(address)
        expect(page.get_by_text("cannot show pages without a connection")).to_be_visible()
    page.goto("/crew/W000001")
    bar(page, "Everything is sent")
    with offline(page):
        tap(page, "I take it")
        bar(page, "1 saved on this phone")
        expect(page.locator(".next-step")).to_contain_text("Set off")
    bar(page, "Everything is sent")
    assert kinds(sent) == ["acknowledge applied"]


SPOKEN = """
window.SpeechRecognition = class extends EventTarget {
  start() {
    window.hear = (kind, told) => this.dispatchEvent(Object.assign(new Event(kind), told));
  }
  stop() {
    window.hear("end");
  }
};
"""
"""Stands for a browser that writes down what it is told."""


def test_a_note_is_said_aloud_and_kept_like_a_typed_one(sent: Served, page_as: Callable[..., Page]):
    page = page_as("crew", account=CREW, viewport=PHONE)
    page.add_init_script(SPOKEN)
    page.goto("/crew/W000001/note")
    note, button = page.get_by_label("Note"), page.get_by_role("button", name="Say it aloud")
    note.fill("Gate 3:")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    assert button.bounding_box()["height"] >= 44
    heard = "{ resultIndex: 0, results: [[{ transcript: ' key at the guard' }]] }"
    page.evaluate(f"hear('result', {heard})")
    expect(note).to_have_value("Gate 3: key at the guard")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    page.evaluate("hear('error', { error: 'network' }); hear('end')")
    expect(page.get_by_text("Nothing was written down")).to_be_visible()
    page.reload()
    expect(note).to_have_value("Gate 3: key at the guard")


def test_what_was_typed_survives_a_crash_and_is_forgotten_once_saved(
    sent: Served, page_as: Callable[..., Page]
):
    page = page_as("crew", account=CREW, viewport=PHONE)
    page.goto("/crew/W000001/note")
    page.get_by_label("Note").fill("key is at the guard")
    page.goto("/crew")
    page.goto("/crew/W000001/note")
    expect(page.get_by_label("Note")).to_have_value("key is at the guard")
    page.get_by_role("button", name="Save the note").click()
    expect(page.get_by_text("key is at the guard")).to_be_visible()
    page.wait_for_load_state()
    page.goto("/crew/W000001/note")
    expect(page.get_by_label("Note")).to_have_value("")
