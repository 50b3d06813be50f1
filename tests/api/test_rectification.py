"""May a program read the rectification list and move its items, each once and as it was seen?"""

from __future__ import annotations

import pytest

from dispatch.actions.unit_of_work import transaction
from tests.factories import IN_EAST, make_city, make_ticket

ITEMS = "/api/v1/rectification"


@pytest.fixture
def leader(app, clock, now, sign_in):
    with app.app_context(), transaction():
        make_city(now)
        make_ticket(now)
        make_ticket(now, place=IN_EAST)
    clock.shift(60)
    return sign_in("team_leader", team_id=1)


def put(browser, number="W000001", key="a", **args: object):
    return browser.post(ITEMS, json={"ticket": number} | args, headers={"Idempotency-Key": key})


def post(browser, path, version, key, **args: object):
    headers = {"Idempotency-Key": key, "If-Match": f'"{version}"'}
    return browser.post(f"{ITEMS}/{path}", json=args, headers=headers)


def test_an_item_goes_from_the_list_to_the_sign_off(leader, sign_in):
    first, again = put(leader), put(leader)
    assert (first.status_code, first.json["item"]["state"]) == (201, "open")
    assert again.headers["Idempotent-Replayed"] == "true"
    version = first.json["item"]["version"]
    said = post(leader, "1", version, "b", cause="no_crew", text="A second crew")
    assert (said.status_code, said.json["item"]["cause_name"]) == (200, "No crew was free")
    done = post(leader, "1/finish", said.json["item"]["version"], "c")
    assert done.json["item"]["state"] == "done"
    version = done.json["item"]["version"]
    assert post(leader, "1/sign-off", version, "d").status_code == 403
    manager = sign_in("manager")
    signed = post(manager, "1/sign-off", version, "e")
    assert (signed.status_code, signed.json["item"]["state"]) == (200, "signed_off")
    assert signed.json["item"]["signed_by"].startswith("manager")
    assert leader.get(f"{ITEMS}/1").json["item"]["events"][-1]["kind"] == "sign_off"


def test_a_leader_sees_and_moves_only_the_own_team(leader, sign_in):
    assert put(leader, "W000002").status_code == 404
    put(sign_in("manager"), "W000002")
    assert leader.get(f"{ITEMS}/1").status_code == 404
    assert post(leader, "1/begin", 1, "b").status_code == 404
    assert leader.get(ITEMS).json["total"] == 0


def test_the_list_is_filtered(leader):
    put(leader, cause="travel")
    assert leader.get(f"{ITEMS}?cause=travel&team=1&state=open").json["total"] == 1
    assert leader.get(f"{ITEMS}?overdue=1").json["items"] == []


def test_what_is_wrong_is_named(leader):
    for path, field in (("?state=lost", "state"), ("?cause=x", "cause"), ("?team=x", "team")):
        answer = leader.get(ITEMS + path)
        assert (answer.status_code, [*answer.json["error"]["fields"]]) == (422, [field])
    assert put(leader, cause="x").json["error"]["fields"].keys() == {"cause"}
    past = put(leader, key="b", due_at="2020-01-01T00:00:00Z")
    assert (past.status_code, [*past.json["error"]["fields"]]) == (422, ["due_at"])
    item = put(leader, key="c").json["item"]["id"]
    assert leader.post(f"{ITEMS}/{item}/begin", json={}).status_code == 428
    assert post(leader, f"{item}/begin", 99, "d").status_code == 409
    finish = post(leader, f"{item}/finish", 1, "e")
    assert (finish.status_code, set(finish.json["error"]["fields"])) == (422, {"cause", "text"})
    nameless = post(leader, str(item), 1, "f", responsible="Wang")
    assert [*nameless.json["error"]["fields"]] == ["reason"]
    assert post(leader, f"{item}/shred", 1, "g").status_code == 404


def test_others_do_not_see_the_list(leader, sign_in):
    for role in ("dispatcher", "call_taker", "crew", "auditor"):
        assert sign_in(role).get(ITEMS).status_code == 403
