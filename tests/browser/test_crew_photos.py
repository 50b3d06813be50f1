"""Are photos checked, covered, sent behind the steps, and sent in the name of who took them?"""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from dispatch.access import SESSION_COOKIE
from dispatch.domain.permissions import Role
from dispatch.models.attachments import Attachment
from dispatch.models.base import db
from tests.browser.conftest import come_to_rest
from tests.browser.crew_phone import (
    PLACED,
    Network,
    bar,
    call_out,
    kinds,
    offline,
    open_kept,
    take_photo,
    tap,
    until,
)
from tests.photos import photo_file
from tests.visitors import signed_in

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Faults, Served

PICTURE = photo_file(640, 480, colour="teal")
SMALLEST_TARGET_PIXELS = 56
KEEP_LARGE = """
async (picture) => {
  const { keepPhoto } = await import("/static/crew/store.js");
  const { newId, person } = await import("/static/crew/tap.js");
  const bytes = Uint8Array.from(atob(picture), (each) => each.charCodeAt(0));
  await keepPhoto({
    uuid: newId(), ready_at: 0, ticket: "W000001", name: "large.jpg", words: "large",
    blob: new Blob([bytes, new Uint8Array(12_000_000)], { type: "image/jpeg" }),
    url: "/crew/W000001/photos", at: new Date().toISOString(), person,
    fields: { kind: "before", taken_at: "" },
  });
}
"""
PIXELS = """
async (places) => {
  const { photos } = await import("/static/crew/store.js");
  const [{ blob }] = await photos();
  const image = await createImageBitmap(blob);
  const canvas = Object.assign(document.createElement("canvas"), {
    width: image.width, height: image.height,
  });
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  return places.map(([x, y]) =>
    Math.max(...pen.getImageData(x * image.width, y * image.height, 1, 1).data.slice(0, 3)));
}
"""
HELD_BACK = """
async () => {
  const { photos } = await import("/static/crew/store.js");
  const { nextPhotos } = await import("/static/crew/send_photos.js");
  const [one] = await photos();
  return Date.now() - (one?.looked_at ?? 0) < 90_000 && (await nextPhotos()).length === 0;
}
"""
WANTED_FROM_ITS_PERSON = """
async () => {
  const { changePhoto, photos } = await import("/static/crew/store.js");
  for (const { uuid } of await photos()) await changePhoto(uuid, { needs_person: true });
}
"""
NO_ROOM = """
() => {
  for (const name of ["add", "put"]) {
    const write = IDBObjectStore.prototype[name];
    IDBObjectStore.prototype[name] = function (value, ...more) {
      if (window.isFull && value.blob) throw new DOMException("full", "QuotaExceededError");
      return write.call(this, value, ...more);
    };
  }
}
"""
NO_ROOM_AT_THE_END = """
() => {
  const write = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (value, ...more) {
    const asked = write.call(this, value, ...more);
    const end = () => this.transaction.abort();
    if (window.isFull && value.blob) asked.addEventListener("success", end);
    return asked;
  };
}
"""
GIVE_A_FILE = """
async ([kind, picture]) => {
  const bytes = Uint8Array.from(atob(picture), (each) => each.charCodeAt(0));
  const given = new DataTransfer();
  const told = { type: "image/jpeg", lastModified: Date.now() - 60_000 };
  given.items.add(new File([bytes], "1.jpg", told));
  const input = document.querySelector(`form[data-photo="${kind}"] input[type=file]`);
  input.files = given.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}
"""
FORGET_OFFSET = """
async () => {
  const { changePhone } = await import("/static/crew/store.js");
  await changePhone({ offset_ms: null });
}
"""
SHORTEST = """(part) => Math.min(...[...part.querySelectorAll("button")]
    .map((each) => each.getBoundingClientRect().height).filter(Boolean))"""


@pytest.fixture
def sent(served: Served) -> Served:
    """Add the city and a burst main, and send crew W1 to it."""
    call_out(served)
    return served


@pytest.fixture
def phone(sent: Served, page_as: Callable[..., Page], faults: Faults) -> Page:
    """Open a phone that has all of today on it."""
    return open_kept(page_as, faults)


def takers(served: Served) -> list[str]:
    """Return whose photos have arrived."""
    with served.app.app_context():
        return [row.actor for row in db.session.query(Attachment).order_by(Attachment.id)]


def test_a_store_that_cannot_be_read_is_not_called_empty(phone: Page):
    phone.add_init_script(
        """IDBObjectStore.prototype.getAll = () => {
          throw new DOMException("broken", "UnknownError");
        };"""
    )
    phone.goto("/crew")
    bar(phone, "This phone cannot read what it has stored")
    expect(phone.locator("[data-queue]")).to_have_attribute("data-tone", "danger")


