"""Do photos reach the ticket although the network is lost, and are they turned by key?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from dispatch.models.attachments import Attachment
from dispatch.models.base import db
from tests.browser.conftest import PHONE, come_to_rest
from tests.factories import make_city, make_ticket
from tests.photos import camera_exif, photo_file

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Served

LARGE = {
    "name": "leak.jpg", "mimeType": "image/jpeg",
    "buffer": photo_file(2600, 1300, exif=camera_exif()),
}  # fmt: skip
OTHER = {"name": "wall.png", "mimeType": "image/png", "buffer": photo_file(60, 50, "PNG", "red")}


def rows(served: Served) -> list[tuple[str, int, int, str]]:
    """Return what is known of the photos that have arrived."""
    with served.app.app_context():
        found = db.session.query(Attachment).order_by(Attachment.id)
        return [(row.name, row.width, row.height, row.actor) for row in found]


@pytest.fixture
def city(served: Served) -> Served:
    """Add teams, grids and crews."""
    with served.open() as now:
        make_city(now)
    return served


def test_photos_wait_for_the_network_and_arrive_small_and_once(
    city: Served, page_as: Callable[..., Page], faults: list[str]
):
    faults.allow("net::ERR_FAILED")
    page = page_as(viewport=PHONE)
    page.goto("/report")
    page.get_by_role("radio", name=re.compile("^Leak Water")).check()
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Address, or how to find it").fill("Wuyi Road 12")
    page.get_by_role("button", name="Go on").click()
    field = page.locator("[data-photos]")
    expect(field).to_have_attribute("data-ready", "yes")
    page.get_by_label("Photos", exact=False).first.set_input_files([LARGE, OTHER])
    expect(field.get_by_role("listitem")).to_have_count(2)
    field.get_by_role("button", name="Remove: wall.png").click()
    expect(field.get_by_role("listitem")).to_have_count(1)
    page.route("**/t/*/photos", lambda route: route.abort())
    page.get_by_role("button", name="Send the report").click()
    expect(page).to_have_url(re.compile("/t/"))
    expect(page.get_by_text("Your photos wait on this telephone")).to_be_visible()
    assert rows(city) == []
    page.unroute("**/t/*/photos")
    page.reload()
    expect(page.get_by_text("Your photos have arrived.")).to_be_visible()
    expect(page.get_by_role("img", name="Your photo")).to_have_count(1)
    page.reload()
    expect(page.get_by_role("img", name="Your photo")).to_have_count(1)
    assert rows(city) == [("leak.jpg", 2048, 1024, "resident")]


def test_the_desk_adds_photos_and_turns_them_by_key(city: Served, page_as: Callable[..., Page]):
    page = page_as("dispatcher", reduced_motion="reduce")
    with city.open() as now:
        make_ticket(now)
    page.goto("/desk?ticket=W000001")
    part = page.locator(".photo-part")
    part.locator("input[type=file]").set_input_files([LARGE, OTHER])
    expect(part.get_by_role("listitem")).to_have_count(2)
    part.get_by_role("button", name=re.compile("^Other photo")).first.click()
    viewer = page.get_by_role("dialog", name="Photos")
    expect(viewer.get_by_text("1 / 2")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(viewer.get_by_text("2 / 2")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(viewer.get_by_text("1 / 2")).to_be_visible()
    expect(viewer.get_by_role("img", name=re.compile("^Other photo"))).to_have_js_property(
        "naturalWidth", 2048
    )
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        come_to_rest(page)
        assert Axe().run(page).response["violations"] == []
    page.keyboard.press("Escape")
    expect(viewer).to_have_count(0)


def test_a_face_is_covered_by_pointer_and_by_keys(city: Served, page_as: Callable[..., Page]):
    page = page_as("dispatcher", reduced_motion="reduce")
    with city.open() as now:
        make_ticket(now)
    page.goto("/desk?ticket=W000001")
    part = page.locator(".photo-part")
    part.get_by_label("What they show").select_option("before")
    part.locator("input[type=file]").set_input_files([LARGE])
    part.get_by_role("button", name=re.compile("^Before the work")).click()
    viewer = page.get_by_role("dialog", name="Photos")
    viewer.get_by_role("button", name="Cover faces and plates").click()
    stage = viewer.get_by_role("application", name="Photo: draw rectangles")
    expect(stage).to_be_focused()
    expect(stage.locator("img")).to_have_js_property("complete", value=True)
    place = stage.bounding_box()
    page.mouse.move(place["x"] + 10, place["y"] + 10)
    page.mouse.down()
    page.mouse.move(place["x"] + 110, place["y"] + 90)
    page.mouse.up()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    expect(viewer.get_by_role("status")).to_have_text("2 rectangles")
    come_to_rest(page)
    assert Axe().run(page).response["violations"] == []
    viewer.get_by_role("button", name="Cover for everybody").click()
    expect(page.locator(".story")).to_contain_text("Parts of a photo covered")
    part.get_by_role("button", name=re.compile("^Before the work")).click()
    expect(viewer).to_contain_text("covered by")
    viewer.get_by_role("button", name="As it was taken").click()
    shown = viewer.get_by_role("img", name=re.compile("^Before the work"))
    expect(shown).to_have_attribute("src", re.compile("/original$"))
    with city.app.app_context():
        row = db.session.query(Attachment).one()
        assert len(row.covered_boxes) == 2
