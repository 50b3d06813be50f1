"""Does a crew do its whole job without a connection, and does nothing of it get lost?"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from dispatch.access import SESSION_COOKIE
from dispatch.actions.tasks import NewTask, Owner, assign_task, open_task
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Role
from dispatch.models.attachments import Attachment
from dispatch.models.base import db
from dispatch.models.field import FieldEntry
from dispatch.models.people import UserSession
from dispatch.models.tickets import Ticket, TicketEvent
from dispatch.web import crew_offline
from tests.browser.conftest import PHONE
from tests.browser.crew_phone import (
    CREW,
    HERE,
    Network,
    bar,
    kinds,
    offline,
    settled,
    take_photo,
    tap,
    until,
)
from tests.factories import DESK, IN_WEST
from tests.photos import photo_file
from tests.trips import another_ticket, open_burst, send, step
from tests.visitors import signed_in

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Faults, Served

PICTURE = photo_file(640, 480)


@pytest.fixture
def sent(served: Served) -> Served:
    """Add the city and two tickets, and send crew W1 to both."""
    with served.open() as now:
        pass
    with served.app.app_context():
        open_burst(now, reporter_name="Ms Zhou", reporter_phone="13812345678")
        another_ticket(now, category="no_water", address="Wuyi Road 12")
        send(1, 1, now)
        send(2, 1, now)
    return served


@pytest.fixture
def network(sent: Served, monkeypatch: pytest.MonkeyPatch) -> Network:
    """Stand between the phone and the server."""
    return Network(sent, monkeypatch)


@pytest.fixture
def phone(sent: Served, page_as: Callable[..., Page], faults: Faults) -> Page:
    """Open a phone that has all of today on it."""
    faults.allow(r"net::ERR_|Failed to load resource|ERR_FAILED")
    options = {"viewport": PHONE, "geolocation": HERE, "permissions": ["geolocation"]}
    page = page_as("crew", account=CREW, **options)
    page.goto("/crew")
    settled(page)
    return page


def write(page: Page, words: str) -> None:
    page.get_by_role("link", name="Write a note").click()
    page.get_by_label("Note").fill(words)
    page.get_by_role("button", name="Save the note").click()
    expect(page.locator("#queued")).to_contain_text(words)


def test_a_ticket_is_done_wholly_offline_and_arrives_in_order(sent: Served, phone: Page):
    with offline(phone):
        phone.goto("/crew")
        bar(phone, "No connection")
        phone.get_by_role("link", name=re.compile("Burst main")).click()
        for label, state in [
            ("I take it", "acknowledged"),
            ("Set off", "on the way"),
            ("I am there", "on site"),
            ("Start work", "working"),
        ]:
            tap(phone, label)
            expect(phone.locator(".ticket-head")).to_contain_text(state)
        write(phone, "key is at the guard")
        bar(phone, "5 saved on this phone")
        phone.reload()
        expect(phone.locator(".ticket-head")).to_contain_text("working")
        tap(phone, "Fixed")
        expect(phone).to_have_url(re.compile("/crew$"))
        bar(phone, "6 saved on this phone")
        expect(phone.locator(".day-list > li[data-over]")).to_have_count(1)
    bar(phone, "Everything is sent")
    assert kinds(sent) == [
        f"{kind} applied"
        for kind in ("acknowledge", "set-off", "arrive", "start", "note", "complete")
    ]
    with sent.app.app_context():
        assert db.session.get(Ticket, 1).state == "completed"
        arrival = db.session.query(TicketEvent).filter_by(kind="arrived").one()
        assert (arrival.lat, arrival.lon) == (IN_WEST.lat, IN_WEST.lon)


def test_a_killed_page_keeps_everything(sent: Served, phone: Page):
    with offline(phone):
        phone.goto("/crew/W000002")
        tap(phone, "I take it")
        bar(phone, "1 saved on this phone")
        context = phone.context
        phone.close()
        page = context.new_page()
        page.goto("/crew/W000002")
        expect(page.locator(".ticket-head")).to_contain_text("acknowledged")
        page.goto("/crew/unsent")
        expect(page.locator("[data-waiting] li")).to_contain_text("I take it")
        context.set_offline(False)
        expect(page.get_by_text("Everything that was done on this phone")).to_be_visible()
    assert kinds(sent) == ["acknowledge applied"]


def test_a_lost_reply_is_sent_again_and_done_once(sent: Served, phone: Page, network: Network):
    phone.goto("/crew/W000001")
    bar(phone, "Everything is sent")
    network.mode = "lost reply"
    tap(phone, "I take it")
    bar(phone, "The server does not answer. 1 saved")
    network.mode = ""
    bar(phone, "Everything is sent")
    assert network.syncs >= 2
    assert kinds(sent) == ["acknowledge applied"]
    with sent.app.app_context():
        assert db.session.query(TicketEvent).filter_by(kind="acknowledged").count() == 1


def test_a_double_tap_takes_one_step(phone: Page):
    with offline(phone):
        phone.goto("/crew/W000001")
        expect(phone.locator("html[data-laid]")).to_be_attached()
        phone.locator(".next-step").get_by_role("button", name="I take it").dblclick(delay=100)
        bar(phone, "1 saved on this phone")
        expect(phone.locator(".ticket-head")).to_contain_text("acknowledged")
        expect(phone.locator("html[data-resting]")).to_have_count(0)
        expect(phone.locator("#queued li")).to_have_count(1)
        expect(phone.locator(".ticket-head")).to_contain_text("acknowledged")


def test_a_captive_portal_takes_nothing_off_the_phone(sent: Served, phone: Page, network: Network):
    network.mode = "portal"
    phone.goto("/crew/W000001")
    expect(phone.locator(".ticket-head")).to_contain_text("dispatched")
    tap(phone, "I take it")
    bar(phone, "1 saved on this phone")
    network.mode = ""
    phone.goto("/crew/unsent")
    bar(phone, "Everything is sent")
    assert kinds(sent) == ["acknowledge applied"]


def test_no_photo_holds_up_a_tap(sent: Served, phone: Page, network: Network):
    network.mode = "no photos"
    phone.goto("/crew/W000001")
    bar(phone, "Everything is sent")
    with phone.expect_response("**/W000001/photos"):
        take_photo(phone, "Before the work", PICTURE)
    bar(phone, "The server does not answer. 1 saved")
    with phone.expect_response("**/field/sync"):
        tap(phone, "I take it")
    expect(phone.locator("#queued")).to_have_count(0)
    assert kinds(sent) == ["acknowledge applied"]
    network.mode = "photo gone"
    phone.goto("/crew/unsent")
    expect(phone.locator("[data-settled] li")).to_contain_text("This ticket is not yours.")
    expect(phone.get_by_role("link", name="Save the photo to the phone")).to_be_visible()
    bar(phone, "1 photo needs a look")


def test_two_tabs_number_and_send_once(sent: Served, phone: Page):
    other = phone.context.new_page()
    phone.goto("/crew/W000001")
    other.goto("/crew/W000002")
    with offline(phone):
        tap(phone, "I take it")
        tap(other, "I take it")
        bar(phone, "2 saved on this phone")
        tap(phone, "Set off")
        bar(other, "3 saved on this phone")
    bar(other, "Everything is sent")
    assert kinds(sent) == ["acknowledge applied", "acknowledge applied", "set-off applied"]


def test_a_step_that_came_too_late_is_shown_and_resolved(sent: Served, phone: Page):
    with offline(phone):
        phone.goto("/crew/W000001")
        tap(phone, "I take it")
        tap(phone, "Set off")
        bar(phone, "2 saved on this phone")
        with sent.app.app_context():
            step(1, "cancel", DESK, db.session.get(Ticket, 1).received_at, reason="elsewhere")
    bar(phone, "2 steps need a look")
    phone.locator("[data-queue] a").click()
    late = phone.locator("[data-settled] li.card")
    expect(late).to_contain_text("came too late")
    expect(late.locator(".past")).to_contain_text(f"Cancelled: {DESK.name}")
    phone.get_by_role("button", name="Keep as a note").dblclick()
    bar(phone, "Everything is sent")
    assert kinds(sent)[1:] == ["set-off superseded", "note applied"]


def test_a_clock_nine_hours_wrong_gives_the_right_times_after_a_restart(
    sent: Served, page_as: Callable[..., Page], faults: Faults
):
    faults.allow(r"net::ERR_|Failed to load resource|ERR_FAILED")
    page = page_as("crew", account=CREW, viewport=PHONE)
    with sent.open() as now:
        page.clock.install(time=now - timedelta(hours=9))
    page.goto("/crew")
    settled(page)
    with offline(page):
        page.goto("/crew/W000001")
        tap(page, "I take it")
        bar(page, "1 saved on this phone")
        page.reload()
        bar(page, "1 saved on this phone")
    bar(page, "Everything is sent")
    with sent.app.app_context():
        entry = db.session.query(FieldEntry).one()
        told = db.session.query(TicketEvent).filter_by(kind="acknowledged").one()
        assert abs(entry.effective_at - entry.received_at) < timedelta(minutes=30)
        assert entry.received_at - told.device_at > timedelta(hours=8)


def test_signed_out_by_the_desk_the_work_is_kept_and_said(sent: Served, phone: Page):
    phone.goto("/crew/W000001")
    bar(phone, "Everything is sent")
    with sent.open() as now:
        db.session.query(UserSession).update({"revoked_at": now})
    tap(phone, "I take it")
    bar(phone, "Sign in again to send. 1 kept on this phone")
    with sent.open():
        db.session.query(UserSession).update({"revoked_at": None})
    phone.goto("/crew")
    bar(phone, "Everything is sent")
    assert kinds(sent) == ["acknowledge applied"]


def test_what_was_done_online_shows_without_a_connection(phone: Page):
    phone.goto("/crew/W000001")
    tap(phone, "I take it")
    expect(phone.locator(".ticket-head")).to_contain_text("acknowledged")
    bar(phone, "Everything is sent")
    until(
        phone,
        """async () => {
          const kept = await caches.match("/crew/W000001", { ignoreVary: true });
          const page = new DOMParser().parseFromString(await kept.text(), "text/html");
          return page.querySelector(".ticket-head").textContent.includes("acknowledged");
        }""",
    )
    with offline(phone):
        phone.reload()
        bar(phone, "No connection")
        expect(phone.locator(".ticket-head")).to_contain_text("acknowledged")


def test_a_form_that_needs_a_connection_says_so_and_keeps_what_was_typed(sent: Served, phone: Page):
    with sent.app.app_context(), transaction():
        ticket, now = db.session.get(Ticket, 1), datetime.now(UTC)
        task = open_task(ticket, NewTask("excavation"), actor=DESK, now=now)
        assign_task(ticket, task, Owner(crew_id=1), actor=DESK, now=now)
    phone.goto("/crew/W000001")
    expect(phone.locator("html[data-laid]")).to_be_attached()
    phone.locator("summary", has_text="Give the task back").click()
    with offline(phone):
        phone.get_by_label("Reason").fill("no digger")
        phone.get_by_role("button", name="Give the task back").click()
        bar(phone, "No connection, so this was not sent")
        expect(phone.get_by_label("Reason")).to_have_value("no digger")
    bar(phone, "Everything is sent")
    phone.get_by_role("button", name="Give the task back").click()
    expect(phone.get_by_text("Excavation")).to_be_visible()
    expect(phone.get_by_label("Reason")).to_have_count(0)


def test_a_full_phone_says_so_before_it_says_saved(sent: Served, phone: Page):
    phone.add_init_script(
        """IDBObjectStore.prototype.add = () => {
          throw new DOMException("full", "QuotaExceededError");
        };"""
    )
    with offline(phone):
        phone.goto("/crew/W000001")
        tap(phone, "I take it")
        bar(phone, "no room is left. Nothing is done yet")
        expect(phone.locator(".ticket-head")).to_contain_text("dispatched")
    assert kinds(sent) == []


@pytest.mark.parametrize("path", ["/crew", "/account"])
def test_signing_out_leaves_no_pages_behind(phone: Page, path: str):
    phone.goto(path)
    phone.locator(".menu > summary").last.click()
    phone.get_by_role("button", name="Sign out").click()
    phone.wait_for_url("**/sign-in")
    until(phone, "async () => !(await caches.has('crew-pages'))")
    with offline(phone), pytest.raises(playwright.Error):
        phone.goto("/crew")


def test_another_person_finds_none_of_the_pages_of_the_one_before(sent: Served, phone: Page):
    other = signed_in(sent.app, Role.CREW, datetime.now(UTC), crew_id=2)
    cookie = {"name": SESSION_COOKIE, "value": other.secret, "url": sent.url}
    phone.context.add_cookies([cookie])
    phone.goto("/crew")
    expect(phone.locator("h1")).to_contain_text("W2")
    settled(phone)
    with offline(phone):
        phone.goto("/crew")
        expect(phone.locator("h1")).to_contain_text("W2")
        phone.goto("/crew/W000001")
        expect(phone.locator("h1")).to_contain_text("Not on this phone")


def test_an_update_replaces_the_shell_when_it_is_whole_and_leaves_the_queue(
    sent: Served, phone: Page, network: Network, monkeypatch: pytest.MonkeyPatch
):
    phone.add_init_script(
        """setInterval(async () => {
          window.shells = (await caches.keys()).filter((each) => each.startsWith("crew-shell-"));
        }, 50);"""
    )
    phone.goto("/crew/W000001")
    phone.wait_for_function("window.shells?.length === 1")
    before = phone.evaluate("window.shells[0]")
    network.mode = "lost reply"
    tap(phone, "I take it")
    bar(phone, "1 saved on this phone")
    monkeypatch.setattr(crew_offline, "SHELL", (*crew_offline.SHELL, "shared/logo.svg"))
    phone.goto("/crew")
    told = "(before) => window.shells?.length === 1 && window.shells[0] !== before"
    phone.wait_for_function(told, arg=before)
    bar(phone, "1 saved on this phone")
    network.mode = ""
    phone.goto("/crew/unsent")
    bar(phone, "Everything is sent")
    assert kinds(sent) == ["acknowledge applied"]


def test_a_whole_day_without_a_connection(
    sent: Served, page_as: Callable[..., Page], faults: Faults
):
    faults.allow(r"net::ERR_|Failed to load resource|ERR_FAILED")
    with sent.app.app_context():
        at = db.session.get(Ticket, 1).received_at
        for number in range(3, 9):
            another_ticket(at, category="leak", address=f"Wuyi Road {number}")
            send(number, 1, at)
    page = page_as("crew", account=CREW, viewport=PHONE)
    page.goto("/crew")
    settled(page)
    with offline(page):
        with sent.app.app_context():
            step(8, "cancel", DESK, at, reason="found by another crew")
        for number in range(1, 9):
            page.goto(f"/crew/W00000{number}")
            for label in ("I take it", "Set off", "I am there", "Start work"):
                tap(page, label)
                expect(page.locator("#queued")).to_contain_text(label)
            for at_all, kind in enumerate(("Before the work", "After the work")[: 2 - number // 5]):
                take_photo(page, kind, PICTURE)
                expect(page.locator("[data-photo-waits]")).to_have_count(at_all + 1)
            tap(page, "Fixed")
            expect(page).to_have_url(re.compile("/crew$"))
        bar(page, "52 saved on this phone")
    bar(page, "5 steps need a look")
    steps = ("acknowledge", "set-off", "arrive", "start", "complete")
    assert kinds(sent) == [f"{kind} applied" for _ in range(7) for kind in steps] + [
        f"{kind} superseded" for kind in steps
    ]
    with sent.app.app_context():
        assert db.session.query(Attachment).count() == 12
        states = [each.state for each in db.session.query(Ticket).order_by(Ticket.id)]
        assert states == ["completed"] * 7 + ["cancelled"]
