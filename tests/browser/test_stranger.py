"""Does a stranger with a phone do a ticket by pressing what stands out, without instructions?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe

from dispatch.access import PHONE_COOKIE
from dispatch.actions.clockwork import beat
from dispatch.domain.permissions import Role
from dispatch.models.base import db
from dispatch.models.tickets import Ticket
from tests.browser.conftest import come_to_rest
from tests.browser.crew_phone import HERE, PIN, SECRET, call_out, equip
from tests.factories import make_account

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Served

NARROW = {"width": 360, "height": 740}
SMALLEST_TARGET_PIXELS = 56
NAME = "王磊"


MEASURED = """
(elements) => elements.flatMap((element) => {
  const { left, top, bottom, width, height } = element.getBoundingClientRect();
  const isThere = element.checkVisibility({ visibilityProperty: true }) && !element.disabled;
  if (!isThere || top < 0 || bottom > window.innerHeight) return [];
  return [{
    words: element.innerText.trim(), is_link: element.tagName === "A",
    x: left + width / 2, y: top + height / 2, height, area: width * height,
  }];
})
"""


class Words(NamedTuple):
    """What a person who was told a name and a PIN reads on the way."""

    pin: str
    sent: str
    done: str


WORDS = {
    "en-GB": Words("PIN", "Everything is sent", "Done today"),
    "zh-CN": Words("PIN 码", "已全部上传", "今日已完成"),
}


class Press(NamedTuple):
    """Something to press: its words, whether it leads elsewhere, its middle, its size in pixels."""

    words: str
    is_link: bool
    x: float
    y: float
    height: float
    area: float


@pytest.fixture
def van(served: Served) -> Served:
    """Give crew W1 a phone, two people and a burst main to go to."""
    call_out(served)
    with served.open() as now:
        # A clockwork at work, so that no banner stands between.
        beat("timers", "here/1", now=now + timedelta(hours=1), started_at=now, took_ms=1)
        equip(make_account(Role.CREW, now, name=NAME, crew_id=1), now)
        make_account(Role.CREW, now, name="赵敏", crew_id=1)
    return served


def what_stands_out(page: Page) -> Press:
    """Return the largest enabled button or link that is wholly on the screen."""
    # All are measured at one instant: the page may draw itself anew between two questions.
    measured = page.get_by_role("button").or_(page.get_by_role("link")).evaluate_all(MEASURED)
    return max((Press(**each) for each in measured), key=lambda each: each.area)


def sign_in(page: Page, words: Words) -> None:
    """Say who one is."""
    for field in (page.get_by_text(NAME), page.get_by_label(words.pin, exact=True)):
        tall = field.locator("xpath=ancestor-or-self::*[self::label or self::input][1]")
        assert tall.bounding_box()["height"] >= SMALLEST_TARGET_PIXELS
    page.get_by_text(NAME).click()
    page.get_by_label(words.pin, exact=True).fill(PIN)


@pytest.mark.parametrize("locale", sorted(WORDS))
def test_whoever_presses_what_stands_out_repairs_a_main(
    locale: str, van: Served, page_as: Callable[..., Page]
):
    words, pressed = WORDS[locale], []
    options = {"geolocation": HERE, "permissions": ["geolocation"], "reduced_motion": "reduce"}
    page = page_as(None, viewport=NARROW, locale=locale, **options)
    page.context.add_cookies([{"name": PHONE_COOKIE, "value": SECRET, "url": van.url}])
    page.goto("/crew")
    sign_in(page, words)
    while len(pressed) < 7:
        expect(page.get_by_role("status").filter(has_text=words.sent)).to_be_visible()
        come_to_rest(page)
        assert Axe().run(page).response["violations"] == []
        expect(page.locator("html[data-resting]")).to_have_count(0)
        press = what_stands_out(page)
        assert press.height >= SMALLEST_TARGET_PIXELS
        pressed.append(press.words)
        same = page.get_by_role("button", name=press.words, exact=True)
        address = page.url
        page.mouse.click(press.x, press.y)
        if press.is_link:
            expect(page).not_to_have_url(address)
        else:
            expect(same).to_have_count(0)
    expect(page.get_by_text(words.done)).to_be_visible()
    assert len(set(pressed)) == len(pressed)
    with van.app.app_context():
        assert db.session.get_one(Ticket, 1).state == "completed"
