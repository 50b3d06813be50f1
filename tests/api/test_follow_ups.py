"""Can a program see who is to be asked, and write an answer down exactly once?"""

from __future__ import annotations

import pytest

from dispatch.models.base import db
from dispatch.models.tickets import Ticket
from tests.cases import Case
from tests.follow_ups import questions

CALLS = "/api/v1/follow-ups"


@pytest.fixture
def asked(app, now, clock):
    """Repair a ticket whose reporter left a number, and come back the next morning."""
    with app.app_context():
        case = Case(now, reporter_phone="13800001111", reporter_name="Zhou")
        case.fixed()
    clock.shift(16 * 3600)
    return app


@pytest.fixture
def program(asked, sign_in):
    """Return a program with its token as a function that posts."""
    found = sign_in("api_client")
    found.environ_base["HTTP_AUTHORIZATION"] = found.bearer["Authorization"]
    return found


def test_calls_that_are_due_are_listed_masked(program):
    [call] = program.get(CALLS).json["follow_ups"]
    assert (call["id"], call["number"], call["phone"]) == (1, "W000001", "138****1111")
    assert program.get(f"{CALLS}/1").json["follow_up"] == call
    assert program.get(f"{CALLS}/99").status_code == 404
    assert program.get(f"{CALLS}?limit=0").status_code == 422


def test_an_answer_is_written_down_once(asked, program):
    said = {"answer": "not_fixed", "process": 2, "note": "drips"}
    key = {"Idempotency-Key": "a-1"}
    first = program.post(f"{CALLS}/1/answer", json=said, headers=key)
    assert first.status_code == 200, first.text
    assert first.json["follow_up"]["state"] == "answered"
    again = program.post(f"{CALLS}/1/answer", json=said, headers=key)
    assert (again.json, again.headers["Idempotent-Replayed"]) == (first.json, "true")
    other = program.post(f"{CALLS}/1/answer", json=said | {"process": 3}, headers=key)
    assert other.status_code == 422
    with asked.app_context():
        assert db.session.get(Ticket, 1).reopenings == 1


def test_a_lost_race_is_told(asked, program):
    version = program.get(f"{CALLS}/1").json["follow_up"]["version"]
    assert program.post(f"{CALLS}/1/answer", json={"answer": "fixed"}).status_code == 200
    late = program.post(f"{CALLS}/1/answer", json={"answer": "not_fixed", "version": version})
    assert (late.status_code, late.json["error"]["code"]) == (409, "stale")


def test_a_call_nobody_took_comes_again(asked, program):
    done = program.post(f"{CALLS}/1/no-answer", json={"again_in": 30})
    assert done.json["follow_up"]["tries"] == 1
    assert program.get(CALLS).json["follow_ups"] == []
    with asked.app_context():
        assert questions()[0].tries == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("answer", {"answer": "maybe"}),
        ("answer", {}),
        ("answer", {"answer": "fixed", "process": 6}),
        ("answer", {"answer": "fixed", "result": "many"}),
        ("answer", {"answer": "fixed", "result": True}),
        ("answer", {"answer": "fixed", "colour": "blue"}),
        ("no-answer", {"again_in": 1}),
    ],
)
def test_bad_input_is_refused_with_the_field(program, path, body):
    answer = program.post(f"{CALLS}/1/{path}", json=body)
    assert answer.status_code == 422
    assert answer.json["error"]["fields"]


@pytest.mark.usefixtures("asked")
def test_only_those_who_may_ask_see_and_answer(client, sign_in):
    assert client.get(CALLS).status_code == 401
    for role in ("manager", "crew", "auditor"):
        visitor = sign_in(role)
        assert visitor.get(CALLS).status_code == 403
        assert visitor.post(f"{CALLS}/1/answer", json={"answer": "fixed"}).status_code == 403
