"""Can a program read a ticket and move it, and is it told who was faster?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.people import Crew
from tests.factories import EAST, IN_EAST, make_crew, make_grid, make_team, make_ticket

TICKET = "/api/v1/tickets/W000001"


@pytest.fixture
def city(app, now):
    """West and East with a crew each; W1 lies west, W2 east."""
    with app.app_context(), transaction():
        west, east = make_team(), make_team("East Team")
        make_grid(team=west, now=now)
        make_grid("East", EAST, team=east, now=now)
        make_crew("West 1", team=west)
        make_crew("East 1", team=east)
        make_ticket(now, reporter_name="Wang", reporter_phone="13812345678")
        make_ticket(now, place=IN_EAST)


def take(visitor, step, version=None, key=None, ticket=TICKET, **values: Any):
    named = {"If-Match": None if version is None else f'"{version}"', "Idempotency-Key": key}
    headers = {name: value for name, value in named.items() if value is not None}
    return visitor.post(f"{ticket}/{step}", json=values, headers=headers)


def version_of(visitor, ticket=TICKET):
    return visitor.get(ticket).json["ticket"]["version"]


@pytest.mark.usefixtures("city", "clock")
def test_a_ticket_walks_its_road(sign_in):
    desk, crew = sign_in("dispatcher"), sign_in("crew", crew_id=1)
    answer = take(desk, "dispatch", version_of(desk), crew_id=1)
    assert answer.status_code == 200, answer.json
    for step, state in [
        ("acknowledge", "acknowledged"),
        ("set-off", "en_route"),
        ("arrive", "arrived"),
        ("start", "working"),
    ]:
        answer = take(crew, step, answer.json["ticket"]["version"])
        assert answer.status_code == 200, answer.json
        assert answer.json["ticket"]["state"] == state
        assert answer.headers["ETag"] == f'"{answer.json["ticket"]["version"]}"'
    answer = take(crew, "complete", answer.json["ticket"]["version"], note="Clamp set")
    assert answer.json["ticket"]["state"] == "completed"
    assert answer.json["ticket"]["visits"][0]["note"] == "Clamp set"
    events = crew.get(f"{TICKET}/events").json["events"]
    assert [event["to_state"] for event in events if event["to_state"]][-1] == "completed"
    manager = sign_in("manager")
    assert manager.get(TICKET).json["ticket"]["visits"][0]["note"] is None
    assert "Clamp set" not in manager.get(f"{TICKET}/events").text


@pytest.mark.usefixtures("city", "clock")
def test_a_step_needs_the_version_it_was_decided_on(sign_in):
    desk, other = sign_in("dispatcher", name="Li Na"), sign_in("dispatcher")
    seen = version_of(desk)
    missing = take(desk, "hold", reason="waiting_for_part")
    assert missing.status_code == 428
    assert missing.json["error"]["message"]
    assert take(desk, "hold", seen, reason="waiting_for_part").status_code == 200
    late = take(other, "dispatch", seen, crew_id=1)
    assert late.status_code == 409
    error = late.json["error"]
    assert error["code"] == "stale"
    assert error["facts"]["changed_by"] == "Li Na"
    assert error["facts"]["version"] > seen
    assert "Li Na" in error["message"]
    assert " 17:30" in error["message"]
    assert "17:30:00" not in error["message"]
    assert "2026-" not in error["message"]


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize("version", ["x", "-1", "1.5", "", "9" * 20, "*"])
def test_a_bad_version_is_refused(sign_in, version):
    answer = sign_in("dispatcher").post(
        f"{TICKET}/hold", json={"reason": "waiting_for_part"}, headers={"If-Match": version}
    )
    assert answer.status_code == 422
    assert list(answer.json["error"]["fields"]) == ["If-Match"]


@pytest.mark.usefixtures("city")
def test_a_note_needs_no_version_and_is_added_once(sign_in):
    desk = sign_in("call_taker")
    first = take(desk, "note", key="n1", note="Beware of the dog")
    again = take(desk, "note", key="n1", note="Beware of the dog")
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.json == again.json
    notes = [each["note"] for each in desk.get(f"{TICKET}/events").json["events"] if each["note"]]
    assert notes == ["Beware of the dog"]
    assert take(desk, "note", key="n1", note="Another").status_code == 422


@pytest.mark.usefixtures("city")
def test_a_forbidden_step_changes_nothing(sign_in):
    desk = sign_in("dispatcher")
    seen = version_of(desk)
    answer = take(desk, "close", seen)
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "forbidden_step")
    assert version_of(desk) == seen


@pytest.mark.usefixtures("city")
def test_there_is_no_such_step_or_ticket(sign_in):
    desk = sign_in("dispatcher")
    assert take(desk, "paint").status_code == 404
    assert take(desk, "note", note="x", ticket="/api/v1/tickets/W000099").status_code == 404


@pytest.mark.usefixtures("city")
def test_a_foreign_ticket_is_not_found(sign_in):
    strangers = (
        sign_in("crew", crew_id=1),
        sign_in("crew"),
        sign_in("team_leader", team_id=2),
        sign_in("team_leader"),
    )
    for stranger in strangers:
        assert stranger.get(TICKET).status_code == 404
        assert take(stranger, "note", note="x").status_code == 404
        for part in ("events", "reports"):
            assert stranger.get(f"{TICKET}/{part}").status_code == 404
    leader = sign_in("team_leader", team_id=1)
    assert [row["number"] for row in leader.get("/api/v1/tickets").json["tickets"]] == ["W000001"]
    assert leader.get(f"{TICKET}/candidates").status_code == 200
    assert leader.get("/api/v1/tickets/W000002/candidates").status_code == 404


@pytest.mark.usefixtures("city")
def test_pages_follow_each_other(sign_in):
    desk = sign_in("dispatcher")
    first = desk.get("/api/v1/tickets?limit=1").json
    second = desk.get("/api/v1/tickets", query_string={"limit": 1, "cursor": first["next"]}).json
    assert [page["tickets"][0]["number"] for page in (first, second)] == ["W000002", "W000001"]
    assert second["next"] is None


@pytest.mark.usefixtures("city")
def test_reporters_are_masked_and_found(sign_in):
    desk = sign_in("call_taker")
    [report] = desk.get(f"{TICKET}/reports").json["reports"]
    assert (report["name"], report["phone"]) == ("W**", "138****5678")
    assert len(desk.get("/api/v1/tickets?q=5678").json["tickets"]) == 1
    assert sign_in("auditor").get("/api/v1/tickets?q=5678").json["tickets"] == []


@pytest.mark.usefixtures("city")
def test_a_number_is_shown_for_a_reason(sign_in):
    desk = sign_in("call_taker")
    answer = desk.post(f"{TICKET}/reveal", json={"report": 1, "reason": "call back"})
    assert answer.json == {"report": {"id": 1, "name": "Wang", "phone": "13812345678"}}
    assert desk.post(f"{TICKET}/reveal", json={"report": 1, "reason": " "}).status_code == 422
    asked = {"report": 1, "reason": "call back"}
    assert sign_in("auditor").post(f"{TICKET}/reveal", json=asked).status_code == 403
    foreign = sign_in("crew", crew_id=1).post(f"{TICKET}/reveal", json=asked)
    assert foreign.status_code == 404


@pytest.mark.usefixtures("city")
def test_candidates_say_why(sign_in):
    found = sign_in("dispatcher").get(f"{TICKET}/candidates").json["candidates"]
    assert (found[0]["crew"], found[0]["is_best"]) == ("West 1", True)
    assert sum(each["is_best"] for each in found) == 1
    assert all(isinstance(reason, str) for each in found for reason in each["reasons"])


@pytest.mark.usefixtures("city", "clock")
def test_the_settings_say_which_crew_is_best_and_which_needs_a_reason(app, sign_in, monkeypatch):
    east = "/api/v1/tickets/W000002"
    with app.app_context(), transaction():
        for crew_id, lon in ((1, 113.05), (2, 113.035)):
            db.session.get_one(Crew, crew_id).base_lon = lon
    desk = sign_in("dispatcher")
    asked = {"ticket": east, "version": version_of(desk, east)}
    assert desk.get(f"{east}/candidates").json["candidates"][0]["crew"] == "East 1"
    assert take(desk, "dispatch", crew_id=1, **asked).status_code == 422
    settings = replace(app.config["SETTINGS"], planner_home_minutes=0)
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    assert desk.get(f"{east}/candidates").json["candidates"][0]["crew"] == "West 1"
    assert take(desk, "dispatch", crew_id=1, **asked).status_code == 200


@pytest.mark.usefixtures("city", "clock")
def test_candidates_say_who_keeps_the_planner_off(sign_in):
    desk = sign_in("dispatcher", name="Li Na")
    assert desk.get(f"{TICKET}/candidates").json["planner_note"] is None
    assert take(desk, "pin", version_of(desk), reason="The owner comes at noon").status_code == 200
    note = desk.get(f"{TICKET}/candidates").json["planner_note"]
    assert note == "Pinned by Li Na: the planner leaves it."
    assert desk.get(TICKET).json["ticket"]["pinned"] is True
    assert take(desk, "unpin", version_of(desk), reason="He came").status_code == 200
    assert desk.get(f"{TICKET}/candidates").json["planner_note"] is None


@pytest.mark.usefixtures("city")
def test_names_are_in_the_readers_language(sign_in):
    [row, _] = sign_in("dispatcher").get("/api/v1/tickets").json["tickets"]
    assert (row["state_name"], row["category_name"]) == ("accepted", "Burst main")


@pytest.fixture
def waiting(city, app, now):
    """Return the address of a third ticket, whose reporter waits for a call."""
    with app.app_context(), transaction():
        number = make_ticket(now, channel="web", reporter_phone="13812345678").ticket.id
    return f"/api/v1/tickets/W{number:06d}"


@pytest.mark.usefixtures("clock")
def test_a_call_in_vain_changes_nothing_and_one_that_reached_somebody_is_kept_once(
    sign_in, waiting
):
    desk = sign_in("call_taker", name="Li Na")
    version = version_of(desk, waiting)
    vain = {"outcome": "not_reached", "note": "engaged"}
    for _ in range(2):
        answer = take(desk, "call-back", version, "k1", waiting, **vain)
        assert answer.status_code == 200, answer.json
    assert answer.json["ticket"]["called_back_at"] is None
    assert answer.json["ticket"]["next_clock"]["kind"] == "dispatch"
    answer = take(desk, "call-back", version, ticket=waiting)
    ticket = answer.json["ticket"]
    assert (ticket["called_back_at"], ticket["called_back_by"]) == (ticket["received_at"], "Li Na")
    events = desk.get(f"{waiting}/events").json["events"]
    assert [each["kind"] for each in events][-2:] == ["call_unanswered", "called_back"]
    assert take(desk, "call-back", ticket["version"], ticket=waiting).status_code == 409


@pytest.mark.usefixtures("clock")
def test_a_call_back_needs_its_version_an_outcome_and_the_permission(sign_in, waiting):
    desk = sign_in("dispatcher")
    version = version_of(desk, waiting)
    assert take(desk, "call-back", ticket=waiting).status_code == 428
    assert take(desk, "call-back", version - 1, ticket=waiting).status_code == 409
    wrong = take(desk, "call-back", version, ticket=waiting, outcome="perhaps")
    assert set(wrong.json["error"]["fields"]) == {"outcome"}
    assert take(sign_in("manager"), "call-back", version, ticket=waiting).status_code == 403
    assert (
        take(desk, "call-back", version_of(desk)).status_code == 409
    )  # its caller was on the line


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("step", ["merge", "separate"])
@pytest.mark.usefixtures("city", "clock")
def test_a_step_on_two_tickets_locks_the_lower_number_first(app, sign_in, step):
    """Hold the lower one, let the step wait for it, and look whether the higher one is free."""
    desk, higher = sign_in("dispatcher"), "/api/v1/tickets/W000002"
    if step == "separate":
        merged = take(desk, "merge", version_of(desk, higher), ticket=higher, into="W000001")
        assert merged.status_code == 200
    seen = version_of(desk, higher)
    into = {"into": "W000001"} if step == "merge" else {}
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    with app.app_context(), ThreadPoolExecutor(1) as pool, db.engine.connect() as other:
        other.execute(text("SELECT id FROM ticket WHERE id = 1 FOR UPDATE"))
        answer = pool.submit(take, desk, step, seen, ticket=higher, **into)
        while not answer.done() and not other.scalar(waiting):
            pass
        try:
            other.execute(text("SELECT id FROM ticket WHERE id = 2 FOR UPDATE NOWAIT"))
        finally:
            other.rollback()
        assert answer.result(timeout=60).status_code == 200
