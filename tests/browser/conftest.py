"""How do tests look at our pages through a real browser, and hear what goes wrong in it?"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Condition, Thread
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.conftest import lend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from flask import Flask
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

    from tests.conftest import Built
    from tests.databases import Sqlite

CHROMIUM = Path(os.environ.get("ONEVISIT_CHROMIUM", "/usr/bin/chromium"))
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
PAINTED = """
async () => {
  const within = (ms, wait) => Promise.race([wait, new Promise((done) => setTimeout(done, ms))]);
  const end = performance.now() + 20_000;
  for (let still = 0; still < 3 && performance.now() < end; still += 1) {
    await within(1_000, new Promise((done) => requestAnimationFrame(done)));
    const running = document.getAnimations().filter((each) =>
      each.playState === "running" && each.effect.getComputedTiming().endTime !== Infinity);
    if (running.length) still = -1;
    await within(5_000, Promise.all(running.map((each) => each.finished.catch(() => null))));
  }
}
"""
TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`content policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Look a second time where a page failed; `-p no:rerunfailures` looks only once."""
    if config.pluginmanager.has_plugin("rerunfailures"):
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.flaky(reruns=1))


class Served:
    """Our application behind a real socket: `url`, and `open()` for work on its tables."""

    def __init__(self, app: Flask, url: str) -> None:
        """Keep both."""
        self.app, self.url = app, url

    @contextmanager
    def open(self) -> Iterator[datetime]:
        """Open an application context and a transaction; gives the present instant."""
        from dispatch.actions.unit_of_work import transaction  # noqa: PLC0415  as in tests.conftest

        with self.app.app_context(), transaction():
            yield datetime.now(UTC)


def come_to_rest(page: Page) -> None:
    """Wait until a page is painted and nothing moves on it but without an end, 20 s at most."""
    page.wait_for_load_state()
    page.evaluate(PAINTED)


class Faults(list[str]):
    """What went wrong in the pages of a test; `allow` names what the test itself provokes."""

    def __init__(self) -> None:
        """Allow nothing."""
        self.allowed: list[str] = []
        self.closing = False

    def allow(self, pattern: str) -> None:
        """Let faults that a regular expression finds pass."""
        self.allowed.append(pattern)

    def left(self) -> list[str]:
        """Return the faults that nobody allowed."""
        return [each for each in self if not any(re.search(one, each) for one in self.allowed)]


class Quiet(WSGIRequestHandler):
    """Answers requests without writing a line for each."""

    def log(self, *_parts: Any) -> None:
        """Write nothing."""


class WholeAnswers:
    """Reads each answer of an application whole before a byte is sent.

    The development server leaves the open file of a static answer to the garbage collector when
    the browser goes away in the middle of it, and a leaked file fails the test that runs then.
    """

    def __init__(self, inner: WSGIApplication) -> None:
        """Keep the application."""
        self.inner = inner
        self.changed = Condition()
        self.open = 0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        """Answer with one part."""
        self._count(1)
        try:
            parts = self.inner(environ, start_response)
            try:
                return [b"".join(parts)]
            finally:
                if hasattr(parts, "close"):
                    parts.close()
        finally:
            self._count(-1)

    def _count(self, more: int) -> None:
        with self.changed:
            self.open += more
            self.changed.notify_all()

    def finish(self) -> None:
        """Wait for the answers that nobody reads any more: the tables are emptied after this."""
        with self.changed:
            assert self.changed.wait_for(lambda: not self.open, timeout=60)


@contextmanager
def serve(
    sqlite: Sqlite, work_folder: Path, built: Built | None = None, **settings: Any
) -> Iterator[Served]:
    """Serve an application on an emptied SQLite database, on loopback; a lent one or its own."""
    sqlite.reset()
    with lend({} if built is None else built, sqlite.url, work_folder, **settings) as app:
        answers = WholeAnswers(app)
        server = make_server("127.0.0.1", 0, answers, threaded=True, request_handler=Quiet)
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield Served(app, f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        thread.join()
        server.server_close()
        answers.finish()


@pytest.fixture
def served(built: Built, sqlite: Sqlite, work_folder: Path) -> Iterator[Served]:
    """Serve an application for one test."""
    with serve(sqlite, work_folder, built) as found:
        yield found


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start the system's Chromium once; the test is skipped where there is none."""
    if not CHROMIUM.is_file():
        pytest.skip(f"no Chromium at {CHROMIUM}: apt-get install chromium, or ONEVISIT_CHROMIUM")
    from playwright.sync_api import expect, sync_playwright  # noqa: PLC0415  slow to load

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), headless=True, args=list(FLAGS)
        )
        expect.set_options(timeout=30_000)
        yield browser
        browser.close()


@pytest.fixture
def faults() -> Iterator[Faults]:
    """Collect errors of the console, of scripts and of the content policy; fail on them."""
    found = Faults()
    yield found
    assert found.left() == []


def _listen(page: Page, faults_now: Callable[[], Faults]) -> None:
    def hear(message: ConsoleMessage) -> None:
        torn_off = faults_now().closing and "net::ERR_" in message.text
        if message.type == "error" and not torn_off:
            faults_now().append(f"{message.text} {message.location.get('url', '')}")

    page.on("console", hear)
    page.on("pageerror", lambda error: faults_now().append(f"{error} {error.stack}"))


@contextmanager
def opening(
    chromium: Browser, served: Served, faults_now: Callable[[], Faults]
) -> Iterator[Callable[..., Page]]:
    """Give the function that `page_as` describes; what goes wrong is told to the faults of now."""
    from dispatch.access import SESSION_COOKIE  # noqa: PLC0415  as in tests.conftest
    from dispatch.domain.permissions import Role  # noqa: PLC0415  likewise
    from tests.visitors import signed_in  # noqa: PLC0415  likewise

    contexts: list[BrowserContext] = []

    def open_page(role: str | None = None, *, account: Any = None, **options: Any) -> Page:
        settings = {"viewport": WIDE, "locale": "en-GB"} | options
        context = chromium.new_context(base_url=served.url, **settings)
        contexts.append(context)
        context.set_default_timeout(30_000)
        context.add_init_script(TELL_VIOLATIONS)
        if role is not None:
            secret = signed_in(served.app, Role(role), datetime.now(UTC), **(account or {})).secret
            context.add_cookies([{"name": SESSION_COOKIE, "value": secret, "url": served.url}])
        page = context.new_page()
        _listen(page, faults_now)
        return page

    yield open_page
    faults_now().closing = True
    for context in contexts:
        context.close()


@pytest.fixture
def page_as(chromium: Browser, served: Served, faults: Faults) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a browser signed in as a role; None is a stranger.

    `page_as("dispatcher", viewport=PHONE, locale="zh-CN", color_scheme="dark", account={...})`:
    `account` holds further columns of the account, everything else goes to the browser's context.
    A path such as `page.goto("/desk")` is enough.
    """
    with opening(chromium, served, lambda: faults) as open_page:
        yield open_page


@pytest.fixture
def city(served: Served) -> Served:
    """Fill the tables: two grids, three crews, one household, three tickets."""
    from tests.factories import (  # noqa: PLC0415  as in tests.conftest
        IN_EAST,
        make_city,
        make_household,
        make_ticket,
    )

    with served.open() as now:
        make_city(now)
        make_household()
        make_ticket(now, category="leak", address="Wuyi Road 12")
        make_ticket(now, category="low_pressure", place=IN_EAST, address="Renmin Road 3")
        make_ticket(now, category="no_water", place=None, address="Somewhere")
    return served
