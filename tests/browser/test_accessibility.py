"""Can everybody read and reach every page, in both languages, light and dark, wide and narrow?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import PHONE, WIDE, Faults, come_to_rest, opening, serve
from tests.browser.furnishing import furnish
from tests.browser.surfaces import SURFACES, Surface, visit
from tests.browser.test_languages import TEXTS, english

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.browser.conftest import Served
    from tests.conftest import Built
    from tests.databases import Sqlite

# The rest of what axe looks at is the same in the dark.
OF_COLOURS = ("color-contrast", "link-in-text-block")


@pytest.fixture(scope="module")
def served(built: Built, sqlite: Sqlite, work_folder: Path) -> Iterator[Served]:
    """Serve one furnished application for all tests of this file, which only look."""
    with serve(sqlite, work_folder, built) as found:
        furnish(found)
        yield found


class Kept:
    """Pages that stay open from one look to the next: to open one takes longer than to look."""

    def __init__(self, open_page: Callable[..., Page]) -> None:
        """Keep none yet."""
        self.open_page, self.pages, self.faults = open_page, {}, Faults()

    def __call__(self, role: str | None = None, **options: Any) -> Page:
        """Return the page of a role with these options, opened when it is first asked for."""
        key = f"{role} {options}"
        if key not in self.pages:
            self.pages[key] = self.open_page(role, **options)
        self.pages[key].set_viewport_size(options["viewport"])
        return self.pages[key]


@pytest.fixture(scope="module")
def kept(chromium: Browser, served: Served) -> Iterator[Kept]:
    """Keep the pages of this file open."""
    with opening(chromium, served, lambda: found.faults) as open_page:
        found = Kept(open_page)
        yield found


@pytest.fixture
def look(kept: Kept, faults: Faults) -> Iterator[Kept]:
    """Lend the kept pages, and leave them empty and light."""
    kept.faults = faults
    yield kept
    faults.closing = True
    for page in kept.pages.values():
        if page.url != "about:blank":
            page.goto("about:blank")
            page.emulate_media(color_scheme="light")


def barriers(page: Page, *rules: str) -> list[tuple[str, str, str]]:
    """Return what axe finds by these rules or all: the rule, the element, what is wrong with it.

    What a foreign component draws in its own shadow is not ours to mend: its targets are lists.
    """
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    return [
        (violation["id"], node["html"][:160], node["failureSummary"])
        for violation in Axe().run(page, options=options).response["violations"]
        for node in violation["nodes"]
        if not isinstance(node["target"][0], list)
    ]


def turn(page: Page, scheme: Literal["light", "dark"]) -> None:
    """Ask for the light or the dark look and wait until it is painted."""
    page.emulate_media(color_scheme=scheme)
    come_to_rest(page)


def width_needed(page: Page, size: dict[str, int]) -> int:
    """Return how wide the page is in a window of a size, once what follows the size is painted."""
    page.set_viewport_size(size)
    come_to_rest(page)
    return int(page.evaluate("document.documentElement.scrollWidth"))


# The description of the API is thousands of parts long, and all are looked at.
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("surface", SURFACES, ids=lambda surface: surface.name)
def test_a_page_stands_in_nobodys_way(surface: Surface, served: Served, look: Kept, faults: Faults):
    faults.allow("40[34]")
    page = visit(surface, served, look, "en-GB")
    come_to_rest(page)
    assert barriers(page) == []
    turn(page, "dark")
    assert barriers(page, *OF_COLOURS) == []
    for size in (PHONE, WIDE):
        assert width_needed(page, size) <= size["width"]


@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("surface", SURFACES, ids=lambda surface: surface.name)
def test_in_chinese_it_does_so_too_and_nothing_is_left_in_english(
    surface: Surface, served: Served, look: Kept, faults: Faults
):
    faults.allow("40[34]")
    page = visit(surface, served, look, "zh-CN")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    come_to_rest(page)
    assert english(page.evaluate(TEXTS)) == []
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
        turn(page, "light")
        found += [(key, "light", *each) for each in barriers(page)]
        turn(page, "dark")
        found += [(key, "dark", *each) for each in barriers(page, *OF_COLOURS)]
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
    come_to_rest(page)
    page.evaluate("document.querySelector('main').append(new Image())")
    assert [rule for rule, _, _ in barriers(page)] == ["image-alt"]
