"""How soon is the crew's page there, how much does it ask, and how soon is a day's work sent?

Run `python bench/crew_page.py`; each line is one figure as JSON. One crew with eight tickets and
the system's Chromium (ONEVISIT_CHROMIUM) in the size of a phone. The first screen is timed for a
browser that knows nothing, one that was there before, and one without a connection. An idle hour is
played by the page's own clock. Then 200 notes and 20 photos wait in the phone, which sends them
over a line of 300 kbit/s, 400 ms and 5 % loss whose connections break (`bench/bad_line.py`).
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench import desk_load
from bench.bad_line import BadLine, Quality
from bench.desk_console import post
from bench.field_sync import OVERRIDE, stewards, version_of
from bench.processes import run_once, running
from bench.reporting import Report
from dispatch.config import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

TICKETS, ROUNDS, NOTES, PHOTOS = 8, 5, 200, 20
PIECE_MS, IDLE_ASKS = 5_000, 300
SHELL_KIB, HOUR_MS, GIVE_UP_MS = 260, 3_600_000, 1_800_000
PHONE = {"width": 390, "height": 844}
FILL = """
async ([notes, photos, numbers]) => {
  const { storeTap, newId, person } = await import("/static/crew/tap.js");
  const { keepPhoto } = await import("/static/crew/store.js");
  const canvas = Object.assign(document.createElement("canvas"), { width: 1024, height: 768 });
  const pen = canvas.getContext("2d");
  const dots = pen.createImageData(1024, 768);
  let bytes = 0;
  for (let at = 0; at < photos; at += 1) {
    for (let dot = 0; dot < dots.data.length; dot += 1) {
      dots.data[dot] = dot % 4 === 3 ? 255 : 100 + 40 * Math.random();
    }
    pen.putImageData(dots, 0, 0);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.7));
    bytes += blob.size;
    const number = numbers[at % numbers.length];
    await keepPhoto({
      uuid: newId(), ready_at: 0, ticket: number, name: "before.jpg", blob, words: "before",
      url: `/crew/${number}/photos`, at: new Date().toISOString(), person,
      fields: { kind: "before", taken_at: new Date().toISOString() },
    });
  }
  for (let at = 0; at < notes; at += 1) {
    const ticket = numbers[at % numbers.length];
    await storeTap({ ticket, kind: "note", args: { note: `note ${at}` } });
  }
  return bytes;
}
"""
report = Report("crew_page")


def get(url: str, secret: str) -> Any:
    """Ask as a program that shows the session's secret."""
    asked = urllib.request.Request(url, headers={"Authorization": f"Bearer {secret}"})  # noqa: S310
    with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310
        return json.loads(answer.read())


def give_work(url: str, desk: str, crew: int) -> list[str]:
    """Send one crew to every ticket; returns their numbers."""
    numbers = [f"W{number:06}" for number in range(1, TICKETS + 1)]
    for number in numbers:
        seen = {"If-Match": f'"{version_of(url, desk, number)}"'}
        post(url, desk, f"/api/v1/tickets/{number}/dispatch", {"crew_id": crew, **OVERRIDE}, **seen)
    return numbers


def a_phone(browser: Browser, url: str, secret: str) -> BrowserContext:
    """Return a browser in the size of a phone that knows nothing but its sign-in."""
    context = browser.new_context(viewport=PHONE, base_url=url)
    context.add_cookies([{"name": "onevisit_session", "value": secret, "url": url}])
    return context


def first_screen(page: Page) -> float:
    """Open the day; seconds until its first ticket is there."""
    started = time.perf_counter()
    page.goto("/crew", wait_until="commit")
    page.locator(".day-ticket").first.wait_for()
    return time.perf_counter() - started


def screens(browser: Browser, url: str, secret: str) -> None:
    """Print the first screen cold, warm and offline, and what the phone had to fetch for it."""
    found: dict[str, list[float]] = {"cold": [], "warm": [], "offline": []}
    for _ in range(ROUNDS):
        context = a_phone(browser, url, secret)
        page = context.new_page()
        found["cold"].append(first_screen(page))
        page.locator("html[data-today=kept]").wait_for(state="attached")
        found["warm"].append(first_screen(page))
        context.set_offline(True)
        found["offline"].append(first_screen(page))
        context.close()
    for name, seconds in found.items():
        report(f"first screen, {name}", statistics.median(seconds), "s", rounds=ROUNDS)
    report("shell", shell_kib(url), "KiB", SHELL_KIB)


