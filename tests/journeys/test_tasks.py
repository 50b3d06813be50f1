"""Does a burst with tasks of other departments stay one ticket and one time, to its close?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.jobs import planner, timers
from dispatch.models.base import db
from dispatch.queries.policies import policy_in_force
from dispatch.web.policy_form import form_of
from tests.factories import IN_WEST, make_city

HOUR = timedelta(hours=1)
CALL = {
    "category": "burst",
    "address": "Wuyi Road 12",
    "place": {"lat": IN_WEST.lat, "lon": IN_WEST.lon},
    "channel": "phone",
}
TEMPLATE = {
    "tasks.steps.burst.valve_closing": "1",
    "tasks.kinds.valve_closing.skill": "mains",
    "tasks.steps.burst.excavation": "2",
    "tasks.kinds.excavation.department": "Roads North",
    "reason": "bursts need valves",
}


@pytest.fixture
def desk(app, clock, now, sign_in):
    """Make a city whose administrator has set a template for bursts; return a dispatcher."""
    with app.app_context():
        with transaction():
            make_city(now)
        found = policy_in_force()
        form = form_of(found.policy) | TEMPLATE | {"version": str(found.version)}
    assert sign_in("administrator").post("/admin/policy/edit", data=form).status_code == 302
    return sign_in("dispatcher")


def post(browser, path, version, **args: object):
    answer = browser.post(path, json=args, headers={"If-Match": f'"{version}"'})
    assert answer.status_code == 200, answer.json
    return answer.json


def expect_close_with_a_reason(desk, path, clock, dig):
    ticket = desk.get(path).json["ticket"]
    assert (ticket["state"], ticket["open_tasks"]) == ("completed", 1)
    headers = {"If-Match": f'"{ticket["version"]}"'}
    refused = desk.post(f"{path}/close", json={}, headers=headers)
    assert (refused.status_code, list(refused.json["error"]["fields"])) == (422, ["reason"])
    closed = post(desk, f"{path}/close", ticket["version"], reason="dug next week")
    assert (closed["ticket"]["state"], closed["ticket"]["open_tasks"]) == ("closed", 1)
    clock.shift(HOUR)
    ended = post(desk, f"{path}/tasks/{dig['id']}/finish", dig["version"])
    assert ended["task"]["state"] == "done"


def test_a_burst_with_tasks_from_the_call_to_the_close(app, clock, desk, sign_in, client):
    opened = desk.post("/api/v1/reports", json=CALL).json
    number, token = opened["ticket"]["number"], opened["report"]["token"]
    path = f"/api/v1/tickets/{number}"
    with app.app_context():
        assert planner.run(datetime.now(UTC)).sent == 2
        db.session.remove()
    valve, dig = desk.get(f"{path}/tasks").json["tasks"]
    lead = desk.get(path).json["ticket"]["crew"]
    assert (valve["state"], dig["state"], dig["due_at"]) == ("open", "waiting", None)
    assert valve["crew"]["id"] != lead["id"]

    own = sign_in("crew", crew_id=valve["crew"]["id"])
    page = own.get(f"/crew/{number}").text
    assert f"/crew/{number}/tasks/{valve['id']}/start" in page
    clock.shift(timedelta(minutes=16))
    with app.app_context():
        timers.run(datetime.now(UTC))
        db.session.remove()
    warned = [
        each for each in desk.get(f"{path}/events").json["events"] if "clock" in each["facts"]
    ]
    assert "Valve closing" in {each["detail"] for each in warned}
    form = {"key": "k", "version": valve["version"]}
    own.post(f"/crew/{number}/tasks/{valve['id']}/finish", data=form)
    valve, dig = desk.get(f"{path}/tasks").json["tasks"]
    assert (valve["state"], dig["state"], dig["department"]) == ("done", "open", "Roads North")

    for step in ("acknowledge", "arrive", "complete"):
        post(desk, f"{path}/{step}", desk.get(path).json["ticket"]["version"])
    seen = client.get(f"/t/{token}").text
    for word in ("Roads North", "Excavation", "Valve closing"):
        assert word not in seen
    expect_close_with_a_reason(desk, path, clock, dig)


def test_a_planned_visit_has_no_promise_and_is_not_a_residents_to_ask_for(desk, client):
    planned = desk.post("/api/v1/reports", json=CALL | {"category": "tank", "kind": "planned"})
    assert planned.json["ticket"]["arrive_due_at"] is None
    refused = client.post("/api/v1/reports", json=CALL | {"channel": "web", "kind": "planned"})
    assert "kind" in refused.json["error"]["fields"]
