"""Is a burst main handled in storm mode: switched on, served by place, undone, switched off?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dispatch.actions.placing import GivenPlace
from dispatch.models.base import db
from dispatch.models.tickets import Ticket
from tests.browser.desk_scene import open_desk
from tests.factories import make_ticket

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Served

CALLS = 20
#: A starved machine takes its time over twenty steps.
PATIENTLY = 60_000


def states(served: Served) -> set[str]:
    with served.app.app_context():
        rows = db.session.query(Ticket).filter(Ticket.address.startswith("Furong Road"))
        return {row.state for row in rows}


def let_calls_come_in(served: Served) -> None:
    """Let the street where the main burst call, each from the next house."""
    kinds = ("burst", "no_water", "low_pressure", "road_flooding")
    with served.open() as now:
        for number in range(CALLS):
            make_ticket(
                now,
                category=kinds[number % len(kinds)],
                address=f"Furong Road {8 + 2 * number}",
                place=GivenPlace(28.12 + number / 100_000, 112.92),
            )


def test_a_burst_main_is_handled_in_storm_mode(city: Served, page_as: Callable[..., Page]):
    duty, desk = page_as("manager"), page_as("dispatcher")
    duty.goto("/desk/storm")
    duty.get_by_label("For what").select_option("burst_main")
    duty.get_by_label("Reason").fill("DN600, Furong Road")
    duty.get_by_role("button", name="Switch storm mode on").click()
    expect(duty.locator(".storm-on")).to_contain_text("DN600, Furong Road")
    let_calls_come_in(city)
    open_desk(desk)
    expect(desk.locator("#clockwork-banner [data-storm]")).to_contain_text("Burst main")
    desk.goto("/desk/storm")
    card = desk.locator(".storm-card", has=desk.get_by_role("heading", name="Furong Road"))
    expect(card.locator("dd").first).to_have_text(str(CALLS))
    desk.keyboard.press("j")
    expect(card).to_be_focused()
    desk.keyboard.press("a")
    result = desk.locator(".storm-result")
    expect(result).to_contain_text(f"{CALLS} of {CALLS} done", timeout=PATIENTLY)
    assert states(city) == {"dispatched"}
    desk.keyboard.press("u")
    expect(result).to_contain_text("Undone", timeout=PATIENTLY)
    assert states(city) == {"accepted"}
    with city.app.app_context():
        assert {row.storm for row in db.session.query(Ticket).filter(Ticket.id > 3)} == {True}
    duty.get_by_role("button", name="Switch storm mode off").click()
    expect(duty.get_by_text("Storm mode is off.")).to_be_visible()
    expect(duty.locator(".storm-on")).to_have_count(0)
