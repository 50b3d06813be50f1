"""Does the desk's memory grow over an hour of changes, and how many calls does a script take?

Prints one JSON line a figure, with its limit: what the page holds after 300 and after 1,800 changes
(30 a minute for an hour, as fast as they go), its growth, and calls taken by keyboard in a minute.
Needs the system's Chromium (ONEVISIT_CHROMIUM).
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.desk_console import open_page, post, served
from bench.reporting import Report

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

TICKETS, FIRST, CHANGES, IN_STEP = 500, 300, 1_800, 50
MOST_MIB, MOST_NODES = 3.0, 300
LEAST_CALLS = 3.0
WORDS = (
    "a fountain at the crossing", "nothing since six o'clock", "the fuse box is wet",
    "brown in every glass", "the meter ticks all night", "a lid is gone", "a smell of chlorine",
    "barely reaches the third floor",
)  # fmt: skip
MIB = 1024 * 1024


def held(devtools: CDPSession) -> dict[str, float]:
    """Return MiB of the heap, elements and listeners after everything unused was thrown away."""
    for _ in range(2):
        devtools.send("HeapProfiler.collectGarbage")
    usage = devtools.send("Runtime.getHeapUsage")
    counts = devtools.send("Memory.getDOMCounters")
    found = {name: float(counts[name]) for name in ("nodes", "jsEventListeners")}
    return {"heap": usage["usedSize"] / MIB, **found}


def change(url: str, secret: str, ticket: dict[str, Any] | None) -> dict[str, Any] | None:
    """Open a ticket, or cancel the one that is given; return an open one."""
    if ticket is None:
        opened = post(url, secret, "/api/v1/reports", {"category": "leak", "address": "Hour Road"})
        return dict(opened["ticket"])
    path, seen = f"/api/v1/tickets/{ticket['number']}/cancel", f'"{ticket["version"]}"'
    post(url, secret, path, {"reason": "A sensor"}, **{"If-Match": seen})
    return None


def live_through(page: Page, url: str, secret: str) -> tuple[dict[str, float], dict[str, float]]:
    """Make the changes of an hour; return what the page holds after the first ones and the last."""
    devtools = page.context.new_cdp_session(page)
    ticket, early = None, {}
    for at in range(1, CHANGES + 1):
        ticket = change(url, secret, ticket)
        if at % IN_STEP == 0:
            # Every other change ends what the one before began, so the list is as long again.
            page.locator(".chip .number", has_text=str(TICKETS)).first.wait_for()
            page.locator(".queue-row", has_text="Hour Road").first.wait_for(state="detached")
        if at == FIRST:
            early = held(devtools)
    return early, held(devtools)


def tell_memory(report: Report, early: dict[str, float], late: dict[str, float]) -> bool:
    """Print what the page held; tells whether it stayed within the limits."""
    growth = {name: late[name] - early[name] for name in early}
    facts: dict[str, Any] = {"tickets": TICKETS, "changes": CHANGES}
    report("heap_after_300", early["heap"], "MiB", **facts)
    report("heap_after_1800", late["heap"], "MiB", **facts)
    report("heap_growth", growth["heap"], "MiB", MOST_MIB, **facts)
    report("node_growth", growth["nodes"], "nodes", MOST_NODES, **facts)
    report("listener_growth", growth["jsEventListeners"], "listeners", **facts)
    return growth["heap"] <= MOST_MIB and growth["nodes"] <= MOST_NODES


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is there."""
    for _ in range(60):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise RuntimeError(f"the keyboard does not reach {selector}")


def take_call(page: Page, at: int) -> float:
    """Take one call by keyboard alone; return its seconds."""
    started = time.perf_counter()
    page.keyboard.press("n")
    page.locator("#call-phone:focus").wait_for()
    page.keyboard.type(f"1391111{at:04}")
    tab_to(page, "#call-address")
    page.keyboard.type(f"{chr(65 + at) * 5} Street {at}")
    tab_to(page, "input[name=category]")
    page.keyboard.press("Space")
    for _ in range(at):
        page.keyboard.press("ArrowDown")
    tab_to(page, "#call-description")
    page.keyboard.type(WORDS[at])
    page.keyboard.press("Control+Enter")
    page.locator(".call-drawer[open]").wait_for(state="detached")
    return time.perf_counter() - started


def main() -> int:
    """Measure both; the exit code says whether every limit was kept."""
    report = Report("desk_hour")
    with served(TICKETS) as (browser, url, secret):
        page, _ = open_page(browser, url, secret)
        page.locator("html[data-map=ready]").wait_for(state="attached")
        early, late = live_through(page, url, secret)
        kept = tell_memory(report, early, late)
        calls = [take_call(page, at) for at in range(len(WORDS))]
    minute = 60 / statistics.median(calls)
    report("calls_a_minute", minute, "calls", LEAST_CALLS, floor=True, calls=len(calls))
    return 0 if kept and minute >= LEAST_CALLS else 1


if __name__ == "__main__":
    sys.exit(main())
