"""Does the page of a rehearsal follow it by itself, and the form count what it would replay?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dispatch.actions.rehearsals import QUEUE, finish_rehearsal
from dispatch.models.base import db
from dispatch.models.rehearsals import Rehearsal
from tests.browser.furnishing import furnish

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Served


def test_progress_moves_and_the_answer_comes_by_itself(
    served: Served, page_as: Callable[..., Page]
):
    furnish(served)
    page = page_as("manager", locale="en-GB")
    page.goto("/circle/rehearsals/waiting")
    expect(page.locator("#going h2")).to_have_text("Waiting for its turn")
    with served.open() as now:
        row = QUEUE.begin_next(now)
        QUEUE.note_progress(row.id, 0.4, now)
        done = db.session.query(Rehearsal).filter_by(key="done").one().result
    expect(page.locator("#going-words")).to_have_text("40 % of the calls have come in.")
    expect(page.locator("#going progress")).to_have_attribute("value", "40")
    with served.open() as now:
        finish_rehearsal(row.id, done, now)
    expect(page.locator(".answer")).to_be_visible()
    page.locator("#with").select_option("life")
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".answer thead")).to_contain_text("What really happened")


def test_the_form_counts_the_chosen_days(served: Served, page_as: Callable[..., Page]):
    furnish(served)
    page = page_as("manager", locale="en-GB")
    page.goto("/circle/rehearsals")
    page.locator("html[data-ready=rehearsals]").wait_for(state="attached")
    page.fill("[name=first]", "2015-01-01")
    page.fill("[name=last]", "2015-01-02")
    page.locator("[name=last]").blur()
    expect(page.locator("#located")).to_have_text(
        "Located tickets in these days: 0, at most 5000 at once."
    )
    expect(page.locator("#located")).to_have_attribute("data-tone", "danger")
