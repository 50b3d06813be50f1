"""Is storm mode switched by those who may, once, and told to everybody?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.storms import begin_storm
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Role
from dispatch.domain.storm import Wanted
from dispatch.models.base import db
from dispatch.models.places import Household
from tests.factories import IN_EAST, make_account, make_city, make_household, make_ticket

HOUR = timedelta(hours=1)


@pytest.fixture
def city(app, now, clock):
    with app.app_context(), transaction():
        make_city(now)
        make_household()
    return app


def asked(now, **more: object):
    known = {"kind": "frost", "reason": "-12 °C", "ends_at": (now + 6 * HOUR).isoformat()}
    return known | more


def test_the_duty_manager_switches_it_on_changes_its_end_and_ends_it(city, sign_in, now):
    manager = sign_in("manager")
    reply = manager.post("/api/v1/storms", json=asked(now, grids=["West"]))
    assert reply.status_code == 201
    storm = reply.json["storm"]
    assert (storm["on"], storm["grids"], storm["version"]) == (True, ["West"], 1)
    later = {"ends_at": (now + 8 * HOUR).isoformat()}
    path = f"/api/v1/storms/{storm['id']}"
    assert manager.post(f"{path}/prolong", json=later).status_code == 428
    seen = {"If-Match": '"1"'}
    assert manager.post(f"{path}/prolong", json=later, headers=seen).json["storm"]["version"] == 2
    assert manager.post(f"{path}/end", json={}, headers=seen).status_code == 409
    ended = manager.post(f"{path}/end", json={}, headers={"If-Match": '"2"'}).json["storm"]
    assert (ended["on"], ended["ended_by"]) == (False, ended["begun_by"])


def test_the_same_key_switches_it_on_once(city, sign_in, now):
    manager, key = sign_in("manager"), {"Idempotency-Key": "once"}
    replies = [manager.post("/api/v1/storms", json=asked(now), headers=key) for _ in range(2)]
    assert [each.status_code for each in replies] == [201, 201]
    assert replies[1].headers["Idempotent-Replayed"] == "true"
    assert len(manager.get("/api/v1/storms").json["storms"]) == 1
    assert manager.post("/api/v1/storms", json=asked(now)).status_code == 409


@pytest.mark.parametrize("role", ["call_taker", "dispatcher", "team_leader", "crew", "auditor"])
def test_nobody_else_switches_it_and_everybody_reads_it(city, sign_in, now, role):
    visitor = sign_in(role)
    assert visitor.post("/api/v1/storms", json=asked(now)).status_code == 403
    assert visitor.get("/api/v1/storms").json == {"storms": []}


def test_what_is_wrong_is_named(city, sign_in, now):
    manager = sign_in("administrator")
    wrong = asked(now, kind="sunshine", ends_at="tomorrow")
    reply = manager.post("/api/v1/storms", json=wrong)
    assert set(reply.json["error"]["fields"]) == {"kind", "ends_at"}
    reply = manager.post("/api/v1/storms", json=asked(now, grids=["Nowhere"]))
    assert set(reply.json["error"]["fields"]) == {"grids"}


def test_the_cards_tell_of_each_place_and_change_with_it(city, sign_in, now):
    desk = sign_in("dispatcher")
    assert desk.get("/api/v1/storms/cards").json["on"] is False
    with city.app_context(), transaction():
        duty = make_account(Role.MANAGER, now)
        begin_storm(Wanted("burst_main", "DN600", (), now + HOUR), actor=duty, now=now)
        for number in (12, 14):
            make_ticket(now, address=f"Wuyi Road {number}")
        make_ticket(now, place=IN_EAST, category="leak", household_id=1)
    reply = desk.get("/api/v1/storms/cards")
    cards = reply.json["cards"]
    assert [(each["lead"], each["count"], each["worst"]) for each in cards] == [
        ("W000001", 2, 1),
        ("W000003", 1, 2),
    ]
    assert cards[0]["nearest"]["name"] == "W1"
    assert [each["waiting"] for each in cards[0]["tickets"]] == [True, True]
    assert [each["name"] for each in reply.json["crews"]] == ["E1", "W1", "W2"]
    again = desk.get("/api/v1/storms/cards", headers={"If-None-Match": reply.headers["ETag"]})
    assert again.status_code == 304


def test_who_needs_water_first_is_noted_by_the_desk(city, sign_in):
    desk, body = sign_in("call_taker"), {"account": "H-1", "vulnerable": True}
    assert desk.post("/api/v1/households/vulnerable", json=body).json == body
    with city.app_context():
        assert db.session.get(Household, 1).vulnerable
    reply = desk.post("/api/v1/households/vulnerable", json=body | {"account": "H-2"})
    assert set(reply.json["error"]["fields"]) == {"account"}
    assert sign_in("manager").post("/api/v1/households/vulnerable", json=body).status_code == 403


def test_the_mark_of_a_household_stands_on_its_open_tickets_until_it_is_taken_back(
    city, sign_in, now
):
    with city.app_context(), transaction():
        make_ticket(now, household_id=1)
    desk, path = sign_in("dispatcher"), "/api/v1/tickets/W000001"
    seen = desk.get(path).json["ticket"]
    for wanted, kind in ((True, "household_marked"), (False, "household_unmarked")):
        body = {"account": "H-1", "vulnerable": wanted}
        for _ in range(2):
            assert desk.post("/api/v1/households/vulnerable", json=body).status_code == 200
        ticket = desk.get(path).json["ticket"]
        assert (ticket["household"]["vulnerable"], ticket["version"]) == (wanted, seen["version"])
        kinds = [each["kind"] for each in desk.get(f"{path}/events").json["events"]]
        assert (kinds[-1], kinds.count(kind)) == (kind, 1)
        [home] = desk.post("/api/v1/households/search", json={"q": "H-1"}).json["households"]
        assert home["vulnerable"] is wanted
