"""Does the desk show a change at once, say when it cannot, and miss nothing?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from dispatch.actions.endings import cancel_ticket
from dispatch.queries.tickets import ticket_for_change
from tests.browser.conftest import serve
from tests.browser.desk_scene import open_desk, row
from tests.browser.streaming import LONG, Streaming
from tests.factories import DESK, make_ticket

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.conftest import Faults, Served
    from tests.databases import Sqlite

# With this no desk ever asks by itself: what is left are the first question and the stream.
NO_TURNS = """
const real = globalThis.setTimeout;
globalThis.setTimeout = (work, ms, ...more) => (ms >= 1000 ? 0 : real(work, ms, ...more));
"""


@pytest.fixture
def stream() -> Iterator[Streaming]:
    streaming = Streaming()
    yield streaming
    streaming.end()


@pytest.fixture
def served(sqlite: Sqlite, work_folder: Path, stream: Streaming) -> Iterator[Served]:
    """Serve an application that names the stream to its desks."""
    with serve(sqlite, work_folder, live_url=stream.url) as found:
        stream.begin(found.app, found.url)
        yield found


def report(served: Served, address: str) -> None:
    with served.open() as now:
        make_ticket(now, category="leak", address=address)


def test_a_change_is_told_by_the_stream_and_not_found_by_asking(
    city: Served, page_as: Callable[..., Page], stream: Streaming
):
    page = page_as("dispatcher")
    page.add_init_script(NO_TURNS)
    open_desk(page)
    assert stream.opened.wait(LONG)
    report(city, "Told Road 1")
    expect(row(page, "Told Road")).to_be_visible()
    with city.open() as now:
        ticket = ticket_for_change("W000001", DESK.scope)
        cancel_ticket(ticket, reason="One sensor", actor=DESK, now=now)
    expect(row(page, "Wuyi Road")).to_have_count(0)


def test_a_cut_line_is_replaced_by_asking_and_nothing_is_missed(
    city: Served, page_as: Callable[..., Page], stream: Streaming, faults: Faults
):
    faults.allow("ERR_")
    page = page_as("dispatcher")
    open_desk(page)
    assert stream.opened.wait(LONG)
    stream.cut()
    report(city, "Asked Road 2")
    expect(row(page, "Asked Road")).to_be_visible()
    page.route("**/api/live*", lambda route: route.abort())
    away = page.get_by_text(re.compile(r"Reconnecting; what you see is from \d\d:\d\d"))
    expect(away).to_be_visible()
    report(city, "Missed Road 3")
    asked = []
    page.on("request", lambda request: "/api/live" in request.url and asked.append(request.url))
    page.unroute("**/api/live*")
    stream.mend()
    expect(row(page, "Missed Road")).to_be_visible()
    expect(away).to_have_count(0)
    assert asked
    assert all("since=" in url for url in asked)
    assert stream.opened.wait(LONG)
    report(city, "Again Road 4")
    expect(row(page, "Again Road")).to_be_visible()


def test_a_desk_that_slept_for_an_hour_catches_up(
    city: Served, page_as: Callable[..., Page], faults: Faults
):
    faults.allow("ERR_")
    page = page_as("dispatcher")
    page.clock.install()
    open_desk(page)
    page.clock.pause_at(page.evaluate("Date.now() + 60000"))
    report(city, "Slept Road 5")
    with city.open() as now:
        ticket = ticket_for_change("W000001", DESK.scope)
        cancel_ticket(ticket, reason="One sensor", actor=DESK, now=now)
    page.clock.fast_forward("01:00:00")
    page.clock.resume()
    expect(row(page, "Slept Road")).to_be_visible()
    expect(row(page, "Wuyi Road")).to_have_count(0)
