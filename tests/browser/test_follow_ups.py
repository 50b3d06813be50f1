"""Are reporters called one after the other by keyboard alone?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from dispatch.models.base import db
from dispatch.models.follow_ups import FollowUp
from tests.factories import make_city
from tests.trips import another_ticket, send, work

if TYPE_CHECKING:
    from tests.browser.conftest import Served


@pytest.fixture
def asked(served: Served) -> Served:
    """Repair two tickets whose reporters left a number; both are to be called now."""
    with served.open() as now:
        begin = now - timedelta(hours=30)
        make_city(begin)
    with served.app.app_context():
        for number, phone in ((1, "13800001111"), (2, "13800002222")):
            another_ticket(begin, reporter_phone=phone, reporter_name="Zhou")
            send(number, number, begin)
            work(number, number, begin)
    with served.open() as now:
        for row in db.session.query(FollowUp).filter(FollowUp.round == "same_day"):
            row.due_at = row.call_at = now - timedelta(hours=1)
    return served


def test_two_calls_by_keyboard_alone(asked, page_as):
    from playwright.sync_api import expect  # noqa: PLC0415  slow to load

    page = page_as("call_taker", account={"name": "Li Na"})
    page.goto("/desk/follow-ups")
    page.locator("html[data-ready]").wait_for()
    page.keyboard.press("n")
    card = page.locator(".call-card")
    expect(card).to_contain_text("W000001")
    expect(page.locator("#number")).to_have_count(0)
    page.locator("html[data-ready]").wait_for()
    page.keyboard.press("p")
    expect(page.locator("#number")).to_have_text("13800001111")
    page.locator("html[data-ready]").wait_for()
    for key in ("x", "4", "Shift+Digit2", "t"):
        page.keyboard.press(key)
    page.keyboard.type("drips")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(page.locator(".flash, .banner").first).to_contain_text("W000001 is open again")
    page.locator("html[data-ready]").wait_for()
    page.keyboard.press("n")
    expect(card).to_contain_text("W000002")
    page.locator("html[data-ready]").wait_for()
    page.keyboard.press("a")
    expect(page.locator(".empty")).to_contain_text("Nobody is to be called now")
    with asked.app.app_context():
        first, second = (db.session.get(FollowUp, row_id) for row_id in (1, 3))
        assert (first.fixed, first.process, first.result, first.note) == (
            "not_fixed",
            4,
            2,
            "drips",
        )
        assert (second.tries, second.state) == (1, "asked")
