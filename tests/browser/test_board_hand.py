"""Does the board follow the hand that carries a ticket, and only tell of the crew under it?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.board_scene import crew, foot, lift, open_board
from tests.browser.desk_scene import row
from tests.factories import make_city, make_crew, make_ticket

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Route

    from tests.browser.conftest import Served

AT_THE_END = """([x, y]) => {
  const box = document.querySelector(".board-scroll");
  const under = document.elementFromPoint(x, y)?.closest("[data-crew]");
  return box.scrollTop + box.clientHeight >= box.scrollHeight - 1 &&
    under?.getAttribute("aria-selected") === "true" && Boolean(under.querySelector(".row-fit"));
}"""


def test_the_board_scrolls_under_a_hand_that_rests_at_its_edge_and_tells_of_the_crew_below(
    served: Served, page_as: Callable[..., Page]
):
    with served.open() as now:
        city = make_city(now)
        for number in range(40):
            make_crew(f"X{number:02}", team=city.east)
        make_ticket(now, category="leak", address="Wuyi Road 12")
    page = page_as("dispatcher")
    open_board(page)
    lift(page, row(page, "Wuyi Road"), crew(page, "E1"))
    box = page.locator(".board-scroll").bounding_box()
    assert box is not None
    spot = [box["x"] + 500, box["y"] + box["height"] - 12]
    page.mouse.move(*spot)
    page.wait_for_function(AT_THE_END, arg=spot)
    expect(crew(page, "W2")).to_be_in_viewport()
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(page.locator(".board-chip")).to_have_count(0)


def busy_crew(page: Page, now: Any, name: str, visits: int) -> None:
    """Let the server tell of so many drives of a crew, each to a promise of its own."""

    def bar(number: int) -> dict[str, Any]:
        at = [(now + timedelta(minutes=minutes)).isoformat() for minutes in (0, 5, 60, 6)]
        return {
            "kind": "visit", "id": 900 + number, "ticket": f"W90{number:04}", "task_kind": None,
            "category": "leak", "level": 2, "address": "Road", "state": "en_route",
            "role": "lead", "is_planned": False, "pinned": False, "from_at": at[0],
            "set_off_at": None, "drives_at": None, "arrives_at": at[1], "is_arrived": False,
            "ends_at": at[2], "is_ended": False, "due_at": at[3], "is_missed": False,
        }  # fmt: skip

    def answer(route: Route) -> None:
        reply = route.fetch()
        told = reply.json()
        for each in told["crews"]:
            if each["name"] == name:
                each["bars"] = [bar(number) for number in range(visits)]
        route.fulfill(response=reply, json=told)

    page.route("**/api/v1/board?*", answer)


def test_what_many_promises_lose_is_counted_and_moves_no_row_from_under_the_hand(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("dispatcher")
    with city.open() as now:
        busy_crew(page, now, "W1", 9)
    open_board(page)
    lift(page, row(page, "Renmin Road"), crew(page, "E1"))
    before = page.locator(".board-scroll").bounding_box()
    goal = crew(page, "W1").bounding_box()
    assert goal is not None
    page.mouse.move(goal["x"] + 500, goal["y"] + 20)
    expect(crew(page, "W1")).to_have_attribute("aria-selected", "true")
    expect(foot(page)).to_contain_text("6 more tickets would be reached later")
    assert page.locator(".board-scroll").bounding_box() == before
    page.keyboard.press("Escape")
    page.mouse.up()


def test_a_ticket_that_is_lifted_again_shows_its_fits_while_the_server_is_silent(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("dispatcher")
    open_board(page)
    lift(page, row(page, "Renmin Road"), crew(page, "E1"))
    expect(foot(page)).to_contain_text("There at")
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(page.locator(".row-fit")).to_have_count(0)
    page.route("**/candidates", lambda _held: None)
    lift(page, row(page, "Renmin Road"), crew(page, "E1"))
    expect(crew(page, "E1").locator(".ghost")).to_be_visible()
    expect(foot(page)).to_contain_text("There at")
    page.keyboard.press("Escape")
    page.mouse.up()
