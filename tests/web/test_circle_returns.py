"""Does a manager read why repairs were not fixed at once, and get the tickets and the files?"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.tickets import Ticket, Visit
from tests.factories import make_crew, make_team

CALL = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DAYS = "from=2026-03-02&to=2026-03-02"
PAGE = f"/circle/returns?{DAYS}"


def repair(number, *, again: str | None = None):
    """Add a closed repair; `again` is the cause for which its first visit failed."""
    done = CALL + timedelta(hours=2)
    ticket = {
        "id": number, "state": "closed", "category": "leak", "level": 2, "received_at": CALL,
        "completed_at": done, "closed_at": done, "changed_at": done, "flags": [], "pipe_mm": 100,
    }  # fmt: skip
    db.session.execute(insert(Ticket), ticket)
    visit = {"ticket_id": number, "crew_id": 1, "dispatched_at": CALL, "state": "completed"}
    visit |= {"arrived_at": done, "ended_at": done}
    if again:
        failed = {"state": "cannot_complete", "cause": again, "arrived_at": CALL, "ended_at": CALL}
        db.session.execute(insert(Visit), visit | failed)
    db.session.execute(insert(Visit), visit)


@pytest.fixture
def repairs(app):
    with app.app_context(), transaction():
        make_crew("W1", team=make_team("West"))
        for number in range(1, 25):
            repair(number, again="part_missing" if number > 18 else None)


def test_a_manager_sees_shares_reasons_and_the_tickets_behind_them(repairs, sign_in):
    browser = sign_in("manager")
    page = re.sub(r"\s+", " ", browser.get(PAGE).text)
    assert "75.0 %" in page
    assert "A part is missing" in page
    assert "DN100" in page
    assert "6 more return visits wrote down no part." in page
    for address in re.findall(r'href="(/circle/returns/[^"]+)"', page):
        answer = browser.get(address.replace("&amp;", "&"))
        assert answer.status_code == 200
        if "csv" not in address:
            assert "6 tickets" in answer.text


def test_files_hold_the_numbers_and_the_tickets(repairs, sign_in):
    browser = sign_in("manager")
    figures = browser.get(f"/circle/returns/figures.csv?{DAYS}").text
    assert "crew,W1,first_time_fix,0.75,24" in figures
    assert "total,,not_fixed_part_missing,6,24" in figures
    table = browser.get(f"/circle/returns/pipe/100/tickets.csv?{DAYS}").text.splitlines()
    assert len(table) == 7
    assert table[1].startswith("W000024,2026-03-02 09:00:00+08:00,leak,100,,W1,part_missing")


@pytest.mark.parametrize("path", ["why/the-moon", "part/nothing", "crew/x", "pipe/none"])
def test_a_row_that_is_not_there_has_no_tickets(repairs, sign_in, path):
    assert "No such ticket" in sign_in("manager").get(f"/circle/returns/{path}?{DAYS}").text


def test_an_unknown_word_of_the_list_is_not_found(sign_in):
    assert sign_in("manager").get("/circle/returns/list/odd").status_code == 404


def test_an_empty_city_says_so(sign_in):
    assert "Nothing to judge yet" in sign_in("manager").get(PAGE).text
