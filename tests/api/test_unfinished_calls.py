"""Is a call that broke off kept, listed, gone on with and ended by its ticket?"""

from __future__ import annotations

from dispatch.actions.unit_of_work import transaction
from tests.factories import make_city

PATH = "/api/v1/unfinished-calls"
SAID = {"phone": "13800001234", "address": "Nanhu Road 1", "category": "leak"}


def test_a_call_is_kept_gone_on_with_and_ended_by_its_ticket(app, now, sign_in):
    with app.app_context(), transaction():
        make_city(now)
    desk = sign_in("call_taker")
    kept = desk.post(PATH, json={"words": SAID}).json["call"]
    listed = desk.get(PATH).json
    assert (listed["total"], listed["calls"][0]["phone"]) == (1, "138****1234")
    other = sign_in("dispatcher", name="Bob")
    assert other.post(f"{PATH}/{kept['id']}/take-up", json={}).json["words"] == SAID
    assert desk.get(PATH).json["calls"][0]["taken_by"] == "Bob"
    form = {"category": "leak", "address": "Nanhu Road 1", "unfinished": str(kept["id"])}
    form |= {"checked": "1"}
    saved = other.post("/desk/call", data=form, headers={"Accept": "application/json"})
    assert saved.status_code == 201
    assert desk.get(PATH).json == {"calls": [], "total": 0}
    assert desk.post(f"{PATH}/{kept['id']}/take-up", json={}).status_code == 409


def test_a_discarded_call_comes_back(sign_in):
    desk = sign_in("call_taker")
    kept = desk.post(PATH, json={"words": {"description": "🚰 <script>"}}).json["call"]
    assert desk.post(f"{PATH}/{kept['id']}/discard", json={}).json["call"]["ended"] is True
    assert desk.get(PATH).json["total"] == 0
    assert desk.post(f"{PATH}/{kept['id']}/restore", json={}).json["call"]["ended"] is False
    assert desk.get(PATH).json["total"] == 1


def test_what_is_no_call_is_refused(sign_in):
    desk = sign_in("call_taker")
    assert desk.post(PATH, json={"words": {}}).status_code == 422
    assert desk.post(PATH, json={"words": {"odd": "x"}}).status_code == 422
    assert desk.post(f"{PATH}/7/take-up", json={}).status_code == 404
    assert sign_in("manager").get(PATH).status_code == 403
