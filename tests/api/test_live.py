"""Does a screen that asks every second get what changed, and little else?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import OperationalError

from dispatch.actions.unit_of_work import transaction
from dispatch.api import live
from dispatch.models.base import db
from dispatch.models.tickets import Visit
from tests.factories import IN_EAST, make_city, make_crew, make_team, make_ticket
from tests.trips import send

if TYPE_CHECKING:
    from datetime import datetime


@pytest.fixture
def city(app, now):
    with app.app_context(), transaction():
        make_crew("West 1", team=make_team())
        make_ticket(now, category="advice")


@pytest.mark.usefixtures("city", "clock")
def test_all_at_first_then_only_changes(sign_in, clock):
    desk = sign_in("dispatcher")
    first = desk.get("/api/live").json
    assert first["reset"] is True
    assert [row["number"] for row in first["tickets"]] == ["W000001"]
    assert [crew["name"] for crew in first["crews"]] == ["West 1"]
    assert first["counts"] == {"accepted": 1}
    assert first["server_time"] == "2026-03-02T09:30:00+00:00"
    cursor = first["cursor"]
    same = desk.get(f"/api/live?since={cursor}")
    assert (same.status_code, same.json["tickets"], same.json["cursor"]) == (200, [], cursor)
    unchanged = desk.get(f"/api/live?since={cursor}", headers={"If-None-Match": f'"{cursor}"'})
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert unchanged.headers["ETag"] == f'"{cursor}"'
    clock.shift(1)
    desk.post("/api/v1/tickets/W000001/note", json={"note": "x"})
    changed = desk.get(f"/api/live?since={cursor}", headers={"If-None-Match": f'"{cursor}"'})
    assert changed.status_code == 200
    assert changed.json["reset"] is False
    assert [row["number"] for row in changed.json["tickets"]] == ["W000001"]


@pytest.mark.usefixtures("city")
def test_a_clockwork_that_stands_still_is_seen(sign_in, clock):
    desk = sign_in("dispatcher")
    first = desk.get("/api/live").json
    assert first["clockwork"]["level"] == "red"  # warnings are armed and nobody has ever looked
    clock.shift(24 * 3600)
    later = desk.get(f"/api/live?since={first['cursor']}").json
    assert later["clockwork"]["overdue_seconds"] > 30


@pytest.mark.usefixtures("city")
def test_a_desk_learns_who_else_looks_at_a_ticket(sign_in, clock):
    li, chen = sign_in("dispatcher", name="Li Na"), sign_in("call_taker", name="Chen")
    first = li.get("/api/live?viewing=W000001").json
    assert first["viewers"] == {}
    assert chen.get("/api/live?viewing=nonsense").json["viewers"] == {"W000001": ["Li Na"]}
    chen.get("/api/live?viewing=w000001")
    known = {"If-None-Match": f'"{first["cursor"]}"'}
    told = li.get(f"/api/live?viewing=W000001&since={first['cursor']}", headers=known)
    assert (told.status_code, told.json["viewers"]) == (200, {"W000001": ["Chen"]})
    clock.shift(20)
    known = {"If-None-Match": f'"{told.json["cursor"]}"'}
    later = li.get(f"/api/live?viewing=W000001&since={told.json['cursor']}", headers=known)
    assert (later.status_code, later.json["viewers"]) == (200, {})


@pytest.mark.usefixtures("city")
def test_a_crew_hears_nothing_of_who_looks(sign_in):
    sign_in("dispatcher").get("/api/live?viewing=W000001")
    crew = sign_in("crew", crew_id=1)
    assert crew.get("/api/live?viewing=W000001").json["viewers"] == {}
    assert sign_in("call_taker").get("/api/live").json["viewers"].keys() == {"W000001"}


@pytest.mark.usefixtures("city")
def test_the_news_come_also_while_the_database_cannot_write(sign_in, monkeypatch):
    def busy(_user_id: int, _ticket_id: int, *, now: datetime) -> None:
        raise OperationalError("INSERT", None, RuntimeError("database is locked"))

    monkeypatch.setattr(live, "keep_look", busy)
    answer = sign_in("dispatcher").get("/api/live?viewing=W000001")
    assert [row["number"] for row in answer.json["tickets"]] == ["W000001"]


@pytest.mark.usefixtures("clock")
def test_what_one_reader_may_see_is_not_given_to_another(app, now, sign_in):
    with app.app_context(), transaction():
        city = make_city(now)
        make_ticket(now)
        make_ticket(now, place=IN_EAST)
        west, crew = city.west.id, city.crews[0].id
    with app.app_context():
        send(1, crew, now)
        with transaction():
            db.session.get(Visit, 1).note = "the door code is 4711"
    leader = sign_in("team_leader", team_id=west).get("/api/live").json["tickets"]
    notes = {}
    for role in ("dispatcher", "auditor"):
        rows = sign_in(role).get("/api/live").json["tickets"]
        notes[role] = [visit["note"] for row in rows for visit in row["visits"]]
    assert notes == {"dispatcher": ["the door code is 4711"], "auditor": [None]}
    assert [row["number"] for row in leader] == ["W000001"]
    chinese = sign_in("dispatcher").get("/api/live", headers={"Accept-Language": "zh-CN"}).json
    english = sign_in("dispatcher").get("/api/live", headers={"Accept-Language": "en"}).json
    assert chinese["tickets"] != english["tickets"]


@pytest.mark.usefixtures("city", "clock")
def test_a_fresh_list_holds_what_was_written_with_an_instant_long_past(app, now, sign_in):
    desk = sign_in("dispatcher")
    assert len(desk.get("/api/live").json["tickets"]) == 1
    with app.app_context(), transaction():
        make_ticket(now - timedelta(days=3))
    assert len(desk.get("/api/live").json["tickets"]) == 2
