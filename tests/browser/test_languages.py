"""Is all Chinese that a reader of Chinese opens, and would English be found on any page?"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import serve
from tests.browser.furnishing import furnish
from tests.browser.surfaces import SURFACES, visit
from tools.catalogue import read

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.conftest import Served
    from tests.conftest import Built
    from tests.databases import Sqlite

# What is on the page for eyes and ears, also where it is hidden now; codes are in .mono.
TEXTS = """
() => {
  const found = [document.title];
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const around = walker.currentNode.parentElement;
    if (!around.closest("script, style, noscript, code, pre, .mono, [lang=en]:not(html)"))
      found.push(walker.currentNode.data);
  }
  for (const name of ["aria-label", "title", "placeholder", "alt"])
    for (const each of document.querySelectorAll(`[${name}]`))
      if (!each.matches(".mono, [lang=en]:not(html)")) found.push(each.getAttribute(name));
  return found.map((text) => text.replace(/\\s+/g, " ").trim()).filter(Boolean);
}
"""

# Names and signs that Chinese texts keep: ours, the tests' people and crews, standards, keys.
KEPT = re.compile(
    r"OneVisit Water|OneVisit|onevisit|W\d+|[EW]1|W2|Li Na|(Asia|America)/\w+|H-1"
    r"|van|English|EN|(administrator|api_client|auditor|call_taker|crew|dispatcher|manager)\d+"
    r"|WGS-?84|GCJ-?02|BD-?09|CSV|GeoJSON|JSON|TOML|UTF-8|API|OpenAPI|DN|Ctrl|Alt|Esc|Enter|Tab"
    r"|P\d\d|km|mm|KB|MB|kPa|MPa|bar|mg/L|NTU|https?://\S+|/[\w/.{}-]+"
)
WORD = re.compile(r"[A-Za-z][A-Za-z'’-]+")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


DESK, CALL, REPORT = (
    next(each for each in SURFACES if each.name == name) for name in ("desk", "call", "report")
)


@pytest.fixture(scope="module")
def served(built: Built, sqlite: Sqlite, work_folder: Path) -> Iterator[Served]:
    """Serve one furnished application for all tests of this file, which only look."""
    with serve(sqlite, work_folder, built) as found:
        furnish(found)
        yield found


@cache
def said_in_english() -> list[re.Pattern[str]]:
    """Return a pattern for each English sentence of the catalogue that Chinese says otherwise."""
    patterns = []
    for message in read():
        for text in message.id if isinstance(message.id, tuple) else (message.id,):
            parts = re.split(r"%\(\w+\)[sd]", text)
            if len(WORD.findall(KEPT.sub(" ", " ".join(parts)))) > 1:
                patterns.append(re.compile(".+?".join(re.escape(part) for part in parts)))
    return patterns


def english(texts: Iterable[str]) -> list[str]:
    """Return the texts that are English: in every word, or in a sentence among Chinese ones."""
    found = set()
    for text in texts:
        words = WORD.findall(KEPT.sub(" ", text))
        if not CHINESE.search(text):
            found.update({text} if words else ())
        elif len(words) > 1 and any(each.search(text) for each in said_in_english()):
            found.add(text)
    return sorted(found)


@pytest.mark.parametrize("key", ["?", "a", "h", "l", "o", "n", "/"])
def test_what_a_key_opens_on_the_desk_is_chinese(
    key: str, served: Served, page_as: Callable[..., Page]
):
    page = visit(DESK, served, page_as, "zh-CN")
    page.keyboard.press(key)
    expect(page.locator("dialog[open], [role=dialog], :focus").first).to_be_visible()
    assert english(page.evaluate(TEXTS)) == []


def test_a_place_and_its_team_are_searched_and_found_in_chinese(
    served: Served, page_as: Callable[..., Page]
):
    page = visit(DESK, served, page_as, "zh-CN")
    expect(page.locator(".queue-row", has_text="东区").first).to_be_visible()
    expect(page.locator(".ticket-body", has_text="西区 · 西片区队")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("西片区队")
    expect(page.locator(".queue-row", has_text="W000002")).to_be_visible()
    expect(page.locator(".queue-row", has_text="东区")).to_have_count(0)
    page = visit(CALL, served, page_as, "zh-CN")
    page.locator("[name=phone]").fill("13800005678")
    page.locator(".household > button").first.click()
    expect(page.locator("[data-grid]")).to_contain_text("西区 西片区队")
    assert english(page.evaluate(TEXTS)) == []


def test_the_steps_of_a_report_are_chinese(served: Served, page_as: Callable[..., Page]):
    page = visit(REPORT, served, page_as, "zh-CN")
    page.get_by_role("radio").first.check()
    for _ in range(2):
        page.locator("[data-next]").click()
        assert english(page.evaluate(TEXTS)) == []


def test_the_map_of_a_report_is_chinese(served: Served, page_as: Callable[..., Page]):
    page = visit(REPORT, served, page_as, "zh-CN")
    page.get_by_role("radio").first.check()
    page.locator("[data-next]").click()
    page.locator("[data-open-map]").click()
    expect(page.locator(".pin-map canvas")).to_be_visible()
    assert english(page.evaluate(TEXTS)) == []


def test_english_would_be_found():
    assert english(["工单 W000001", "E1", "P90", "李娜"]) == []
    assert english(["West Team"]) == ["West Team"]
    assert english(["Take a call"]) == ["Take a call"]
    assert english(["工单 Times are in the zone Asia/Shanghai."]) != []
