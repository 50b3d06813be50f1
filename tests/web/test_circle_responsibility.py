"""Does a manager read in whose hands promises broke, and get the tickets behind each number?"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import insert

from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.tickets import Hold
from tests.circle_history import DAYS, MONDAY, a_week_of_tickets

PAGE = f"/circle/responsibility?{DAYS}"


@pytest.fixture
def week(app):
    with app.app_context(), transaction():
        a_week_of_tickets()
        hold = {"ticket_id": 1, "reason": "waiting_for_permit", "from_at": MONDAY}
        db.session.execute(insert(Hold), hold | {"to_at": MONDAY + timedelta(minutes=50)})


def page_of(browser, address):
    answer = browser.get(address)
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", answer.text)


def test_every_number_leads_to_its_tickets(week, sign_in):
    manager = sign_in("manager")
    page = page_of(manager, PAGE)
    assert "35 of the 127 promises that were due were broken" in page
    assert "Waiting for a permit" in page
    assert "50.0" in page
    links = [each.replace("&amp;", "&") for each in re.findall(r'href="(/circle/[^"]+)"', page)]
    numbers = [each for each in links if each.startswith("/circle/responsibility/")]
    shown = [page_of(manager, each) for each in numbers]
    assert ["35 rows" in each or "1 row" in each for each in shown] == [True, True]
    assert all('href="/desk?ticket=W' in each for each in shown)


def test_a_row_that_is_nobodys_is_empty_and_days_without_calls_say_so(week, sign_in):
    manager = sign_in("manager")
    for row in ("holder/crew:99999999999999999999", "item/lost", "teams/4", "hold/none"):
        page = page_of(manager, f"/circle/responsibility/{row}?{DAYS}")
        assert "No ticket of this view belongs to this row." in page
    empty = page_of(manager, "/circle/responsibility?from=2020-01-01&to=2020-01-02")
    assert "No ticket in these days" in empty


def test_who_may_not_see_figures_may_not_see_these(client, sign_in):
    assert sign_in("call_taker").get(PAGE).status_code == 403
