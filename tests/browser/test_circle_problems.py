"""Do the clusters of very many tickets come once the page is there, or say why not?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from dispatch.models.base import db
from dispatch.models.tickets import Ticket
from dispatch.web import circle_problems

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Faults, Served


@pytest.fixture
def address(served: Served, monkeypatch: pytest.MonkeyPatch) -> str:
    """Store three leaks of a day at one place, and let them count as very many."""
    monkeypatch.setattr(circle_problems, "LARGE", 3)
    with served.open() as now:
        for number in range(1, 4):
            at = now - timedelta(hours=number)
            ticket = {
                "state": "accepted", "category": "leak", "level": 3, "received_at": at,
                "changed_at": at, "lat": 28.2, "lon": 112.9, "place_standing": "inside",
                "flags": [],
            }  # fmt: skip
            db.session.add(Ticket(id=number, **ticket))
        first, last = (now - timedelta(days=1)).date(), (now + timedelta(days=1)).date()
    return f"/circle/problems?from={first}&to={last}"


def test_the_clusters_come_after_the_page(address: str, page_as: Callable[..., Page]):
    page = page_as("manager")
    page.goto(address)
    panel = page.locator("#cluster")
    expect(panel.get_by_role("link", name="Leak around W000003", exact=True)).to_have_count(1)
    expect(panel).not_to_contain_text("Being looked for")
    expect(page.locator("[data-later]")).to_have_count(0)
    panel.locator("details summary").click()
    expect(panel.locator("details")).to_contain_text("at least 3 tickets of one category")
    panel.get_by_role("link", name="Leak around W000003", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Leak around")


def test_what_could_not_be_brought_says_so_and_opens_alone(
    address: str, page_as: Callable[..., Page], faults: Faults
):
    faults.allow("503")
    page = page_as("manager")
    page.route("**/circle/problems/clusters*", lambda route: route.fulfill(status=503))
    page.goto(address)
    panel = page.locator("#cluster")
    expect(panel).to_contain_text("They could not be brought.")
    page.unroute("**/circle/problems/clusters*")
    panel.get_by_role("link", name="Open them alone").click()
    expect(
        page.locator("#cluster").get_by_role("link", name="Leak around W000003", exact=True)
    ).to_have_count(1)
    page.get_by_role("link", name="All common problems of this view").click()
    expect(page.locator("#household")).to_be_visible()
