"""Does the page of the ranking say who leads, and when nobody does?"""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.tickets import Visit
from tests.circle_history import DAYS, MONDAY, QUICK, SLOW_TO_SEND, past_ticket
from tests.factories import make_crew, make_team

PAGE = f"/circle/ranking?{DAYS}"


@pytest.fixture
def history(app):
    """Add a quick crew with 40 tickets, a slow one with 30, and one with a single ticket."""
    with app.app_context(), transaction():
        west, east = make_team("West Team", name_zh="西片区队"), make_team("East Team")
        crews = (make_crew("W1", team=west), make_crew("E1", team=east), make_crew("E2", team=east))
        number = 0
        for crew, steps, count in zip(
            crews, (QUICK, SLOW_TO_SEND, QUICK), (40, 30, 1), strict=True
        ):
            for _ in range(count):
                number += 1
                at = MONDAY + timedelta(minutes=number)
                past_ticket(at, steps, id=number, team_id=crew.team_id)
                ends = {"dispatched_at": at, "arrived_at": at, "ended_at": at}
                db.session.add(Visit(ticket_id=number, crew_id=crew.id, state="completed", **ends))


def page_of(browser: Any, address: str = PAGE, **headers: str) -> str:
    answer = browser.get(address, headers=headers)
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", answer.text)


def test_the_first_has_the_flag_and_the_single_ticket_no_place(history, sign_in):
    page = page_of(sign_in("manager"))
    teams, crews = page.split('id="crews"')
    assert "Red flag of these days" in teams
    assert "Clearly first" in teams
    assert "Star of service of these days" in crews
    ranked, apart = crews.split("Not ranked: fewer than 20 due promises", 1)
    assert "E2" not in ranked
    assert "E2" in apart
    assert f"/circle/findings?{DAYS}".replace("&", "&amp;") in crews
    assert "style=" not in page


def test_a_month_is_a_choice_away_and_filters_go_along(history, sign_in):
    page = page_of(sign_in("manager"), f"{PAGE}&level=1")
    assert "from=2026-02-01&amp;to=2026-02-28" in page
    assert "from=2026-03-01&amp;to=2026-03-31&amp;compare=1&amp;level=1" in page


def test_who_may_not_review_sees_no_findings(history, sign_in):
    page = page_of(sign_in("auditor"))
    assert "Findings open" not in page
    assert "/circle/findings?" not in page


def test_the_table_leaves_as_a_file(history, sign_in):
    answer = sign_in("manager").get(f"/circle/ranking.csv?{DAYS}")
    assert answer.text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(answer.text[1:])))
    assert [(row["table"], row["name"], row["place"], row["due"]) for row in rows] == [
        ("team", "West Team", "1", "40"), ("team", "East Team", "2", "31"),
        ("crew", "W1", "1", "40"), ("crew", "E1", "2", "30"), ("crew", "E2", "", "1"),
    ]  # fmt: skip
    assert rows[0]["place_last"] == "1"
    assert sign_in("call_taker").get(f"/circle/ranking.csv?{DAYS}").status_code == 403


def test_an_empty_city_has_nobody_to_rank(client, sign_in):
    page = page_of(sign_in("manager"), **{"Accept-Language": "zh-CN"})
    assert "排名" in page
    assert "ranking-table" not in page.split('id="teams"')[1]
