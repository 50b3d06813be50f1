"""Does a phone come from the desk's code to a steward's day, and its last taps back to the desk?"""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from dispatch.access import PHONE_COOKIE
from dispatch.actions.site_facts import add_fact
from dispatch.actions.ticket_log import Told
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.attachments import THUMBNAIL_PIXELS
from dispatch.models.attachments import Attachment
from dispatch.models.base import db
from dispatch.models.people import User
from dispatch.models.tickets import Ticket, Visit
from dispatch.queries.tickets import ticket_for_change
from tests.browser.conftest import PHONE
from tests.browser.crew_phone import PLACED, bar, settled, take_photo, until
from tests.factories import DESK
from tests.photos import photo_file
from tests.trips import open_burst, send, step
from tests.trips import steward as crew_of

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Served

PIN = "201530"
BIG_PIXELS = 56
SEND_NOTHING = """
() => new Promise((done) => navigator.locks.request("crew-send", () => {
  done();
  return new Promise(() => {});
}))
"""
"""Lets nothing go from a page until it is gone: one that is left may see the network a moment."""
LEFT = """
async () => {
  const { photos } = await import("/static/crew/store.js");
  const kept = ({ blob, fields }) => [...(blob ? ["blob"] : []), ...Object.keys(fields)];
  return (await photos()).map(kept);
}
"""


@pytest.fixture
def steward(served: Served) -> int:
    """Add the city, a burst main with W1 sent to it, and a steward of W1 without a PIN."""
    with served.open() as now:
        pass
    with served.app.app_context():
        open_burst(now - timedelta(minutes=10))
        send(1, 1, now - timedelta(minutes=9))
    with served.open() as now:
        user = User(
            sign_in_name="wang",
            name="Wang Lei",
            role="crew",
            crew_id=1,
            created_at=now,
            active=True,
        )
        db.session.add(user)
        db.session.flush()
        return user.id


def scan(desk: Page, phone: Page) -> None:
    """Open on the phone what the code of the desk says."""
    desk.goto("/desk/phones")
    desk.get_by_label("Name of the phone").fill("Phone 2")
    desk.get_by_label("Crew").select_option("W1")
    desk.get_by_role("button", name="Show the code").click()
    expect(desk.get_by_role("img", name="QR code")).to_be_visible()
    code = desk.locator("#code").text_content() or ""
    phone.goto(f"/crew/join?code={code.replace(' ', '')}")
    phone.get_by_role("button", name="Use this phone for the crew").click()


def press(page: Page, name: str) -> None:
    button = page.get_by_role("button", name=name)
    expect(button).to_be_visible()
    assert button.bounding_box()["height"] >= BIG_PIXELS
    button.click()


def set_pin(boss: Page, steward: int) -> None:
    """Give the steward a PIN at the administration."""
    boss.goto(f"/admin/people/{steward}")
    boss.get_by_label(re.compile("^PIN")).fill(PIN)
    boss.get_by_role("button", name="Set the PIN").click()
    expect(boss.get_by_text("The PIN is set.")).to_be_visible()


def begin_shift(phone: Page) -> None:
    """Sign in with name and PIN and come to the day's list."""
    phone.reload()
    expect(phone.locator(".who").first).to_be_visible()
    assert phone.locator(".who").first.bounding_box()["height"] >= BIG_PIXELS
    phone.get_by_text("Wang Lei").click()
    phone.get_by_label("PIN", exact=True).fill(PIN)
    press(phone, "Sign in")
    expect(phone).to_have_url(re.compile("/crew$"))
    expect(phone.locator(".day-ticket")).to_have_count(1)


TONE = """(banner) => {
  const [tone, ...all] = [banner, ...["danger", "warn", "good", "info"].map((name) =>
    Object.assign(document.body.appendChild(document.createElement("i")), { name }))];
  for (const each of all) each.style.color = `var(--${each.name})`;
  const shown = getComputedStyle(tone).borderInlineStartColor;
  return all.find((each) => getComputedStyle(each).color === shown)?.name;
}"""
"""Says in the colour of which tone a banner is drawn."""


