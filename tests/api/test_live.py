"""Does a screen that asks every second get what changed, and little else?"""

from __future__ import annotations

import pytest

from dispatch.actions.unit_of_work import transaction
from tests.factories import make_crew, make_team, make_ticket


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
