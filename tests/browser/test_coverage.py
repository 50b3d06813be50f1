"""Does the desk show where a crew would be in time, and what sending one takes away?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from dispatch.domain.idle_place import FEWEST_CALLS
from dispatch.models.base import db
from dispatch.models.people import Crew, Position
from tests.browser.conftest import PHONE, come_to_rest
from tests.browser.desk_scene import open_desk, row
from tests.factories import IN_WEST, make_grid, make_ticket

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Served


@pytest.fixture
def far_grid(city: Served) -> Served:
    """Add a grid that no crew reaches, and leave one crew on duty in the east."""
    with city.open() as now:
        make_grid("North", (112.90, 29.0, 113.00, 29.1), team=None, now=now, name_zh="北片")
        for crew in db.session.query(Crew).filter(Crew.name != "E1"):
            crew.active = False
    return city


def test_the_grids_are_listed_with_their_chance(far_grid: Served, page_as: Callable[..., Page]):
    page = page_as("dispatcher")
    open_desk(page)
    page.get_by_role("button", name="Coverage").click()
    panel = page.get_by_role("region", name="Coverage")
    expect(panel).to_contain_text("1 crew on duty")
    rows = panel.locator(".coverage-row")
    expect(rows.first).to_contain_text(re.compile("North.*0 %"))
    expect(rows.first.get_by_role("img")).to_have_accessible_name("hardly in time")
    rows.first.click()
    expect(rows.first).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile("coverage=1"))
    now = panel.locator(".coverage-total b").text_content()
    panel.get_by_role("button", name="+4 h").click()
    expect(panel.locator(".coverage-total b")).not_to_have_text(now or "")
    expect(panel).to_contain_text("busy half of the hours to come")
    page.get_by_role("button", name="Coverage").click()
    expect(panel).to_have_count(0)
    expect(page).not_to_have_url(re.compile("coverage"))


def test_the_harm_of_sending_the_last_crew_stands_beside_it(
    far_grid: Served, page_as: Callable[..., Page]
):
    page = page_as("dispatcher")
    open_desk(page)
    row(page, "Renmin Road").click()
    page.get_by_role("button", name="Send a crew").click()
    candidate = page.locator(".candidate", has_text="E1")
    expect(candidate).to_contain_text(
        re.compile(r"If E1 goes, East falls from (\d\d|100) % to 0 %\.")
    )


def test_where_all_are_in_time_a_crew_is_told_where_the_next_call_is_reached_soonest(
    city: Served, page_as: Callable[..., Page]
):
    with city.open() as now:
        for _ in range(FEWEST_CALLS):
            make_ticket(now, place=IN_WEST)
        for crew in db.session.query(Crew):
            three_km_off = {"lat": IN_WEST.lat, "lon": IN_WEST.lon + 0.03}
            db.session.add(Position(crew_id=crew.id, measured_at=now, **three_km_off))
    page = page_as("dispatcher")
    open_desk(page, "?coverage")
    expect(page.locator(".coverage-wait")).to_contain_text(
        re.compile(r"W1 could wait at its base: the next call is reached in \d\.\d min on average,")
    )


def test_a_chinese_reader_sees_it_on_a_phone(far_grid: Served, page_as: Callable[..., Page]):
    page = page_as("dispatcher", viewport=PHONE, locale="zh-CN")
    open_desk(page, "?coverage")
    page.get_by_role("tab", name="地图").click()
    panel = page.get_by_role("region", name="覆盖率")
    expect(panel.locator(".coverage-row").first).to_contain_text("北片")
    expect(panel).to_contain_text("班组 30 分钟内到达的平均概率")
    come_to_rest(page)
    box = panel.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
