"""Does a crew tick, read and say what is missing with one thumb?"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from dispatch.models.base import db
from dispatch.models.tickets import TicketEvent
from tests.browser.conftest import PHONE
from tests.trips import open_burst, send, work

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.conftest import Served

CREW = {"crew_id": 1, "name": "Wang"}
SMALLEST_TARGET_PIXELS = 56
SHORTEST = """(part) => Math.min(...[...part.querySelectorAll("button, select, summary, .option")]
    .map((each) => each.getBoundingClientRect().height).filter(Boolean))"""


def test_a_tick_and_a_reading_are_one_tap_each(served: Served, page_as: Callable[..., object]):
    with served.open() as now:
        pass
    begin = now - timedelta(minutes=20)
    with served.app.app_context():
        open_burst(begin)
        send(1, 1, begin)
        work(1, 1, begin, until="arrive")
    page = page_as("crew", account=CREW, viewport=PHONE)
    page.goto("/crew/W000001")
    safety = page.locator("#kit-tick-safety")
    safety.get_by_role("button", name="Electricity near the water is off").click()
    ticked = page.locator('#kit-tick-safety [aria-pressed="true"]')
    expect(ticked).to_have_text("Electricity near the water is off")
    page.locator("#kit-reading > summary").click()
    page.get_by_label("Pressure").fill("3.5")
    page.get_by_label("Unit").first.select_option("bar")
    expect(page.locator("#kit-reading")).to_have_attribute("open", "")
    part = page.locator("#kit-reading")
    assert part.evaluate(SHORTEST) >= SMALLEST_TARGET_PIXELS
    page.get_by_role("button", name="Save the reading").first.click()
    expect(page.locator("#kit-reading > summary")).to_contain_text("1")
    with served.app.app_context():
        [told] = db.session.query(TicketEvent).filter_by(kind="reading_taken")
        assert told.facts["value"] == "350"
    page.goto("/crew/W000001/cannot-complete")
    page.get_by_text("What is needed next").first.click()
    page.get_by_label("Excavation").check()
    page.get_by_label("A part is missing").check()
    page.get_by_role("button", name="End this visit").click()
    expect(page).to_have_url(re.compile("/crew$"))
    with served.app.app_context():
        [needs] = db.session.query(TicketEvent).filter_by(kind="next_visit_needs")
        assert needs.facts == {"needs": ["excavation"]}
