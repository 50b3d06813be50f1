"""How quick is the desk in the hands of a dispatcher, with 500 and with 5,000 open tickets?

Prints one JSON line a figure, with its limit: the first load until keys work, a key press until the
list shows it, the longest task of the browser while the list scrolls and filters, the desk's search
on the server, and a change on the server until it is on the screen, told by `onevisit live`.
Needs the system's Chromium (ONEVISIT_CHROMIUM).
"""

from __future__ import annotations

import contextlib
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
from bench.processes import free_port, run_once, running
from bench.reporting import Report
from dispatch.api.stream import PATH
from dispatch.config import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

SIZES = (500, 5_000)
INTERACTIVE = {500: 1.5, 5_000: 3.0}
KEY_MS, TASK_MS, SEARCH_MS, SCREEN_P50, SCREEN_P99 = 100, 200, 100, 0.5, 2.0
LOADS, KEYS, CHANGES, SEARCHES = 3, 60, 15, 60

WATCH = """
window.tasks = [];
new PerformanceObserver((list) => list.getEntries().forEach((one) => tasks.push(one.duration)))
  .observe({ type: "longtask", buffered: true });
"""
PRESS = """async (key) => {
  const list = document.querySelector(".queue-rows");
  const before = list.getAttribute("aria-activedescendant");
  const started = performance.now();
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  const isSame = () => list.getAttribute("aria-activedescendant") === before;
  while (isSame() && performance.now() - started < 2000)
    await new Promise(requestAnimationFrame);
  return performance.now() - started;
}"""
WANDER = """async () => {
  tasks.length = 0;
  const box = document.querySelector(".queue-scroll");
  for (let step = 0; step < 60; step += 1) {
    box.scrollTop = (box.scrollHeight / 60) * step;
    await new Promise(requestAnimationFrame);
  }
  const search = document.getElementById("desk-search");
  for (const words of ["r", "ro", "road 4", ""]) {
    search.value = words;
    search.dispatchEvent(new Event("input"));
    await new Promise(requestAnimationFrame);
  }
  for (const chip of document.querySelectorAll(".chip")) {
    chip.click();
    await new Promise(requestAnimationFrame);
  }
  document.querySelector(".chip").click();
  await new Promise((done) => setTimeout(done, 300));
  return Math.max(0, ...tasks);
}"""


def share(values: list[float], part: float) -> float:
    """Return the value below which a part of them lies."""
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]


def post(url: str, secret: str, path: str, body: dict[str, Any], **more: str) -> Any:
    """Ask as a program that shows the session's secret; return the whole answer."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {secret}", **more}
    asked = urllib.request.Request(url + path, json.dumps(body).encode(), headers)  # noqa: S310
    with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310
        return json.loads(answer.read())


def open_page(browser: Browser, url: str, secret: str) -> tuple[Page, float]:
    """Open the desk in a fresh context; seconds until a key moves the choice."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": "onevisit_session", "value": secret, "url": url}])
    context.add_init_script(WATCH)
    page = context.new_page()
    started = time.perf_counter()
    page.goto(f"{url}/desk", wait_until="commit")
    page.locator(".queue-row").nth(5).wait_for()
    page.keyboard.press("j")
    page.locator(".queue-row[aria-selected=true]").first.wait_for()
    return page, time.perf_counter() - started


def seen_after(page: Page, url: str, secret: str) -> float:
    """Report a fault to the server; seconds until the screen counts it."""
    first = page.locator(".chip .number").first
    count = int(first.inner_text())
    started = time.perf_counter()
    post(url, secret, "/api/v1/reports", {"category": "burst", "address": "New Road 1"})
    page.locator(".chip .number", has_text=str(count + 1)).first.wait_for()
    return time.perf_counter() - started


def measure(report: Report, size: int, browser: Browser, url: str, secret: str) -> bool:
    """Measure one size; tells whether every limit was kept."""
    loads = []
    for _ in range(LOADS):
        page, seconds = open_page(browser, url, secret)
        loads.append(seconds)
        if len(loads) < LOADS:
            page.context.close()
    page.locator("html[data-map=ready]").wait_for(state="attached")
    presses = [page.evaluate(PRESS, "jjjk"[at % 4]) for at in range(KEYS)]
    longest = page.evaluate(WANDER)
    waits = []
    for at in range(SEARCHES):
        started = time.perf_counter()
        post(url, secret, "/api/v1/search", {"q": f"road {at}"})
        waits.append(1000 * (time.perf_counter() - started))
    news = [seen_after(page, url, secret) for _ in range(CHANGES)]
    rows = [
        ("interactive_p50", statistics.median(loads), "s", INTERACTIVE[size]),
        ("key_p99", share(presses, 0.99), "ms", KEY_MS),
        ("longest_task", longest, "ms", TASK_MS),
        ("search_p99", share(waits, 0.99), "ms", SEARCH_MS),
        ("on_screen_p50", statistics.median(news), "s", SCREEN_P50),
        ("on_screen_p99", share(news, 0.99), "s", SCREEN_P99),
    ]
    for name, value, unit, limit in rows:
        report(name, value, unit, limit, tickets=size)
    return all(value < limit for _, value, _, limit in rows)


@contextlib.contextmanager
def served(size: int) -> Iterator[tuple[Browser, str, str]]:
    """Fill a database and serve it with its stream; gives a browser, the address and a secret."""
    desk_load.TICKETS = size
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as ends:
        given = {"ONEVISIT_DATA_DIR": folder, "ONEVISIT_SECRET_KEY": "x" * 32}
        run_once(given, "db", "upgrade")
        secret = desk_load.fill(Settings.from_env(given))
        web, live = free_port(), free_port()
        url = f"http://127.0.0.1:{web}"
        given["ONEVISIT_BASE_URL"] = url
        given["ONEVISIT_LIVE_URL"] = f"http://127.0.0.1:{live}{PATH}"
        for words, port in (("serve", web), ("live", live)):
            ends.enter_context(running(given, words, port))
        with desk_load.chromium() as browser:
            yield browser, url, secret


def run(size: int, report: Report) -> bool:
    """Measure one size."""
    with served(size) as (browser, url, secret):
        return measure(report, size, browser, url, secret)


def main() -> int:
    """Measure both sizes; the exit code says whether every limit was kept."""
    report = Report("desk_console")
    kept = [run(size, report) for size in SIZES]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
