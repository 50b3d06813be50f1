"""Is a change by somebody else told with both values, and does nothing typed get lost?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from dispatch.actions.details import change_details
from dispatch.actions.holds import hold_ticket
from dispatch.actions.intake import change_level
from dispatch.actions.task_steps import ask_for_task, take_task_step
from dispatch.models.base import db
from dispatch.models.tickets import Ticket
from dispatch.queries.tickets import ticket_for_change
from tests.browser.desk_scene import open_desk
from tests.factories import DESK

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import Faults, Served


@pytest.fixture
def page(city: Served, page_as: Callable[..., Page], faults: Faults) -> Page:
    """Open the first ticket and let no news of it come from now on."""
    assert city
    faults.allow("409")
    faults.allow("ERR_FAILED")
    opened = page_as("dispatcher")
    open_desk(opened, "?ticket=W000001")
    expect(opened.locator(".story")).to_be_visible()
    opened.route("**/api/live*", lambda route: route.abort())
    return opened


def cells(page: Page, name: str) -> Locator:
    rows = page.locator(".conflict-table tbody tr")
    return rows.filter(has=page.get_by_role("rowheader", name=name, exact=True)).locator("td")


def test_both_levels_are_shown_and_mine_is_applied_anyway(city: Served, page: Page):
    page.keyboard.press("l")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("1 ·").check()
    dialog.get_by_label("Reason").fill("The school is dry")
    with city.open() as now:
        ticket = ticket_for_change("W000001", DESK.scope)
        was = ticket.level
        other = 4 if was != 4 else 3
        change_level(ticket, other, reason="as the caller says", actor=DESK, now=now)
    dialog.get_by_role("button", name="Change the level").click()
    expect(dialog.locator(".conflict")).to_contain_text("Li Na changed this ticket")
    apply = dialog.get_by_role("button", name="Apply mine anyway")
    expect(apply).to_be_enabled()
    levels = [re.compile(rf"^\s*{each}") for each in (was, other, 1)]
    expect(cells(page, "Level")).to_have_text(levels)
    expect(dialog.get_by_label("Reason")).to_have_value("The school is dry")
    apply.click()
    expect(dialog).to_have_count(0)
    with city.open():
        assert db.session.get_one(Ticket, 1).level == 1


def test_a_form_overwrites_only_what_i_changed_myself(city: Served, page: Page):
    page.keyboard.press("d")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What the caller says").fill("Water runs down the steps")
    with city.open() as now:
        ticket = ticket_for_change("W000001", DESK.scope)
        change_details(ticket, {"category": "riser"}, actor=DESK, now=now)
    dialog.get_by_role("button", name="Mend the details").click()
    apply = dialog.get_by_role("button", name="Apply mine anyway")
    expect(apply).to_be_enabled()
    apply.click()
    expect(dialog).to_have_count(0)
    with city.open():
        kept = db.session.get_one(Ticket, 1)
        assert (kept.category, kept.description) == ("riser", "Water runs down the steps")


def test_a_change_can_be_dropped(city: Served, page: Page):
    page.keyboard.press("h")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Waiting for a permit").check()
    with city.open() as now:
        ticket = ticket_for_change("W000001", DESK.scope)
        hold_ticket(ticket, reason="waiting_for_part", actor=DESK, now=now)
    dialog.get_by_role("button", name="Hold").click()
    expect(dialog.get_by_role("button", name="Apply mine anyway")).to_be_enabled()
    expect(cells(page, "State").nth(1)).to_contain_text("on hold")
    dialog.get_by_role("button", name="Drop mine").click()
    expect(dialog).to_have_count(0)
    expect(page.locator(".ticket-head")).to_contain_text("on hold")


def test_a_step_without_a_form_is_told_in_the_same_way(city: Served, page: Page):
    with city.open() as now:
        ticket = ticket_for_change("W000001", DESK.scope)
        hold_ticket(ticket, reason="waiting_for_part", actor=DESK, now=now)
    page.unroute("**/api/live*")
    release = page.locator(".steps").get_by_role("button", name="Release the hold")
    expect(release).to_be_visible()
    page.route("**/api/live*", lambda route: route.abort())
    with city.open() as now:
        ticket = ticket_for_change("W000001", DESK.scope)
        change_level(ticket, 1, reason="a hospital", actor=DESK, now=now)
    release.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Apply mine anyway")).to_be_enabled()
    expect(cells(page, "Level").nth(1)).to_have_text(re.compile(r"^\s*1"))
    dialog.get_by_role("button", name="Apply mine anyway").click()
    expect(dialog).to_have_count(0)
    expect(page.locator(".ticket-head")).not_to_contain_text("on hold")


def test_an_undo_that_came_too_late_shows_what_was_done_since(city: Served, page: Page):
    page.keyboard.press("h")
    page.get_by_role("dialog").get_by_label("Waiting for a permit").check()
    page.get_by_role("dialog").get_by_role("button", name="Hold").click()
    expect(page.locator(".toast", has_text="on hold")).to_be_visible()
    with city.open() as now:
        ticket = ticket_for_change("W000001", DESK.scope)
        change_level(ticket, 1, reason="a hospital", actor=DESK, now=now)
    page.keyboard.press("u")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".conflict")).to_contain_text("Li Na changed this ticket")
    apply = dialog.get_by_role("button", name="Apply mine anyway")
    expect(apply).to_be_enabled()
    expect(cells(page, "Level").nth(1)).to_have_text(re.compile(r"^\s*1"))
    apply.click()
    expect(dialog).to_have_count(0)
    with city.open():
        kept = db.session.get_one(Ticket, 1)
        assert (kept.state, kept.level) == ("accepted", 1)


def test_a_task_that_somebody_moved_meanwhile_shows_both_values(
    city: Served, page_as: Callable[..., Page], faults: Faults
):
    faults.allow("409")
    with city.open() as now:
        ticket = ticket_for_change("W000001", DESK.scope)
        ask_for_task(ticket, {"kind": "traffic_permit"}, actor=DESK, now=now)
    page = page_as("dispatcher")
    open_desk(page, "?ticket=W000001")
    task = page.locator(".task")
    task.get_by_role("button", name="Refused").click()
    task.get_by_label("Reason").fill("Not our street")
    with city.open() as now:
        ticket = ticket_for_change("W000001", DESK.scope)
        owner = {"department": "Traffic police, east"}
        take_task_step(ticket, 1, "assign", owner, actor=DESK, now=now)
    task.get_by_role("button", name="Refused").click()
    dialog = page.get_by_role("dialog")
    apply = dialog.get_by_role("button", name="Apply mine anyway")
    expect(apply).to_be_enabled()
    expect(cells(page, "Department").nth(0)).to_have_text("Traffic police")
    expect(cells(page, "Department").nth(1)).to_have_text("Traffic police, east")
    expect(cells(page, "Reason").nth(2)).to_have_text("Not our street")
    apply.click()
    expect(dialog).to_have_count(0)
    expect(task.locator(".badge")).to_have_text("refused")
    expect(task.get_by_label("Reason")).to_have_count(0)
