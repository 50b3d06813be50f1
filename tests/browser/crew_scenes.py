"""How does a phone look on which something came too late, is held, or was filled in by two?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

AT = "2026-03-02T09:42:00Z"
COMMANDS: tuple[dict[str, Any], ...] = (
    {
        "kind": "arrive",
        "outcome": "superseded",
        "reason": "目前没有班组处理此工单。",
        "changes": [{"what": "已取消", "by": "李娜", "at": AT}],
    },
    {"kind": "note", "outcome": "rejected", "reason": "字数太多。", "args": {"note": "阀门在东门"}},
    {"kind": "complete", "outcome": "held", "reason": "此手机已停用。"},
    {
        "kind": "reading",
        "outcome": "differs",
        "said": "水压 · 350 · kPa",
        "other": {"by": "李娜", "at": AT, "words": "水压: 320 kPa", "args": {"value": "320"}},
    },
)
STORE = """
async (commands) => {
  const asked = indexedDB.open("crew");
  const db = await new Promise((done) => {
    asked.addEventListener("success", () => done(asked.result));
  });
  const writing = db.transaction("commands", "readwrite");
  for (const each of commands) writing.objectStore("commands").put(each);
  await new Promise((done) => writing.addEventListener("complete", done));
  db.close();
}
"""


def show_unsent(page: Page) -> None:
    """Put a late, a refused and a held command and one with two values on it and list them."""
    shared = {"ticket": "W000002", "args": {}, "person": None, "at": AT, "ready_at": 0}
    stored = [
        shared | each | {"id": f"scene-{at}", "sequence": 900 + at}
        for at, each in enumerate(COMMANDS)
    ]
    page.evaluate(STORE, stored)
    page.reload()
    page.locator("[data-settled] li.card").nth(len(COMMANDS) - 1).wait_for()


def open_signature(page: Page) -> None:
    """Open the box for a signature and draw a line in it."""
    page.locator("[data-sign-open]").click()
    paper = page.locator(".sign-paper")
    paper.wait_for()
    place = paper.bounding_box()
    assert place is not None
    page.mouse.move(place["x"] + 40, place["y"] + 40)
    page.mouse.down()
    page.mouse.move(place["x"] + 160, place["y"] + 90)
    page.mouse.up()
    page.locator("[data-sign-keep]:enabled").wait_for()
