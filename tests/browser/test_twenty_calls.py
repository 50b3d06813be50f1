"""Are twenty real calls taken in a row by keyboard alone, the second callers attached?"""

from __future__ import annotations

import csv
import gzip
import sys
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

import pytest

import dispatch.cli
from dispatch.models.base import db
from dispatch.models.places import Household
from dispatch.models.tickets import Ticket
from tests.browser.desk_scene import open_desk, take_call
from tests.factories import make_crew, make_grid, make_team, make_ticket

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Served

PAST = Path(dispatch.cli.__file__).parent / "demo_city" / "boston" / "tickets_2015.csv.gz"
KINDS = {
    "Watermain Break": "burst",
    "Fire Hydrant": "hydrant",
    "Catchbasin": "catch_basin",
    "Plumbing": "plumbing",
    "No Utilities Residential - Water": "no_water",
    "Utility Casting Repair": "other",
}
CITY = (-71.2, 42.2, -70.9, 42.45)
FIRST_CALLERS, EVERY_THIRD = 15, 3
COUNT_INPUT = """
window.pressed = 0;
window.pointed = 0;
addEventListener("keydown", () => { window.pressed += 1; }, true);
for (const kind of ["pointerdown", "mousedown", "touchstart"])
  addEventListener(kind, () => { window.pointed += 1; }, true);
"""


class Call(NamedTuple):
    """One call of 2015: who, what was typed for the place, what it is in the book, and the kind."""

    phone: str
    typed: str
    address: str
    category: str
    is_second: bool = False


def typed(address: str, way: int) -> str:
    """Type an address as people do: whole, in small letters, or with two letters exchanged."""
    text = address.replace(" block of", "").replace("Unit ", "").replace(",", "")
    if way == 1:
        return text.lower()
    at = text.rfind(" ", 0, len(text) - 3) + 1
    return f"{text[:at]}{text[at + 1]}{text[at]}{text[at + 2 :]}" if way == 2 else text


def past_calls() -> tuple[list[Call], list[dict[str, str]]]:
    """Return twenty calls, every third with a second caller, and the places that they are about."""
    rows: dict[str, dict[str, str]] = {}
    with gzip.open(PAST, "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            street = row["place"].partition(" block of ")[2]
            if row["type"] in KINDS and street and len(rows) < FIRST_CALLERS:
                wanted = list(KINDS)[len(rows) % len(KINDS)]
                if row["type"] == wanted:
                    rows.setdefault(street, row)
    calls: list[Call] = []
    for number, row in enumerate(rows.values()):
        phone = f"6175550{number:03}"
        call = Call(phone, typed(row["place"], number % 3), row["place"], KINDS[row["type"]])
        calls.append(call)
        if number % EVERY_THIRD == 0:
            calls.append(call._replace(phone=f"8575550{number:03}", is_second=True))
    return calls, list(rows.values())


@pytest.fixture
def boston(served: Served) -> Served:
    """Fill a city: a team with its grid and crew, the places in the book, one old ticket."""
    with served.open() as now:
        team = make_team("Harbor Team")
        make_grid("Boston", CITY, team=team, now=now)
        make_crew("Harbor 1", team=team, base=(42.31, -71.07))
        make_ticket(now, category="bill", place=None, address="City Hall")
        for number, row in enumerate(past_calls()[1]):
            db.session.add(
                Household(
                    account=f"BOS-{number}", address=row["place"],
                    lat=float(row["lat"]), lon=float(row["lon"]),
                )
            )  # fmt: skip
    return served


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is there."""
    for _ in range(40):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(selector)


def choose(page: Page, category: str) -> None:
    """Walk down the kinds of fault with the arrow keys."""
    tab_to(page, "input[name=category]")
    page.keyboard.press("Space")
    for _ in range(20):
        if (
            page.evaluate("document.querySelector('input[name=category]:checked').value")
            == category
        ):
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(category)


def take(page: Page, call: Call) -> None:
    take_call(page)
    page.keyboard.type(call.phone)
    tab_to(page, "#call-address")
    page.keyboard.type(call.typed)
    expect(page.locator("#call-place-0")).to_contain_text(call.address)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#call-address")).to_have_value(call.address)
    choose(page, call.category)
    expect(page.locator("input[name=checked]")).to_have_value("1")
    if call.is_second:
        expect(page.locator(".likely > li").first).to_contain_text(call.address)
        page.keyboard.press("Alt+1")
        return
    tab_to(page, "#call-description")
    page.keyboard.type("water, please come")
    expect(page.locator("input[name=checked]")).to_have_value("1")
    page.keyboard.press("Control+Enter")


def test_twenty_calls_are_taken_by_keyboard_alone(boston: Served, page_as: Callable[..., Page]):
    calls, _rows = past_calls()
    assert len(calls) == 20
    page = page_as("call_taker")
    page.add_init_script(COUNT_INPUT)
    open_desk(page)
    number, spent = 1, []
    for call in calls:
        began, before = perf_counter(), page.evaluate("window.pressed")
        number += not call.is_second
        take(page, call)
        expect(page.locator(".toast").last).to_contain_text(f"W{number:06}")
        expect(page.locator(".call-drawer[open]")).to_have_count(0)
        keys = page.evaluate("window.pressed") - before
        spent.append(perf_counter() - began)
        ending = "attached" if call.is_second else "opened"
        sys.stdout.write(f"{call.category}, {ending}: {keys} keys, {spent[-1]:.1f} s\n")
        assert keys <= 140
    sys.stdout.write(f"the longest of {len(spent)} calls: {max(spent):.1f} s\n")
    assert page.evaluate("window.pointed") == 0
    with boston.open():
        rows = db.session.query(Ticket).where(Ticket.id > 1).order_by(Ticket.id).all()
        first = [call for call in calls if not call.is_second]
        assert [(row.category, row.address) for row in rows] == [
            (call.category, call.address) for call in first
        ]
        assert [row.report_count for row in rows] == [
            1 + (number % EVERY_THIRD == 0) for number in range(FIRST_CALLERS)
        ]
        assert {row.place_standing for row in rows} == {"inside"}
