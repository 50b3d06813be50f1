"""Is nothing lost or done twice, whatever happens to a phone and its network?

Proof G5, in Chromium.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from dispatch.access import SESSION_COOKIE
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Refused
from dispatch.domain.field_commands import FieldOutcome
from dispatch.domain.permissions import Role
from dispatch.models.base import db
from dispatch.models.field import FieldEntry
from dispatch.models.people import Device, Team
from dispatch.models.tickets import Ticket, TicketEvent
from tests.browser.conftest import PHONE
from tests.browser.crew_phone import Network, bar, settled
from tests.factories import DESK, make_city, make_crew
from tests.trips import another_ticket, send, step
from tests.visitors import signed_in

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Faults, Served

# Each command is added once; photos and what is told of a command later are put.
COUNT = """
(() => {
  const add = IDBObjectStore.prototype.add;
  IDBObjectStore.prototype.add = function (...given) {
    const asked = add.apply(this, given);
    this.transaction.addEventListener("complete", () => {
      localStorage.setItem("made", String(Number(localStorage.getItem("made")) + 1));
    });
    return asked;
  };
})();
"""
NETWORKS = ("", "lost reply", "portal", "offline")
RUNS_A_BROWSER = 20
# All but the worker with its files, which take longest to fetch and know nobody.
FORGET = """
async () => {
  localStorage.clear();
  await caches.delete("crew-pages");
  await new Promise((done, fail) => {
    const asked = indexedDB.deleteDatabase("crew");
    asked.onsuccess = done;
    asked.onerror = fail;
  });
}
"""


def new_phone(page: Page, served: Served, seed: int) -> int:
    """Make a browser the phone of a new crew, on which nobody has worked; return the crew."""
    with served.app.app_context(), transaction():
        crew_id = make_crew(f"P{seed}", team=db.session.get_one(Team, 1)).id
    account = {"crew_id": crew_id, "name": f"Wang {seed}"}
    secret = signed_in(served.app, Role.CREW, served.now, **account).secret
    page.goto("/static/crew/crew.css")
    page.evaluate(FORGET)
    page.context.clear_cookies()
    page.context.add_cookies([{"name": SESSION_COOKIE, "value": secret, "url": served.url}])
    return crew_id


class Run:
    """One phone, three tickets and a network that comes and goes, as a number says."""

    def __init__(self, served: Served, network: Network, page: Page, seed: int) -> None:
        """Send a crew to three tickets and get them onto its phone."""
        self.served, self.network, self.page = served, network, page
        self.choose = random.Random(seed)  # noqa: S311  no secret
        self.notes: list[str] = []
        crew_id = new_phone(page, served, seed)
        with served.app.app_context():
            self.first = db.session.query(Ticket).count() + 1
            for number in range(self.first, self.first + 3):
                opened = another_ticket(served.now, category="leak")
                assert opened.ticket.id == number
                send(number, crew_id, served.now)
        page.goto("/crew")
        settled(page)

    def path(self) -> str:
        """Return the page of one of the tickets."""
        return f"/crew/W{self.choose.randrange(self.first, self.first + 3):06d}"

    def made(self, before: int) -> None:
        """Wait until one more command is on the phone."""
        self.page.wait_for_function("(n) => Number(localStorage.getItem('made')) > n", arg=before)

    def count(self) -> int:
        """Return how many commands were made on this phone."""
        return int(self.page.evaluate("Number(localStorage.getItem('made'))"))

    def tap(self) -> None:
        """Take the next step of a ticket, where it has one."""
        self.page.goto(self.path())
        expect(self.page.locator("html[data-laid]")).to_be_attached()
        before, button = self.count(), self.page.locator(".next-step form button")
        if button.count() == 0:
            return
        try:
            form = self.page.locator(".next-step form")
            ends = "complete" in (form.get_attribute("action") or "")
            button.click()
        except playwright.TimeoutError:
            # Drawn anew since: the desk has ended this ticket meanwhile.
            expect(button).to_have_count(0)
            return
        self.made(before)
        if ends:
            expect(self.page).to_have_url(re.compile("/crew$"))

    def note(self) -> None:
        """Write a note of its own, in any state of the ticket."""
        words = f"note {self.first} {len(self.notes)}"
        path = self.path()
        self.page.goto(f"{path}/note")
        expect(self.page.locator("html[data-laid]")).to_be_attached()
        before = self.count()
        self.page.get_by_label("Note").fill(words)
        self.page.get_by_role("button", name="Save the note").click()
        self.made(before)
        self.notes.append(words)
        expect(self.page).to_have_url(re.compile(f"{path}$"))

    def change_network(self) -> None:
        """Let the network come or go."""
        mode = self.choose.choice(NETWORKS)
        self.page.context.set_offline(mode == "offline")
        self.network.mode = mode

    def kill(self) -> None:
        """Close the page as a phone that is switched off does."""
        context = self.page.context
        self.page.close()
        self.page = context.new_page()

    def desk(self) -> None:
        """Cancel a ticket behind the crew's back."""
        number = self.choose.randrange(self.first, self.first + 3)
        # Refused where the crew is there already.
        with self.served.app.app_context(), suppress(Refused):
            step(number, "cancel", DESK, self.served.now, reason="found by another crew")

    def play(self) -> tuple[int, list[FieldEntry]]:
        """Do all of it in an order of its own."""
        steps = [self.tap] * 8 + [self.note] * 3 + [self.change_network] * 5
        steps += [self.kill, self.desk]
        self.choose.shuffle(steps)
        for each in steps:
            each()
        return self.finish()

    def finish(self) -> tuple[int, list[FieldEntry]]:
        """Bring the network back and wait until nothing waits; return what was made and came."""
        self.network.mode = ""
        self.page.context.set_offline(False)
        self.page.goto("/crew/unsent")
        expect(self.page.locator('[data-queue][data-count="0"]')).to_be_visible()
        with self.served.app.app_context():
            device = db.session.query(FieldEntry.device_id).order_by(FieldEntry.id.desc()).limit(1)
            rows = db.session.query(FieldEntry).filter_by(device_id=device.scalar())
            return self.count(), rows.order_by(FieldEntry.sequence).all()


