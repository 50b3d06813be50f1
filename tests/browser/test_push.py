"""Is a device told after one tap, shown what came, led to its ticket, and told no more then?"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from sqlalchemy import select

from dispatch.adapters.messages.libraries import new_push_keys
from dispatch.domain.messages import SENT, Outcome
from dispatch.domain.ticket_state import ticket_number
from dispatch.jobs.outbox import PostRoom, leave, run
from dispatch.models.base import db
from dispatch.models.messages import PushSubscription
from tests.browser.conftest import PHONE, come_to_rest
from tests.factories import make_city, make_ticket
from tests.trips import send

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from dispatch.adapters.messages.port import Message
    from tests.browser.conftest import Served

PRIVATE = new_push_keys()[0]
# No push service is in reach of the tests: only its part of the browser is played.
PLAYED = """
(() => {
  const read = () => JSON.parse(localStorage.getItem("played") ?? "null");
  const key = (letters) => letters.repeat(87).slice(0, 87);
  const made = (told) => told && {
    endpoint: told.endpoint,
    toJSON: () => ({
      endpoint: told.endpoint, expirationTime: null,
      keys: { p256dh: key("B"), auth: "a".repeat(22) },
    }),
    unsubscribe: async () => (localStorage.removeItem("played"), true),
  };
  PushManager.prototype.getSubscription = async () => made(read());
  PushManager.prototype.subscribe = async (options) => {
    const { userVisibleOnly, applicationServerKey } = options;
    if (!userVisibleOnly || applicationServerKey.length !== 65) throw new TypeError("options");
    if (localStorage.getItem("blocked")) throw new DOMException("", "AbortError");
    localStorage.setItem("played", JSON.stringify({ endpoint: "https://push.localtest/1" }));
    return made(read());
  };
})();
"""

SHOWN = """async () => {
  const registration = await navigator.serviceWorker.getRegistration("/");
  for (;;) {
    const [first] = await registration.getNotifications();
    if (first) return [first.title, first.body, first.tag, first.data.url];
    await new Promise((done) => setTimeout(done, 50));
  }
}"""
"""What the first notification says, once it is shown."""


@pytest.fixture
def told_page(
    served: Served, page_as: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Page]:
    settings = replace(
        served.app.config["SETTINGS"], webhook_hosts="push.localtest",
        vapid_private_key=PRIVATE, vapid_contact="mailto:a@b.example",
    )  # fmt: skip
    monkeypatch.setitem(served.app.config, "SETTINGS", settings)
    monkeypatch.setattr(
        "dispatch.adapters.messages.posting.socket.getaddrinfo",
        lambda *_asked, **_named: [(2, 1, 6, "", ("127.0.0.1", 443))],
    )

    def open_page(role: str, *, granted: bool = True, **options: Any) -> Page:
        page = page_as(role, **options)
        page.context.add_init_script(PLAYED)
        if granted:
            page.context.grant_permissions(["notifications"], origin=served.url)
        return page

    return open_page


def subscriptions(served: Served) -> list[str]:
    with served.app.app_context():
        return list(db.session.scalars(select(PushSubscription.endpoint)))


def switched_on(page: Page) -> None:
    page.locator('[data-push][data-state="off"] button').click()
    page.locator('[data-push][data-state="on"]').wait_for()
    page.locator("[aria-labelledby=devices] tr .badge").wait_for()


def test_one_tap_switches_on_and_another_off(served: Served, told_page: Callable[..., Page]):
    page = told_page("dispatcher", viewport=PHONE, locale="zh-CN")
    page.goto("/account")
    switched_on(page)
    assert subscriptions(served) == ["https://push.localtest/1"]
    come_to_rest(page)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    found = Axe().run(page).response["violations"]
    assert [(each["id"], [node["html"][:99] for node in each["nodes"]]) for each in found] == []
    expect(page.locator("[role=switch]")).to_have_attribute("aria-checked", "true")
    page.locator("[role=switch]").click()
    page.locator('[data-push][data-state="off"]').wait_for()
    page.locator("[aria-labelledby=devices] tr .badge").wait_for(state="detached")
    assert subscriptions(served) == []
    page.wait_for_function("localStorage.getItem('played') === null")


def test_a_device_that_was_removed_elsewhere_says_so(
    served: Served, told_page: Callable[..., Page]
):
    page = told_page("crew", viewport=PHONE, account={"crew_id": None})
    page.goto("/account")
    switched_on(page)
    page.goto("/alerts")
    page.locator('[data-push][data-state="on"]').wait_for(state="attached")
    expect(page.locator("[data-push]")).to_be_hidden()
    with served.open():
        db.session.query(PushSubscription).delete()
    page.goto("/alerts")
    page.locator('[data-push][data-state="off"]').wait_for()
    page.wait_for_function("localStorage.getItem('played') === null")


def test_a_push_is_shown_and_opens_its_ticket_without_losing_work(
    served: Served, told_page: Callable[..., Page]
):
    with served.open() as now:
        make_city(now)
        make_ticket(now)
    page = told_page("dispatcher")
    page.goto("/account")
    switched_on(page)
    while not page.context.service_workers:
        come_to_rest(page)
    worker = page.context.service_workers[0]
    told = {
        "title": "W000001 · Arrive 80 %", "body": "6 min left – on the way", "tag": "msg_1",
        "number": "W000001", "url": "/alerts/ticket/W000001", "lang": "en",
    }  # fmt: skip
    _deliver(page, served, json.dumps(told))
    shown = page.evaluate(SHOWN)
    assert shown == [told["title"], told["body"], told["tag"], told["url"]]
    tap = """async () => {
      const opened = [];
      self.clients.openWindow = async (url) => opened.push(url);
      const [notification] = await self.registration.getNotifications();
      const done = [];
      const event = new NotificationEvent("notificationclick", { notification });
      event.waitUntil = (promise) => done.push(promise);
      self.dispatchEvent(event);
      await Promise.allSettled(done);
      return [opened, (await self.registration.getNotifications()).length];
    }"""
    assert worker.evaluate(tap) == [[f"{served.url}/alerts/ticket/W000001"], 0]
    page.goto("/alerts/ticket/W000001")
    page.wait_for_url("**/desk?ticket=W000001")


def test_a_crews_phone_is_told_of_a_ticket_that_is_sent_to_it(
    served: Served, told_page: Callable[..., Page]
):
    with served.open() as now:
        city = make_city(now)
        crew_id, ticket_id = city.crews[0].id, make_ticket(now).ticket.id
    page = told_page("crew", viewport=PHONE, account={"crew_id": crew_id})
    page.goto("/crew")
    page.get_by_text("Off. Switch on, and this phone").wait_for()
    page.locator('[data-push][data-state="off"] button').click()
    page.get_by_text("Tap to switch it off").wait_for()
    with served.app.app_context():
        send(ticket_id, crew_id, datetime.now(UTC))
        shown = _pushed(served)
    _deliver(page, served, json.dumps(shown), "/")
    told = page.evaluate(SHOWN)
    number = ticket_number(ticket_id)
    assert told == [f"New ticket {number}", shown["body"], number, f"/crew/{number}"]
    page.locator('[data-push][data-state="on"] button').click()
    page.locator('[data-push][data-state="off"]').wait_for()
    assert subscriptions(served) == []


def _pushed(served: Served) -> dict[str, Any]:
    """Let the sender do its work; return what the one push would show."""
    given: list[Message] = []

    def take(message: Message) -> Outcome:
        given.append(message)
        return Outcome(SENT)

    settings = replace(served.app.config["SETTINGS"], language="en")
    room = PostRoom(settings, {"web_push": take}, "secret")
    run(datetime.now(UTC), room)
    leave(room, lambda: datetime.now(UTC))
    (message,) = given
    return message.payload


def _deliver(page: Page, served: Served, words: str, scope: str = "") -> None:
    """Hand a push to the browser as its push service would."""
    tools = page.context.new_cdp_session(page)
    found: list[str] = []

    def hear(event: dict[str, Any]) -> None:
        found.extend(
            each["registrationId"]
            for each in event["registrations"]
            if not scope or each["scopeURL"] == served.url + scope
        )

    tools.on("ServiceWorker.workerRegistrationUpdated", hear)
    tools.send("ServiceWorker.enable")
    while not found:
        page.evaluate("new Promise((done) => requestAnimationFrame(done))")
    tools.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": served.url, "registrationId": found[0], "data": words},
    )


def test_a_browser_that_cannot_is_told_why(served: Served, told_page: Callable[..., Page]):
    page = told_page("dispatcher")
    page.goto("/account")
    page.locator('[data-push][data-state="off"]').wait_for()
    page.evaluate("localStorage.setItem('blocked', '1')")
    page.locator("[role=switch]").click()
    page.get_by_text("Some networks block it").wait_for()
    page.context.add_init_script("delete window.PushManager")
    page.reload()
    page.get_by_text("This browser cannot tell you").wait_for()
    expect(page.locator("[role=switch]")).to_be_disabled()
    page.context.add_init_script(
        "Object.defineProperty(navigator, 'userAgent', { get: () => 'iPhone' })"
    )
    page.reload()
    page.get_by_text("first put this page on the Home Screen").wait_for()
    assert subscriptions(served) == []


def test_nothing_is_asked_before_the_tap_and_a_no_is_respected(
    told_page: Callable[..., Page],
):
    page = told_page("manager", granted=False)
    page.add_init_script(
        """window.asked = 0; Notification.requestPermission = async () => {
          window.asked += 1;
          Object.defineProperty(Notification, "permission", { get: () => "denied" });
          return "denied";
        };
        const told = { configurable: true, get: () => "default" };
        Object.defineProperty(Notification, "permission", told);"""
    )
    page.goto("/account")
    page.locator('[data-push][data-state="off"]').wait_for()
    assert page.evaluate("window.asked") == 0
    page.locator("[role=switch]").click()
    page.get_by_text("was told to show no notifications").wait_for()
    page.wait_for_function("window.asked === 1")


def test_without_keys_the_switch_says_who_can_help(served: Served, page_as: Callable[..., Page]):
    page = page_as("dispatcher")
    page.goto("/account")
    page.get_by_text("onevisit vapid").wait_for()
    expect(page.locator("[role=switch]")).to_be_disabled()
    page.goto("/alerts")
    expect(page.locator("[data-push]")).to_have_count(0)
