"""Does a ticket get from the call to the figures when people click, on good and bad roads?"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from dispatch.jobs import planner
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.models.tickets import Report, Visit
from dispatch.queries.visits import active_visit_of
from tests.browser.conftest import PHONE
from tests.browser.desk_scene import open_call, pin_call, type_caller
from tests.factories import make_city, make_household, make_ticket
from tests.finished import complete_one
from tests.trips import STEPS, step, steward

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Served

TAPS = (
    ("I take it", "acknowledged", "The crew has your ticket"),
    ("Set off", "on the way", "The crew is on the way"),
    ("I am there", "on site", "The crew has arrived"),
    ("Start work", "working", "The crew is working on it"),
)


@pytest.fixture
def city(served: Served) -> Served:
    """Add two grids with three crews, a household, and one ticket that was fixed this morning."""
    with served.open() as now:
        make_city(now)
        make_household()
    with served.app.app_context():
        complete_one(now)
    return served


@pytest.fixture
def burst(city: Served) -> Served:
    """Add a burst main, W000002, and let the planner choose a crew of the home team."""
    with city.open() as now:
        make_ticket(now, address="Wuyi Road 12")
    plan(city)
    return city


def plan(served: Served) -> None:
    """Let one round of the planner send crews to what waits."""
    with served.app.app_context():
        assert planner.run(datetime.now(UTC)).sent == 1


def crew_sent(served: Served, number: int = 2) -> tuple[int, str]:
    """Return the key and the name of the crew that is on a ticket."""
    with served.app.app_context():
        crew = db.session.get_one(Crew, active_visit_of(number).crew_id)
        return crew.id, crew.name


def token_of(served: Served, report: int = 2) -> str:
    """Return the secret of the link that the resident of a report has."""
    with served.app.app_context():
        return db.session.get_one(Report, report).token


def phone_of_crew(served: Served, page_as: Callable[..., Page]) -> Page:
    """Open the ticket on the telephone of the crew that was sent."""
    crew_id, name = crew_sent(served)
    page = page_as("crew", account={"crew_id": crew_id, "name": f"Wang of {name}"}, viewport=PHONE)
    page.goto("/crew")
    page.locator(".day-ticket", has_text="W000002").click()
    return page


def fix(served: Served) -> None:
    """Let the crew that was sent take all its steps, without its telephone."""
    crew_id, _ = crew_sent(served)
    with served.app.app_context():
        for name in STEPS:
            step(2, name, steward(crew_id), datetime.now(UTC))


def tap(page: Page, label: str) -> None:
    page.locator(".next-step").get_by_role("button", name=label).click()


def open_desk(page: Page) -> None:
    page.goto("/desk?ticket=W000002")
    expect(page.locator(".ticket-title")).to_have_text(re.compile("Burst main"))


def row(page: Page):
    return page.locator(".queue-row", has_text="W000002")


def take_call(page: Page) -> None:
    """Type a call in, without the mouse: who, where, what, and save."""
    open_call(page)
    type_caller(page)
    page.locator("#call-description").focus()
    page.keyboard.type("Water comes out of the road")
    expect(page.locator("#call [name=checked]")).to_have_value("1")
    expect(page.locator(".likely > li").first).to_contain_text("W000001")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast")).to_contain_text("the number is W000002")


def tickets_counted(manager: Page) -> int:
    """Return over how many tickets the manager's page reckons the attainment."""
    manager.goto("/circle")
    words = manager.locator("#promise .big .population").first.inner_text()
    return int(re.search(r"n = (\d+)", words)[1])


def test_a_call_becomes_a_ticket_a_crew_an_arrival_a_fix_and_a_figure(
    city: Served, page_as: Callable[..., Page]
):
    manager = page_as("manager")
    before = tickets_counted(manager)

    take_call(page_as("call_taker"))
    desk = page_as("dispatcher")
    open_desk(desk)
    expect(row(desk)).to_contain_text("accepted")
    expect(desk.locator(".ticket")).to_contain_text("West Team")
    plan(city)
    _, crew = crew_sent(city)
    expect(desk.locator(".crew-line")).to_contain_text(crew)
    expect(desk.locator(".why")).to_contain_text("Home team of this grid")
    expect(row(desk)).to_contain_text("dispatched")

    resident = page_as(viewport=PHONE)
    resident.goto(f"/t/{token_of(city)}")
    expect(resident.get_by_role("heading", name="A crew has been chosen")).to_be_visible()
    phone = phone_of_crew(city, page_as)
    expect(phone.locator(".said")).to_have_text("Water comes out of the road")
    for label, state, headline in TAPS:
        tap(phone, label)
        expect(phone.locator(".ticket-head")).to_contain_text(state)
        expect(row(desk)).to_contain_text(state)
        resident.reload()
        expect(resident.get_by_role("heading", name=headline)).to_be_visible()
    tap(phone, "Fixed")
    expect(phone.locator(".day-done")).to_contain_text("Burst main")
    expect(row(desk)).to_contain_text("completed")
    expect(resident.get_by_text("Chen")).to_have_count(0)
    resident.reload()
    resident.get_by_role("button", name="Yes, it is fixed").click()
    expect(resident.get_by_role("heading", name="Has it come back?")).to_be_visible()
    assert tickets_counted(manager) == before + 1


