"""Does the ticket on the desk tell what was sent, who pinned it, its kind and why it waits?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from dispatch.actions.dispatching import report_waiting
from dispatch.actions.holds import hold_ticket
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.tickets import Ticket
from dispatch.queries.tickets import ticket_for_change
from tests.browser.desk_scene import open_call, open_desk, row, type_caller
from tests.factories import DESK, make_ticket

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Served


def test_what_was_sent_stands_in_the_story(city: Served, page_as: Callable[..., Page]):
    with city.open() as now:
        make_ticket(now, address="Furong Road 8", reporter_phone="13800005678")
    page = page_as("dispatcher")
    open_desk(page, "?ticket=W000004")
    sent = page.locator(".story .sent-message")
    expect(sent).to_contain_text("Report received")
    expect(sent).to_contain_text("138****5678")
    expect(sent).to_contain_text("waiting to be sent")
    parts = page.locator(".story-parts")
    parts.get_by_role("button", name="Calls").click()
    expect(page.locator(".story > li")).to_have_count(1)
    expect(sent).to_have_count(0)
    parts.get_by_role("button", name="Messages").click()
    expect(page.locator(".story > li")).to_have_count(1)
    expect(sent).to_be_visible()


def test_who_may_not_see_numbers_is_not_told_what_was_sent(
    city: Served, page_as: Callable[..., Page]
):
    with city.open() as now:
        make_ticket(now, address="Furong Road 8", reporter_phone="13800005678")
    page = page_as("auditor")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_desk(page, "?ticket=W000004")
    expect(page.locator(".story")).to_be_visible()
    expect(page.locator(".similar-part li, .similar-part p").first).to_be_visible()
    expect(page.locator(".sent-message")).to_have_count(0)
    assert not [each for each in asked if each.endswith("/messages")]


def test_the_stages_to_the_arrival_are_one_bar(city: Served, page_as: Callable[..., Page]):
    with city.open() as now:
        ticket = ticket_for_change("W000001", DESK.scope)
        hold_ticket(ticket, reason="waiting_for_part", actor=DESK, now=now)
    page = page_as("dispatcher")
    open_desk(page, "?ticket=W000001")
    bar = page.locator(".stages")
    expect(bar.locator(".stage")).to_have_count(1)
    expect(bar.locator(".stage-due")).to_have_count(2)
    expect(bar.locator(".stage-words")).to_contain_text("Dispatch")
    expect(bar.locator(".stage-words")).to_contain_text("so far")
    expect(bar.locator(".stage-words")).to_contain_text("on hold")


def test_a_ticket_is_pinned_and_unpinned_by_keyboard(city: Served, page_as: Callable[..., Page]):
    page = page_as("dispatcher", account={"name": "Li Na"})
    open_desk(page, "?ticket=W000001")
    expect(page.locator(".story")).to_be_visible()
    page.keyboard.press("i")
    expect(page.get_by_role("dialog").get_by_label("Reason")).to_be_focused()
    page.keyboard.type("The owner comes at noon")
    page.get_by_role("dialog").get_by_role("button", name="Pin: the planner leaves it").click()
    note = page.locator(".ticket .pinned-note")
    expect(note).to_contain_text("Pinned by Li Na: the planner leaves it.")
    expect(note).to_contain_text("The owner comes at noon")
    expect(row(page, "Wuyi Road").locator(".row-foot svg[aria-label=pinned]")).to_be_visible()
    page.keyboard.press("a")
    expect(page.locator("dialog.dispatch .pinned-note")).to_contain_text("Pinned by Li Na")
    page.keyboard.press("Escape")
    expect(page.locator("dialog.dispatch")).to_have_count(0)
    page.keyboard.press("i")
    expect(page.get_by_role("dialog").get_by_label("Reason")).to_be_focused()
    page.keyboard.type("He came")
    page.get_by_role("dialog").get_by_role("button", name="Unpin").click()
    expect(note).to_have_count(0)


def test_a_planned_visit_says_what_it_is_and_why_it_waits(
    city: Served, page_as: Callable[..., Page]
):
    with city.open() as now:
        found = db.session.get_one(Ticket, 1)
        found.kind = "planned"
        why = say("Every idle crew is needed for the repairs that may come")
        report_waiting(found, 1, why, actor=DESK, now=now)
    page = page_as("dispatcher")
    open_desk(page, "?ticket=W000001")
    expect(page.locator(".ticket-head")).to_contain_text("Planned visit")
    expect(page.locator(".why-waits")).to_contain_text("Every idle crew is needed")


def test_similar_tickets_are_listed_and_opened(city: Served, page_as: Callable[..., Page]):
    with city.open() as now:
        make_ticket(now, category="riser", address="Wuyi Road 14")
    page = page_as("dispatcher")
    open_desk(page, "?ticket=W000001")
    near = page.locator(".similar-part li")
    expect(near).to_have_count(1)
    expect(near).to_contain_text("0 m away")
    near.get_by_role("button", name="W000004").click()
    expect(page.locator(".ticket-number")).to_have_text("W000004")
    row(page, "Somewhere").click()
    expect(page.locator(".similar-part")).to_contain_text("No other ticket within 150 m")


def test_all_actions_are_shown_with_their_keys_until_one_says_otherwise(
    city: Served, page_as: Callable[..., Page]
):
    assert city
    page = page_as("dispatcher")
    open_desk(page, "?ticket=W000001")
    page.get_by_role("button", name="All actions with their keys").click()
    shown = page.locator(".all-steps")
    expect(shown.get_by_role("button", name="Change the level")).to_contain_text("l")
    row(page, "Renmin Road").click()
    expect(page.locator(".ticket-number")).to_have_text("W000002")
    expect(shown).to_be_visible()
    page.reload()
    expect(shown).to_be_visible()
    page.get_by_role("button", name="All actions with their keys").click()
    expect(shown).to_have_count(0)


def test_a_hold_that_was_released_is_on_again_after_undo(
    city: Served, page_as: Callable[..., Page]
):
    with city.open() as now:
        ticket = ticket_for_change("W000001", DESK.scope)
        hold_ticket(ticket, reason="waiting_for_part", actor=DESK, now=now)
    page = page_as("dispatcher")
    open_desk(page, "?ticket=W000001")
    page.get_by_role("button", name="Release the hold").click()
    expect(page.locator(".ticket-head")).not_to_contain_text("on hold")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".ticket-head")).to_contain_text("on hold")


def test_a_key_right_after_a_closed_dialog_opens_the_next(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("dispatcher")
    open_desk(page, "?ticket=W000001")
    expect(page.locator(".story")).to_be_visible()
    page.keyboard.press("a")
    expect(page.locator("dialog.dispatch .candidate").first).to_be_visible()
    # Both keys before the browser's own word that the first dialog is closed.
    page.evaluate("""async () => {
      const say = (where, key) => where.dispatchEvent(
        new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
      say(document.querySelector("dialog[open]"), "Escape");
      const isOpen = () => document.querySelector("dialog[open]") !== null;
      for (let turn = 0; turn < 20 && isOpen(); turn += 1) await null;
      if (isOpen()) throw new Error("the dialog is open still");
      say(document.body, "h");
    }""")
    page.keyboard.type("x")
    expect(page.get_by_role("dialog")).to_contain_text("Why does it wait?")


def test_a_household_is_marked_on_its_ticket_and_in_a_call_and_the_mark_taken_back(
    city: Served, page_as: Callable[..., Page]
):
    with city.open() as now:
        make_ticket(now, category="leak", household_id=1)
    page = page_as("dispatcher")
    open_desk(page, "?ticket=W000004")
    mark = page.locator(".ticket-head .badge", has_text="household first")
    page.get_by_role("button", name="Needs water first").click()
    expect(mark).to_be_visible()
    expect(page.locator(".story")).to_contain_text("Household needs water first")
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(mark).to_have_count(0)
    expect(page.locator(".story")).to_contain_text("Household needs water first no longer")
    open_call(page)
    type_caller(page)
    home = page.locator(".household").first
    home.get_by_role("button", name="Needs water first").click()
    expect(home.locator(".badge")).to_have_text("household first")
    home.get_by_role("button", name="Take the mark back").click()
    expect(home.locator(".badge")).to_have_count(0)


def test_an_expected_arrival_says_what_it_rests_on(city: Served, page_as: Callable[..., Page]):
    page = page_as("dispatcher")
    open_desk(page, "?ticket=W000001")
    page.keyboard.press("a")
    page.locator("dialog.dispatch .candidate").first.get_by_role("button", name="Send").click()
    expect(page.locator(".arrival-basis")).to_contain_text("Drive by the straight line")
    crew = row(page, "W000001").locator(".row-foot [title^='there at']")
    expect(crew).to_have_attribute("title", re.compile("Drive by the straight line"))
