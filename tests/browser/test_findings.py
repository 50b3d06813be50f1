"""Does a leader get through the findings, and back from a mark that was wrong?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.furnishing import furnish

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Faults, Served


def test_a_finding_is_explained_and_the_mark_taken_back(
    served: Served, page_as: Callable[..., Page], faults: Faults
):
    faults.allow("422")
    furnish(served)
    page = page_as("team_leader", account={"team_id": 1}, locale="en-GB")
    page.goto("/circle")
    page.get_by_role("link", name="Findings").click()
    row = page.locator("#no_evidence-1")
    expect(row).to_contain_text("Only the tap says that the crew arrived")
    row.get_by_role("button", name="Explained").click()
    expect(page.locator(".banner")).to_contain_text("Write down the explanation.")
    row.get_by_label("Note").fill("No signal in the cellar")
    row.get_by_role("button", name="Explained").click()
    expect(row).to_contain_text("No signal in the cellar")
    expect(row).to_have_class("seen")
    row.get_by_role("button", name="Take back").click()
    expect(row.get_by_label("Note")).to_have_value("")
    row.get_by_role("link", name="W000001").click()
    expect(page).to_have_url("/desk?ticket=W000001")
