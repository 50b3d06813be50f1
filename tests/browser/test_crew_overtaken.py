"""Does what a crew did offline arrive when its ticket was merged, closed or moved meanwhile?"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from dispatch.domain.permissions import Role
from dispatch.models.attachments import Attachment
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.models.tickets import Ticket
from tests.browser.conftest import PHONE
from tests.browser.crew_phone import CREW, bar, kinds, offline, settled, take_photo, tap
from tests.factories import DESK
from tests.photos import photo_file
from tests.trips import another_ticket, open_burst, send, step, work
from tests.visitors import signed_in

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Faults, Served


def merge(at: datetime) -> None:
    """Let the desk find that another ticket is of the same fault."""
    step(1, "merge", DESK, at, into="W000002")


def close(at: datetime) -> None:
    """Let the other phone of the crew end the work, and the desk close the ticket."""
    step(1, "close", DESK, work(1, 1, at))


def move(at: datetime) -> None:
    """Let the desk find that the fault is in the other team's grid."""
    step(1, "withdraw", DESK, at, reason="East of the river")
    step(1, "place", DESK, at, lat=28.15, lon=113.05)
    send(1, db.session.query(Crew.id).filter_by(name="E1").scalar(), at)


@pytest.fixture
def phone(served: Served, page_as: Callable[..., Page], faults: Faults) -> Page:
    """Add two tickets, send crew W1 to the first, and open a phone that has its day on it."""
    faults.allow(r"net::ERR_|Failed to load resource|ERR_FAILED")
    with served.open() as now:
        pass
    with served.app.app_context():
        open_burst(now)
        another_ticket(now)
        send(1, 1, now)
    page = page_as("crew", account=CREW, viewport=PHONE)
    page.goto("/crew")
    settled(page)
    page.goto("/crew/W000001")
    bar(page, "Everything is sent")
    return page


@pytest.mark.parametrize(
    ("overtake", "what", "state"),
    [
        (merge, ["Marked as a duplicate", "W000002"], "duplicate"),
        (close, ["Closed"], "closed"),
        (move, ["Crew withdrawn", "East of the river", "E1"], "dispatched"),
    ],
)
def test_what_was_done_on_a_ticket_that_went_elsewhere_arrives_and_both_sides_are_told(
    served: Served,
    phone: Page,
    overtake: Callable[[datetime], None],
    what: list[str],
    state: str,
):
    with offline(phone):
        tap(phone, "I take it")
        take_photo(phone, "Before the work", photo_file(640, 480))
        expect(phone.locator("[data-photo-waits]")).to_have_count(1)
        phone.get_by_role("link", name="Write a note").click()
        phone.get_by_label("Note").fill("key is at the guard")
        phone.get_by_role("button", name="Save the note").click()
        bar(phone, "3 saved on this phone")
        with served.app.app_context():
            overtake(db.session.get_one(Ticket, 1).received_at)
    bar(phone, "1 step needs a look")
    phone.locator("[data-queue] a").click()
    late = phone.locator("[data-settled] li.card")
    expect(late).to_contain_text("came too late")
    expect(late.locator(".remark")).not_to_be_empty()
    for words in (DESK.name, *what):
        expect(late.locator(".past")).to_contain_text(words)
    assert kinds(served) == ["acknowledge superseded", "note applied"]
    with served.app.app_context():
        assert [(row.ticket_id, row.actor) for row in db.session.query(Attachment)] == [(1, "Wang")]
        assert db.session.get_one(Ticket, 1).state == state
    desk = signed_in(served.app, Role.DISPATCHER, datetime.now(UTC))
    story = desk.get("/api/v1/tickets/W000001/events").json["events"]
    [kept] = [each for each in story if each["kind"] == "for_review"]
    assert kept["detail"].startswith("W1, “Acknowledged”: ")
    assert (kept["actor"], bool(kept["recorded_at"])) == ("Wang", True)
    assert {"note_added", "photo_added"} <= {each["kind"] for each in story}


def test_the_surviving_ticket_leads_to_what_was_told_on_the_merged_one(
    served: Served, page_as: Callable[..., Page]
):
    with served.open() as now:
        pass
    with served.app.app_context():
        open_burst(now)
        another_ticket(now)
        merge(now)
        step(1, "note", DESK, now, note="key is at the guard")
    desk = page_as("dispatcher")
    desk.goto("/desk?ticket=W000002")
    told = desk.locator(".story li", has_text="Told on a merged ticket")
    expect(told).to_contain_text("W000001: Note added")
    expect(told).to_contain_text("key is at the guard")
    told.get_by_role("button", name="Look at W000001").click()
    expect(desk).to_have_url(re.compile("ticket=W000001"))
