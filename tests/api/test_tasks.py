"""May a program list, open and move the tasks of a ticket, each once and on what it saw?"""

from __future__ import annotations

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.tickets import Report
from tests.factories import make_city, make_ticket

TASKS = "/api/v1/tickets/W000001/tasks"


@pytest.fixture
def token(app, clock, now):
    with app.app_context(), transaction():
        make_city(now)
        make_ticket(now)
        return db.session.query(Report).one().token


@pytest.fixture
def desk(token, sign_in):
    return sign_in("dispatcher")


def opened(browser, key="a", **args: object):
    body = {"kind": "excavation"} | args
    return browser.post(TASKS, json=body, headers={"Idempotency-Key": key})


def step(browser, name, version=None, key="b", **args: object):
    headers = {"Idempotency-Key": key}
    if version is not None:
        headers["If-Match"] = f'"{version}"'
    return browser.post(f"{TASKS}/1/{name}", json=args, headers=headers)


def test_a_task_is_opened_once_and_listed(desk):
    first, again = opened(desk), opened(desk)
    assert (first.status_code, first.json["task"]["state"]) == (201, "open")
    assert again.headers["Idempotent-Replayed"] == "true"
    [task] = desk.get(TASKS).json["tasks"]
    assert (task["name"], task["department"], task["due_at"]) == (
        "Excavation", "Civil works", "2026-03-02T13:30:00+00:00",
    )  # fmt: skip
    assert desk.get("/api/v1/tickets/W000001").json["ticket"]["open_tasks"] == 1


def test_a_step_needs_the_version_and_is_taken_once(desk):
    version = opened(desk).json["task"]["version"]
    assert step(desk, "start").status_code == 428
    done = step(desk, "start", version)
    assert (done.status_code, done.json["task"]["state"]) == (200, "in_progress")
    assert step(desk, "start", version).headers["Idempotent-Replayed"] == "true"
    stale = step(desk, "finish", version, key="c")
    assert (stale.status_code, stale.json["error"]["code"]) == (409, "stale")
    version = done.json["task"]["version"]
    ended = step(desk, "finish", version, key="d", note="open")
    assert ended.headers["ETag"] == f'"{ended.json["task"]["version"]}"'
    assert ended.json["task"]["ended_at"] is not None


def test_a_crew_sees_the_ticket_of_its_task_and_ticks_it(desk, sign_in):
    crew, other = sign_in("crew", crew_id=3), sign_in("crew", crew_id=2)
    opened(desk, crew_id=3)
    [task] = crew.get(TASKS).json["tasks"]
    assert task["crew"]["name"] == "E1"
    assert other.get(TASKS).status_code == 404
    assert step(crew, "finish", task["version"]).json["task"]["state"] == "done"


def test_a_team_sees_the_ticket_of_its_task(desk, sign_in):
    leader = sign_in("team_leader", team_id=2)
    assert leader.get(TASKS).status_code == 404
    opened(desk, team_id=2)
    assert leader.get(TASKS).status_code == 200


@pytest.mark.parametrize(
    ("args", "status"),
    [({"kind": "painting"}, 422), ({"waits_for": "x"}, 422), ({"waits_for": [7]}, 422)],
)
def test_what_is_wrong_is_named(desk, args, status):
    refused = opened(desk, **args)
    assert refused.status_code == status
    assert next(iter(refused.json["error"]["fields"])).startswith(next(iter(args)))


def test_an_unknown_step_or_a_role_that_may_not_is_refused(desk, sign_in):
    opened(desk)
    assert step(desk, "polish", 1).status_code == 404
    assert opened(sign_in("manager")).status_code == 403
    assert step(sign_in("call_taker"), "cancel", 1, reason="so").status_code == 403


def test_the_resident_sees_one_ticket_and_nothing_of_its_tasks(desk, client, token):
    before = client.get(f"/t/{token}").text.count("<li")
    opened(desk, department="Roads North")
    page = client.get(f"/t/{token}").text
    assert page.count("<li") == before
    for word in ("Roads North", "Excavation"):
        assert word not in page