def shell_kib(url: str) -> float:
    """Return what the files that the worker keeps weigh as they are sent, compressed."""
    with urllib.request.urlopen(f"{url}/crew/worker.js", timeout=30) as answer:  # noqa: S310
        listed = answer.read().decode().split("\n", 1)[0]
    size = 0
    for path in json.loads(listed.partition(" = ")[2].rstrip(";"))["files"]:
        asked = urllib.request.Request(url + path, headers={"Accept-Encoding": "gzip"})  # noqa: S310
        with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310
            size += len(answer.read())
    return size / 1024


def idle(browser: Browser, url: str, secret: str) -> None:
    """Print how often an idle page asks the server in an hour of its own clock.

    The hour is played in pieces, each after all answers: else the clock outruns what they change.
    """
    context = a_phone(browser, url, secret)
    page = context.new_page()
    page.clock.install()
    first_screen(page)
    page.locator("html[data-today=kept]").wait_for(state="attached")
    asked: list[str] = []
    open_now: set[Any] = set()
    page.on("request", lambda request: (asked.append(request.url), open_now.add(request)))
    for ended in ("requestfinished", "requestfailed"):
        # Playwright marks the function that it is given, which a method of a set does not let it.
        page.on(ended, lambda request: open_now.discard(request))  # noqa: PLW0108
    for _ in range(HOUR_MS // PIECE_MS):
        page.clock.run_for(PIECE_MS)
        while open_now:
            page.wait_for_timeout(5)
    report("requests in an idle hour", len(asked), "requests", IDLE_ASKS, tickets=TICKETS)
    context.close()


def drain(browser: Browser, port: int, secret: str, desk: str, numbers: list[str]) -> None:
    """Print how long a day's work takes over a bad line, and what of it is missing after that."""
    direct = f"http://127.0.0.1:{port}"
    with BadLine(port, Quality()) as line:
        context = a_phone(browser, f"http://127.0.0.1:{line.port}", secret)
        context.set_default_timeout(GIVE_UP_MS)
        page = context.new_page()
        first_screen(page)
        page.locator("html[data-today=kept]").wait_for(state="attached")
        context.set_offline(True)
        size = page.evaluate(FILL, [NOTES, PHOTOS, numbers])
        page.locator(f'[data-queue][data-count="{NOTES + PHOTOS}"]').wait_for(state="attached")
        started = time.perf_counter()
        context.set_offline(False)
        page.locator('[data-queue][data-count="0"]').wait_for(state="attached")
        seconds = time.perf_counter() - started
        context.close()
    photos = sum(len(get(f"{direct}/api/v1/tickets/{each}/attachments", desk)["attachments"])
                 for each in numbers)  # fmt: skip
    texts = [each["note"] for number in numbers
             for each in get(f"{direct}/api/v1/tickets/{number}/events", desk)["events"]
             if each["kind"] == "note_added"]  # fmt: skip
    facts: dict[str, Any] = {"photo_kib": round(size / 1024), "cuts": line.cuts}
    report("drain", seconds, "s", commands=NOTES, photos=PHOTOS, **facts)
    bare = size * 8 / Quality().bits
    report("drain beside the bare line", seconds / bare, "times", bare_seconds=round(bare, 1))
    lost = NOTES - len(set(texts)) + PHOTOS - photos
    report("lost", lost, "", 0, applied=len(set(texts)), photos=photos)
    report("doubled", len(texts) - len(set(texts)), "", 0)


def main() -> None:
    """Measure all of it on SQLite with full durability."""
    desk_load.TICKETS, desk_load.CREWS = TICKETS, 1
    with tempfile.TemporaryDirectory() as folder:
        given = {"ONEVISIT_DATA_DIR": folder, "ONEVISIT_SECRET_KEY": "x" * 32}
        run_once(given, "db", "upgrade")
        settings = Settings.from_env(given)
        desk = desk_load.fill(settings)
        [(crew, secret)] = stewards(settings)
        with running(given, "serve") as web, desk_load.chromium() as browser:
            numbers = give_work(web.url, desk, crew)
            screens(browser, web.url, secret)
            idle(browser, web.url, secret)
            drain(browser, web.port, secret, desk, numbers)


if __name__ == "__main__":
    main()
