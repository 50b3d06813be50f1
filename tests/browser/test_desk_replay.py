"""Is a crew's way replayed on the map, by pointer and by keys, with its gaps and marks told?"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from dispatch.actions.positions import record_position
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.place import Point
from tests.browser.desk_scene import open_desk
from tests.trips import another_ticket, send, work

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import Served


@pytest.fixture
def driven(city: Served) -> Served:
    """Let W1 drive for half an hour, be silent for ten minutes of it, and work at a ticket."""
    begin = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=40)
    with city.app.app_context():
        with transaction():
            for minutes in [*range(11), *range(21, 31)]:
                for half in (0, 30):
                    at = begin + timedelta(minutes=minutes, seconds=half)
                    place = Point(28.13 + (minutes + half / 60) / 1000, 112.93)
                    record_position(1, place, measured_at=at, accuracy_metres=8.0)
        number = another_ticket(begin).ticket.id
        send(number, 1, begin)
        work(number, 1, begin + timedelta(minutes=1))
    return city


def panel(page: Page) -> Locator:
    return page.get_by_role("region", name="Chosen crew")


def slider(page: Page) -> Locator:
    return page.get_by_role("slider", name="Instant of the replay")


def test_a_way_is_replayed_by_keys_with_its_gap_and_marks(
    driven: Served, page_as: Callable[..., Page]
):
    page = page_as("dispatcher")
    open_desk(page, "?replay=1")
    expect(panel(page)).to_contain_text("W1")
    expect(slider(page)).to_be_focused()
    begin = int(slider(page).get_attribute("min") or 0)
    page.keyboard.press("ArrowRight")
    expect(slider(page)).to_have_js_property("value", str(begin + 30_000))
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    expect(slider(page)).to_have_attribute("aria-valuetext", re.compile("no signal since"))
    expect(panel(page).locator(".replay-gap")).to_have_count(1)
    expect(panel(page).locator(".replay-mark")).to_have_count(3)
    page.keyboard.press("End")
    expect(slider(page)).to_have_js_property("value", slider(page).get_attribute("max"))
    panel(page).get_by_role("button", name=re.compile("W000004 arrived")).click()
    expect(panel(page)).to_contain_text(re.compile("W000004: arrived at"))
    slider(page).press("Escape")
    expect(panel(page)).to_have_count(0)
    expect(page).not_to_have_url(re.compile("replay"))


def test_a_replay_plays_to_its_end_and_stops(driven: Served, page_as: Callable[..., Page]):
    page = page_as("dispatcher")
    open_desk(page, "?replay=1")
    page.get_by_role("button", name="600×").click()
    slider(page).press("Space")
    expect(panel(page).get_by_role("button", name="Pause")).to_be_visible()
    expect(panel(page).get_by_role("button", name="Play")).to_be_visible()
    expect(slider(page)).to_have_js_property("value", slider(page).get_attribute("max"))


def test_a_crew_is_found_in_the_palette_and_its_earlier_hours_are_asked_for(
    driven: Served, page_as: Callable[..., Page]
):
    page = page_as("dispatcher")
    open_desk(page)
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search everything").fill("Replay W1")
    page.get_by_role("option", name=re.compile("^Replay W1")).click()
    expect(slider(page)).to_be_focused()
    panel(page).get_by_role("button", name="Earlier hours").click()
    expect(panel(page)).to_contain_text("No way is kept of these hours")
    panel(page).get_by_role("button", name="Later hours").click()
    expect(slider(page)).to_be_visible()


def test_who_may_not_send_a_crew_sees_it_and_not_its_way(
    driven: Served, page_as: Callable[..., Page]
):
    page = page_as("call_taker")
    open_desk(page, "?replay=1")
    expect(panel(page)).to_contain_text("W1")
    expect(panel(page).get_by_role("button", name="Replay")).to_have_count(0)
    expect(slider(page)).to_have_count(0)
