"""Is it seen at a glance what is overdue, by how much, who is meant, and what was just done?"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from dispatch.actions.dispatching import Decision, dispatch_visit
from dispatch.actions.placing import GivenPlace
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.queries.tickets import ticket_for_change
from tests.browser.board_scene import crew, open_board
from tests.browser.desk_scene import open_desk, row
from tests.factories import DESK, make_ticket
from tests.finished import complete_one

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Route

    from tests.browser.conftest import Served

SOON = timedelta(seconds=6)
COVERED = """() => {
  const box = document.querySelector(".toast").getBoundingClientRect();
  const found = new Set();
  for (let x = box.left + 1; x < box.right; x += 8) {
    for (let y = box.top + 1; y < box.bottom; y += 4) {
      for (const each of document.elementsFromPoint(x, y)) {
        const control = each.closest("button, a, input, select, [role=option], canvas");
        if (control && !control.closest(".toast")) found.add(control.outerHTML.slice(0, 80));
      }
    }
  }
  return [...found];
}"""
ON_TOP = """(label) => {
  const box = label.getBoundingClientRect();
  return [0.1, 0.5, 0.9].every((part) =>
    document.elementFromPoint(box.left + box.width * part, box.top + box.height / 2) === label);
}"""


def run_out(served: Served, left: timedelta, address: str) -> None:
    """Open a ticket whose first promise runs out in so long, or did where that is negative."""
    with served.open() as now:
        known = ticket_for_change("W000001", DESK.scope)
        assert known.dispatch_due_at is not None
        promised = known.dispatch_due_at - known.received_at
        make_ticket(now - promised + left, category="leak", address=address)


def test_the_overdue_are_a_chip_whose_count_follows_the_clock(
    city: Served, page_as: Callable[..., Page]
):
    run_out(city, SOON, "Late Road 1")
    page = page_as("dispatcher")
    open_desk(page)
    chip = page.locator(".chip", has_text="Overdue")
    expect(chip).to_have_text("Overdue 1")
    page.keyboard.press("2")
    expect(chip).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile("show=over"))
    expect(page.locator(".queue-row")).to_have_count(1)
    expect(row(page, "Late Road 1")).to_be_visible()
    page.keyboard.press("1")
    expect(page.locator(".queue-row")).to_have_count(4)
    page.keyboard.press("Control+k")
    page.keyboard.type("overdue")
    expect(page.locator("#palette-list [aria-selected=true]")).to_contain_text("Overdue")
    page.keyboard.press("Enter")
    expect(page.locator(".queue-row")).to_have_count(1)


def test_what_runs_out_joins_the_overdue_that_are_looked_at(
    city: Served, page_as: Callable[..., Page]
):
    run_out(city, -SOON, "Late Road 1")
    run_out(city, SOON, "Late Road 2")
    page = page_as("dispatcher")
    open_desk(page, "?show=over")
    expect(row(page, "Late Road 1")).to_be_visible()
    expect(page.locator(".queue-row")).to_have_count(2)
    expect(page.locator(".chip", has_text="Overdue")).to_have_text("Overdue 2")


def test_a_countdown_says_its_units_and_whether_time_is_left(
    city: Served, page_as: Callable[..., Page]
):
    run_out(city, timedelta(minutes=-72, seconds=-30), "Late Road 1")
    page = page_as("dispatcher")
    open_desk(page, "?ticket=W000004")
    shown = row(page, "Late Road 1").locator(".countdown")
    expect(shown).to_have_text(re.compile(r"^1 h 1[2-9] min late$"))
    expect(row(page, "Wuyi Road").locator(".countdown")).to_have_text(re.compile(r"min left$"))
    expect(page.locator(".ticket-head .countdown")).to_have_text(re.compile(r"^1 h 1\d min late$"))
    expect(page.locator(".promise[data-next=true]")).to_contain_text(
        re.compile(r"1 h 1\d min late")
    )


def test_a_heading_parts_repair_work_from_what_is_only_followed_up(
    city: Served, page_as: Callable[..., Page]
):
    with city.app.app_context():
        complete_one(datetime.now(UTC), category="leak", address="Done Road 1")
    page = page_as("dispatcher")
    open_desk(page)
    heading = page.locator(".queue-heading")
    expect(heading).to_have_text("To follow up 1")
    done = row(page, "Done Road 1").bounding_box()
    last = row(page, "Somewhere").bounding_box()
    parted = heading.bounding_box()
    assert done is not None
    assert last is not None
    assert parted is not None
    assert last["y"] + last["height"] <= parted["y"] + 1
    assert parted["y"] + parted["height"] <= done["y"] + 1
    page.locator(".chip", has_text="To follow up").click()
    expect(page.locator(".queue-row")).to_have_count(1)
    expect(heading).to_have_count(0)


def test_the_name_of_the_chosen_crew_lies_over_a_sign_of_several_tickets(
    city: Served, page_as: Callable[..., Page]
):
    with city.open() as now:
        found = ticket_for_change("W000001", DESK.scope)
        sent = db.session.get_one(Crew, 1)
        assert sent.base_lat is not None
        assert sent.base_lon is not None
        dispatch_visit(found, sent, decision=Decision(), actor=DESK, now=now)
        for number in range(3):
            beside = GivenPlace(sent.base_lat, sent.base_lon)
            make_ticket(now, category="leak", place=beside, address=f"Flat {number}")
    page = page_as("dispatcher")
    open_desk(page, "?ticket=W000001")
    expect(page.get_by_role("button", name=re.compile("tickets here")).first).to_be_visible()
    label = page.locator(".crew-label")
    expect(label).to_contain_text("W1")
    assert label.evaluate(ON_TOP)


def test_the_board_names_each_crew_in_full(city: Served, page_as: Callable[..., Page]):
    name = "North-West Emergency Crew 12"
    with city.open():
        db.session.get_one(Crew, 1).name = name
    page = page_as("dispatcher")
    open_board(page)
    head = crew(page, name).locator(".board-head")
    assert head.evaluate("(box) => box.scrollHeight <= box.clientHeight + 1")
    assert head.locator("b").evaluate("(words) => words.scrollHeight <= words.clientHeight + 1")
    expect(head).to_have_attribute("title", re.compile(f"^{name}"))


def test_what_was_just_done_is_said_where_it_covers_no_control(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("dispatcher")
    open_desk(page, "?ticket=W000001")
    page.keyboard.press("i")
    page.get_by_label("Reason").fill("x")
    page.locator("dialog[open] button.primary").click()
    expect(page.locator(".toast")).to_be_visible()
    assert page.evaluate(COVERED) == []


def test_keys_typed_before_the_form_of_a_call_is_there_land_in_its_first_field(
    city: Served, page_as: Callable[..., Page]
):
    held: list[Route] = []
    page = page_as("call_taker")

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile(r"/desk/call\.js"), hold)
    open_desk(page)
    page.keyboard.press("n")
    page.keyboard.type("13800005678")
    expect(page.locator("#call-phone")).to_have_value("13800005678")
    held[0].continue_()
    expect(page.locator("[data-save-key]")).to_be_visible()
    expect(page.locator("#call-phone")).to_have_value("13800005678")
    expect(page.locator("#call-phone")).to_be_focused()
