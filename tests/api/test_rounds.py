"""May a program make a round, and a crew's program go it, each tap once?"""

from __future__ import annotations

import pytest

from dispatch.models.base import db
from dispatch.models.tickets import Ticket
from tests.rounds import add_households
from tests.trips import another_ticket, open_burst

ROUNDS = "/api/v1/rounds"
STOPS = f"{ROUNDS}/stops"


@pytest.fixture
def leader(app, clock, now, sign_in):
    with app.app_context():
        open_burst(now)
        add_households()
        another_ticket(now, kind="planned", category="other")
    clock.shift(60)
    return sign_in("team_leader", team_id=1)


@pytest.fixture
def made(leader):
    answer = post(leader, ROUNDS, crew=1, tickets=["W000002"], households=["H-1", "H-2"])
    assert answer.status_code == 200
    return {stop["account"]: stop["id"] for stop in answer.json["round"]["stops"]}


def post(browser, path, key=None, **body: object):
    headers = {"Idempotency-Key": key} if key else {}
    return browser.post(path, json=body, headers=headers)


def test_a_round_is_made_once_and_read_by_those_whose_crew_goes(leader, sign_in):
    asked = {"crew": 1, "day": "2026-03-03", "households": ["H-1"]}
    first, again = (post(leader, ROUNDS, "a", **asked) for _ in range(2))
    assert first.json["round"]["id"] == again.json["round"]["id"]
    assert again.headers["Idempotent-Replayed"] == "true"
    more = post(leader, ROUNDS, "b", **asked | {"households": ["H-2"]}).json["round"]
    assert [stop["account"] for stop in more["stops"]] == ["H-1", "H-2"]
    assert (more["crew"], more["day"], more["waiting"]) == ("W1", "2026-03-03", 2)
    for visitor, count in (
        (leader, 1), (sign_in("crew", crew_id=1), 1), (sign_in("crew", crew_id=2), 0),
        (sign_in("team_leader", team_id=2), 0), (sign_in("manager"), 1),
    ):  # fmt: skip
        listed = visitor.get(f"{ROUNDS}?day=2026-03-03").json["rounds"]
        assert len(listed) == count
        assert visitor.get(f"{ROUNDS}/1").status_code == (200 if count else 404)
    assert leader.get(ROUNDS).json["rounds"] == []


def test_who_may_not_see_personal_data_sees_places_only(leader, made, sign_in):
    own, foreign = (each.get(f"{ROUNDS}/1").json["round"] for each in (leader, sign_in("manager")))
    assert {stop["name"] for stop in own["stops"]} == {"Chen", None}
    assert {stop["name"] for stop in foreign["stops"]} == {None}
    assert [stop["address"] for stop in own["stops"]] == [
        stop["address"] for stop in foreign["stops"]
    ]


def test_a_stop_is_ended_once_and_taken_back(leader, made, sign_in):
    crew = sign_in("crew", crew_id=1, name="Wang")
    place = {"lat": 28.16, "lon": 112.96, "accuracy": 9}
    tap = {"note": "Meter read", "position": place}
    first, again = (post(crew, f"{STOPS}/{made['H-1']}/done", "a", **tap) for _ in range(2))
    assert (first.status_code, first.json["stop"]["state"]) == (200, "done")
    assert (first.json["stop"]["note"], first.json["stop"]["ended_by"]) == ("Meter read", "Wang")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert post(crew, f"{STOPS}/{made['H-1']}/nobody-home", "b").status_code == 409
    back = post(crew, f"{STOPS}/{made['H-1']}/undo", "c").json["stop"]
    assert (back["state"], back["ended_at"]) == ("waiting", None)
    assert post(crew, f"{STOPS}/{made['H-2']}/nobody-home").json["stop"]["may_undo"]
    assert post(leader, f"{STOPS}/{made['H-2']}/undo").json["stop"]["state"] == "waiting"
    assert post(leader, f"{STOPS}/{made['H-2']}/take-off").json["stop"]["state"] == "taken_off"
    assert post(crew, f"{STOPS}/{made['H-1']}/fly").status_code == 404


def test_a_find_is_a_ticket(app, made, sign_in):
    crew = sign_in("crew", crew_id=1)
    leak = {"category": "leak", "description": "Wet wall"}
    found = post(crew, f"{STOPS}/{made['H-1']}/fault", "a", **leak)
    assert (found.status_code, found.json) == (201, {"ticket": "W000003"})
    seen = post(crew, f"{ROUNDS}/faults", "b", address="Wuyi Road", **leak)
    assert seen.json == {"ticket": "W000004"}
    with app.app_context():
        assert db.session.get(Ticket, 3).household_id == 1


def test_what_is_wrong_is_named(leader, made, sign_in):
    for body, field in (
        ({"crew": 1, "day": "today"}, "day"), ({"day": "2026-03-02"}, "crew"),
        ({"crew": 1}, "stop"), ({"crew": 1, "households": ["H-9"]}, "household"),
    ):  # fmt: skip
        answer = post(leader, ROUNDS, **body)
        assert (answer.status_code, [*answer.json["error"]["fields"]]) == (422, [field])
    crew = sign_in("crew", crew_id=1)
    nowhere = {"position": {"lat": 99.0, "lon": 1.0}}
    assert post(crew, f"{STOPS}/{made['H-1']}/done", **nowhere).status_code == 422
    assert post(crew, ROUNDS, crew=1, households=["H-3"]).status_code == 403
    for path in ("take-off", "done"):
        assert post(sign_in("manager"), f"{STOPS}/{made['H-1']}/{path}").status_code == 403
    assert post(sign_in("manager"), f"{STOPS}/{made['H-1']}/undo").status_code == 403
    assert post(sign_in("crew", crew_id=2), f"{STOPS}/{made['H-1']}/done").status_code == 404
