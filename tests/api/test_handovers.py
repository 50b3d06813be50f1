"""Does a program write the log, hand the desk over once, and let the next one sign?"""

from __future__ import annotations

import pytest

from dispatch.actions.unit_of_work import transaction
from tests.factories import make_city, make_ticket

PATH = "/api/v1/handovers"

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def ann(app, now, sign_in):
    with app.app_context(), transaction():
        make_city(now)
        make_ticket(now)
    return sign_in("dispatcher")


def test_the_log_is_handed_over_with_how_the_desk_stands_and_signed_once(ann, sign_in):
    noted = ann.post(f"{PATH}/notes", json={"text": "Valve 7 is stuck", "ticket": "W1"})
    assert (noted.status_code, noted.json["text"]) == (201, "Valve 7 is stuck")
    log = ann.get(f"{PATH}/log").json
    assert [(each["text"], each["ticket"]) for each in log["notes"]] == [
        ("Valve 7 is stuck", "W000001")
    ]
    assert log["facts"]["promises"][0]["number"] == "W000001"
    body, key = {"text": "The gas company comes"}, {"Idempotency-Key": "k"}
    first = ann.post(PATH, json=body, headers=key)
    assert (first.status_code, first.json["handover"]["notes"]) == (201, log["notes"])
    again = ann.post(PATH, json=body, headers=key)
    assert (again.json, again.headers["Idempotent-Replayed"]) == (first.json, "true")
    assert ann.post(f"{PATH}/1/sign", json={}).status_code == 403
    next_one = sign_in("dispatcher")
    assert next_one.get(f"{PATH}/waiting").json["handover"]["id"] == 1
    signed = next_one.post(f"{PATH}/1/sign", json={"remark": "Read"})
    assert signed.json["handover"]["remark"] == "Read"
    assert next_one.post(f"{PATH}/1/sign", json={}).status_code == 409
    listed = next_one.get(PATH).json
    assert (listed["total"], listed["handovers"][0]["id"]) == (1, 1)
    assert next_one.get(f"{PATH}/1").json == signed.json
    assert ann.get(f"{PATH}/waiting").json == {"handover": None}


def test_only_who_dispatches_hands_over_and_no_empty_words_are_kept(ann, sign_in):
    empty = ann.post(PATH, json={"text": " "})
    assert list(empty.json["error"]["fields"]) == ["text"]
    taker = sign_in("call_taker")
    assert taker.post(PATH, json={"text": "x"}).status_code == 403
    assert taker.post(f"{PATH}/notes", json={"text": "x"}).status_code == 201
    assert sign_in("crew").get(f"{PATH}/log").status_code == 403
    assert ann.get(f"{PATH}/99").status_code == 404
