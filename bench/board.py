"""How smooth is the board of 60 crews with 200 visits, and with 1,200?

Prints one JSON line a figure, with its limit: the longest task of the browser while the board is
first drawn, scrolled both ways, and zoomed through all its hours, and how long a carried ticket
takes to show its fit on the crew under the pointer. Tasks are counted by the processor time that
they took, which other work on the machine does not stretch. Needs the system's Chromium
(ONEVISIT_CHROMIUM).
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench import desk_load
from bench.desk_console import share
from bench.processes import run_once, running
from bench.reporting import Report
from dispatch.actions.unit_of_work import transaction
from dispatch.app import create_app
from dispatch.config import Settings
from dispatch.models.base import db
from dispatch.models.people import Crew, Shift

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

CREWS, TASK_MS, DRAG_MS = 60, 200, 100
SIZES = (200, 1_200)
TRACED = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"]
SCROLL = """async () => {
  const box = document.querySelector(".board-scroll");
  const frame = () => new Promise(requestAnimationFrame);
  for (let step = 0; step <= 40; step += 1) {
    box.scrollTop = (box.scrollHeight / 40) * step;
    await frame();
  }
  for (let step = 0; step <= 40; step += 1) {
    box.scrollTo((box.scrollWidth / 40) * step, (box.scrollHeight / 40) * (40 - step));
    await frame();
  }
  await new Promise((done) => setTimeout(done, 300));
}"""
ZOOM = """async () => {
  for (const key of ["-", "+", "+", "-", "-", "+", "+", "-"]) {
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    await new Promise((done) => setTimeout(done, 120));
  }
  await new Promise((done) => setTimeout(done, 300));
}"""
DRAG = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  const row = document.querySelector(".queue-row");
  const at = row.getBoundingClientRect();
  const send = (kind, target, x, y) => target.dispatchEvent(new PointerEvent(kind, {
    bubbles: true, cancelable: true, clientX: x, clientY: y, pointerId: 1, pointerType: "mouse",
    button: 0 }));
  send("pointerdown", row, at.x + 30, at.y + 10);
  send("pointermove", document, at.x + 60, at.y + 20);
  const isWeighed = () => document.querySelector(".row-fit");
  for (let tries = 0; !isWeighed() && tries < 3000; tries += 1) await frame();
  const found = [...document.querySelectorAll(".board-row")];
  const rows = found.map((each) => each.getBoundingClientRect());
  const box = document.querySelector(".board-scroll").getBoundingClientRect();
  const seen = rows.filter((each) => each.top > box.top + 120 && each.bottom < box.bottom - 60);
  const waits = [];
  for (let turn = 0; turn < 120; turn += 1) {
    const goal = seen[(turn * 5) % seen.length];
    const started = performance.now();
    send("pointermove", document, box.x + 400, goal.y + 20);
    const crew = document.elementFromPoint(box.x + 400, goal.y + 20)?.closest("[data-crew]");
    if (!crew) continue;
    while (crew.getAttribute("aria-selected") !== "true" && performance.now() - started < 2000)
      await frame();
    await frame();
    waits.push(performance.now() - started);
  }
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  return waits;
}"""


def bar(number: int, begin: datetime, minutes: float, now: datetime) -> dict[str, Any]:
    """Return a visit as the server would tell it."""
    there, ends = begin + timedelta(minutes=minutes / 4), begin + timedelta(minutes=minutes)
    return {
        "kind": "visit", "id": number, "ticket": f"W{900_000 + number}", "task_kind": None,
        "category": "leak", "level": 1 + number % 4, "address": f"Road {number}",
        "state": "completed" if ends < now else "en_route", "role": "lead", "is_planned": False,
        "pinned": number % 9 == 0, "from_at": begin.isoformat(), "set_off_at": None,
        "drives_at": None, "arrives_at": there.isoformat(), "is_arrived": there < now,
        "ends_at": ends.isoformat(), "is_ended": ends < now,
        "due_at": (there + timedelta(minutes=5 - number % 11)).isoformat(),
        "is_missed": number % 11 > 5,
    }  # fmt: skip


