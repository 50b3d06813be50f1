"""Does a program see whom a message to many reaches before it is sent, and take it back?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from dispatch.actions.opting_out import set_wanted
from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.clockwork import Outbox
from tests.factories import make_city, make_ticket

FORESEE, BULK = "/api/v1/tickets/recipients", "/api/v1/tickets/bulk"
TEXTS = {"en": "Back at 6", "zh-CN": "六点恢复供水"}
NUMBERS = ["W000001", "W000002", "W000003", "W000004", "w2", "W000099"]

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def ann(app, now, sign_in):
    with app.app_context(), transaction():
        make_city(now)
        make_ticket(now, category="leak", reporter_phone="13800000001", language="en")
        make_ticket(now, category="leak", reporter_phone="13800000001")
        make_ticket(now, category="burst", reporter_phone="13800000002")
        make_ticket(now, category="leak", reporter_phone="13800000003")
        set_wanted("13800000003", wanted=False, now=now)
    return sign_in("dispatcher")


def waiting(app):
    with app.app_context():
        told = db.session.query(Outbox).filter_by(template="reporters_told")
        return sorted(row.recipient for row in told if row.state == "waiting")


def test_the_people_are_counted_by_language_with_the_words_they_get(app, ann):
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], quiet_hours="00:00-23:59")
    found = ann.post(FORESEE, json={"numbers": NUMBERS, "texts": TEXTS})
    assert found.status_code == 200, found.json
    told = found.json
    assert (told["people"], told["unwanted"], told["waiting"]) == (2, 1, 1)
    assert told["quiet_until"] is not None
    assert told["is_set_up"] is False
    assert [(each["language"], each["count"]) for each in told["groups"]] == [("en", 2)]
    assert "Back at 6" in told["groups"][0]["text"]
    assert "W000001" in told["groups"][0]["text"]
    assert [row["outcome"] for row in told["rows"]] == [
        "done", "refused", "done", "refused", "repeated", "not_found",
    ]  # fmt: skip
    assert waiting(app) == []


def test_each_person_is_written_to_once_over_several_requests_and_taken_back(app, ann):
    def many(step: str, *numbers: str, **more: object):
        body = {"step": step, "tickets": [{"number": each} for each in numbers], **more}
        return ann.post(BULK, json=body)

    first = many("message", "W000001", texts=TEXTS, message_key="one")
    rest = many("message", "W000002", "W000003", texts=TEXTS, message_key="one")
    assert [row["recipients"] for row in (*first.json["rows"], *rest.json["rows"])] == [1, None, 1]
    assert waiting(app) == ["13800000001", "13800000002"]
    undo = first.json["rows"][0]["undo"]
    assert undo == {"step": "unsend", "crew_id": None, "message_key": "one"}
    back = many("unsend", "W000001", message_key=undo["message_key"])
    assert (back.json["done"], waiting(app)) == (1, ["13800000002"])
    again = many("unsend", "W000001", message_key="one")
    assert again.json["rows"][0]["outcome"] == "refused"


def test_what_cannot_be_written_is_refused_whole(ann, sign_in):
    body = {"step": "message", "tickets": [{"number": "W000001"}]}
    assert list(ann.post(BULK, json=body).json["error"]["fields"]) == ["texts"]
    body = {"step": "unsend", "tickets": [{"number": "W000001"}]}
    assert list(ann.post(BULK, json=body).json["error"]["fields"]) == ["message_key"]
    empty = ann.post(FORESEE, json={"numbers": NUMBERS, "texts": {"en": " "}})
    assert list(empty.json["error"]["fields"]) == ["texts"]
    taker = sign_in("call_taker")
    assert taker.post(FORESEE, json={"numbers": NUMBERS, "texts": TEXTS}).status_code == 403
    assert taker.post(BULK, json=body | {"message_key": "k"}).status_code == 403
