"""Does the desk show, choose, send and save as a dispatcher and a call-taker need it?"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from dispatch.actions.dispatching import Decision, dispatch_visit
from dispatch.actions.holds import hold_ticket
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.models.tickets import Ticket
from dispatch.queries.tickets import ticket_for_change
from tests.browser.conftest import PHONE, come_to_rest
from tests.browser.desk_scene import open_desk, row
from tests.factories import DESK, make_ticket
from tests.finished import complete_one

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Faults, Served


def test_one_choice_shows_in_list_pane_and_address(city: Served, page_as: Callable[..., Page]):
    page = page_as("dispatcher")
    open_desk(page)
    expect(page.locator(".queue-row")).to_have_count(3)
    row(page, "Renmin Road").click()
    expect(page.locator(".ticket-title")).to_have_text(re.compile("Low pressure"))
    expect(page).to_have_url(re.compile("ticket=W000002"))
    expect(row(page, "Renmin Road")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".ticket")).to_contain_text("East Team")


def test_an_address_opens_the_same_choice_and_filter(city: Served, page_as: Callable[..., Page]):
    page = page_as("dispatcher")
    open_desk(page, "?ticket=W000003&show=place")
    expect(page.locator(".ticket-title")).to_have_text(re.compile("No water"))
    expect(page.locator(".queue-row")).to_have_count(1)
    expect(page.get_by_role("button", name="Not placed 1")).to_have_attribute(
        "aria-pressed", "true"
    )


def test_work_comes_before_a_late_follow_up_and_counts_alone_as_overdue(
    city: Served, page_as: Callable[..., Page]
):
    with city.open() as now:
        pass
    with city.app.app_context():
        complete_one(now - timedelta(days=2))
    page = page_as("dispatcher")
    open_desk(page)
    last = page.locator(".queue-row").last
    expect(last).to_contain_text("W000004")
    expect(last).to_contain_text("late")
    expect(page).to_have_title(re.compile(r"^\(2\)"))


def test_a_crew_that_will_be_late_is_seen_before_it_is(city: Served, page_as: Callable[..., Page]):
    with city.open() as now:
        for number, late in ((1, timedelta(minutes=5)), (2, timedelta(0))):
            ticket = db.session.get_one(Ticket, number)
            decision = Decision(eta_at=ticket.arrive_due_at + late)
            crew = db.session.get_one(Crew, number)
            dispatch_visit(ticket, crew, actor=DESK, now=now, decision=decision)
    page = page_as("dispatcher")
    open_desk(page, "?ticket=W000001")
    expect(row(page, "Wuyi Road")).to_contain_text("expected late by 5 min")
    expect(page.locator(".ticket .expected-late")).to_have_text("expected late by 5 min")
    expect(row(page, "Renmin Road")).not_to_contain_text("expected late")


def test_the_queue_is_walked_and_searched_by_keys(city: Served, page_as: Callable[..., Page]):
    page = page_as("dispatcher")
    open_desk(page)
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(".queue-row").nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("k")
    expect(page.locator(".queue-row").first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("/")
    page.keyboard.type("renmin")
    expect(page.locator(".queue-row")).to_have_count(1)
    expect(page).to_have_url(re.compile("q=renmin"))
    page.keyboard.press("Escape")
    expect(page.locator(".queue-row")).to_have_count(3)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Next ticket")


def test_the_best_crew_is_sent_with_one_click_and_called_back_by_undo(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("dispatcher")
    open_desk(page, "?ticket=W000001")
    expect(page.locator(".ticket-title")).to_be_visible()
    page.keyboard.press("a")
    best = page.locator(".candidate").first
    expect(best).to_contain_text("Home team of this grid")
    best.get_by_role("button").click()
    expect(page.locator(".crew-line")).to_contain_text(re.compile("W[12]"))
    expect(row(page, "Wuyi Road")).to_contain_text("dispatched")
    page.get_by_role("button", name="Undo").click()
    expect(row(page, "Wuyi Road")).to_contain_text("accepted")
    page.keyboard.press("u")
    expect(page.locator(".toast").last).to_contain_text("Nothing is left to undo here")


def test_another_crew_than_the_best_needs_a_reason(city: Served, page_as: Callable[..., Page]):
    page = page_as("dispatcher")
    open_desk(page, "?ticket=W000001")
    expect(page.locator(".ticket-title")).to_be_visible()
    page.keyboard.press("a")
    page.locator(".candidate", has_text="E1").get_by_role("button").click()
    expect(page.get_by_label("Why E1 and not the best choice?")).to_be_focused()
    page.keyboard.type("Knows the valve")
    page.keyboard.press("Enter")
    expect(page.locator(".crew-line")).to_contain_text("E1")
    expect(page.locator(".why")).to_contain_text("Knows the valve")
    with city.open():
        assert db.session.get(Ticket, 1).overridden


def test_a_hold_is_chosen_from_the_list_and_released(city: Served, page_as: Callable[..., Page]):
    page = page_as("dispatcher")
    open_desk(page, "?ticket=W000001")
    expect(page.locator(".ticket-title")).to_be_visible()
    page.keyboard.press("h")
    page.get_by_label("Waiting for a part").check()
    page.get_by_role("dialog").get_by_role("button", name="Hold").click()
    expect(row(page, "Wuyi Road").locator(".state")).to_contain_text("on hold")
    page.keyboard.press("h")
    expect(row(page, "Wuyi Road").locator(".state")).to_contain_text("accepted")


def test_two_tickets_become_one_and_are_separated_by_undo(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("dispatcher")
    open_desk(page, "?ticket=W000001")
    expect(page.locator(".ticket-title")).to_be_visible()
    page.keyboard.press("m")
    expect(page.get_by_label("Number of the ticket that stays")).to_be_focused()
    page.keyboard.type("W000002")
    page.keyboard.press("Enter")
    expect(row(page, "Wuyi Road")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(row(page, "Wuyi Road")).to_be_visible()


def test_a_ticket_without_a_place_gets_one_by_a_click_on_the_map(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("dispatcher")
    open_desk(page, "?ticket=W000003")
    expect(page.get_by_role("button", name="Place on the map")).to_be_visible()
    page.keyboard.press("p")
    expect(page.get_by_text("Click where W000003 is.")).to_be_visible()
    come_to_rest(page)
    box = page.locator(".desk-map .map").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2 - 60, box["y"] + box["height"] / 2)
    expect(page.locator(".ticket")).to_contain_text("West Team")
    expect(row(page, "Somewhere").locator(".state")).to_contain_text("accepted")


def test_a_wrong_time_is_corrected_with_a_reason(city: Served, page_as: Callable[..., Page]):
    page = page_as("dispatcher", timezone_id="America/New_York")
    open_desk(page, "?ticket=W000001")
    page.get_by_role("img", name="More").click()
    page.get_by_role("button", name="Correct a time").click()
    page.get_by_label("Which time").select_option("received")
    page.get_by_label("It happened at").fill("2026-01-01T08:00")
    page.get_by_label("Reason").fill("The note was late")
    page.get_by_role("dialog").get_by_role("button", name="Correct a time").click()
    expect(page.locator(".story")).to_contain_text("A time was corrected")
    with city.open():
        corrected = db.session.get(Ticket, 1).received_at
    assert corrected.isoformat() == "2026-01-01T00:00:00+00:00"


def test_the_desk_acts_for_the_crew(city: Served, page_as: Callable[..., Page]):
    with city.open() as now:
        ticket = ticket_for_change("W000001", DESK.scope)
        dispatch_visit(ticket, db.session.get(Crew, 1), actor=DESK, now=now)
    page = page_as("dispatcher")
    open_desk(page, "?ticket=W000001")
    page.get_by_text("For the crew", exact=True).click()
    page.get_by_role("button", name="Arrived").click()
    expect(page.locator(".story")).to_contain_text("Crew arrived")
    expect(page.locator(".story")).to_contain_text("for W1")


def test_a_change_by_somebody_else_arrives_by_itself(city: Served, page_as: Callable[..., Page]):
    page = page_as("dispatcher")
    open_desk(page)
    with city.open() as now:
        ticket = ticket_for_change("W000001", DESK.scope)
        hold_ticket(ticket, reason="waiting_for_part", actor=DESK, now=now)
        make_ticket(now, category="burst", address="Laodong Road 5")
    expect(row(page, "Laodong Road")).to_be_visible()
    expect(row(page, "Wuyi Road")).to_contain_text("on hold")


def test_a_stale_picture_is_said_and_renewed(
    city: Served, page_as: Callable[..., Page], faults: Faults
):
    faults.allow("409")
    page = page_as("dispatcher")
    open_desk(page, "?ticket=W000001")
    expect(page.locator(".ticket-title")).to_be_visible()
    page.keyboard.press("h")
    page.route("**/api/live*", lambda route: route.abort())
    faults.allow("ERR_FAILED")
    with city.open() as now:
        ticket = ticket_for_change("W000001", DESK.scope)
        hold_ticket(ticket, reason="waiting_for_part", actor=DESK, now=now)
    page.get_by_label("Waiting for a permit").check()
    page.get_by_role("dialog").get_by_role("button", name="Hold").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("Li Na")
    expect(page.locator(".ticket-head")).to_contain_text("on hold")


def test_a_lost_line_is_said_and_found_again(
    city: Served, page_as: Callable[..., Page], faults: Faults
):
    faults.allow("net::ERR_")
    page = page_as("dispatcher")
    open_desk(page)
    page.context.set_offline(True)
    expect(page.locator(".desk-banners")).to_contain_text("Reconnecting")
    page.context.set_offline(False)
    expect(page.locator(".desk-banners")).not_to_contain_text("Reconnecting")


def test_a_phone_gets_tabs(city: Served, page_as: Callable[..., Page]):
    page = page_as("dispatcher", viewport=PHONE)
    open_desk(page)
    expect(page.locator(".desk-map")).to_be_hidden()
    row(page, "Wuyi Road").click()
    expect(page.get_by_role("tab", name="Ticket")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".ticket-title")).to_be_visible()
    come_to_rest(page)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_five_thousand_tickets_draw_only_the_rows_in_view(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("dispatcher")
    sent: dict[str, object] = {}

    def many(route, request):
        if "since" in request.url:
            route.continue_()
            return
        answer = route.fetch()
        sent.update(answer.json())
        first = sent["tickets"][0]
        sent["tickets"] = [{**first, "number": f"W{900_000 + at:06d}"} for at in range(5000)]
        route.fulfill(response=answer, json=sent)

    page.route("**/api/live*", many)
    page.goto("/desk")
    expect(page.get_by_role("button", name="All 5000")).to_be_visible(timeout=120_000)
    expect(page.locator(".queue-row").first).to_be_visible()
    expect(page.locator(".queue-row").nth(39)).to_have_count(0)
    page.locator(".queue-scroll").evaluate("box => box.scrollTop = box.scrollHeight")
    expect(row(page, "W904999")).to_be_visible()


def test_the_first_list_is_asked_for_once(city: Served, page_as: Callable[..., Page]):
    page = page_as("dispatcher")
    open_desk(page)
    asked = page.evaluate("performance.getEntriesByType('resource').map((each) => each.name)")
    first = [each for each in asked if "/api/live" in each and "since=" not in each]
    assert len(first) == 1, "what the page fetches ahead must be what the desk asks for"


def test_the_details_are_mended_and_told(city: Served, page_as: Callable[..., Page]):
    page = page_as("dispatcher")
    open_desk(page, "?ticket=W000001")
    expect(page.locator(".ticket-title")).to_be_visible()
    page.keyboard.press("d")
    page.get_by_role("combobox", name="What", exact=True).select_option("riser")
    page.get_by_role("spinbutton").fill("150")
    page.get_by_role("dialog").get_by_role("button", name="Mend the details").click()
    expect(page.locator(".ticket-title")).to_have_text(re.compile("Leaking riser"))