def with_visits(board: dict[str, Any], visits: int) -> dict[str, Any]:
    """Give the crews of an answer so many visits between them, evenly over its hours."""
    rng = random.Random(visits)  # noqa: S311
    first, last = (datetime.fromisoformat(board[name]) for name in ("from_at", "to_at"))
    now, span = datetime.now(UTC), (last - first).total_seconds() / 60
    each = visits / len(board["crews"])
    number = 0
    for place, crew in enumerate(board["crews"]):
        count = int(each * (place + 1)) - int(each * place)
        minutes = span / max(count, 1)
        crew["bars"] = []
        for turn in range(count):
            number += 1
            begin = first + timedelta(minutes=minutes * turn + rng.uniform(0, minutes / 5))
            crew["bars"].append(bar(number, begin, min(70.0, minutes * 0.75), now))
    return board


def longest_task(trace: bytes) -> float:
    """Return the longest task of the page's main thread in milliseconds of processor time."""
    events = json.loads(trace)["traceEvents"]
    main = {
        (each["pid"], each["tid"])
        for each in events
        if each.get("name") == "thread_name" and each["args"]["name"] == "CrRendererMain"
    }
    tasks = (
        each.get("tdur", 0) / 1000
        for each in events
        if each.get("name") == "RunTask" and (each["pid"], each["tid"]) in main
    )
    return max(tasks, default=0.0)


def measure(browser: Browser, page: Page, url: str, visits: int, report: Report) -> bool:
    """Open the board with so many visits and measure; tells whether every limit was kept."""

    def answer(route: Route) -> None:
        reply = route.fetch()
        route.fulfill(response=reply, json=with_visits(reply.json(), visits))

    page.route("**/api/v1/board?*", answer)
    browser.start_tracing(page=page, categories=TRACED)
    page.goto(f"{url}/desk/board")
    page.locator("html[data-board=ready]").wait_for(state="attached")
    page.locator(".board-row .bar").first.wait_for()
    page.wait_for_timeout(1000)
    drawn = browser.stop_tracing()
    found = {"first_drawn": longest_task(drawn)}
    for name, script in (("scrolling", SCROLL), ("zooming", ZOOM)):
        browser.start_tracing(page=page, categories=TRACED)
        page.evaluate(script)
        found[name] = longest_task(browser.stop_tracing())
    browser.start_tracing(page=page, categories=TRACED)
    waits = page.evaluate(DRAG)
    found["dragging"] = longest_task(browser.stop_tracing())
    rows = (
        ("longest_task_first_drawn", found["first_drawn"], None),
        ("longest_task_scrolling", found["scrolling"], TASK_MS),
        ("longest_task_zooming", found["zooming"], TASK_MS),
        ("longest_task_dragging", found["dragging"], DRAG_MS),
        ("drag_p50", share(waits, 0.5), None),
        ("drag_p99", share(waits, 0.99), DRAG_MS),
    )
    for name, value, limit in rows:
        report(name, value, "ms", limit, crews=CREWS, visits=visits)
    return all(value < limit for _, value, limit in rows if limit is not None)


def fill(settings: Settings) -> str:
    """Make the city of the desk's benchmark, its crews on duty around the clock."""
    desk_load.CREWS, desk_load.TICKETS = CREWS, 300
    secret = desk_load.fill(settings)
    with create_app(settings).app_context(), transaction():
        ids = db.session.query(Crew.id).order_by(Crew.id)
        db.session.add_all(Shift(crew_id=row.id, start_minute=0, end_minute=0) for row in ids)
    return secret


def main() -> int:
    """Measure both sizes; the exit code says whether every limit was kept."""
    report, kept = Report("board"), []
    with tempfile.TemporaryDirectory() as folder:
        given = {"ONEVISIT_DATA_DIR": folder, "ONEVISIT_SECRET_KEY": "x" * 32}
        run_once(given, "db", "upgrade")
        secret = fill(Settings.from_env(given))
        with running(given, "serve") as web, desk_load.chromium() as browser:
            for visits in SIZES:
                context = browser.new_context(viewport={"width": 1440, "height": 900})
                cookie = {"name": "onevisit_session", "value": secret, "url": web.url}
                context.add_cookies([cookie])
                kept.append(measure(browser, context.new_page(), web.url, visits, report))
                context.close()
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
