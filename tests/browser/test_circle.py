"""Does a manager find from the screen alone where, in which stage and which tickets were late?"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from dispatch.actions.corrections import correct_time
from dispatch.domain.ticket_state import ticket_number
from dispatch.models.base import db
from dispatch.models.tickets import Ticket
from tests.browser.conftest import PHONE
from tests.circle_history import a_week_of_tickets, last_week
from tests.factories import DESK

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Served


@pytest.fixture
def days(served: Served) -> tuple[str, str]:
    """Fill the last whole week with tickets; gives its first and its last day."""
    with served.open() as now:
        monday = last_week(now)
        a_week_of_tickets(monday)
    return monday.date().isoformat(), (monday + timedelta(days=6)).date().isoformat()


@pytest.mark.parametrize("viewport", [None, PHONE], ids=["desk", "phone"])
def test_the_worst_grid_of_weekday_evenings_its_stage_and_its_tickets(
    days: tuple[str, str], page_as: Callable[..., Page], viewport: dict[str, int] | None
):
    page = page_as("manager", **({"viewport": viewport} if viewport else {}))
    page.goto("/circle")
    page.get_by_label("First day").fill(days[0])
    page.get_by_label("Last day").fill(days[1])
    page.locator("form.range").get_by_role("button", name="Show").click()
    panel = page.locator("#broken")
    expect(panel.locator(".answer-line")).to_contain_text("Broken most often: West")
    panel.get_by_role("link", name="Weekday evenings, 17 to 22").click()
    expect(panel.locator(".answer-line")).to_contain_text(
        "Broken most often: East, 15 of 25 (60.0 %). "
        "Most of the time beyond the usual went in the stage Dispatch."
    )
    first = panel.locator("tbody tr").first
    expect(first).to_contain_text("East")
    expect(first).to_contain_text("Dispatch")
    panel.get_by_role("link", name="Show these tickets").click()
    expect(page).to_have_url(re.compile("/circle/tickets"))
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(15)
    expect(rows.first).to_contain_text("14.0 min")
    rows.first.get_by_role("link").click()
    expect(page).to_have_url(re.compile(r"/desk\?ticket=W\d+"))


def test_a_view_is_kept_by_name_and_opened_again(
    days: tuple[str, str], page_as: Callable[..., Page]
):
    page = page_as("manager")
    page.goto("/circle?from={}&to={}".format(*days))
    page.locator("details.narrow-box > summary").click()
    page.locator("select[name=days]").select_option("weekend")
    page.locator(".narrow-form").get_by_role("button", name="Show").click()
    expect(page.locator(".chips")).to_contain_text("Saturday and Sunday")
    page.locator("summary", has_text="Views").click()
    page.get_by_label("Keep this view as").fill("Quiet days")
    page.get_by_role("button", name="Keep", exact=True).click()
    page.goto("/circle?from={}&to={}".format(*days))
    page.locator("summary", has_text="Views").click()
    page.get_by_role("link", name="Quiet days").click()
    expect(page.locator(".chips")).to_contain_text("Saturday and Sunday")


def test_the_workbook_comes_from_the_menu(days: tuple[str, str], page_as: Callable[..., Page]):
    page = page_as("manager")
    page.goto("/circle?from={}&to={}".format(*days))
    page.locator("summary", has_text="Export").click()
    with page.expect_download() as found:
        page.get_by_role("link", name="Workbook with definitions (XLSX)").click()
    assert found.value.suggested_filename.startswith("circle_{}_{}_".format(*days))


def test_the_wall_has_no_controls_but_the_way_out(
    days: tuple[str, str], page_as: Callable[..., Page]
):
    page = page_as("manager")
    page.goto("/circle?from={}&to={}".format(*days))
    page.get_by_role("link", name="Wall").click()
    expect(page.locator("body.wall #promise")).to_be_visible()
    expect(page.locator("#teams")).to_be_hidden()
    expect(page.locator("form.range")).to_be_hidden()
    page.get_by_role("link", name="Leave the wall").click()
    expect(page.locator("#teams")).to_be_visible()


def test_a_figure_that_changed_since_the_last_look_says_so_and_why(
    days: tuple[str, str], page_as: Callable[..., Page], served: Served
):
    page = page_as("manager")
    address = "/circle?from={}&to={}".format(*days)
    page.goto(address)
    promise = page.locator("#promise")
    promise.locator(".definition > summary").click()
    expect(promise.locator(".since")).to_contain_text("for the first time")
    with served.open() as now:
        late = select(Ticket).where(Ticket.arrived_at > Ticket.arrive_due_at)
        ticket = db.session.scalars(late.order_by(Ticket.id).limit(1)).one()
        number = ticket_number(ticket.id)
        at = ticket.arrive_due_at - timedelta(minutes=1)
        correct_time(ticket, "arrived", at, reason="wrong button", actor=DESK, now=now)
    page.goto(address)
    expect(promise.locator(".big .badge")).to_contain_text("when you looked")
    promise.locator(".definition > summary").click()
    told = promise.locator(".since").first
    expect(told).to_contain_text("Circle attainment: was")
    expect(told).to_contain_text("A time was corrected")
    expect(told.get_by_role("link", name=number)).to_be_visible()
    page.get_by_role("button", name="Seen").click()
    expect(page.locator(".since-note")).to_have_count(0)
    promise.locator(".definition > summary").click()
    expect(promise.locator(".since")).to_contain_text("Unchanged since you looked")


@pytest.mark.parametrize("path", ["/circle", "/circle/responsibility"])
def test_an_open_definition_closes_with_escape_and_with_a_click_beside_it(
    days: tuple[str, str], page_as: Callable[..., Page], path: str
):
    page = page_as("manager")
    page.goto(f"{path}?from={days[0]}&to={days[1]}")
    summary, drawer = (
        page.locator(f"details.definition{each}") for each in (" > summary", "[open]")
    )
    summary.first.click()
    expect(drawer).to_have_count(1)
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    expect(summary.first).to_be_focused()
    summary.first.click()
    page.locator("h1").first.click()
    expect(drawer).to_have_count(0)


def test_a_warning_is_not_in_the_colour_of_an_advice(page_as: Callable[..., Page]):
    page = page_as("manager")
    page.goto("/circle/reports")
    tone, warn, advice = page.locator(".banner[data-tone=warn]").evaluate(
        "(banner) => ['--tone', '--warn', '--info'].map("
        "(name) => getComputedStyle(banner).getPropertyValue(name))"
    )
    assert tone == warn != advice


@pytest.mark.parametrize(
    "path", ["", "/map", "/returns", "/problems", "/responsibility", "/ranking"]
)
def test_a_page_on_paper_says_of_which_days_it_is(
    days: tuple[str, str], page_as: Callable[..., Page], path: str
):
    page = page_as("manager")
    page.emulate_media(media="print")
    page.goto(f"/circle{path}?from={days[0]}&to={days[1]}")
    expect(page.locator(".asked")).to_contain_text(f"{days[0]} – {days[1]}")
    expect(page.locator(".asked")).to_be_visible()
    expect(page.locator(".top-bar")).to_be_hidden()
