"""Is a ticket moved on the board by drag, by keys and by dialog, with its fit told before?"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.models.tickets import Ticket
from tests.browser.board_scene import crew, foot, lift, open_board
from tests.browser.conftest import PHONE
from tests.browser.desk_scene import row
from tests.factories import make_city, make_crew, make_ticket
from tests.trips import send, work

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Served


def test_a_ticket_is_dragged_from_the_list_to_the_best_crew_and_taken_back(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("dispatcher")
    open_board(page)
    lift(page, row(page, "Renmin Road"), crew(page, "E1"))
    expect(crew(page, "E1").locator(".ghost")).to_be_visible()
    expect(page.locator(".board-chip")).to_contain_text("E1")
    expect(foot(page)).to_contain_text(re.compile(r"There at .* in time for .* Chance"))
    page.mouse.up()
    expect(crew(page, "E1").locator(".bar")).to_contain_text("Low pressure")
    expect(row(page, "Renmin Road")).to_contain_text("dispatched")
    page.get_by_role("button", name="Undo").click()
    expect(crew(page, "E1").locator(".bar[data-ended=false]")).to_have_count(0)
    expect(row(page, "Renmin Road")).to_contain_text("accepted")


def test_a_visit_is_dragged_to_another_crew_with_a_reason_and_undo_sends_the_first_again(
    city: Served, page_as: Callable[..., Page]
):
    now = datetime.now(UTC)
    with city.app.app_context():
        send(1, 1, now)
    page = page_as("dispatcher")
    open_board(page)
    lift(page, crew(page, "W1").locator(".bar"), crew(page, "E1"))
    page.mouse.up()
    why = page.get_by_label("Why E1 and not the best choice?")
    expect(why).to_be_focused()
    page.keyboard.type("knows the valve")
    page.keyboard.press("Enter")
    expect(crew(page, "E1").locator(".bar")).to_contain_text("Leak")
    page.get_by_role("button", name="Undo").click()
    expect(crew(page, "W1").locator(".bar[data-ended=false]")).to_contain_text("Leak")
    expect(crew(page, "E1").locator(".bar[data-ended=false]")).to_have_count(0)


def test_a_ticket_is_sent_by_keys_alone_and_the_fit_is_read_aloud(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("dispatcher")
    page.goto("/desk")
    row(page, "Renmin Road").click()
    expect(row(page, "Renmin Road")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("b")
    expect(page).to_have_url(re.compile("/desk/board"))
    expect(page.locator("#board-grid")).to_be_focused()
    expect(crew(page, "E1")).to_have_attribute("aria-selected", "true")
    aloud = page.locator(".desk-board [role=status]")
    expect(aloud).to_contain_text(re.compile("E1: There at .* in time"))
    page.keyboard.press("ArrowDown")
    expect(crew(page, "W1")).to_have_attribute("aria-selected", "true")
    expect(aloud).to_contain_text("W1: ")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(crew(page, "E1").locator(".bar")).to_contain_text("Low pressure")
    page.keyboard.press("u")
    expect(row(page, "Renmin Road")).to_contain_text("accepted")


def test_a_ticket_is_sent_from_the_board_by_dialog(city: Served, page_as: Callable[..., Page]):
    page = page_as("dispatcher")
    open_board(page, "?ticket=W000002")
    expect(foot(page)).to_contain_text("W000002")
    page.keyboard.press("a")
    page.locator(".candidate", has_text="E1").get_by_role("button", name="Send").click()
    expect(crew(page, "E1").locator(".bar")).to_contain_text("Low pressure")


def test_a_rule_against_a_crew_is_said_in_words_and_escape_puts_the_ticket_back(
    city: Served, page_as: Callable[..., Page]
):
    now = datetime.now(UTC)
    with city.app.app_context():
        send(1, 3, now - timedelta(minutes=12))
        work(1, 3, now - timedelta(minutes=11), until="start")
    page = page_as("dispatcher")
    open_board(page, "?ticket=W000002")
    page.get_by_role("button", name="Choose a crew").click()
    crew(page, "E1").locator(".board-head").click()
    expect(foot(page)).to_contain_text("On another ticket")
    expect(foot(page)).to_contain_text(
        re.compile("On W000001 until about .* if it ends that first")
    )
    expect(crew(page, "E1")).to_have_attribute("data-fit", "danger")
    page.keyboard.press("Escape")
    expect(page.locator(".row-fit")).to_have_count(0)
    expect(foot(page)).to_have_attribute("data-carried", "false")


def test_what_another_promise_and_the_coverage_lose_is_told(
    city: Served, page_as: Callable[..., Page]
):
    with city.open() as now:
        for each in db.session.query(Crew).filter(Crew.name == "W2"):
            each.active = False
    with city.app.app_context():
        send(1, 1, now, eta_minutes=20)
    with city.open() as now:
        # At night the roads are empty, and it would just be kept.
        db.session.get_one(Ticket, 1).arrive_due_at = now + timedelta(minutes=45)
    page = page_as("dispatcher")
    open_board(page, "?ticket=W000002")
    page.get_by_role("button", name="Choose a crew").click()
    crew(page, "W1").locator(".board-head").click()
    expect(foot(page)).to_contain_text("W000001 would miss its promise")
    crew(page, "E1").locator(".board-head").click()
    expect(foot(page)).to_contain_text(re.compile(r"If E1 goes, .* falls from \d+ % to \d+ %"))


def test_a_promise_that_will_be_missed_shows_by_shape_and_in_words(
    city: Served, page_as: Callable[..., Page]
):
    now = datetime.now(UTC)
    with city.app.app_context():
        send(1, 1, now, eta_minutes=300)
    page = page_as("dispatcher")
    open_board(page)
    expect(page.locator(".board-tools")).to_contain_text("1 crew too late for its promise")
    expect(crew(page, "W1").locator(".promise[data-missed=true]")).to_be_attached()
    expect(crew(page, "W1").locator(".bar")).to_have_accessible_name(re.compile("missed"))


def test_choosing_on_the_board_chooses_in_the_list_and_pins(
    city: Served, page_as: Callable[..., Page]
):
    now = datetime.now(UTC)
    with city.app.app_context():
        send(1, 1, now)
    page = page_as("dispatcher")
    open_board(page)
    crew(page, "W1").locator(".bar").click()
    expect(row(page, "Wuyi Road")).to_have_attribute("aria-selected", "true")
    foot(page).get_by_role("button", name="Pin").click()
    page.get_by_label("Reason").fill("the mayor's street")
    page.locator("dialog.dialog .primary").click()
    expect(crew(page, "W1").locator(".bar")).to_have_accessible_name(re.compile("pinned"))
    crew(page, "W1").locator(".bar").click()
    page.keyboard.press("Enter")
    expect(page.locator(".ticket-title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".ticket-title")).to_be_hidden()


def test_the_hours_in_sight_follow_keys_and_buttons(city: Served, page_as: Callable[..., Page]):
    page = page_as("dispatcher")
    open_board(page)
    pressed = page.locator(".board-tools .segments button[aria-pressed=true]").last
    expect(pressed).to_have_text("5 h")
    page.keyboard.press("-")
    expect(pressed).to_have_text("10 h")
    page.get_by_role("button", name="Fewer hours").click()
    page.keyboard.press("+")
    expect(pressed).to_have_text("2 h")


def test_who_may_not_send_sees_the_board_and_carries_nothing(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("call_taker")
    open_board(page, "?ticket=W000002")
    expect(foot(page)).to_contain_text("W000002")
    expect(page.get_by_role("button", name="Choose a crew")).to_have_count(0)


def test_a_phone_has_a_tab_for_the_board(city: Served, page_as: Callable[..., Page]):
    page = page_as("dispatcher", viewport=PHONE, locale="zh-CN")
    page.goto("/desk")
    page.get_by_role("tab", name="派工板").click()
    expect(page.locator(".board-row")).to_have_count(3)
    expect(page).to_have_url(re.compile("/desk/board"))
    page.get_by_role("tab", name="列表").click()
    row(page, "Renmin Road").click()
    page.get_by_role("tab", name="派工板").click()
    page.get_by_role("button", name="选择班组").click()
    crew(page, "E1").locator(".board-head").click()
    page.get_by_role("button", name="派 E1").click()
    expect(crew(page, "E1").locator(".bar")).to_be_visible()


def test_a_finger_that_rests_lifts_a_ticket_and_one_that_moves_scrolls(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("dispatcher", has_touch=True)
    open_board(page)
    touch = page.context.new_cdp_session(page)

    def finger(kind: str, x: float, y: float) -> None:
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    begin, goal = (
        each.bounding_box()
        for each in (row(page, "Renmin Road"), crew(page, "E1").locator(".board-lane"))
    )
    assert begin is not None
    assert goal is not None
    x, y = begin["x"] + 120, begin["y"] + 20
    finger("touchStart", x, y)
    expect(page.locator(".board-chip")).to_be_visible()
    expect(page.locator(".row-fit").first).to_be_visible()
    finger("touchMove", goal["x"] + 200, goal["y"] + 20)
    expect(crew(page, "E1")).to_have_attribute("aria-selected", "true")
    finger("touchEnd", 0, 0)
    expect(crew(page, "E1").locator(".bar")).to_contain_text("Low pressure")
    bar = crew(page, "E1").locator(".bar").bounding_box()
    assert bar is not None
    finger("touchStart", bar["x"] + 10, bar["y"] + 8)
    finger("touchMove", bar["x"] + 10, bar["y"] + 60)
    finger("touchEnd", 0, 0)
    expect(page.locator(".board-chip")).to_have_count(0)


def test_another_day_shows_what_happened_and_moves_nothing(
    city: Served, page_as: Callable[..., Page]
):
    now = datetime.now(UTC)
    with city.open():
        yesterday = now - timedelta(days=1)
        number = make_ticket(yesterday, category="leak", address="Old Road 1").ticket.id
    with city.app.app_context():
        send(number, 1, yesterday)
        work(number, 1, yesterday + timedelta(minutes=1))
    page = page_as("dispatcher")
    open_board(page)
    expect(crew(page, "W1").locator(".bar", has_text="Old Road")).to_have_count(0)
    page.get_by_role("button", name="Day before").click()
    expect(page).to_have_url(re.compile(r"day=\d{4}-\d\d-\d\d"))
    bar = crew(page, "W1").locator(".bar")
    expect(bar).to_have_count(1)
    expect(bar).to_have_accessible_name(re.compile("Old Road 1 .* ended at"))
    expect(page.locator(".board-other-day")).to_contain_text("Nothing of it can be moved")
    expect(page.locator(".board-waiting")).to_have_count(0)
    box = row(page, "Renmin Road").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 100, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + 500, box["y"] + 60, steps=3)
    page.mouse.up()
    expect(page.locator(".board-chip")).to_have_count(0)
    page.reload()
    expect(bar).to_have_count(1)
    page.get_by_role("button", name="Now", exact=True).click()
    expect(page).not_to_have_url(re.compile("day="))
    expect(page.locator(".board-other-day")).to_have_count(0)


def test_the_keys_reach_every_crew_of_a_long_board(served: Served, page_as: Callable[..., Page]):
    with served.open() as now:
        city = make_city(now)
        for number in range(60):
            make_crew(f"X{number:02}", team=city.east)
        make_ticket(now)
    page = page_as("dispatcher")
    open_board(page)
    grid = page.locator("#board-grid")
    expect(grid).to_have_attribute("aria-rowcount", "63")
    expect(crew(page, "E1")).to_be_visible()
    expect(crew(page, "W2")).to_have_count(0)
    grid.focus()
    page.keyboard.press("End")
    expect(crew(page, "W2")).to_be_in_viewport()
    expect(crew(page, "W2")).to_have_attribute("aria-selected", "true")
    expect(crew(page, "E1")).to_have_count(0)
    page.keyboard.press("Home")
    expect(crew(page, "E1")).to_be_in_viewport()
    expect(grid).to_have_attribute("aria-activedescendant", re.compile("crew-"))


def test_the_palette_opens_the_board_of_the_day_before(city: Served, page_as: Callable[..., Page]):
    page = page_as("dispatcher")
    page.goto("/desk")
    expect(page.locator(".queue-row").first).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search everything").fill("day before")
    page.get_by_role("option", name=re.compile("^The day before")).click()
    expect(page).to_have_url(re.compile("/desk/board.*day="))
    expect(page.locator(".board-other-day")).to_be_visible()
