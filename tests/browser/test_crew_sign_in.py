"""Does a phone without a connection show its pages to whoever signed in, and to nobody else?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from dispatch.access import PHONE_COOKIE, SESSION_COOKIE
from dispatch.actions.accounts import set_password
from dispatch.domain.permissions import Role
from dispatch.models.base import db
from dispatch.models.people import User
from tests.browser.conftest import PHONE
from tests.browser.crew_phone import PIN, SECRET, Network, bar, call_out, equip, offline, settled
from tests.factories import DESK, make_account
from tests.trips import another_ticket, send

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Faults, Served

PASSWORD = "correct horse battery"


@pytest.fixture
def van(served: Served) -> Served:
    """Send crews W1 and W2 to a ticket each; give Wang of W1 a phone, a PIN and a password."""
    now = call_out(served)
    with served.app.app_context():
        another_ticket(now, category="no_water", address="Wuyi Road 12")
        send(2, 2, now)
    with served.open() as now:
        for name, crew in (("Wang", 1), ("Li", 2)):
            person = make_account(Role.CREW, now, name=name, crew_id=crew)
            user = db.session.get_one(User, person.user_id)
            user.sign_in_name = name.lower()
            set_password(user, PASSWORD, actor=DESK, now=now)
            if name == "Wang":
                equip(person, now)
    return served


@pytest.fixture
def phone(van: Served, page_as: Callable[..., Page], faults: Faults) -> Page:
    """Open a phone on which nobody is signed in."""
    faults.allow(r"net::ERR_|Failed to load resource|ERR_FAILED")
    return page_as(None, viewport=PHONE, reduced_motion="reduce")


def sign_in(page: Page, name: str) -> None:
    """Sign in with a password."""
    page.goto("/sign-in?next=/crew")
    page.get_by_label("Sign-in name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def sign_in_by_pin(page: Page, name: str) -> None:
    """Sign in for the shift on the crew's own phone."""
    page.context.add_cookies([{"name": PHONE_COOKIE, "value": SECRET, "url": page.url}])
    page.goto("/crew/sign-in")
    page.get_by_text(name).click()
    page.get_by_label("PIN", exact=True).fill(PIN)
    page.get_by_role("button", name="Sign in").click()


def give_room(page: Page, **size: int) -> None:
    """Let the phone keep so many bytes of ours (`quotaSize`), else as many as ever."""
    room = {"origin": "/".join(page.url.split("/")[:3]), **size}
    page.context.new_cdp_session(page).send("Storage.overrideQuotaForOrigin", room)


@pytest.mark.parametrize(
    ("way_in", "name"), [(sign_in, "wang"), (sign_in_by_pin, "Wang")], ids=["password", "pin"]
)
def test_to_load_again_and_to_go_back_after_signing_in_need_no_connection(
    phone: Page, van: Served, way_in: Callable[[Page, str], None], name: str
):
    phone.goto(f"{van.url}/crew/sign-in")
    way_in(phone, name)
    settled(phone)
    with offline(phone):
        phone.reload()
        bar(phone, "No connection")
        phone.get_by_role("link", name=re.compile("Burst main")).click()
        expect(phone.locator(".ticket-head")).to_contain_text("dispatched")
        phone.go_back()
        expect(phone.locator(".day-ticket")).to_have_count(1)
        phone.go_forward()
        expect(phone.locator(".ticket-head")).to_contain_text("dispatched")
    phone.goto("/crew/join")
    expect(phone.locator("html[data-laid]")).to_be_attached()
    with offline(phone):
        phone.get_by_role("link", name="OneVisit").click()
        expect(phone.locator("h1")).to_contain_text("W1")


def test_who_signs_in_on_a_full_phone_sees_the_page_at_once(phone: Page, van: Served):
    sign_in(phone, "wang")
    settled(phone)
    phone.context.clear_cookies(name=SESSION_COOKIE)
    give_room(phone, quotaSize=1)
    # The browser loads a page of failure again by itself, so that it is gone at the end.
    failed: list[str] = []
    phone.on("requestfailed", lambda request: failed.append(request.url))
    sign_in(phone, "wang")
    expect(phone.locator("h1")).to_contain_text("W1")
    assert f"{van.url}/crew" not in failed


@pytest.mark.parametrize("room", [{}, {"quotaSize": 1}], ids=["room", "full"])
def test_whoever_signs_in_never_sees_a_page_of_the_one_before(
    phone: Page, van: Served, monkeypatch: pytest.MonkeyPatch, room: dict[str, int]
):
    network = Network(van, monkeypatch)
    sign_in(phone, "wang")
    settled(phone)
    phone.context.clear_cookies(name=SESSION_COOKIE)
    # The page to sign in could not take the kept ones off the phone.
    phone.route("**/crew/signed_out.js*", lambda route: route.abort(), times=1)
    give_room(phone, **room)
    network.mode = "no day"
    with phone.expect_response(lambda answer: answer.url.endswith("/crew")):
        sign_in(phone, "li")
    gateway = phone.get_by_text("gateway")
    expect(gateway).to_be_visible()
    phone.reload()
    expect(gateway).to_be_visible()
    with offline(phone), pytest.raises(playwright.Error):
        phone.goto("/crew/W000001")
    network.mode = ""
    phone.goto("/crew")
    expect(phone.locator("h1")).to_contain_text("W2")
    give_room(phone)
    phone.reload()
    settled(phone)
    with offline(phone):
        phone.reload()
        expect(phone.locator("h1")).to_contain_text("W2")
        phone.goto("/crew/W000001")
        expect(phone.locator("h1")).to_contain_text("Not on this phone")
