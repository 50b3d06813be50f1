"""May a program open a dispute and decide it, each once and as it was seen?"""

from __future__ import annotations

import pytest

from dispatch.actions.unit_of_work import transaction
from tests.factories import make_city, make_ticket

DISPUTES = "/api/v1/disputes"
GAS = {"ticket": "W000001", "ground": "not_our_pipe", "department": "Gas", "reason": "yellow"}


@pytest.fixture
def leader(app, now, sign_in):
    with app.app_context(), transaction():
        make_city(now)
        make_ticket(now)
    return sign_in("team_leader", team_id=1)


def put(browser, key="a", **args: object):
    return browser.post(DISPUTES, json=GAS | args, headers={"Idempotency-Key": key})


def decide(browser, key, version=1, **args: object):
    headers = {"Idempotency-Key": key, "If-Match": f'"{version}"'}
    return browser.post(f"{DISPUTES}/1/decide", json=args, headers=headers)


def test_a_dispute_is_opened_once_and_decided_by_a_manager(leader, sign_in):
    first, again = put(leader), put(leader)
    assert (first.status_code, first.json["dispute"]["state"]) == (201, "open")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert leader.get(f"{DISPUTES}/1").headers["ETag"] == '"1"'
    assert decide(leader, "b", team=2, reason="theirs").status_code == 403
    manager = sign_in("manager")
    assert decide(manager, "c", 9, team=2, reason="theirs").status_code == 409
    found = decide(manager, "d", team=2, reason="theirs")
    assert (found.status_code, found.json["dispute"]["state_name"]) == (200, "decided")
    assert found.json["dispute"]["owner_team_id"] == 2
    listed = manager.get(f"{DISPUTES}?state=decided&team=1&ground=not_our_pipe").json
    assert (listed["total"], listed["figures"]["decided"]) == (1, 1)
    assert manager.get("/api/v1/tickets/W000001").json["ticket"]["team"]["id"] == 2


def test_a_decision_needs_the_version_that_was_seen(leader, sign_in):
    put(leader)
    headers = {"Idempotency-Key": "z"}
    answer = sign_in("manager").post(
        f"{DISPUTES}/1/decide", json={"team": 2, "reason": "theirs"}, headers=headers
    )
    assert answer.status_code == 428


def test_a_return_over_the_api_opens_a_dispute(leader):
    version = leader.get("/api/v1/tickets/W000001").json["ticket"]["version"]
    headers = {"Idempotency-Key": "r", "If-Match": f'"{version}"'}
    asked = {"reason": "east of the canal", "ground": "not_our_area", "team_id": 2}
    answer = leader.post("/api/v1/tickets/W000001/return", json=asked, headers=headers)
    assert (answer.status_code, answer.json["ticket"]["state"]) == (200, "returned")
    [dispute] = leader.get(DISPUTES).json["disputes"]
    assert (dispute["ground_name"], dispute["other_team_id"]) == ("Not our area", 2)


def test_a_wrong_field_is_named(leader):
    for args, field in (({"ground": "lazy"}, "ground"), ({"team": 1, "department": ""}, "team")):
        answer = put(leader, str(args), **args)
        assert (answer.status_code, field in answer.json["error"]["fields"]) == (422, True)


def test_the_longest_pauses_are_said(leader):
    holds = leader.get("/api/v1/hold-limits").json["holds"]
    assert {each["reason"]: each["longest"] for each in holds}["unsafe_conditions"] == {
        "minutes": 1440
    }
    assert all(each["ends_at"] for each in holds)