def test_a_step_breaks_off_the_photo_under_way_and_both_arrive(
    sent: Served, phone: Page, monkeypatch: pytest.MonkeyPatch
):
    network = Network(sent, monkeypatch)
    network.mode = "stuck photo"
    phone.evaluate(KEEP_LARGE, base64.b64encode(PICTURE).decode())
    assert network.held.wait(60)
    with phone.expect_response("**/field/sync"):
        tap(phone, "I take it")
    expect(phone.locator(".ticket-head")).to_contain_text("acknowledged")
    assert kinds(sent) == ["acknowledge applied"]
    network.mode = ""
    network.let_go.set()
    # It goes by itself; to leave the page now would break it off once more.
    bar(phone, "Everything is sent")
    assert takers(sent) == ["Wang"]


def test_a_photo_goes_in_the_name_of_who_took_it_whoever_is_signed_in(sent: Served, phone: Page):
    with phone.expect_response("**/field/sync"):
        tap(phone, "I take it")
    bar(phone, "Everything is sent")
    with offline(phone):
        take_photo(phone, "Before the work", PICTURE)
        bar(phone, "1 saved on this phone")
        phone.context.clear_cookies(name=SESSION_COOKIE)
        phone.context.set_offline(False)
        phone.goto("/crew/sign-in")
        waits = phone.locator("[data-waits]")
        expect(waits.get_by_role("listitem")).to_have_text("Wang: 1 photo")
        phone.evaluate(WANTED_FROM_ITS_PERSON)
        expect(waits).to_contain_text("goes only when Wang signs in here")
    other = signed_in(sent.app, Role.CREW, datetime.now(UTC), crew_id=1, name="Li")
    cookie = {"name": SESSION_COOKIE, "value": other.secret, "url": sent.url}
    phone.context.add_cookies([cookie])
    phone.goto("/crew/unsent")
    bar(phone, "Everything is sent")
    assert takers(sent) == ["Wang"]


def test_what_is_covered_is_black_before_it_is_stored(phone: Page):
    with offline(phone):
        picture = {"name": "1.jpg", "mimeType": "image/jpeg", "buffer": PICTURE}
        phone.locator('form[data-photo="Before the work"] input').last.set_input_files(picture)
        check = phone.get_by_role("dialog", name="Before the work")
        stage = check.get_by_role("application", name="Photo: draw rectangles")
        expect(stage).to_be_visible()
        expect(check.get_by_role("button", name="Keep the photo")).to_be_visible()
        come_to_rest(phone)
        assert check.evaluate(SHORTEST) >= SMALLEST_TARGET_PIXELS
        place = stage.bounding_box()
        phone.mouse.move(place["x"] + place["width"] * 0.1, place["y"] + place["height"] * 0.1)
        phone.mouse.down()
        phone.mouse.move(place["x"] + place["width"] * 0.5, place["y"] + place["height"] * 0.5)
        phone.mouse.up()
        expect(check.get_by_role("status")).to_have_text("1 rectangle")
        come_to_rest(phone)
        assert Axe().run(phone).response["violations"] == []
        check.get_by_role("button", name="Cover and keep").click()
        expect(phone.locator("[data-photo-waits]")).to_have_count(1)
        within, without = phone.evaluate(PIXELS, [[0.3, 0.3], [0.8, 0.8]])
        assert (within < 8, without > 60) == (True, True)


def test_a_photo_that_waits_is_covered_taken_anew_or_discarded(sent: Served, phone: Page):
    with offline(phone):
        take_photo(phone, "Before the work", PICTURE)
        waits = phone.locator("[data-photo-waits]")
        expect(waits).to_have_count(1)
        waits.get_by_role("button").click()
        with phone.expect_file_chooser() as chooser:
            phone.get_by_role("button", name="Take it again").click()
        chooser.value.set_files(
            {"name": "2.jpg", "mimeType": "image/jpeg", "buffer": photo_file(640, 480)}
        )
        phone.get_by_role("button", name="Keep the photo").click()
        expect(phone.locator("[data-photo-said]")).to_have_text("The photo is saved on this phone.")
        until(
            phone,
            """async () => {
              const { photos } = await import("/static/crew/store.js");
              const all = await photos();
              return all.length === 1 && all[0].name === "2.jpg";
            }""",
        )
        expect(waits).to_have_count(1)
        waits.get_by_role("button").click()
        phone.get_by_role("button", name="Discard").click()
        expect(waits).to_have_count(0)
        bar(phone, "No connection")
    bar(phone, "Everything is sent")
    assert takers(sent) == []


def test_a_photo_is_not_sent_however_long_somebody_looks_at_it(sent: Served, phone: Page):
    phone.clock.install()
    phone.goto("/crew/W000001")
    bar(phone, "Everything is sent")
    with offline(phone):
        take_photo(phone, "Before the work", PICTURE)
        phone.locator("[data-photo-waits]").get_by_role("button").click()
        check = phone.get_by_role("dialog", name="Before the work")
        expect(check.get_by_role("button", name="Keep the photo")).to_be_visible()
        phone.clock.run_for(6 * 60_000)
        until(phone, HELD_BACK)
        check.get_by_role("button", name="Keep the photo").click()
    bar(phone, "Everything is sent")
    assert takers(sent) == ["Wang"]