def revoke(desk: Page) -> None:
    """Take the phone out of use at the desk."""
    desk.goto("/desk/phones")
    row = desk.get_by_role("row", name=re.compile("Phone 2"))
    expect(row).to_contain_text("Wang Lei")
    row.get_by_text("Revoke…").click()
    row.get_by_label("Reason").fill("Left in a taxi")
    row.get_by_role("button", name="Revoke").click()
    expect(desk.get_by_role("row", name=re.compile("Left in a taxi"))).to_be_visible()


def test_from_the_code_to_the_day_and_from_a_lost_phone_back_to_the_desk(
    served: Served, steward: int, page_as: Callable[..., Page]
):
    desk, phone = page_as("dispatcher"), page_as(viewport=PHONE)
    scan(desk, phone)
    expect(phone.get_by_text("This phone is now one of W1.")).to_be_visible()
    expect(phone.get_by_text("no PIN yet")).to_be_visible()
    set_pin(page_as("administrator"), steward)
    begin_shift(phone)
    kept = {each["name"]: each for each in phone.context.cookies()}
    assert kept[PHONE_COOKIE]["httpOnly"]
    revoke(desk)

    phone.goto("/crew")
    expect(phone.get_by_text("This phone was revoked by the desk.")).to_be_visible()
    assert phone.locator('.banner[data-tone="danger"]').evaluate(TONE) == "danger"
    tap = {"id": str(uuid.uuid4()), "sequence": 1, "ticket": "W000001", "kind": "acknowledge"}
    token = phone.locator("meta[name=csrf-token]").get_attribute("content") or ""
    sent = phone.request.post(
        "/api/v1/field/sync",
        data={"session": "a", "commands": [tap | {"person": steward}]},
        headers={"X-CSRFToken": token},
    )
    assert sent.json()["outcomes"][0]["outcome"] == "held"

    desk.reload()
    held = desk.locator(".held")
    expect(held).to_contain_text("Acknowledged by the crew")
    held.get_by_role("button", name="Take it over").click()
    expect(desk.get_by_text("Done for the crew, at the time of the tap.")).to_be_visible()
    expect(held).to_have_count(0)
    with served.app.app_context():
        assert db.session.get(Ticket, 1).state == "acknowledged"
        assert db.session.query(Visit).one().acknowledged_at is not None


def cut_off(page_as: Callable[..., Page], steward: int) -> tuple[Page, Page]:
    """Return the desk, and a phone of the crew whose ticket is open without a connection."""
    desk, phone = page_as("dispatcher"), page_as(viewport=PHONE)
    scan(desk, phone)
    expect(phone.get_by_text("no PIN yet")).to_be_visible()
    set_pin(page_as("administrator"), steward)
    begin_shift(phone)
    settled(phone)
    phone.goto("/crew/W000001")
    expect(phone.locator("html[data-laid]")).to_be_attached()
    phone.context.set_offline(True)
    return desk, phone


def test_photos_of_a_revoked_phone_are_handed_over_and_the_desk_takes_one(
    served: Served, steward: int, page_as: Callable[..., Page], faults
):
    faults.allow("net::ERR_|status of 401")
    desk, phone = cut_off(page_as, steward)
    for kind in ("Before the work", "After the work"):
        take_photo(phone, kind, photo_file(640, 480, colour="teal"))
        expect(phone.get_by_role("dialog", name=kind)).to_be_hidden()
    bar(phone, "2 saved on this phone")
    until(phone, PLACED)
    revoke(desk)
    with phone.expect_response(re.compile("/photos$")) as first:
        phone.context.set_offline(False)
    assert first.value.json()["photo"]["held"]
    bar(phone, "2 photos need a look")
    expect(phone.locator("[data-photo-waits]")).to_have_text(
        [f"{each} the work · is with the desk, not done" for each in ("Before", "After")]
    )
    expect(phone.locator("[data-photo-waits] img")).to_have_count(0)
    assert phone.evaluate(LEFT) == [["kind"], ["kind"]]
    phone.goto("/crew")
    expect(phone.get_by_text("This phone was revoked by the desk.")).to_be_visible()
    expect(phone.locator("[data-waits]")).to_be_hidden()
    expect(phone.locator("[data-handed]").get_by_role("listitem")).to_contain_text("2 photos")

    desk.reload()
    held = desk.locator(".held")
    expect(held).to_have_count(2)
    seen = "(image) => image.decode().then(() => image.naturalWidth)"
    assert held.first.get_by_role("img").evaluate(seen) == THUMBNAIL_PIXELS
    held.first.get_by_role("button", name="Take it over").click()
    expect(desk.get_by_text("The photo is on its ticket")).to_be_visible()
    held.get_by_label("Reason").fill("Of another day")
    held.get_by_role("button", name="Set aside").click()
    expect(held).to_have_count(0)
    with served.app.app_context():
        photo = db.session.query(Attachment).one()
        assert (photo.kind, photo.actor, photo.user_id) == ("before", "Wang Lei", steward)


