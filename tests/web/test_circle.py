"""Does the circle show a manager the right days, to the right people, in words they can check?"""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.people import Team
from dispatch.models.tickets import Ticket, Visit
from tests.factories import make_city, make_crew, make_grid, make_team

CALL = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DAYS = "/circle?from=2026-03-02&to=2026-03-02"


def ticket(minutes: float | None = None, **columns: Any) -> None:
    facts = {
        "state": "closed" if minutes else "accepted", "category": "burst", "level": 1,
        "received_at": CALL, "changed_at": CALL, "arrive_due_at": CALL + timedelta(minutes=30),
        "flags": [],
    }  # fmt: skip
    if minutes is not None:
        at = CALL + timedelta(minutes=minutes)
        ends = {"completed_at": at + timedelta(hours=1), "closed_at": at + timedelta(hours=1)}
        facts |= {"dispatched_at": CALL, "arrived_at": at} | ends
    db.session.execute(insert(Ticket), facts | columns)


@pytest.fixture
def tickets(app):
    """Add a team with 24 tickets: 20 reached after 20 minutes, 4 after 40."""
    with app.app_context(), transaction():
        team = make_team("West")
        for minutes in (20,) * 20 + (40,) * 4:
            ticket(minutes, team_id=team.id)


def page_of(browser: Any, address: str = DAYS, **headers: str) -> str:
    answer = browser.get(address, headers=headers)
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", answer.text)


def test_attainment_is_split_by_the_evidence_of_the_arrival(app, sign_in):
    assert "By the evidence of the arrival" not in page_of(sign_in("manager"))
    with app.app_context(), transaction():
        crew = make_crew("W1", team=make_team("West"))
        for minutes, grade in ((20, "confirmed"), (40, "disputed")):
            ticket(minutes, id=minutes)
            at = CALL + timedelta(minutes=minutes)
            facts = {"state": "completed", "dispatched_at": CALL, "arrived_at": at}
            visit = Visit(ticket_id=minutes, crew_id=crew.id, arrival_grade=grade, **facts)
            db.session.add(visit)
    page = page_of(sign_in("manager"))
    table = page.split('id="evidence"')[1].split("</section>")[0]
    first, second = table.split("<tbody>")[1].split("</tr>")[:2]
    assert "Arrival confirmed" in first
    assert "100.0 %" in first
    assert "The evidence contradicts the arrival" in second
    assert "0.0 %" in second


def test_a_manager_sees_attainment_with_its_n_and_percentiles(tickets, sign_in):
    page = page_of(sign_in("manager"))
    assert "83.3 %" in page
    assert "n = 24" in page
    for name in ("P50", "P80", "P90", "P95", "longest"):
        assert f"<dt>{name}</dt>" in page
    assert "<dd>20.0</dd>" in page
    assert "Asia/Shanghai" in page
    assert "style=" not in page


def test_the_page_works_without_scripts_and_every_chart_has_its_table(tickets, sign_in):
    page = page_of(sign_in("manager"))
    assert re.search(r'<details class="as-table" open>', page)
    assert '<th scope="row">09:00' in page
    drawn = json.loads(re.search(r'id="hours-data">(.*?)</script>', page)[1])
    assert [hour["late"] for hour in drawn] == [4 if hour == 9 else 0 for hour in range(24)]


def test_a_small_sample_is_greyed_with_the_reason(app, sign_in):
    with app.app_context(), transaction():
        ticket(20)
    page = page_of(sign_in("manager"))
    assert "n = 1 is below 20: too few to judge" in page
    assert 'class="big greyed"' in page


def test_no_tickets_is_no_data_and_leads_to_the_days_that_have_some(tickets, sign_in):
    page = page_of(sign_in("manager"), "/circle?from=2030-01-01&to=2030-01-02")
    assert "No tickets in these days" in page
    assert "History from 2026-03-02 to 2026-03-02: show it" in page
    assert "/circle?from=2026-03-02&amp;to=2026-03-02" in page
    assert "100.0 %" not in page


def test_an_empty_installation_says_what_to_do(sign_in):
    assert "Figures appear with the first call" in page_of(sign_in("manager"), "/circle")


def test_the_default_is_the_last_seven_days_of_the_utility(tickets, sign_in, clock):
    clock.move_to(datetime(2026, 3, 7, 17, 0, tzinfo=UTC))
    page = page_of(sign_in("manager"), "/circle")
    assert "2026-03-02 – 2026-03-08" in page
    assert 'data-live="yes"' in page
    assert 'data-live="no"' in page_of(sign_in("manager"))


def test_the_period_before_stands_beside_unless_it_is_not_wanted(tickets, sign_in):
    manager = sign_in("manager")
    assert "against 2026-03-01 – 2026-03-01" in page_of(manager)
    assert "against" not in page_of(manager, f"{DAYS}&compare=0")
    after = page_of(manager, "/circle?from=2026-03-03&to=2026-03-03&team=West")
    assert "period before" not in after


def test_a_team_and_a_grid_of_one_name_keep_their_own_chinese_name(app, sign_in):
    with app.app_context(), transaction():
        team = make_team("West")
        team.name_zh = "西区队"
        grid = make_grid("West", team=team, now=CALL, name_zh="西区")
        ticket(20, team_id=team.id, grid_id=grid.id)
    page = page_of(sign_in("manager"), **{"Accept-Language": "zh-CN"})
    assert page.count(">西区队</a>") == 1
    assert page.count(">西区</a>") == 1


