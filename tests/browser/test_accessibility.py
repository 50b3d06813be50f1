"""Can everybody read and reach every page, in both languages, light and dark, wide and narrow?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import PHONE, WIDE, serve
from tests.browser.surfaces import SURFACES, Surface, furnish, visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.conftest import Faults, Served
    from tests.databases import Sqlite

PAINTED = """
async () => {
  for (let still = 0; still < 3; still += 1) {
    await new Promise((done) => requestAnimationFrame(done));
    const running = document.getAnimations().filter((each) => each.playState === "running");
    if (running.length) still = -1;
    await Promise.all(running.map((each) => each.finished.catch(() => null)));
  }
}
"""


@pytest.fixture(scope="module")
def served(sqlite: Sqlite, work_folder: Path) -> Iterator[Served]:
    """Serve one furnished application for all tests of this file, which only look."""
    with serve(sqlite, work_folder) as found:
        furnish(found)
        yield found


def barriers(page: Page) -> list[tuple[str, str, str]]:
    """Return what axe finds: the rule, the element, and what is wrong with it.

    What a foreign component draws in its own shadow is not ours to mend: its targets are lists.
    """
    return [
        (violation["id"], node["html"][:160], node["failureSummary"])
        for violation in Axe().run(page).response["violations"]
        for node in violation["nodes"]
        if not isinstance(node["target"][0], list)
    ]


def turn(page: Page, scheme: Literal["light", "dark"]) -> None:
    """Ask for the light or the dark look and wait until it is painted."""
    page.emulate_media(color_scheme=scheme)
    page.evaluate(PAINTED)


def width_needed(page: Page, size: dict[str, int]) -> int:
    """Return how wide the page is in a window of a size, once what follows the size is painted."""
    page.set_viewport_size(size)
    page.evaluate(PAINTED)
    return int(page.evaluate("document.documentElement.scrollWidth"))


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
@pytest.mark.parametrize("surface", SURFACES, ids=lambda surface: surface.name)
def test_a_page_stands_in_nobodys_way(
    surface: Surface, locale: str, served: Served, page_as: Callable[..., Page], faults: Faults
):
    faults.allow("40[34]")
    page = visit(surface, served, page_as, locale)
    assert barriers(page) == []
    turn(page, "dark")
    assert barriers(page) == []
    for size in (PHONE, WIDE):
        assert width_needed(page, size) <= size["width"]


OVER_THE_DESK = (
    ("?", ".key-sheet"),
    ("Control+k", "#palette-list [role=option]"),
    ("f", "#filter-menu[open]"),
    ("v", "#views-menu[open]"),
    ("t", "#bulk-en"),
    ("a", ".candidate button"),
    ("c", ".dialog.call-back form"),
    ("h", ".dialog.step form"),
)


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_what_opens_over_the_desk_stands_in_nobodys_way(
    locale: str, served: Served, page_as: Callable[..., Page]
):
    desk = Surface("desk", "dispatcher", "/desk?ticket=W000008", "html[data-map=ready] .story")
    page = visit(desk, served, page_as, locale)
    page.locator(".steps [aria-expanded]").click()
    expect(page.locator(".all-steps")).to_be_visible()
    found = []
    for key, opened in (("", ".all-steps"), *OVER_THE_DESK):
        if key:
            page.keyboard.press(key)
        expect(page.locator(opened).first).to_be_visible()
        for scheme in ("light", "dark"):
            turn(page, scheme)
            found += [(key, scheme, *each) for each in barriers(page)]
        if key:
            page.keyboard.press("Escape")
            expect(page.locator(opened)).to_have_count(0)
    page.locator("#sounds-menu summary").click()
    assert found + barriers(page) == []


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_the_steps_of_a_report_stand_in_nobodys_way(
    locale: str, served: Served, page_as: Callable[..., Page]
):
    report = next(each for each in SURFACES if each.name == "report")
    page = visit(report, served, page_as, locale)
    page.get_by_role("radio").first.check()
    for _ in range(2):
        page.locator("[data-next]").click()
        for scheme in ("light", "dark"):
            turn(page, scheme)
            assert barriers(page) == []
        assert width_needed(page, PHONE) <= PHONE["width"]


def test_the_description_of_the_api_is_as_light_or_dark_as_the_rest(page_as: Callable[..., Page]):
    page = page_as(color_scheme="dark")
    page.goto("/api/docs")
    drawn = page.locator("rapi-doc")
    expect(drawn).to_have_attribute("theme", "dark")
    expect(drawn).to_have_attribute("bg-color", "#0c1113")
    page.emulate_media(color_scheme="light")
    expect(drawn).to_have_attribute("theme", "light")
    expect(drawn).to_have_attribute("bg-color", "#ffffff")
    page.evaluate("localStorage.setItem('theme', 'dark')")
    page.reload()
    expect(drawn).to_have_attribute("theme", "dark")


def test_a_barrier_would_be_found(page_as: Callable[..., Page]):
    page = page_as()
    page.goto("/sign-in")
    page.evaluate("document.querySelector('main').append(new Image())")
    assert [rule for rule, _, _ in barriers(page)] == ["image-alt"]
