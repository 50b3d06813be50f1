"""Are questions answered with one key, dangers told of at once, and callers helped by phone?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from dispatch.models.base import db
from dispatch.models.tickets import Report, Ticket
from tests.browser.desk_scene import open_call, open_desk, take_call
from tests.factories import IN_EAST, make_ticket

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Faults, Served

LONG = "水管 🚰 <script>window.hurt = 1</script> " + "水一直在流，" * 500


def begin(page: Page, kind: str, address: str = "Nanhu Road 1") -> None:
    """Say where it is and of which kind, by keyboard."""
    page.locator("#call-address").focus()
    page.keyboard.type(address)
    page.get_by_role("radio", name=kind, exact=True).focus()
    page.keyboard.press("Space")


def level(page: Page):
    return page.locator("input[name=level]:checked")


def test_questions_are_answered_with_one_key_each_and_raise_the_level(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("call_taker")
    open_call(page)
    begin(page, "Leak")
    expect(page.locator(".question")).to_have_count(5)
    expect(level(page)).to_have_value("2")
    for key in ("3", "n", "0", "1"):
        page.keyboard.press(key)
    expect(page.get_by_role("radio", name="It gushes")).to_be_checked()
    expect(level(page)).to_have_value("1")
    page.get_by_role("radiogroup", name="Does water run into a building?").get_by_role(
        "radio"
    ).first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile("/desk.*ticket=W000004"))
    expect(page.locator(".reporters")).to_contain_text(
        "It gushes. No water near electricity. No water runs into buildings."
    )
    expect(page.locator(".reporters")).to_contain_text("It stops the traffic.")
    with city.open():
        assert db.session.get_one(Report, 4).answers == {
            "flow": "gushes",
            "electricity": "no",
            "sinkhole": "unknown",
            "road": "yes",
            "indoors": "no",
        }


def test_a_number_is_typed_where_it_is_asked(city: Served, page_as: Callable[..., Page]):
    page = page_as("call_taker")
    open_call(page)
    begin(page, "No water")
    for key in ("y", "2", "n"):
        page.keyboard.press(key)
    page.keyboard.type("60")
    page.keyboard.press("Enter")
    expect(page.locator("#call-description")).to_be_focused()
    expect(level(page)).to_have_value("1")
    page.reload()
    expect(page.locator("[data-question=households] input")).to_have_value("60")
    expect(page.get_by_role("radio", name="Today")).to_be_checked()


def test_a_danger_names_the_number_at_once_and_is_recorded_as_told(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("call_taker")
    open_desk(page)
    take_call(page)
    begin(page, "Leaking riser")
    page.keyboard.press("y")
    card = page.locator(".danger-card")
    expect(card).to_contain_text("Tell the caller to ring 119 now: the fire brigade")
    expect(level(page)).to_have_value("1")
    expect(page.get_by_role("button", name="Solved by phone")).to_have_count(0)
    page.locator("#call-description").focus()
    page.keyboard.type("an old man is unconscious, no smell of gas")
    expect(card).to_contain_text("ring 120 now")
    page.keyboard.press("Alt+0")
    expect(card).to_contain_text("Told: ring 119")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".reporters")).to_contain_text(
        "Water and electricity: the caller was told to ring the fire brigade."
    )
    with city.open():
        ticket = db.session.get_one(Ticket, 4)
        report = db.session.get_one(Report, 4)
        assert (ticket.category, ticket.level) == ("riser", 1)
        assert report.dangers == {"electricity": "told", "gas": "told", "injured": "told"}


def test_a_word_that_means_no_danger_is_dismissed(city: Served, page_as: Callable[..., Page]):
    page = page_as("call_taker")
    open_call(page)
    begin(page, "Bill")
    page.locator("#call-description").focus()
    page.keyboard.type("not trapped at all")
    expect(page.locator(".danger-card")).to_contain_text("Somebody is trapped")
    page.keyboard.press("Alt+9")
    expect(page.locator(".danger-card")).to_have_count(0)
    expect(level(page)).to_have_value("4")


def test_a_caller_is_helped_by_phone_with_one_key(city: Served, page_as: Callable[..., Page]):
    page = page_as("call_taker")
    open_call(page)
    begin(page, "Plumbing indoors")
    expect(page.locator(".help-card")).to_contain_text("Turn it clockwise until it stops")
    page.keyboard.press("Alt+m")
    sending = page.get_by_role("button", name="Send to the caller when saved")
    expect(sending).to_have_attribute("aria-pressed", "true")
    page.locator("#call-phone").focus()
    page.keyboard.type("13911110009")
    page.keyboard.press("Control+Shift+Enter")
    expect(page.locator(".toast")).to_contain_text(
        "the number is W000004; it is noted as solved by phone. The caller gets the card"
    )
    with city.open():
        assert db.session.get_one(Ticket, 4).state == "solved_by_phone"


def test_a_long_description_with_markup_is_kept_letter_by_letter(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("call_taker")
    open_call(page)
    begin(page, "Other fault")
    page.locator("#call-description").focus()
    page.keyboard.insert_text(LONG[:3_000])
    page.reload()
    expect(page.locator("#call-description")).to_have_value(LONG[:3_000])
    page.keyboard.press("Control+Enter")
    expect(page.locator(".said")).to_contain_text("🚰 <script>window.hurt = 1</script>")
    assert page.evaluate("window.hurt") is None
    with city.open():
        assert db.session.get_one(Ticket, 4).description == LONG[:3_000].strip()


def test_a_caller_is_known_by_the_number_and_joins_with_one_key(
    city: Served, page_as: Callable[..., Page]
):
    with city.open() as now:
        make_ticket(now, category="bill", place=IN_EAST, reporter_phone="13800009999")
    page = page_as("call_taker")
    open_call(page)
    page.keyboard.type("13800009999")
    known = page.get_by_role("region", name="This caller before")
    expect(known).to_contain_text("W000004")
    expect(known.get_by_role("link")).to_have_attribute("href", "/desk?ticket=W000004")
    page.locator("#call-address").fill("Nanhu Road 1")
    page.keyboard.press("Alt+a")
    expect(page.locator(".toast")).to_contain_text("we know of it already, as W000004")
    with city.open():
        assert db.session.get_one(Ticket, 4).report_count == 2


def test_an_expired_session_loses_nothing(
    city: Served, page_as: Callable[..., Page], faults: Faults
):
    faults.allow("40[0-9]")
    page = page_as("call_taker")
    open_call(page)
    begin(page, "Plumbing indoors")
    page.keyboard.press("n")
    cookies = page.context.cookies()
    page.context.clear_cookies()
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-problem]")).to_contain_text("You are signed out")
    expect(page.locator("[data-problem]")).to_contain_text("What you typed is kept.")
    page.get_by_role("link", name="Sign in again").click()
    expect(page).to_have_url(re.compile("/sign-in"))
    page.context.add_cookies(cookies)
    page.reload()
    expect(page).to_have_url(re.compile("/desk/call$"))
    expect(page.locator("html[data-ready]")).to_be_attached()
    expect(page.locator("#call-address")).to_have_value("Nanhu Road 1")
    expect(page.get_by_role("radio", name="No", exact=True).first).to_be_checked()
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile("/desk.*ticket=W000004"))
