"""Does the bell ring on every page, is one tap enough, and is a dead clockwork seen and mended?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from dispatch.actions.clockwork import beat, fire_due
from dispatch.models.alerts import Alert, RotaEntry
from dispatch.models.base import db
from dispatch.models.people import User
from tests.factories import make_city, make_ticket

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from datetime import datetime

PROMPT = 'document.getElementById("alert-centre").dataset.every = "200"'


def alarm(served):
    """Put the signed-in dispatcher on duty and let a ticket be half late."""
    with served.open() as now:
        make_city(now)
        make_ticket(now - timedelta(minutes=16))
        person = db.session.query(User).filter_by(role="dispatcher").one()
        db.session.add(
            RotaEntry(duty="dispatcher", user_id=person.id, start_minute=0, end_minute=0)
        )
    with served.open() as now:
        fire_due(now, limit=100)
        heart(now)


def heart(now: datetime) -> None:
    beat("timers", "here/1", now=now, started_at=now, took_ms=1)


def test_one_tap_takes_note_without_leaving_the_page(served, page_as):
    page = page_as("dispatcher", account={"name": "Li Na"})
    alarm(served)
    page.goto("/account")
    bell = page.locator("#alert-centre details")
    expect(page.locator("#alert-centre .count")).to_have_text("2")
    page.keyboard.press("Shift+A")
    page.keyboard.press("Enter")
    expect(page.locator("#alert-centre .count")).to_have_text("1")
    expect(bell).to_have_attribute("open", "")
    expect(page.locator("[data-alert] :focus")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(bell).not_to_have_attribute("open", "")
    with served.app.app_context():
        [noted] = db.session.query(Alert).filter_by(state="acknowledged").all()
        assert noted.acknowledged_by == "Li Na"


def test_a_dead_clockwork_is_red_on_the_page_and_goes_by_itself(served, page_as):
    page = page_as("manager", color_scheme="dark")
    with served.open() as now:
        make_ticket(now)
        heart(now - timedelta(seconds=31))
    page.goto("/circle")
    red = page.locator('#clockwork-banner [data-clockwork="red"]')
    red.wait_for()
    page.evaluate(PROMPT)
    with served.open() as now:
        heart(now)
    red.wait_for(state="detached")