def test_a_filter_is_in_the_address_and_can_be_taken_away(tickets, sign_in):
    page = page_of(sign_in("manager"), f"{DAYS}&team=West&level=1&category=burst")
    assert "n = 24" in page
    assert "Remove this filter" in page
    assert (
        'href="/circle?from=2026-03-02&amp;to=2026-03-02&amp;compare=1&amp;team=West&amp;category=burst"'
        in page
    )


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from=2026-03-02&to=2026-03-01", "before it starts"),
        ("from=soon", "is not a day"),
        ("to=9999-12-31", "out of reach"),
        ("level=9", "whole number from 1 to 4"),
    ],
)
def test_a_wrong_address_gets_one_clear_sentence(sign_in, query, sentence):
    for path in ("/circle", "/circle/rows.csv"):
        answer = sign_in("manager").get(f"{path}?{query}")
        assert answer.status_code == 422
        assert sentence in answer.text


@pytest.mark.parametrize(("role", "status"), [("call_taker", 403), ("crew", 403), ("auditor", 200)])
def test_only_those_who_may_see_figures_see_them(sign_in, role, status):
    assert sign_in(role).get("/circle").status_code == status


def test_a_stranger_is_asked_to_sign_in(client):
    answer = client.get("/circle")
    assert answer.status_code == 302
    assert "/sign-in" in answer.headers["Location"]


def test_a_team_leader_sees_the_own_team_alone(app, tickets, sign_in):
    with app.app_context(), transaction():
        other = Team(name="East")
        db.session.add(other)
        db.session.flush()
        ticket(20, team_id=other.id)
        other_id = other.id
    page = page_of(sign_in("team_leader", team_id=other_id))
    assert "n = 1 is below 20" in page
    assert "West" not in page


def test_an_open_ticket_past_its_promise_is_listed_with_a_way_to_it(app, sign_in):
    with app.app_context(), transaction():
        ticket()
    page = page_of(sign_in("manager"))
    assert "/desk?ticket=W000001" in page
    assert "<b>1</b> open" in page


def test_what_is_left_out_is_listed(app, sign_in):
    with app.app_context(), transaction():
        ticket(20)
        ticket(20, state="duplicate")
    page = page_of(sign_in("manager"))
    assert "Duplicate of another ticket</dt><dd>1</dd>" in page


def test_every_definition_has_its_words_and_its_rows(tickets, sign_in):
    page = page_of(sign_in("manager"))
    assert page.count("Formula: met ÷ (met + late + open overdue).") == 3
    assert f"{DAYS}&compare=1".replace("/circle", "/circle/rows.csv").replace("&", "&amp;") in page


def test_the_rows_are_exactly_those_of_the_view(tickets, sign_in):
    manager = sign_in("manager")
    answer = manager.get("/circle/rows.csv?from=2026-03-02&to=2026-03-02&team=West")
    assert answer.mimetype == "text/csv"
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert "tickets_2026-03-02_2026-03-02_" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [row["circle"] for row in rows] == ["met"] * 20 + ["late"] * 4
    assert {row["team"] for row in rows} == {"West"}
    empty = manager.get("/circle/rows.csv?from=2026-03-03&to=2026-03-03")
    assert len(empty.text.splitlines()) == 1


def test_rows_need_the_permission_to_export(tickets, sign_in):
    leader = sign_in("team_leader", team_id=1)
    assert leader.get("/circle/rows.csv").status_code == 403
    assert "rows.csv" not in page_of(leader)


@pytest.mark.parametrize("asked", ["team=%00", "grid=%00", "category=%00", "level=" + "9" * 5_000])
def test_a_filter_that_cannot_be_meant_is_refused(sign_in, asked):
    assert sign_in("manager").get(f"/circle?{asked}").status_code == 422


def test_coverage_now_stands_beside_the_promise_with_its_least_covered_grids(
    app, sign_in, now, clock
):
    with app.app_context(), transaction():
        make_city(now)
        north = (112.90, 29.0, 113.00, 29.1)
        make_grid("North", north, team=None, now=now, name_zh="北片")
        ticket(20, lat=28.15, lon=112.95)
        ticket(20, lat=29.05, lon=112.95)
    page = page_of(sign_in("manager"))
    assert "Would a crew be in time now?" in page
    [card] = re.findall(r'id="coverage">.*?</section>', page)
    assert "n = 2" in card
    assert "at 17:30, whatever days are shown; crews on duty: 3" in card
    assert re.search(r"<dt>North</dt><dd>0.0 %", card)
    assert "Formula: Σ demand of a grid" in card
    assert "北片" in page_of(sign_in("manager", name="Wang"), **{"Accept-Language": "zh-CN"})


def test_a_city_without_grids_has_no_coverage_to_show(tickets, sign_in):
    [card] = re.findall(r'id="coverage">.*?</section>', page_of(sign_in("manager")))
    assert "no data" in card
    assert "No grid is in force: draw or import grids first." in card


def test_calls_back_stand_beside_the_other_promises(tickets, app, sign_in):
    page = page_of(sign_in("manager"))
    assert "No call back that was promised in these days is due." in page
    due = CALL + timedelta(minutes=10)
    with app.app_context(), transaction():
        for minutes in (5, 8, 20):
            at = CALL + timedelta(minutes=minutes)
            ticket(call_back_due_at=due, called_back_at=at)
    page = page_of(sign_in("manager"))
    assert "<dt>Calls back kept in time</dt><dd>66.7 %" in page
    assert "<h3>Calls back kept in time</h3>" in page