@pytest.mark.parametrize("fault", [NO_ROOM, NO_ROOM_AT_THE_END], ids=["refused", "aborted"])
def test_a_photo_without_room_is_said_and_keeps_nothing_else_off(
    sent: Served, phone: Page, fault: str
):
    phone.add_init_script(f"({fault})()")
    phone.goto("/crew/W000001")
    bar(phone, "Everything is sent")
    said = phone.locator("[data-photo-said]")
    with offline(phone):
        tap(phone, "I take it")
        bar(phone, "1 saved on this phone")
        phone.evaluate("window.isFull = true")
        take_photo(phone, "Before the work", PICTURE)
        expect(said).to_contain_text("This phone could not save the photo: no room is left.")
        expect(phone.locator("[data-photo-waits]")).to_have_count(0)
        bar(phone, "1 saved on this phone")
        tap(phone, "Set off")
        bar(phone, "2 saved on this phone")
        take_photo(phone, "Before the work", PICTURE, "Discard")
        expect(said).to_have_text("The photo is discarded.")
        phone.evaluate("window.isFull = false")
        take_photo(phone, "Before the work", PICTURE)
        expect(said).to_have_text("The photo is saved on this phone.")
        bar(phone, "3 saved on this phone")
    bar(phone, "Everything is sent")
    assert kinds(sent) == ["acknowledge applied", "set-off applied"]
    assert takers(sent) == ["Wang"]


def test_a_photo_that_waits_outlives_one_for_which_no_room_is_left(sent: Served, phone: Page):
    phone.add_init_script(f"({NO_ROOM})()")
    phone.goto("/crew/W000001")
    bar(phone, "Everything is sent")
    waits = phone.locator("[data-photo-waits]")
    with offline(phone):
        take_photo(phone, "Before the work", PICTURE)
        expect(phone.locator("[data-photo-said]")).to_have_text("The photo is saved on this phone.")
        until(phone, PLACED)
        phone.evaluate("window.isFull = true")
        waits.get_by_role("button").click()
        with phone.expect_file_chooser() as chooser:
            phone.get_by_role("button", name="Take it again").click()
        chooser.value.set_files({"name": "2.jpg", "mimeType": "image/jpeg", "buffer": PICTURE})
        phone.get_by_role("button", name="Keep the photo").click()
        expect(phone.locator("[data-photo-said]")).to_contain_text("no room is left")
        phone.evaluate("window.isFull = false")
        take_photo(phone, "After the work", PICTURE)
        expect(waits).to_have_count(2)
        bar(phone, "2 saved on this phone")
        phone.evaluate("window.isFull = true")
        waits.first.get_by_role("button").click()
        phone.get_by_role("button", name="Discard").click()
        expect(waits).to_have_count(1)
        phone.evaluate("window.isFull = false")
    bar(phone, "Everything is sent")
    with sent.app.app_context():
        assert [row.kind for row in db.session.query(Attachment)] == ["after"]


def test_a_photo_that_is_refused_says_so_and_where_it_is(sent: Served, phone: Page):
    said = phone.locator("[data-photo-said]")
    with phone.expect_response("**/W000001/photos"):
        take_photo(phone, "Before the work", b"no picture at all")
    expect(said).to_contain_text("The photo was not taken. It stays on this phone")
    expect(phone.locator("#photos progress")).to_be_hidden()
    bar(phone, "1 photo needs a look")
    said.get_by_role("link", name="All that is not sent").click()
    expect(phone.locator("[data-settled] li")).to_have_count(1)
    assert takers(sent) == []


def test_a_photo_has_its_time_by_the_server_where_the_phone_knows_that_its_clock_is_off(
    sent: Served, phone: Page
):
    with sent.open() as now:
        phone.clock.install(time=now - timedelta(hours=9))
    phone.goto("/crew/W000001")
    bar(phone, "Everything is sent")
    for kind in ("Before the work", "After the work"):
        phone.evaluate(GIVE_A_FILE, [kind, base64.b64encode(PICTURE).decode()])
        keep = phone.get_by_role("dialog", name=kind).get_by_role("button", name="Keep the photo")
        with phone.expect_response("**/W000001/photos"):
            keep.click()
        bar(phone, "Everything is sent")
        phone.evaluate(FORGET_OFFSET)
    with sent.app.app_context():
        late = [
            row.received_at - row.taken_at
            for row in db.session.query(Attachment).order_by(Attachment.id)
        ]
    assert [round(each / timedelta(hours=1)) for each in late] == [0, 9]
