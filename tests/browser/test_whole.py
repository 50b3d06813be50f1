"""Does a page that lost a script on the way become whole by itself, and keep what is typed?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import PHONE

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Faults, Served

LOST = r"net::ERR_FAILED|Failed to load resource"


def lose(page: Page, script: str) -> None:
    """Cut the line in the middle of a script, once."""
    page.route(f"**/static/{script}*", lambda route: route.abort("failed"), times=1)


@pytest.mark.parametrize(
    ("role", "path", "script", "whole"),
    [
        ("crew", "/crew", "crew/pace.js", "html[data-today=kept]"),
        ("dispatcher", "/desk", "shared/i18n.js", ".queue-row >> nth=0"),
    ],
)
def test_a_page_is_loaded_anew_when_a_script_was_lost(
    role: str,
    path: str,
    script: str,
    whole: str,
    city: Served,
    page_as: Callable[..., Page],
    faults: Faults,
):
    faults.allow(LOST)
    page = page_as(role, account={"crew_id": 1} if role == "crew" else {}, viewport=PHONE)
    lose(page, script)
    page.goto(path)
    expect(page.locator(whole)).to_be_attached()
    expect(page.locator("#not-whole")).to_be_hidden()


def test_what_is_typed_stays_until_its_person_loads_the_page(
    city: Served, page_as: Callable[..., Page], faults: Faults
):
    faults.allow(LOST)
    page = page_as(None, viewport=PHONE)
    page.clock.install()
    lose(page, "shared/i18n.js")
    page.goto("/report")
    told = page.get_by_role("alert").filter(has_text="did not arrive")
    expect(told).to_be_visible()
    words = page.get_by_role("textbox").last
    words.fill("Water runs down the stairs")
    page.clock.run_for(60_000)
    expect(words).to_have_value("Water runs down the stairs")
    told.get_by_role("button", name="Load the page again").click()
    expect(told).to_be_hidden()