def test_nothing_is_lost_or_done_twice_in_a_browser(
    served: Served, page_as: Callable[..., Page], faults: Faults,
    monkeypatch: pytest.MonkeyPatch, soak, print_counts,
):  # fmt: skip
    faults.allow(r"net::ERR_|Failed to load resource|ERR_FAILED|Load failed")
    with served.open() as now:
        make_city(now)
    served.now = now
    network, outcomes, seeds = Network(served, monkeypatch), Counter(), range(200 if soak else 5)
    page = None
    for seed in seeds:
        if seed % RUNS_A_BROWSER == 0:
            # One that was driven through a thousand pages holds a gigabyte and comes to a stop.
            if page is not None:
                page.context.close()
            page = page_as(viewport=PHONE)
            page.context.add_init_script(COUNT)
        run = Run(served, network, page, seed)
        try:
            made, rows = run.play()
        except Exception as fault:
            fault.add_note(f"seed {seed}")
            raise
        assert [row.sequence for row in rows] == list(range(1, made + 1))
        assert len({row.uuid for row in rows}) == made
        outcomes.update(row.outcome for row in rows)
        with served.app.app_context():
            told = db.session.query(TicketEvent.note).filter(TicketEvent.note.in_(run.notes))
            assert Counter(note for (note,) in told) == Counter(run.notes)
        page = run.page
    told = ", ".join(f"{outcomes[each]} {each}" for each in FieldOutcome)
    print_counts(
        f"G5 in Chromium: {len(seeds)} runs, {outcomes.total()} commands made, {told}, 0 lost"
    )


def test_a_phone_that_could_not_read_its_enrolment_stays_one_phone(
    served: Served, page_as: Callable[..., Page], faults: Faults, monkeypatch: pytest.MonkeyPatch
):
    """The cookie came; the rest of the answer was cut off by something on the way."""
    faults.allow("net::ERR_|Failed to load resource")
    with served.open() as now:
        make_city(now)
    served.now = now
    page = page_as(viewport=PHONE)
    page.context.add_init_script(COUNT)
    page.route(
        "**/field/devices",
        lambda route: route.fulfill(response=route.fetch(), body="<html>"),
        times=1,
    )
    run = Run(served, Network(served, monkeypatch), page, 0)
    # The page of the second was kept before the phone was enrolled, and does not say that it is.
    for ticket, cut_off in ((run.first, False), (run.first + 1, True)):
        page.context.set_offline(cut_off)
        monkeypatch.setattr(run, "path", lambda number=ticket: f"/crew/W{number:06d}")
        run.note()
    page.context.set_offline(False)
    bar(page, "Everything is sent")
    assert run.finish()[0] == 2
    with served.app.app_context():
        assert [phone.last_sequence for phone in db.session.query(Device)] == [2]
