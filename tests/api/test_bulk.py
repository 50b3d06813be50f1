"""Is a step for many taken ticket by ticket, with a row for each, once for a key?"""

from __future__ import annotations

import pytest

from dispatch.actions.bulk_steps import SINGLE_STEP, WRITES
from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.clockwork import Idempotency
from dispatch.models.tickets import Ticket
from dispatch.schemas.bulk import BULK_STEPS
from tests.factories import IN_EAST, make_city, make_ticket

PATH = "/api/v1/tickets/bulk"
W1, W2, W3, W4 = (f"W{number:06}" for number in range(1, 5))

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def city(app, now):
    """Return the three crews of a city with four tickets, one of them in the east."""
    with app.app_context(), transaction():
        made = make_city(now)
        for place in ({}, {}, {"place": IN_EAST}, {}):
            make_ticket(now, **place)
        return [crew.id for crew in made.crews]


@pytest.fixture
def ann(city, sign_in):
    return sign_in("dispatcher")


def versions(app, *numbers: str):
    with app.app_context():
        return [
            {"number": each, "version": db.session.get_one(Ticket, int(each[1:])).version}
            for each in numbers
        ]


def outcomes(answer):
    return [(row["number"], row["outcome"]) for row in answer.json["rows"]]


def state_of(app, number):
    with app.app_context():
        return db.session.get_one(Ticket, int(number[1:])).state


def test_the_steps_on_the_wire_are_those_of_the_action():
    assert set(BULK_STEPS) == set(SINGLE_STEP) | WRITES


def test_each_ticket_gets_its_best_crew_until_nobody_is_left(app, ann, city):
    asked = {"step": "dispatch", "tickets": versions(app, W1, W2, W3, W4)}
    answer = ann.post(PATH, json=asked)
    assert answer.status_code == 200, answer.json
    assert [row["outcome"] for row in answer.json["rows"]] == ["done", "done", "done", "refused"]
    assert answer.json["done"] == 3
    assert {row["crew"]["id"] for row in answer.json["rows"][:3]} == set(city)
    assert answer.json["rows"][2]["crew"]["name"] == "E1"
    assert "No crew may go now" in answer.json["rows"][3]["message"]
    assert answer.json["rows"][3]["crew"] is None


def test_what_was_sent_is_called_back_by_a_second_request(app, ann, city):
    sent = ann.post(PATH, json={"step": "dispatch", "tickets": versions(app, W1, W3)}).json["rows"]
    assert [row["undo"] for row in sent] == [
        {"step": "withdraw", "crew_id": None, "message_key": None}
    ] * 2
    back = [{"number": row["number"], "version": row["version"]} for row in sent]
    answer = ann.post(PATH, json={"step": "withdraw", "reason": "Undone", "tickets": back})
    assert outcomes(answer) == [(W1, "done"), (W3, "done")]
    assert [row["undo"] for row in answer.json["rows"]] == [None, None]
    assert state_of(app, W1) == "accepted"


def test_another_crew_is_sent_and_the_one_before_again(app, ann, city):
    first = ann.post(PATH, json={"step": "dispatch", "tickets": versions(app, W1)}).json["rows"][0]
    asked = {"step": "redispatch", "tickets": versions(app, W1, W2)}
    answer = ann.post(PATH, json=asked)
    assert outcomes(answer) == [(W1, "done"), (W2, "refused")]
    row = answer.json["rows"][0]
    assert row["crew"]["id"] != first["crew"]["id"]
    assert row["undo"] == {
        "step": "redispatch", "crew_id": first["crew"]["id"], "message_key": None,
    }  # fmt: skip
    again = {"number": W1, "version": row["version"], "crew_id": row["undo"]["crew_id"]}
    undone = ann.post(PATH, json={"step": "redispatch", "reason": "Undone", "tickets": [again]})
    assert undone.json["rows"][0]["crew"] == first["crew"]
    assert outcomes(ann.post(PATH, json={"step": "dispatch", "tickets": versions(app, W1)})) == [
        (W1, "refused")
    ]


def test_many_become_duplicates_of_one_and_are_separated_again(app, ann):
    asked = {"step": "merge", "into": W1, "tickets": versions(app, W1, W2, W4)}
    answer = ann.post(PATH, json=asked)
    assert outcomes(answer) == [(W1, "refused"), (W2, "done"), (W4, "done")]
    assert state_of(app, W2) == "duplicate"
    back = [{"number": row["number"], "version": row["version"]} for row in answer.json["rows"][1:]]
    undone = ann.post(PATH, json={"step": "separate", "tickets": back})
    assert outcomes(undone) == [(W2, "done"), (W4, "done")]
    assert state_of(app, W2) == "accepted"


def test_tickets_are_cancelled_for_a_reason_and_opened_again(app, ann):
    asked = {"step": "cancel", "reason": "One sensor", "tickets": versions(app, W1, W2)}
    answer = ann.post(PATH, json=asked)
    assert [row["undo"]["step"] for row in answer.json["rows"]] == ["reopen", "reopen"]
    back = [{"number": row["number"], "version": row["version"]} for row in answer.json["rows"]]
    reopened = ann.post(PATH, json={"step": "reopen", "reason": "Undone", "tickets": back})
    assert outcomes(reopened) == [(W1, "done"), (W2, "done")]
    closing = {"step": "close", "reason": "x", "tickets": versions(app, W4)}
    assert outcomes(ann.post(PATH, json=closing)) == [(W4, "refused")]