def test_photos_that_waited_go_to_the_desk_from_the_page_that_says_so(
    served: Served, steward: int, page_as: Callable[..., Page], faults
):
    faults.allow("net::ERR_|status of 401")
    desk, phone = cut_off(page_as, steward)
    take_photo(phone, "Before the work", photo_file(640, 480, colour="teal"))
    bar(phone, "1 saved on this phone")
    until(phone, PLACED)
    phone.evaluate(SEND_NOTHING)
    phone.goto("about:blank")
    revoke(desk)
    with served.app.app_context():
        assert db.session.query(Attachment).count() == 0
    phone.context.set_offline(False)
    with phone.expect_response(re.compile("/photos$")):
        phone.goto("/crew/sign-in")
    expect(phone.locator("[data-handed]").get_by_role("listitem")).to_contain_text("1 photo")
    expect(phone.locator("[data-waits]")).to_be_hidden()
    desk.reload()
    expect(desk.locator(".held")).to_contain_text("Wang Lei")


def test_a_code_that_was_used_is_refused_with_a_clear_page(
    served: Served, steward: int, page_as: Callable[..., Page], faults
):
    desk, phone, thief = page_as("dispatcher"), page_as(viewport=PHONE), page_as(viewport=PHONE)
    scan(desk, phone)
    expect(phone.locator("#shift")).to_be_visible()
    code = desk.locator("#code").text_content() or ""
    faults.allow("422")
    thief.goto(f"/crew/join?code={code.replace(' ', '')}")
    thief.get_by_role("button", name="Use this phone for the crew").click()
    expect(thief.get_by_role("alert")).to_contain_text("This code was used before.")


NARROW = """() => {
  const shown = [...document.querySelectorAll("main :is(button, input, select, summary, td a)")]
    .filter((each) => each.getClientRects().length && each.type !== "hidden");
  const scroller = document.querySelector(".table-scroll");
  return {
    shortest: Math.min(...shown.map((each) => each.getBoundingClientRect().height)),
    sideways: scroller.scrollWidth - scroller.clientWidth,
    count: shown.length,
  };
}"""
THUMB_PIXELS = 44


def test_the_story_leads_to_the_one_screen_which_is_made_for_a_thumb_too(
    served: Served, steward: int, page_as: Callable[..., Page]
):
    with served.app.app_context():
        at = db.session.get(Ticket, 1).received_at + timedelta(minutes=5)
        args = {"item": "clamps_150", "crew_id": 1}
        step(1, "parts", DESK, at, **args, count=3)
        with transaction():
            ticket = ticket_for_change("W000001", DESK.scope)
            told = Told(effective_at=at - timedelta(minutes=1))
            by = {"actor": crew_of(1), "now": at + timedelta(minutes=2)}
            add_fact(ticket, "parts", args | {"count": 2}, told=told, **by)
    page = page_as("dispatcher")
    scan(page, page_as(viewport=PHONE))
    page.goto("/desk?ticket=W000001")
    page.get_by_role("link", name="All that waits for a decision").click()
    expect(page.locator(".two-values form")).to_have_count(2)
    page.set_viewport_size(PHONE)
    page.get_by_text("Revoke…").click()
    narrow = page.evaluate(NARROW)
    assert narrow["sideways"] == 0
    assert narrow["count"] > 5
    assert narrow["shortest"] >= THUMB_PIXELS
    page.get_by_role("button", name="Keep Li Na's").click()
    expect(page.get_by_text("It is chosen, and both values stay in the story.")).to_be_visible()
    expect(page.locator(".two-values")).to_have_count(0)
