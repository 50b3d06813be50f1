"""Does the desk make itself seen and heard when its tab is not looked at, and only when it may?"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.browser.desk_scene import open_desk
from tests.factories import make_ticket

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Served

HEAR = """
let tones = 0;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) {
  document.documentElement.dataset.tones = String(++tones);
  return start.apply(this, when);
};
"""


def test_title_and_picture_count_what_is_overdue_and_new(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("dispatcher")
    open_desk(page)
    picture = page.locator("link[rel=icon]")
    expect(page).to_have_title(re.compile(r"^\(2\) Desk"))
    expect(picture).to_have_attribute("href", re.compile("^data:image/png"))
    calm = picture.get_attribute("href")
    with city.open() as now:
        make_ticket(now - timedelta(days=3), category="leak")
    page.reload()
    expect(page).to_have_title(re.compile(r"^\(4\) 1 overdue · Desk"))
    expect(picture).not_to_have_attribute("href", calm or "")


def test_each_kind_of_news_has_its_sound_after_the_first_key(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("dispatcher")
    page.add_init_script(HEAR)
    open_desk(page)
    menu = page.locator("#sounds-menu > summary")
    expect(menu).to_contain_text("No sound before the first click or key")
    with city.open() as now:
        make_ticket(now, category="burst", address="Silent Road")
    expect(page.locator(".queue-row")).to_have_count(4)
    expect(page.locator("html")).not_to_have_attribute("data-tones", re.compile("."))
    page.keyboard.press("j")
    expect(menu).not_to_contain_text("No sound")
    with city.open() as now:
        make_ticket(now, category="burst", address="Loud Road")
    expect(page.locator("html")).to_have_attribute("data-tones", "5")


def test_sounds_are_tried_muted_and_remembered(city: Served, page_as: Callable[..., Page]):
    page = page_as("dispatcher")
    page.add_init_script(HEAR)
    open_desk(page)
    page.locator("#sounds-menu > summary").click()
    page.get_by_label("New ticket", exact=True).uncheck()
    page.get_by_label("Try the sound: A crew declined").click()
    expect(page.locator("html")).to_have_attribute("data-tones", "3")
    page.get_by_label("Volume").fill("0")
    expect(page.locator("#sounds-menu > summary")).to_contain_text("Sound is off")
    page.reload()
    expect(page.locator("#sounds-menu > summary")).to_contain_text("Sound is off")
    page.locator("#sounds-menu > summary").click()
    expect(page.get_by_label("New ticket", exact=True)).not_to_be_checked()
