"""Does a resident sign on the crew's phone without a connection, and does the desk see it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from dispatch.models.attachments import Attachment
from dispatch.models.base import db
from tests.browser.conftest import come_to_rest
from tests.browser.crew_phone import (
    PLACED,
    bar,
    come_to_site,
    offline,
    open_kept,
    until,
)

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import Faults, Served

SMALLEST_TARGET_PIXELS = 56
SHORTEST = """(part) => Math.min(...[...part.querySelectorAll("button, input, canvas")]
    .map((each) => each.getBoundingClientRect().height).filter(Boolean))"""
STORED = """
async () => {
  const { photos } = await import("/static/crew/store.js");
  const found = await photos();
  return found.map(({ uuid, fields }) => [uuid, fields.kind, fields.signer]);
}
"""
HAND_OVER = """
async () => {
  const { changePhoto, photos } = await import("/static/crew/store.js");
  const [{ uuid }] = await photos();
  await changePhoto(uuid, { outcome: "held", blob: undefined, fields: { kind: "signature" } });
}
"""
DARKEST = """
(image) => image.decode().then(() => {
  const canvas = Object.assign(document.createElement("canvas"), {
    width: image.naturalWidth, height: image.naturalHeight,
  });
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
  const shades = data.filter((_, at) => at % 4 === 0);
  return [shades.reduce((one, other) => Math.min(one, other)), shades[0]];
})
"""
"""Says how dark the ink of a picture is, and how light its first corner."""


@pytest.fixture
def on_site(served: Served) -> Served:
    """Add one burst main, with crew W1 on its site for five minutes."""
    come_to_site(served)
    return served


@pytest.fixture
def phone(on_site: Served, page_as: Callable[..., Page], faults: Faults) -> Page:
    """Open the ticket on a phone that has all of today on it."""
    return open_kept(page_as, faults)


def open_pad(phone: Page, button: str = "Have the resident sign") -> Locator:
    phone.get_by_role("button", name=button).click()
    pad = phone.get_by_role("dialog", name="Signature of the resident")
    expect(pad).to_be_visible()
    come_to_rest(phone)
    return pad


def sign(phone: Page, pad: Locator) -> None:
    """Draw from corner to corner and back."""
    place = pad.get_by_role("img", name="Box for the signature").bounding_box()
    assert place is not None
    left, top, width, height = (place[name] for name in ("x", "y", "width", "height"))
    phone.mouse.move(left + 0.2 * width, top + 0.3 * height)
    phone.mouse.down()
    for x, y in ((0.5, 0.7), (0.8, 0.3), (0.6, 0.5)):
        phone.mouse.move(left + x * width, top + y * height)
    phone.mouse.up()


def signatures(served: Served) -> list[tuple[str, str, str | None, int | None]]:
    with served.app.app_context():
        rows = db.session.query(Attachment).order_by(Attachment.id)
        return [(row.kind, row.actor, row.signer, row.visit_id) for row in rows]


def test_a_signature_is_stored_offline_and_comes_to_the_desk(
    on_site: Served, phone: Page, page_as: Callable[..., Page]
):
    with offline(phone):
        pad = open_pad(phone)
        keep = pad.get_by_role("button", name="Keep the signature")
        expect(keep).to_be_disabled()
        assert pad.evaluate(SHORTEST) >= SMALLEST_TARGET_PIXELS
        sign(phone, pad)
        assert Axe().run(phone).response["violations"] == []
        pad.get_by_label("Name of who signs").fill("Zhao Min")
        keep.click()
        expect(pad).to_be_hidden()
        expect(phone.locator("#sign")).to_contain_text("The signature is saved on this phone.")
        bar(phone, "1 saved on this phone")
        [(uuid, kind, signer)] = phone.evaluate(STORED)
        assert (uuid[14], kind, signer) == ("7", "signature", "Zhao Min")
        phone.reload()
        expect(phone.locator("[data-sign-list]")).to_contain_text("Zhao Min · waits on this phone")
        expect(phone.locator("[data-photo-waits]")).to_have_count(0)
        until(phone, PLACED)
        phone.goto("/crew/unsent")
        expect(phone.locator("[data-waiting] li")).to_contain_text("Signature")
        phone.goto("/crew/W000001")
    bar(phone, "Everything is sent")
    assert signatures(on_site) == [("signature", "Wang", "Zhao Min", 1)]
    desk = page_as("dispatcher")
    desk.goto("/desk?ticket=W000001")
    photo = desk.locator(".photo-list li")
    expect(photo).to_contain_text("Signature: Zhao Min")
    ink, corner = photo.get_by_role("presentation").evaluate(DARKEST)
    assert ink < 60
    assert corner > 240
    photo.get_by_role("button").click()
    expect(desk.locator(".photo-told")).to_contain_text("signed by Zhao Min")


def test_of_a_signature_that_the_desk_holds_no_picture_and_no_name_is_shown(
    on_site: Served, phone: Page
):
    with offline(phone):
        pad = open_pad(phone)
        sign(phone, pad)
        pad.get_by_role("button", name="Keep the signature").click()
        until(phone, PLACED)
        phone.evaluate(HAND_OVER)
        expect(phone.locator("[data-sign-list]")).to_have_text("is with the desk, not done")
        expect(phone.locator("[data-sign-list] img")).to_have_count(0)
        phone.goto("/crew/unsent")
        expect(phone.locator("[data-settled] li")).to_contain_text("Signature")
        expect(phone.locator("[data-settled] img")).to_have_count(0)
        phone.get_by_role("button", name="I have seen it").click()
        expect(phone.locator("[data-settled]")).to_be_hidden()
    assert signatures(on_site) == []


def test_a_slip_is_no_signature_and_one_is_cleared_and_given_again(on_site: Served, phone: Page):
    with offline(phone):
        pad = open_pad(phone)
        keep = pad.get_by_role("button", name="Keep the signature")
        pad.get_by_role("img", name="Box for the signature").click()
        expect(keep).to_be_disabled()
        sign(phone, pad)
        expect(keep).to_be_enabled()
        phone.keyboard.press("Escape")
        expect(pad).to_be_visible()
        pad.get_by_role("button", name="Clear").click()
        expect(keep).to_be_disabled()
        sign(phone, pad)
        keep.click()
        expect(pad).to_be_hidden()
        [(first, _, _)] = phone.evaluate(STORED)
        pad = open_pad(phone, "Sign again")
        pad.get_by_role("button", name="Cancel").click()
        [(same, _, _)] = phone.evaluate(STORED)
        assert same == first
        pad = open_pad(phone, "Sign again")
        sign(phone, pad)
        pad.get_by_role("button", name="Keep the signature").click()
        expect(pad).to_be_hidden()
        [(second, _, _)] = phone.evaluate(STORED)
        assert second != first
        until(phone, PLACED)
    bar(phone, "Everything is sent")
    assert signatures(on_site) == [("signature", "Wang", None, 1)]


def test_who_cannot_draw_says_the_code(phone: Page):
    pad = open_pad(phone)
    pad.get_by_role("button", name="Type the resident's code instead").click()
    expect(pad).to_be_hidden()
    expect(phone.get_by_label("The four digits")).to_be_focused()


def test_a_phone_without_room_says_that_nothing_is_kept(phone: Page):
    phone.evaluate(
        """() => { IDBObjectStore.prototype.put = () => {
          throw new DOMException("full", "QuotaExceededError"); }; }"""
    )
    pad = open_pad(phone)
    sign(phone, pad)
    pad.get_by_role("button", name="Keep the signature").click()
    expect(pad.get_by_role("alert")).to_contain_text("no room is left")
    expect(pad.get_by_role("button", name="Keep the signature")).to_be_enabled()
