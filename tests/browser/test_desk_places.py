"""Is a place found by typing with the keyboard, and is none taken that nobody chose?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from dispatch.adapters.geocoding import Located
from dispatch.adapters.place_lookup import Found, NamedPlace
from dispatch.api.places import LOOKUP
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.places import Household
from dispatch.models.tickets import Ticket
from tests.browser.desk_scene import open_call

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Served

THREE = tuple(
    NamedPlace(f"{name}, Binjiang Quay 3", Located(lat, lon, "gcj02", "amap"))
    for name, lat, lon in (
        ("Furong", 28.147, 112.956),
        ("Tianxin", 28.147, 113.056),
        ("<b>Kaifu</b>", 28.3, 112.956),
    )
)


class Fixed:
    """A geocoder with one answer."""

    def __init__(self, found: Found) -> None:
        self.find = lambda _address: found


@pytest.fixture
def book(city: Served) -> Served:
    """Add one street name in three districts."""
    with city.open():
        for account, district, lon in (("H-2", "芙蓉", 112.95), ("H-3", "天心", 113.05)):
            db.session.add(
                Household(
                    account=account, name="王芳", address=f"{district}区人民路3号",
                    lat=28.15, lon=lon,
                )
            )  # fmt: skip
        db.session.add(Household(account="H-4", address="岳麓区人民路3号", lat=28.201, lon=112.95))
    return city


def start(page: Page, address: str) -> None:
    open_call(page)
    page.locator("#call-address").focus()
    page.keyboard.type(address)


def save(page: Page) -> None:
    """Save once the likely twins were shown, so that nobody asks about them any more."""
    page.get_by_role("radio", name="Other fault").focus()
    page.keyboard.press("Space")
    expect(page.locator("input[name=checked]")).to_have_value("1")
    page.keyboard.press("Control+Enter")


def test_a_mistyped_address_is_taken_with_enter_alone(book: Served, page_as: Callable[..., Page]):
    page = page_as("call_taker")
    start(page, "furnog rd 8")
    page.keyboard.press("Enter")
    expect(page.locator("#call-address")).to_have_value("Furong Road 8")
    expect(page.locator(".household")).to_contain_text("H-1")
    expect(page.locator(".grid-found")).to_contain_text("West Team")
    page.locator("#call-address").fill("Elsewhere 9")
    expect(page.locator(".grid-found")).to_have_count(0)
    expect(page.locator("[data-places]")).to_contain_text("The address book knows no such place")


def test_an_address_in_three_districts_is_chosen_and_never_guessed(
    book: Served, page_as: Callable[..., Page]
):
    page = page_as("call_taker")
    start(page, "rml 3")
    options = page.locator("#call-places [role=option]")
    expect(options).to_have_count(3)
    expect(page.locator("[data-places]")).to_contain_text("3 places fit: choose one")
    expect(options.nth(0)).to_contain_text("West · West Team")
    expect(options.nth(1)).to_contain_text("East · East Team")
    expect(options.nth(2)).to_contain_text("outside every grid")
    page.keyboard.press("Enter")
    expect(options.nth(0)).to_have_attribute("aria-selected", "true")
    expect(page.locator("#call-address")).to_have_value("rml 3")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#call-address")).to_have_value("天心区人民路3号")
    expect(page.locator(".grid-found")).to_contain_text("East Team")


def test_a_place_in_the_river_is_saved_with_the_nearest_team(
    book: Served, page_as: Callable[..., Page]
):
    page = page_as("call_taker")
    start(page, "岳麓区人民路3号")
    page.keyboard.press("Enter")
    expect(page.locator(".grid-found")).to_contain_text("outside every grid; the nearest team")
    save(page)
    expect(page.locator(".toast")).to_contain_text(
        "The place lies outside every grid; West Team, the nearest, has it."
    )
    with book.open():
        assert db.session.get_one(Ticket, 4).place_standing == "outside"


def test_an_address_that_is_nowhere_is_saved_and_told(book: Served, page_as: Callable[..., Page]):
    page = page_as("call_taker")
    start(page, "Atlantis 1")
    expect(page.locator("[data-places]")).to_contain_text("knows no such place: set the pin")
    save(page)
    expect(page.locator(".toast")).to_contain_text("The place is not located yet")
    with book.open():
        ticket = db.session.get_one(Ticket, 4)
        assert (ticket.address, ticket.place_standing) == ("Atlantis 1", "not_located")


def test_a_door_that_is_not_in_the_book_gets_the_pin_of_its_neighbour(
    book: Served, page_as: Callable[..., Page]
):
    page = page_as("call_taker")
    start(page, "furong road 12")
    expect(page.locator("#call-place-0")).to_contain_text("not in the book; near Furong Road 8")
    page.keyboard.press("Enter")
    expect(page.locator("[data-places]")).to_contain_text("the pin is at Furong Road 8")
    save(page)
    expect(page).to_have_url(re.compile("ticket=W000004"))
    with book.open():
        ticket = db.session.get_one(Ticket, 4)
        assert (ticket.address, ticket.household_id) == ("Furong Road 12", None)
        assert (ticket.place_source, ticket.lat) == ("geocoder", 28.151)


def test_what_the_book_does_not_know_is_asked_online_and_named_with_its_datum(
    book: Served, page_as: Callable[..., Page]
):
    book.app.extensions[LOOKUP] = Fixed(Found(THREE))
    page = page_as("call_taker")
    start(page, "Binjiang Quay 3")
    options = page.locator("#call-places [role=option]")
    expect(page.locator("[data-places]")).to_contain_text("3 places are known online")
    expect(options.nth(2)).to_contain_text("<b>Kaifu</b>, Binjiang Quay 3")
    expect(options.nth(1)).to_contain_text("East · East Team")
    expect(options.nth(1)).to_contain_text("GCJ-02")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#call-datum")).to_have_value("gcj02")
    expect(page.locator(".grid-found")).to_contain_text("East Team")
    save(page)
    expect(page).to_have_url(re.compile("ticket=W000004"))
    with book.open():
        ticket = db.session.get_one(Ticket, 4)
        assert (ticket.given_datum, ticket.given_lon) == ("gcj02", 113.056)
        assert ticket.lon < 113.055


def test_the_online_search_is_asked_for_and_a_dead_one_holds_nobody_up(
    book: Served, page_as: Callable[..., Page]
):
    book.app.extensions[LOOKUP] = Fixed(Found(fault=say("It took too long.")))
    page = page_as("call_taker")
    start(page, "Furong Road")
    further = page.get_by_role("option", name="Search further online for “Furong Road”")
    expect(further).to_be_visible()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator("[data-places]")).to_contain_text(
        "gives no answer. It took too long. The call goes on"
    )
    save(page)
    expect(page.locator(".toast")).to_contain_text("The place is not located yet")


def test_coordinates_are_pasted_as_a_map_gives_them_and_read_in_their_datum(
    city: Served, page_as: Callable[..., Page]
):
    page = page_as("call_taker")
    open_call(page)
    page.locator("#call-address").focus()
    # Amap and Baidu copy the longitude first.
    page.keyboard.insert_text("112.95, 28.15")
    page.keyboard.press("Tab")
    expect(page.locator("[data-places]")).to_contain_text("Taken as coordinates")
    expect(page.locator("#call-address")).to_have_value("")
    expect(page.locator("#call-lat")).to_have_value("28.15")
    expect(page.locator("#call-lon")).to_have_value("112.95")
    expect(page.locator("[data-grid]")).to_contain_text("West")
    page.locator("#call-datum").select_option("bd09")
    page.locator("#call-lat").fill("28.16 112.96")
    page.get_by_role("radio", name="Other fault").focus()
    expect(page.locator("#call-lat")).to_have_value("28.16")
    save(page)
    expect(page).to_have_url(re.compile("/desk.*ticket=W000004"))
    with city.open():
        ticket = db.session.get_one(Ticket, 4)
        # Baidu's datum lies about a kilometre to the north-east of ours here.
        assert 28.14 < ticket.lat < 28.16
        assert 112.94 < ticket.lon < 112.96
        assert ticket.place_source == "pin"
