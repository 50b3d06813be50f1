"""Is a call taken by keyboard, once, and its draft kept for its author alone?"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from dispatch.actions.dispatching import dispatch_visit
from dispatch.actions.positions import record_position
from dispatch.actions.visits import set_off
from dispatch.domain.place import Point
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.models.tickets import Report, Ticket
from tests.browser.desk_scene import open_call, open_desk, pin_call, take_call, type_caller
from tests.factories import DESK, IN_EAST, make_ticket

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Faults, Served


def expect_drafts(page: Page, how_many: int, name: str = "") -> None:
    """Wait until so many calls that were not saved are kept in this browser, one by a name."""
    page.wait_for_function(
        """([count, name]) => {
          const kept = Object.keys(localStorage).filter((key) => key.startsWith("desk-call"));
          return kept.length === count && (!name || kept.includes(name));
        }""",
        arg=[how_many, name],
    )


def test_coordinates_that_are_no_place_are_told_while_they_are_typed(
    city: Served, page_as: Callable[..., Page], faults: Faults
):
    faults.allow("422")
    page = page_as("call_taker")
    open_call(page)
    page.locator("summary", has_text="Pin on the map").click()
    page.fill("#call-lat", "0")
    page.fill("#call-lon", "0")
    page.locator("#call-datum").focus()
    found = page.locator("[data-grid]")
    expect(found).to_contain_text("is open sea")
    page.fill("#call-lat", "28.9")
    page.fill("#call-lon", "110.1")
    page.locator("#call-datum").focus()
    expect(found).to_contain_text("Outside every grid")


def test_a_call_is_taken_with_the_keyboard_alone(city: Served, page_as: Callable[..., Page]):
    page = page_as("call_taker")
    open_desk(page)
    take_call(page)
    type_caller(page)
    expect(page.get_by_role("radio", name="Emergency")).to_be_checked()
    expect(page.locator(".grid-found")).to_contain_text("expected there")
    expect(page.locator(".likely > li").first).to_contain_text("W000001")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast")).to_contain_text("Tell the caller: the number is W000004")
    expect(page.locator(".ticket-title")).to_have_text(re.compile("Burst main"))
    expect_drafts(page, 0)


def test_a_second_call_about_the_same_fault_joins_it(city: Served, page_as: Callable[..., Page]):
    page = page_as("call_taker")
    open_desk(page)
    take_call(page)
    pin_call(page)
    page.locator("label.kind", has_text=re.compile(r"^\s*Leak\s*$")).click()
    suggestion = page.locator(".likely > li")
    expect(suggestion).to_contain_text("W000001")
    page.keyboard.press("Alt+1")
    expect(page.locator(".toast")).to_contain_text("we know of it already, as W000001")
    with city.open():
        assert db.session.get(Ticket, 1).report_count == 2
        assert db.session.get(Ticket, 4) is None


def test_the_likeliest_stands_beside_the_button_that_saves(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("call_taker")
    open_desk(page)
    take_call(page)
    pin_call(page)
    page.locator("label.kind", has_text=re.compile(r"^\s*Leak\s*$")).click()
    line = page.locator(".likeliest")
    expect(line).to_contain_text("W000001")
    expect(line).to_be_in_viewport(ratio=1)
    line.get_by_role("button", name="It is the same").click()
    expect(page.locator(".toast")).to_contain_text("we know of it already, as W000001")
    expect(line).to_have_count(0)
    with city.open():
        assert db.session.get(Ticket, 4) is None


def test_a_caller_is_attached_with_one_key_told_where_the_crew_is_and_taken_off_with_another(
    city: Served, page_as: Callable[..., Page]
):
    with city.open() as now:
        ticket, crew = db.session.get_one(Ticket, 1), db.session.get_one(Crew, 1)
        visit = dispatch_visit(ticket, crew, actor=DESK, now=now)
        visit.eta_at = now + timedelta(minutes=12)
        record_position(crew.id, Point(28.159, 112.95), measured_at=now)
        set_off(ticket, visit, actor=DESK, now=now)
    page = page_as("call_taker")
    open_desk(page)
    take_call(page)
    type_caller(page)
    page.locator("#call-description").focus()
    page.keyboard.type("no 14, in the cellar")
    suggestion = page.locator(".likely > li").first
    for words in ("W000001", "W1 · on the way", "1.0 km away", "promised by", "1 caller"):
        expect(suggestion).to_contain_text(words)
    expect(suggestion).to_contain_text(re.compile(r"m away · Related category · Reported \d+ min"))
    page.keyboard.press("Alt+1")
    told = page.locator(".toast").last
    expect(told).to_contain_text("we know of it already, as W000001; 2 have called.")
    expect(told).to_contain_text("Crew W1 is on its way, 1.0 km from there, expected at")
    page.keyboard.press("u")
    expect(page.locator(".toast").last).to_contain_text("Tell the caller: the number is W000004")
    expect(page.locator(".ticket-title")).to_have_text(re.compile("Burst main"))
    with city.open():
        own = db.session.get_one(Ticket, 4)
        assert (own.description, own.report_count) == ("no 14, in the cellar", 1)
        assert db.session.get_one(Ticket, 1).report_count == 1


def test_the_page_for_one_call_hands_the_undo_to_the_desk(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("call_taker")
    open_call(page)
    pin_call(page)
    expect(page.locator(".likely > li")).to_contain_text("W000001")
    page.keyboard.press("Alt+1")
    expect(page.locator(".toast")).to_contain_text("we know of it already, as W000001")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".toast").last).to_contain_text("Tell the caller: the number is W000004")
    expect(page.locator(".ticket-title")).to_have_text(re.compile("Leak"))
    page.wait_for_function("sessionStorage.getItem('desk-told') === null")


def test_the_own_ticket_of_a_caller_is_shown_by_the_number_alone(
    city: Served, page_as: Callable[..., Page]
):
    with city.open() as now:
        make_ticket(now, category="bill", place=IN_EAST, reporter_phone="138 0000 9999")
    page = page_as("call_taker")
    open_desk(page)
    take_call(page)
    page.keyboard.type("+8613800009999")
    expect(page.locator(".likely > li")).to_contain_text("W000004")
    expect(page.locator(".likely > li")).to_contain_text("Same telephone number")


def test_a_double_click_saves_one_ticket_and_a_reload_keeps_the_draft(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("call_taker")
    open_call(page)
    page.fill("#call-address", "Nanhu Road 1")
    page.locator("label.kind", has_text="Other fault").click()
    page.reload()
    expect(page.locator("#call-address")).to_have_value("Nanhu Road 1")
    page.get_by_role("button", name="Save the ticket").dblclick()
    expect(page).to_have_url(re.compile("/desk.*ticket=W000004"))
    with city.open():
        assert db.session.query(Report).count() == 4


def test_a_call_saved_before_the_search_answers_is_asked_about(
    city: Served, page_as: Callable[..., Page], faults: Faults
):
    faults.allow("409")
    page = page_as("call_taker")
    page.route("**/duplicates/search", lambda route: route.abort())
    faults.allow("ERR_FAILED")
    open_call(page)
    pin_call(page)
    page.locator("label.kind", has_text=re.compile(r"^\s*Leak\s*$")).click()
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-problem]")).to_contain_text("Perhaps this is W000001 already")
    expect(page.locator(".likely > li")).to_contain_text("W000001")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast")).to_contain_text("the number is W000004")
    expect(page.locator(".story")).to_be_visible()


def test_the_map_looks_at_a_place_whose_first_answer_was_broken_off(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("call_taker")
    waiting = []
    page.route(
        "**/api/v1/places?*",
        lambda route: route.continue_() if waiting else waiting.append(route),
    )
    open_call(page)
    scale = page.locator(".ol-scale-line-inner")
    expect(scale).to_have_text(re.compile(r"\d km$"))
    page.fill("#call-address", "Furong")
    page.get_by_role("option", name="Furong Road 8").click()
    page.locator("label.kind", has_text="Burst main").click()
    expect(page.locator(".grid-found")).to_contain_text("West Team")
    assert len(waiting) == 1
    expect(scale).to_have_text(re.compile(r"\d m$"))


def test_a_draft_is_nobody_elses_and_goes_at_sign_out(city: Served, page_as: Callable[..., Page]):
    page = page_as("call_taker")
    open_call(page)
    old, fresh = '{"kept_at": 1, "name": "Old"}', f'{{"kept_at": {2**50}, "name": "Other"}}'
    page.evaluate(
        "kept => { for (const key in kept) localStorage.setItem(key, kept[key]); }",
        {"desk-call": fresh, "desk-call:98": old, "desk-call:99": fresh},
    )
    page.reload()
    expect(page.locator("html[data-ready]")).to_be_attached()
    expect_drafts(page, 1, "desk-call:99")
    expect(page.locator("#call-name")).to_have_value("")
    page.fill("#call-name", "Chen")
    expect_drafts(page, 2)
    page.locator("details.menu summary", has_text="Account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).not_to_have_url(re.compile("/desk"))
    expect_drafts(page, 1, "desk-call:99")


def test_without_scripts_a_call_is_a_plain_form(city: Served, page_as: Callable[..., Page]):
    page = page_as("call_taker", java_script_enabled=False)
    page.goto("/desk/call")
    page.fill("#call-address", "Nanhu Road 1")
    page.locator("label.kind", has_text="Other fault").click()
    page.get_by_role("button", name="Save the ticket").click()
    expect(page.get_by_text("Tell the caller: the number is W000004")).to_be_visible()
