"""Does the desk's map gather near tickets, draw every way when asked, and live without tiles?"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from dispatch.actions.dispatching import Decision, dispatch_visit
from dispatch.actions.endings import cancel_ticket
from dispatch.actions.placing import GivenPlace
from dispatch.api import drives
from dispatch.domain.place import Datum, Point, from_wgs84
from dispatch.domain.travel import StraightLine
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.queries.tickets import ticket_for_change
from tests.browser.desk_scene import open_desk, row
from tests.factories import DESK, make_ticket

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from playwright.sync_api import Page

    from tests.browser.conftest import Faults, Served

MARKS = """async (points) => {
  const { groundOf } = await import("/static/desk/ground.js");
  const ground = groundOf({ url: "/none/{z}/{x}/{y}", datum: "gcj02", attribution: "" });
  const { toLonLat } = await import("/static/vendor/ol.js");
  return points.map(([lat, lon]) => {
    const at = ground.to({ lat, lon });
    return { shown: toLonLat(at), back: ground.from(at) };
  });
}"""

SILENCE = """async () => {
  const { groundOf } = await import("/static/desk/ground.js");
  const told = { silent: 0, answered: 0 };
  const serve = (name) => new Promise((done) => {
    const settings = { url: "/none/{z}/{x}/{y}", datum: "wgs84", attribution: "" };
    const ground = groundOf(settings, () => { told[name] += 1; done(); }, 50);
    const source = ground.layers[0].getSource();
    source.dispatchEvent("tileloadstart");
    source.dispatchEvent("tileloadstart");
    if (name === "answered") source.dispatchEvent("tileloadend");
    setTimeout(done, 400);
  });
  await serve("answered");
  await serve("silent");
  return told;
}"""


class Bent(StraightLine):
    """A source whose every drive goes round two corners."""

    corners = ([28.16, 112.97], [28.14, 112.97])

    def within_budget(self, _fitted: StraightLine) -> Bent:
        """Stand for what keeps the source, too."""
        return self

    def way(self, origin: Point, goal: Point) -> NDArray[np.float64]:
        return np.array([(origin.lat, origin.lon), *self.corners, (goal.lat, goal.lon)])


@pytest.fixture
def street(city: Served) -> Served:
    """Add four tickets in one street, one of them late, and one at the other end of the grid."""
    with city.open() as now:
        for number in range(4):
            begin = now - timedelta(hours=5) if number == 2 else now
            place = GivenPlace(28.17 + number / 5000, 112.93)
            make_ticket(begin, category="leak", place=place, address=f"Jiefang Road {number + 1}")
    return city


def test_near_tickets_are_one_sign_that_opens_by_key(street: Served, page_as: Callable[..., Page]):
    page = page_as("dispatcher")
    open_desk(page)
    sign = page.get_by_role("button", name=re.compile("^4 tickets here"))
    expect(sign).to_have_accessible_name(re.compile("1 overdue"))
    sign.focus()
    page.keyboard.press("Enter")
    expect(sign).to_have_count(0)
    expect(page.locator(".desk-map .map")).to_be_focused()


def test_a_sign_that_is_drawn_anew_keeps_the_focus(street: Served, page_as: Callable[..., Page]):
    page = page_as("dispatcher")
    open_desk(page)
    page.get_by_role("button", name=re.compile("^4 tickets here, 1 overdue")).focus()
    number = row(page, "Jiefang Road 3").locator(".row-number").inner_text()
    with street.open() as now:
        ticket = ticket_for_change(number, DESK.scope)
        cancel_ticket(ticket, reason="One sensor", actor=DESK, now=now)
    expect(page.get_by_role("button", name=re.compile("^3 tickets here"))).to_be_focused()


def test_a_filter_narrows_the_map_as_it_does_the_list(street: Served, page_as: Callable[..., Page]):
    page = page_as("dispatcher")
    open_desk(page)
    expect(page.get_by_role("button", name=re.compile("^4 tickets here"))).to_be_visible()
    page.keyboard.press("f")
    page.get_by_label("Promise", exact=True).select_option("over")
    expect(page.get_by_role("button", name=re.compile("tickets here"))).to_have_count(0)
    page.keyboard.press("Escape")
    expect(row(page, "Jiefang Road 3")).to_be_visible()


def test_the_chosen_ticket_stands_outside_its_sign(street: Served, page_as: Callable[..., Page]):
    page = page_as("dispatcher")
    open_desk(page)
    expect(page.get_by_role("button", name=re.compile("^4 tickets here"))).to_be_visible()
    row(page, "Jiefang Road 2").click()
    page.get_by_role("button", name="Show every grid").click()
    expect(page.get_by_role("button", name=re.compile("^3 tickets here"))).to_be_visible()


def test_tickets_at_one_place_are_listed(city: Served, page_as: Callable[..., Page]):
    with city.open() as now:
        for number in range(3):
            place = GivenPlace(28.17, 112.93)
            make_ticket(now, category="leak", place=place, address=f"Flat {number + 1}")
    page = page_as("dispatcher")
    open_desk(page)
    page.get_by_role("button", name=re.compile("^3 tickets here")).press("Enter")
    group = page.get_by_role("group", name=re.compile("^3 tickets here"))
    expect(group).to_be_visible()
    page.keyboard.press("Escape")
    expect(group).to_have_count(0)
    page.get_by_role("button", name=re.compile("^3 tickets here")).click()
    group.get_by_role("button", name=re.compile("Flat 2")).click()
    expect(page.locator(".desk-ticket")).to_contain_text("Flat 2")


def test_a_map_whose_tiles_do_not_come_says_so_once(
    city: Served, page_as: Callable[..., Page], faults: Faults
):
    settings = city.app.config["SETTINGS"]
    city.app.config["SETTINGS"] = replace(
        settings, basemap_url="/tiles/{z}/{x}/{y}.png", basemap_datum="gcj02"
    )
    faults.allow("404.*/tiles/")
    page = page_as("dispatcher", locale="zh-CN")
    open_desk(page)
    told = page.locator(".toast", has_text="底图")
    expect(told).to_have_count(1)
    expect(told).to_contain_text("照常")
    with page.expect_response("**/tiles/**"):
        page.locator(".ol-zoom-in").click()
    expect(page.locator(".queue-row").first).to_be_visible()
    expect(told).not_to_have_count(2)


def test_every_way_is_drawn_when_asked_and_kept_in_the_address(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("dispatcher")
    open_desk(page)
    ways = page.get_by_role("button", name="Ways")
    expect(ways).to_have_attribute("aria-pressed", "false")
    ways.click()
    expect(page).to_have_url(re.compile("ways=1"))
    page.reload()
    expect(ways).to_have_attribute("aria-pressed", "true")
    ways.click()
    expect(page).not_to_have_url(re.compile("ways"))


def test_points_lie_on_shifted_tiles_where_the_server_says(
    served: Served, page_as: Callable[..., Page]
):
    page = page_as()
    page.goto("/sign-in")
    points = [(28.2278, 112.9388), (39.9087, 116.3975), (42.36, -71.06)]
    for (lat, lon), found in zip(points, page.evaluate(MARKS, points), strict=True):
        wanted = from_wgs84(Point(lat, lon), Datum.GCJ02)
        assert found["shown"] == pytest.approx([wanted.lon, wanted.lat], abs=1e-7)
        assert (found["back"]["lat"], found["back"]["lon"]) == pytest.approx((lat, lon), abs=1e-8)


def test_a_map_server_that_fails_or_hangs_is_told_in_one_line_and_the_desk_goes_on(
    city: Served, page_as: Callable[..., Page], faults: Faults
):
    settings = city.app.config["SETTINGS"]
    city.app.config["SETTINGS"] = replace(settings, basemap_url="/tiles/{z}/{x}/{y}.png")
    faults.allow("500.*/tiles/")
    page = page_as("dispatcher")
    page.route("**/tiles/**", lambda route: route.fulfill(status=500))
    open_desk(page)
    expect(page.locator(".toast", has_text="tiles do not come")).to_have_count(1)
    row(page, "Wuyi Road").click()
    expect(page.locator(".desk-ticket")).to_contain_text("Wuyi Road 12")
    page.locator(".desk-map .map").click(position={"x": 40, "y": 300})
    told = page.evaluate(SILENCE)
    assert told == {"silent": 1, "answered": 0}


def test_the_chosen_crew_drives_by_road_where_a_source_knows_the_streets(
    city: Served, page_as: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
):
    city.app.config["SETTINGS"] = replace(city.app.config["SETTINGS"], travel="roads")
    monkeypatch.setitem(city.app.extensions, drives.KEPT, Bent())
    with city.open() as now:
        found = ticket_for_change("W000001", DESK.scope)
        crew = db.session.get_one(Crew, 1)
        dispatch_visit(found, crew, decision=Decision(), actor=DESK, now=now)
    page = page_as("dispatcher")
    with page.expect_response("**/api/v1/tickets/W000001/road") as road:
        open_desk(page, "?ticket=W000001&ways=1")
    assert road.value.json()["points"][1:-1] == list(Bent.corners)
    page.get_by_role("button", name="Signs").click()
    expect(page.locator(".map-legend")).to_contain_text("the chosen ticket: by road")
