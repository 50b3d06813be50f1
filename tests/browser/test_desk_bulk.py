"""Can a dispatcher pick many tickets, see what would come of a step, take it, and undo it?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from dispatch.models.base import db
from dispatch.models.clockwork import Outbox
from dispatch.models.tickets import Ticket
from tests.browser.conftest import come_to_rest
from tests.browser.desk_scene import open_desk, row
from tests.browser.test_accessibility import barriers
from tests.factories import make_ticket

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Faults, Served


def states(served: Served) -> list[str]:
    with served.app.app_context():
        return [row.state for row in db.session.query(Ticket).order_by(Ticket.id)]


def test_picked_by_keys_crews_are_sent_and_called_back(city: Served, page_as: Callable[..., Page]):
    page = page_as("dispatcher")
    open_desk(page)
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator(".pick-bar")).to_contain_text("1 picked")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    expect(page.locator(".pick-bar")).to_contain_text("3 picked")
    expect(page.locator('.queue-row[aria-checked="true"]')).to_have_count(3)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".dialog")).to_contain_text("2 of 3 can be done.")
    assert states(city) == ["accepted", "accepted", "received"]
    page.get_by_role("button", name="Send crews (2)").click()
    expect(page.locator(".dialog")).to_contain_text("Done: 2 of 3.")
    expect(page.locator(".bulk-rows tbody tr")).to_have_count(3)
    assert states(city)[:2] == ["dispatched", "dispatched"]
    page.locator(".dialog").get_by_role("button", name="Undo").click()
    expect(page.locator(".dialog")).to_contain_text("Undone: 2 of 2.")
    assert states(city)[:2] == ["accepted", "accepted"]


def test_pasted_numbers_are_sorted_and_get_a_note(city: Served, page_as: Callable[..., Page]):
    page = page_as("dispatcher")
    open_desk(page)
    page.get_by_role("button", name="Paste numbers").click()
    page.locator("#bulk-numbers").fill("W000001, w2\nW000777 pump")
    expect(page.locator(".dialog")).to_contain_text("unknown: W000777")
    expect(page.locator(".dialog")).to_contain_text("No numbers of tickets: pump")
    page.get_by_role("button", name="Pick these").click()
    page.locator(".pick-bar").get_by_role("button", name="Note").click()
    page.locator("#bulk-note").fill("Valve 7 is shut")
    page.get_by_role("button", name="See what comes of it").click()
    expect(page.locator(".dialog")).to_contain_text("2 of 3 can be done.")
    page.get_by_role("button", name="Add a note (2)").click()
    expect(page.locator(".bulk-rows")).to_contain_text("not found")
    with page.expect_download() as saved:
        page.get_by_role("button", name="CSV").click()
    text = saved.value.path().read_text(encoding="utf-8-sig")
    assert re.match(r'"Ticket","What","Place","Result"', text)
    assert '"W000777","","","not found"' in text
    expect(page.locator(".dialog").get_by_role("button", name="Undo")).to_have_count(0)


def test_all_that_the_filter_shows_become_one_and_are_separated(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("dispatcher")
    open_desk(page, "?place=1")
    expect(page.locator(".queue-row")).to_have_count(2)
    page.get_by_label("Pick all shown").check()
    page.get_by_role("button", name="Attach", exact=True).click()
    page.locator("#bulk-into").fill("W000001")
    page.get_by_role("button", name="See what comes of it").click()
    page.get_by_role("button", name="Attach to one ticket (1)").click()
    expect(page.locator(".dialog")).to_contain_text("Done: 1 of 1.")
    assert states(city)[1] == "duplicate"
    page.locator(".dialog").get_by_role("button", name="Undo").click()
    expect(page.locator(".dialog")).to_contain_text("Undone: 1 of 1.")
    assert states(city)[1] == "accepted"


def test_what_changed_since_it_was_seen_is_left_and_said(
    city: Served, page_as: Callable[..., Page], faults: Faults
):
    faults.allow("ERR_FAILED")
    page = page_as("dispatcher")
    open_desk(page)
    page.route("**/api/live*", lambda route: route.abort())
    with city.open():
        db.session.get_one(Ticket, 1).address = "Wuyi Road 13"
    row(page, "W000001").locator(".pick").click()
    row(page, "W000002").locator(".pick").click()
    page.get_by_role("button", name="Cancel them").click()
    page.locator("#bulk-reason").fill("One sensor")
    page.get_by_role("button", name="See what comes of it").click()
    expect(page.locator(".bulk-rows")).to_contain_text("changed meanwhile")
    page.get_by_role("button", name="Cancel the tickets (1)").click()
    expect(page.locator(".dialog")).to_contain_text("Done: 1 of 2.")
    assert states(city)[:2] == ["accepted", "cancelled"]


def test_a_long_run_tells_how_far_it_is_and_stops(city: Served, page_as: Callable[..., Page]):
    with city.open() as now:
        for _ in range(15):
            make_ticket(now, category="leak")
    page = page_as("dispatcher")
    open_desk(page)
    page.get_by_label("Pick all shown").check()
    page.locator(".pick-bar").get_by_role("button", name="Note").click()
    page.locator("#bulk-note").fill("x")
    page.get_by_role("button", name="See what comes of it").click()
    held = []
    page.route("**/tickets/bulk", lambda route: held.append(route))  # noqa: PLW0108  no builtin
    page.get_by_role("button", name="Add a note (18)").click()
    expect(page.locator("progress")).to_be_visible()
    page.get_by_role("button", name="Stop here").click()
    while not held:
        come_to_rest(page)
    held[0].continue_()
    expect(page.locator(".dialog")).to_contain_text("Done: 10 of 18.")
    assert len(held) == 1
    expect(page.locator(".bulk-rows")).to_contain_text("not sent")


def test_nothing_about_many_stands_in_anybodys_way(city: Served, page_as: Callable[..., Page]):
    page = page_as("dispatcher", reduced_motion="reduce")
    open_desk(page)
    page.get_by_label("Pick all shown").check()
    expect(page.locator('.queue-row[aria-checked="true"]')).to_have_count(3)
    assert barriers(page) == []
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".bulk-rows")).to_be_visible()
    assert barriers(page) == []
    page.locator(".dialog footer .primary").click()
    expect(page.get_by_role("button", name="CSV")).to_be_visible()
    assert barriers(page) == []


ANN, BOB = "13800000001", "13955555555"


def told(served: Served) -> list[tuple[str, str]]:
    with served.app.app_context():
        rows = db.session.query(Outbox).filter_by(template="reporters_told").order_by(Outbox.id)
        return [(row.recipient, row.state) for row in rows]


def test_reporters_are_written_to_once_by_keys_and_it_is_taken_back(
    city: Served, page_as: Callable[..., Page]
):
    with city.open() as now:
        for phone, language in ((ANN, "en"), (ANN, "en"), (BOB, "zh-CN")):
            make_ticket(now, category="leak", reporter_phone=phone, language=language)
    page = page_as("dispatcher", reduced_motion="reduce")
    open_desk(page)
    page.get_by_label("Pick all shown").check()
    page.keyboard.press("t")
    dialog = page.locator(".dialog")
    dialog.get_by_label("Message in Chinese").fill("六点恢复供水")
    dialog.get_by_label("Message in English").fill("Water is back at six")
    dialog.get_by_role("button", name="See what comes of it").click()
    expect(dialog.locator(".recipients")).to_contain_text("2 people get it")
    expect(dialog.locator(".recipient-group").first).to_contain_text("Water is back at six")
    expect(dialog).to_contain_text("2 of 6 can be done.")
    expect(dialog).not_to_contain_text("Each crew is chosen")
    assert barriers(page) == []
    dialog.get_by_role("button", name="Back").click()
    expect(dialog.get_by_label("Message in English")).to_have_value("Water is back at six")
    dialog.get_by_role("button", name="See what comes of it").click()
    dialog.get_by_role("button", name="Write to the reporters (2)").click()
    expect(dialog).to_contain_text("Done: 2 of 6.")
    assert told(city) == [(ANN, "waiting"), (BOB, "waiting")]
    page.keyboard.press("u")
    expect(dialog).to_contain_text("Undone: 2 of 2.")
    assert [state for _, state in told(city)] == ["cancelled", "cancelled"]


def test_a_step_of_many_is_undone_by_the_key_of_a_single_one(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("dispatcher")
    open_desk(page)
    row(page, "W000001").locator(".pick").click()
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_role("button", name="Send crews (1)").click()
    expect(page.locator(".dialog")).to_contain_text("Done: 1 of 1.")
    assert states(city)[0] == "dispatched"
    page.keyboard.press("Escape")
    expect(page.locator(".bulk-rows")).to_have_count(0)
    page.keyboard.press("u")
    expect(page.locator(".dialog")).to_contain_text("Undone: 1 of 1.")
    assert states(city)[0] == "accepted"
