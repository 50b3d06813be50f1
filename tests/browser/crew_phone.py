"""How do tests hold a crew's phone in their hands, with all that goes wrong on its way to us?"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from threading import Event
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from dispatch.actions.phones import enrol_phone
from dispatch.actions.pins import set_pin
from dispatch.domain.kept_secrets import secret_hash
from dispatch.models.base import db
from dispatch.models.field import FieldEntry
from dispatch.models.people import User
from tests.browser.conftest import PHONE
from tests.factories import DESK, IN_WEST
from tests.trips import open_burst, send, work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    import pytest
    from playwright.sync_api import Page

    from dispatch.domain.permissions import Actor
    from tests.browser.conftest import Faults, Served

HERE = {"latitude": IN_WEST.lat, "longitude": IN_WEST.lon, "accuracy": 8}
CREW = {"crew_id": 1, "name": "Wang"}
PIN, SECRET = "201530", "phone-in-the-van"
PORTAL = b"<html><body>Welcome to the guest network</body></html>"

NOT_THERE = b'{"error": {"code": "not_found", "message": "This ticket is not yours."}}'
PLACED = """
async () => {
  const { photos } = await import("/static/crew/store.js");
  return (await photos()).every((each) => each.ready_at === 0);
}
"""
PHOTO_ANSWERS = {"no photos": "503 Service Unavailable", "photo gone": "404 Not Found"}


class Network:
    """What stands between the phone and our server: nothing, a portal, or a lost reply."""

    def __init__(self, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
        """Stand in front of the application."""
        self.inner, self.mode = served.app.wsgi_app, ""
        self.syncs = 0
        self.held, self.let_go = Event(), Event()
        monkeypatch.setattr(served.app, "wsgi_app", self)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Answer as the network of now would."""
        is_sync = environ["PATH_INFO"].endswith("/field/sync")
        self.syncs += is_sync
        if self.mode == "portal":
            start_response("200 OK", [("Content-Type", "text/html")])
            return [PORTAL]
        if self.mode == "stuck photo" and environ["PATH_INFO"].endswith("/photos"):
            self.held.set()
            assert self.let_go.wait(60)
            start_response("503 Service Unavailable", [("Content-Type", "text/html")])
            return [b""]
        if self.mode in PHOTO_ANSWERS and environ["PATH_INFO"].endswith("/photos"):
            environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            start_response(PHOTO_ANSWERS[self.mode], [("Content-Type", "application/json")])
            return [NOT_THERE]
        if self.mode == "no day" and environ["PATH_INFO"] == "/crew":
            start_response("502 Bad Gateway", [("Content-Type", "text/html")])
            return [b"<html>gateway</html>"]
        if self.mode == "lost reply" and is_sync:
            b"".join(self.inner(environ, lambda *_told: None))
            start_response("502 Bad Gateway", [("Content-Type", "text/html")])
            return [b"<html>gateway</html>"]
        return self.inner(environ, start_response)


def call_out(served: Served, ago: timedelta = timedelta(0)) -> datetime:
    """Add the city and a burst main, and send crew W1 to it; return when that was."""
    with served.open() as now:
        pass
    with served.app.app_context():
        open_burst(now - ago)
        send(1, 1, now - ago)
    return now - ago


def equip(person: Actor, now: datetime) -> None:
    """Give a member of a crew a PIN, and the crew a phone."""
    set_pin(db.session.get_one(User, person.user_id), PIN, actor=DESK, now=now)
    enrol_phone("1", actor=person, now=now, secret_hash=secret_hash(SECRET))


def come_to_site(served: Served) -> None:
    """Add one burst main, with crew W1 on its site for five minutes."""
    begin = call_out(served, timedelta(minutes=20))
    with served.app.app_context():
        work(1, 1, begin, until="arrive")


def open_kept(page_as: Callable[..., Page], faults: Faults) -> Page:
    """Open the ticket on a phone that has all of today on it."""
    faults.allow(r"net::ERR_|Failed to load resource|ERR_FAILED")
    page = page_as("crew", account=CREW, viewport=PHONE, reduced_motion="reduce")
    page.goto("/crew")
    settled(page)
    page.goto("/crew/W000001")
    bar(page, "Everything is sent")
    return page


def settled(page: Page) -> None:
    """Wait until all of today is on the phone."""
    expect(page.locator("html[data-today=kept]")).to_be_attached()


def bar(page: Page, words: str) -> None:
    """Wait until the bar on top says some words."""
    expect(page.locator("[data-queue]")).to_contain_text(words)


def take_photo(page: Page, kind: str, content: bytes, answer: str = "Keep the photo") -> None:
    """Take a photo and decide about it."""
    picture = {"name": f"{kind}.jpg", "mimeType": "image/jpeg", "buffer": content}
    page.locator(f'form[data-photo="{kind}"] input[type=file]').set_input_files(picture)
    page.get_by_role("dialog", name=kind).get_by_role("button", name=answer).click()


def tap(page: Page, label: str) -> None:
    """Press the big button with a thumb that has rested since the last step."""
    page.evaluate("delete document.documentElement.dataset.resting")
    page.locator(".next-step").get_by_role("button", name=label).click()


def until(page: Page, told: str) -> None:
    """Wait until a question that the page answers later, as to its cache, is answered with yes."""
    page.evaluate(f"setInterval(async () => (window.isSo = await ({told})()), 50)")
    page.wait_for_function("() => window.isSo")


@contextmanager
def offline(page: Page) -> Iterator[None]:
    """Cut the phone off for a while."""
    page.context.set_offline(True)
    yield
    page.context.set_offline(False)


def kinds(sent: Served) -> list[str]:
    """Return what arrived with what became of it, in order and without a gap."""
    with sent.app.app_context():
        rows = db.session.query(FieldEntry).order_by(FieldEntry.sequence)
        assert [row.sequence for row in rows] == list(range(1, rows.count() + 1))
        return [f"{row.kind} {row.outcome}" for row in rows]