def test_a_note_needs_no_version_and_is_not_undone(app, ann):
    asked = {"step": "note", "note": "Valve shut", "tickets": [{"number": W1}, {"number": "w2"}]}
    answer = ann.post(PATH, json=asked)
    assert outcomes(answer) == [(W1, "done"), (W2, "done")]
    assert [row["undo"] for row in answer.json["rows"]] == [None, None]
    events = ann.get(f"/api/v1/tickets/{W2}/events").json["events"]
    assert events[-1]["note"] == "Valve shut"


def test_unknown_repeated_and_stale_tickets_are_named_and_the_others_done(app, ann):
    tickets = [
        *versions(app, W1), {"number": "W000099", "version": 1}, {"number": "x", "version": 1},
        {"number": "1", "version": 1}, {"number": W2, "version": 77},
    ]  # fmt: skip
    answer = ann.post(PATH, json={"step": "cancel", "reason": "x", "tickets": tickets})
    assert outcomes(answer) == [
        (W1, "done"), ("W000099", "not_found"), ("x", "not_found"), ("1", "repeated"),
        (W2, "stale"),
    ]  # fmt: skip
    assert answer.json["rows"][4]["version"] == versions(app, W2)[0]["version"]
    assert all(row["message"] for row in answer.json["rows"][1:])


def test_a_preview_tells_what_would_come_and_changes_nothing(app, ann, city):
    before = versions(app, W1, W2, W3, W4)
    named = [{"number": each} for each in (W1, W2, W3, W4, W4, "W9")]
    answer = ann.post(PATH, json={"step": "dispatch", "preview": True, "tickets": named})
    rows = answer.json["rows"]
    assert answer.json["preview"] is True
    assert [row["outcome"] for row in rows] == [
        "done", "done", "done", "refused", "repeated", "not_found",
    ]  # fmt: skip
    assert {row["crew"]["id"] for row in rows[:3]} == set(city)
    assert [row["version"] for row in rows[:4]] == [each["version"] for each in before]
    assert versions(app, W1, W2, W3, W4) == before
    assert rows[0]["category_name"] == "Burst main"
    sent = ann.post(PATH, json={"step": "dispatch", "tickets": before})
    assert [row["crew"] for row in sent.json["rows"]] == [row["crew"] for row in rows[:4]]


def test_the_same_key_answers_the_same_rows_and_does_nothing_twice(app, ann):
    asked = {"step": "cancel", "reason": "x", "tickets": versions(app, W1, W2)}
    asked["tickets"][1]["version"] = 50
    first, second = (ann.post(PATH, json=asked, headers={"Idempotency-Key": "k"}) for _ in "12")
    assert first.json == second.json
    assert outcomes(first) == [(W1, "done"), (W2, "stale")]
    other = ann.post(PATH, json=asked | {"reason": "y"}, headers={"Idempotency-Key": "k"})
    assert (other.status_code, other.json["error"]["code"]) == (422, "key_reused")


def test_a_request_that_was_broken_off_is_finished_with_its_key(app, ann):
    asked = {"step": "cancel", "reason": "x", "tickets": versions(app, W1, W2)}
    ann.post(PATH, json=asked, headers={"Idempotency-Key": "k"})
    with app.app_context(), transaction():
        kept = db.session.query(Idempotency).filter(Idempotency.scope.startswith("bulk/")).all()
        [second] = [row for row in kept if (row.reply or {}).get("number") == W2]
        db.session.delete(second)
    again = ann.post(PATH, json=asked, headers={"Idempotency-Key": "k"})
    assert outcomes(again) == [(W1, "done"), (W2, "stale")]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"step": "note", "note": "x", "tickets": []}, "tickets"),
        ({"step": "note", "note": "x", "tickets": [{"number": W1}] * 201}, "tickets"),
        ({"step": "note", "tickets": [{"number": W1}]}, "note"),
        ({"step": "cancel", "tickets": [{"number": W1, "version": 1}]}, "reason"),
        ({"step": "merge", "tickets": [{"number": W1, "version": 1}]}, "into"),
        ({"step": "merge", "into": "W9", "tickets": [{"number": W1, "version": 1}]}, "into"),
        ({"step": "dispatch", "tickets": [{"number": W1}]}, "tickets.0.version"),
        ({"step": "fly", "tickets": [{"number": W1}]}, "step"),
        ({"step": "note", "note": "x", "tickets": [{"number": ""}]}, "tickets.0.number"),
        ({"step": "note", "note": "x", "tickets": "W1"}, "tickets"),
    ],
)
def test_a_request_that_no_ticket_could_follow_is_refused_whole(ann, asked, field):
    refused = ann.post(PATH, json=asked)
    assert refused.status_code == 422
    assert list(refused.json["error"]["fields"]) == [field]


def test_two_hundred_numbers_are_taken(ann):
    named = [{"number": f"W{number:06}"} for number in range(1, 201)]
    answer = ann.post(PATH, json={"step": "note", "note": "x", "tickets": named})
    assert [row["outcome"] for row in answer.json["rows"]] == ["done"] * 4 + ["not_found"] * 196


def test_nobody_reaches_beyond_their_team_or_their_role(app, sign_in, city):
    leader = sign_in("team_leader", team_id=2)
    asked = {"step": "dispatch", "tickets": versions(app, W1, W3)}
    assert outcomes(leader.post(PATH, json=asked)) == [(W1, "not_found"), (W3, "done")]
    foreign = {"step": "merge", "into": W1, "tickets": versions(app, W3)}
    assert leader.post(PATH, json=foreign).status_code == 403
    taker = sign_in("call_taker")
    assert taker.post(PATH, json=asked).status_code == 403
    assert taker.post(PATH, json=foreign).status_code == 200
    assert sign_in("auditor").post(PATH, json=foreign).status_code == 403
