"""Does a manager open a common problem as an item, once, and see nobody's personal data?"""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.places import Household
from dispatch.models.rectification import Rectification
from dispatch.models.tickets import Report, Ticket
from dispatch.web import circle_problems
from tests.factories import make_team

CALL = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DAYS = "from=2026-03-02&to=2026-03-02"
PAGE = f"/circle/problems?{DAYS}"
CASE = f"/circle/problems/household/1?{DAYS}"
KEY = str(UUID(int=7))


@pytest.fixture
def complaints(app):
    """Three calls of one household within three hours, by two of its people."""
    with app.app_context(), transaction():
        team = make_team("West")
        db.session.add(Household(id=1, account="A-77", name="王伟", address="五一路18号"))
        for number in range(1, 4):
            at = CALL + timedelta(hours=number)
            ticket = {
                "state": "accepted", "category": "leak", "level": 3, "received_at": at,
                "changed_at": at, "lat": 28.2, "lon": 112.9, "place_standing": "inside",
                "household_id": 1, "address": "五一路18号", "flags": [], "team_id": team.id,
            }  # fmt: skip
            db.session.add(Ticket(id=number, **ticket))
            db.session.flush()
            phone = f"1390000000{number % 2}"
            report = {"channel": "phone", "phone": phone, "received_at": at, "token": f"t{number}"}
            db.session.add(Report(ticket_id=number, description="水压太低", **report))


def page_of(browser, address=PAGE):
    answer = browser.get(address)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.text)


def test_personal_data_is_for_those_who_may_see_it(complaints, sign_in):
    page = page_of(sign_in("manager"))
    assert "Leak around W000001" in page
    assert "Household no. 1" in page
    assert "A-77" not in page
    assert "五一路18号" not in page
    assert "somebody&#39;s address" in page
    leader = page_of(sign_in("team_leader", team_id=1))
    assert "A-77 · 五一路18号" in leader
    assert "A-77" in page_of(sign_in("team_leader", team_id=1), CASE)
    assert "A-77" not in page_of(sign_in("manager"), CASE)


def test_what_has_nothing_to_show_stands_last(complaints, sign_in):
    page = page_of(sign_in("manager"))
    kinds = re.findall(r'<section class="card[^>]* id="(\w+)"', page)
    assert kinds == ["cluster", "household", "street", "category", "building", "grid", "word"]


def test_a_problem_gets_onto_the_list_once(app, complaints, sign_in):
    browser = sign_in("manager")
    form = {"ticket": "W000003", "text": "Renew the pipe", "responsible": "Zhao", "key": KEY}
    for _ in range(2):
        answer = browser.post(CASE, data=form)
        assert (answer.status_code, answer.location) == (303, "/circle/rectification/1")
    with app.app_context():
        [row] = db.session.scalars(select(Rectification)).all()
        assert (row.ticket_id, row.text, row.responsible) == (3, "Renew the pipe", "Zhao")
        assert row.responsible_reason == "Common problem: Household no. 1, 3 tickets"
    assert "An item is open already" in page_of(browser, CASE)
    assert "/circle/rectification/1" in page_of(browser)
    table = browser.get(f"/circle/problems/table.csv?{DAYS}").text
    assert "household,Household no. 1,,3,0,,1,W000003;W000002;W000001" in table


def test_what_is_missing_or_not_of_the_problem_is_refused(app, complaints, sign_in):
    browser = sign_in("manager")
    refused = browser.post(CASE, data={"ticket": "W000003", "text": "", "due": "2026-13-01"})
    assert refused.status_code == 422
    assert browser.post(CASE, data={"ticket": "W000099", "text": "x"}).status_code == 404
    assert browser.get(f"/circle/problems/word/nothing?{DAYS}").status_code == 404
    assert sign_in("auditor").post(CASE, data={}).status_code == 403
    with app.app_context():
        assert db.session.scalars(select(Rectification)).all() == []


def test_an_empty_city_says_so(sign_in):
    assert "No ticket in this view" in page_of(sign_in("manager"))


def test_among_very_many_tickets_the_page_does_not_wait_for_its_clusters(
    complaints, sign_in, monkeypatch
):
    browser = sign_in("manager")
    whole = page_of(browser)
    assert "data-later" not in whole
    monkeypatch.setattr(circle_problems, "LARGE", 3)
    page = page_of(browser)
    assert "Being looked for among 3 tickets" in page
    assert "Leak around" not in page
    assert "Household no. 1" in page
    [address] = re.findall(r'data-later="([^"]+)"', page)
    alone = page_of(browser, html.unescape(address))
    [found], [shown] = (
        re.findall(r'<section[^>]* id="cluster">.*?</section>', each) for each in (alone, whole)
    )
    assert found == shown
    assert "Household no. 1" not in alone
    assert "cluster,Leak around W000001" in browser.get(f"/circle/problems/table.csv?{DAYS}").text
