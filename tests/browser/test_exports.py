"""Can a manager ask for a large file, follow it, cancel it, and save it when it is ready?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from dispatch.actions.exports import QUEUE, finish_export
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.sentences import say
from dispatch.jobs.export_process import make_file
from dispatch.queries.exports import asker_of
from dispatch.web import circle_export, circle_exports
from tests.circle_history import a_week_of_tickets, last_week

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

    from dispatch.models.exports import Export
    from tests.browser.conftest import Served


@pytest.fixture
def week(served: Served, monkeypatch) -> None:
    """Fill a week, and take more than 60 tickets for many."""
    for module in (circle_export, circle_exports):
        monkeypatch.setattr(module, "SMALL_EXPORT", 60)
    with served.open() as now:
        a_week_of_tickets(last_week(now))


def begin(served: Served) -> Export:
    with served.open() as now:
        return QUEUE.begin_next(now)


def make(served: Served, row: Export) -> None:
    """Do what the process of the job does, and what the job writes then."""
    told = []
    with served.app.app_context():
        asked = {
            name: getattr(row, name) for name in ("key", "file", "query", "address", "language")
        }
        whose = {"everything": asker_of(row).scope.everything, "team_id": None}
        at = {"now": datetime.now(UTC).isoformat()}
        make_file(asked | whose | at, served.app.config["SETTINGS"], told.append)
        found = told[-1]["result"]
        with transaction():
            finish_export(
                row.id, found["name"], found["tickets"], found["bytes"], now=datetime.now(UTC)
            )


def check_for_all(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []


@pytest.mark.usefixtures("week")
def test_a_large_file_is_asked_for_followed_and_saved(
    served: Served, page_as: Callable[..., Page], tmp_path: Path
):
    page = page_as("manager", locale="en-GB", color_scheme="dark")
    page.goto("/circle?last=30")
    page.locator("summary", has_text="Export").click()
    page.get_by_role("link", name="Rows as CSV", exact=True).click()
    expect(page.get_by_role("heading", name="Rows as CSV")).to_be_visible()
    expect(page.locator(".export-offer")).to_contain_text("This file has 127 tickets.")
    page.get_by_role("button", name="Make the file").click()
    expect(page.locator("[data-said]")).to_have_text("Before it: 0. One export is made at a time.")
    row = begin(served)
    with served.open() as now:
        QUEUE.note_progress(row.id, 0.5, now)
    expect(page.locator("[data-said]")).to_have_text("64 of 127 tickets written")
    expect(page.locator("#exports progress")).to_have_attribute("value", "50")
    check_for_all(page)
    make(served, row)
    save = page.get_by_role("link", name="Save, ")
    expect(save).to_be_visible()
    expect(page.locator("#export-news")).to_contain_text("Ready to save: Rows as CSV")
    check_for_all(page)
    with page.expect_download() as going:
        save.click()
    kept = tmp_path / "rows.csv"
    going.value.save_as(kept)
    assert going.value.suggested_filename.startswith("tickets_")
    assert len(kept.read_text("utf-8-sig").splitlines()) == 1 + 127


@pytest.mark.usefixtures("week")
def test_one_is_cancelled_and_another_fails_and_is_tried_again(
    served: Served, page_as: Callable[..., Page]
):
    page = page_as("manager", locale="en-GB")
    page.goto("/circle/exports?file=rows.xlsx&last=30")
    page.get_by_role("button", name="Make the file").click()
    page.get_by_role("button", name="Cancel the export").click()
    expect(page.locator("#exports .badge")).to_have_text("cancelled")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#exports progress")).to_be_visible()
    with served.open() as now:
        row = QUEUE.begin_next(now)
        QUEUE.fail(row.id, say("The export broke off. Its reason is in the log."), now)
    expect(page.locator("#exports [data-tone=danger]").last).to_contain_text("broke off")
    check_for_all(page)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#exports progress")).to_be_visible()