def test_a_crew_returns_what_is_not_theirs_and_the_desk_sends_another(
    burst: Served, page_as: Callable[..., Page]
):
    desk = page_as("dispatcher")
    open_desk(desk)
    phone = phone_of_crew(burst, page_as)
    phone.get_by_role("link", name="Not ours").click()
    phone.get_by_role("radio", name="Another team's area").check()
    phone.get_by_role("button", name="Return to the desk").click()
    expect(phone.get_by_text("Nothing to do now")).to_be_visible()
    expect(row(desk)).to_contain_text("returned")
    expect(desk.locator(".story")).to_contain_text("Another team's area")
    desk.keyboard.press("a")
    desk.locator(".candidate", has_text="E1").get_by_role("button").click()
    expect(desk.get_by_label("Why E1 and not the best choice?")).to_be_focused()
    desk.keyboard.type("Their area")
    desk.keyboard.press("Enter")
    expect(desk.locator(".crew-line")).to_contain_text("E1")
    assert crew_sent(burst)[1] == "E1"


def test_a_declined_ticket_goes_to_the_next_crew(burst: Served, page_as: Callable[..., Page]):
    _, first = crew_sent(burst)
    desk = page_as("dispatcher")
    open_desk(desk)
    expect(desk.locator(".crew-line")).to_contain_text(first)
    phone = phone_of_crew(burst, page_as)
    phone.get_by_role("link", name="Decline").click()
    phone.get_by_role("radio", name="Vehicle or tools out of order").check()
    phone.get_by_role("button", name="Decline").click()
    expect(phone.get_by_text("Nothing to do now")).to_be_visible()
    plan(burst)
    _, second = crew_sent(burst)
    assert second != first
    expect(desk.locator(".crew-line")).to_contain_text(second)
    expect(desk.locator(".story")).to_contain_text("Vehicle or tools out of order")
    expect(phone_of_crew(burst, page_as).locator(".past").first).to_contain_text("declined")


def test_what_one_visit_cannot_fix_a_second_does_on_the_same_ticket(
    burst: Served, page_as: Callable[..., Page]
):
    phone = phone_of_crew(burst, page_as)
    for label, state, _ in TAPS:
        tap(phone, label)
        expect(phone.locator(".ticket-head")).to_contain_text(state)
    phone.get_by_role("link", name="Could not fix it").click()
    phone.get_by_role("radio", name="A part is missing").check()
    phone.get_by_label("In your own words").fill("Collar DN 200")
    phone.get_by_role("button", name="End this visit").click()
    expect(phone.locator("#day")).to_be_visible()
    resident = page_as(viewport=PHONE)
    resident.goto(f"/t/{token_of(burst)}")
    expect(resident.get_by_role("heading", name="A second visit is needed")).to_be_visible()
    expect(resident.get_by_text("Collar DN 200")).to_have_count(0)
    plan(burst)
    again = phone_of_crew(burst, page_as)
    expect(again.locator(".past").first).to_contain_text("Collar DN 200")
    for label in ("I take it", "Set off", "I am there", "Start work", "Fixed"):
        tap(again, label)
    expect(again.locator(".day-done")).to_contain_text("Burst main")
    desk = page_as("dispatcher")
    open_desk(desk)
    expect(desk.locator(".ticket")).to_contain_text("2 visits")
    with burst.app.app_context():
        states = [visit.state for visit in db.session.query(Visit).filter_by(ticket_id=2)]
    assert states == ["cannot_complete", "completed"]


def test_a_second_caller_joins_the_ticket_and_follows_it(
    burst: Served, page_as: Callable[..., Page]
):
    page = page_as("call_taker")
    open_call(page)
    page.fill("#call-address", "Wuyi Road 14")
    pin_call(page)
    page.get_by_role("radio", name="Burst main").focus()
    page.keyboard.press("Space")
    expect(page.locator(".likely > li").first).to_contain_text("W000002")
    page.keyboard.press("Alt+1")
    expect(page.locator(".toast")).to_contain_text("we know of it already, as W000002")
    expect(page.locator(".ticket")).to_contain_text("2 reporters")
    resident = page_as(viewport=PHONE)
    resident.goto(f"/t/{token_of(burst, 3)}")
    expect(resident.get_by_text("reported by 2 people")).to_be_visible()
    expect(resident.get_by_role("heading", name="A crew has been chosen")).to_be_visible()


def test_not_fixed_opens_the_ticket_again_and_a_crew_comes(
    burst: Served, page_as: Callable[..., Page]
):
    fix(burst)
    desk = page_as("dispatcher")
    open_desk(desk)
    expect(row(desk)).to_contain_text("completed")
    resident = page_as(viewport=PHONE)
    resident.goto(f"/t/{token_of(burst)}")
    resident.get_by_role("button", name="No, it is not").click()
    expect(resident.get_by_role("heading", name="We come again")).to_be_visible()
    expect(row(desk)).to_contain_text("reopened")
    plan(burst)
    expect(row(desk)).to_contain_text("dispatched")
    resident.reload()
    expect(resident.get_by_role("heading", name="A crew has been chosen")).to_be_visible()
