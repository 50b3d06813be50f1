"""Does everybody see where a phone tells that it is, and what proves an arrival?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from dispatch.actions.positions import take_positions
from dispatch.actions.ticket_log import Told
from dispatch.actions.unit_of_work import transaction
from dispatch.actions.visits import arrive
from dispatch.domain.place import Point
from dispatch.domain.tracks import Fix
from dispatch.models.base import db
from dispatch.models.people import Position
from dispatch.models.tickets import Ticket, Visit
from tests.browser.conftest import PHONE
from tests.browser.desk_scene import open_desk
from tests.factories import IN_WEST
from tests.trips import open_burst, send, steward

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Served

HERE = {"latitude": IN_WEST.lat, "longitude": IN_WEST.lon, "accuracy": 8}
CREW = {"crew_id": 1, "name": "Wang"}
MINUTE = timedelta(minutes=1)


@pytest.fixture
def sent(served: Served) -> Served:
    """Add the city and one burst main that came in forty minutes ago, and send crew W1 to it."""
    with served.open() as now:
        pass
    with served.app.app_context():
        open_burst(now - 40 * MINUTE)
        send(1, 1, now - 39 * MINUTE)
    return served


def test_a_phone_on_shift_says_that_it_tells_where_it_is(
    sent: Served, page_as: Callable[..., Page]
):
    options = {"viewport": PHONE, "geolocation": HERE, "permissions": ["geolocation"]}
    page = page_as("crew", account=CREW, **options)
    with page.expect_response(
        lambda answer: answer.url.endswith("/api/v1/positions") and answer.request.method == "POST"
    ) as told:
        page.goto("/crew")
    assert told.value.json()["kept"] == 1
    expect(page.locator("[data-whereabouts]")).to_have_text("On shift: position shared")
    expect(page.locator("[data-queue]")).to_be_visible()
    assert page.evaluate(TOP_DOWN) == ["top-bar", "whereabouts muted small", "queue-bar", "MAIN"]
    with sent.app.app_context():
        assert db.session.query(Position).one().lat == IN_WEST.lat


TOP_DOWN = """() => [...document.querySelectorAll(".top-bar, .whereabouts, .queue-bar, main")]
    .sort((one, other) => one.getBoundingClientRect().top - other.getBoundingClientRect().top)
    .map((each) => each.className || each.tagName)"""
"""Says in which order the parts of a page lie on the screen."""

OLD_AND_NEW = """
const real = window.fetch;
const at = (ms) => new Date(Date.now() + ms).toISOString();
const fix = (ms) => ({ at: at(ms), lat: 28.15, lon: 112.95, accuracy: 8 });
const kept = () => JSON.parse(localStorage.getItem("whereabouts")).fixes;
const person = () => Number(document.querySelector('meta[name="person"]').content);
const keep = (fixes) =>
  localStorage.setItem("whereabouts", JSON.stringify({ person: person(), fixes }));
window.fetch = async (address, options) => {
  const answer = await real(address, options);
  if (!String(address).endsWith("/api/v1/positions")) return answer;
  if (options.method !== "POST") keep([fix(-90_000_000), fix(-3_600_000)]);
  else if (!window.told) {
    window.told = JSON.parse(options.body).positions.length;
    window.later = fix(5_000);
    keep([...kept(), window.later]);
    setInterval(() => {
      const left = kept().map((each) => each.at).join();
      document.documentElement.dataset.left = String(left === window.later.at);
    }, 20);
  }
  return answer;
};
"""
"""Lets the phone keep a position of yesterday and one of an hour ago, and measure one meanwhile."""


def test_what_was_sent_is_forgotten_and_what_came_meanwhile_is_kept(
    sent: Served, page_as: Callable[..., Page]
):
    options = {"viewport": PHONE, "geolocation": HERE, "permissions": ["geolocation"]}
    page = page_as("crew", account=CREW, **options)
    page.add_init_script(OLD_AND_NEW)
    page.goto("/crew")
    expect(page.locator("html")).to_have_attribute("data-left", "true")
    assert page.evaluate("window.told") == 2


def test_a_phone_that_may_not_tell_says_so(sent: Served, page_as: Callable[..., Page]):
    page = page_as("crew", account=CREW, viewport=PHONE)
    page.goto("/crew")
    expect(page.locator("[data-whereabouts]")).to_contain_text("may not tell where it is")
    with sent.app.app_context():
        assert db.session.query(Position).count() == 0


def test_the_desk_reads_what_proves_an_arrival_and_how_far_its_time_is_trusted(
    sent: Served, page_as: Callable[..., Page]
):
    here = Point(IN_WEST.lat, IN_WEST.lon)
    with sent.open() as now:
        told = Told(
            effective_at=now - 20 * MINUTE,
            time_quality="offline_trusted",
            device_at=now - 20 * MINUTE + timedelta(hours=9),
            position=here,
            accuracy_metres=8.0,
            datum="wgs84",
        )
        ticket, visit = db.session.query(Ticket).one(), db.session.query(Visit).one()
        arrive(ticket, visit, actor=steward(1), now=now, told=told)
    with sent.app.app_context(), transaction():
        fixes = [Fix(now - each * MINUTE, here, 8.0) for each in (21, 20, 19, 18)]
        take_positions(1, fixes, now=now)
    page = page_as("dispatcher")
    open_desk(page, "?ticket=W000001")
    evidence = page.locator(".evidence")
    expect(evidence).to_contain_text("Arrival confirmed")
    expect(evidence).to_contain_text("0 m from the place")
    expect(evidence).to_contain_text("The clock of the phone was 9 h 0 min ahead.")
    story = page.locator(".story > li").filter(has_text="Arrived").first
    expect(story).to_contain_text("offline, trusted")
