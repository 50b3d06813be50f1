"""Are answers, dangers and the ending of a call read from its form?"""

from __future__ import annotations

import json
import re

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.tickets import Report, Ticket
from tests.factories import make_city

CALL = {"category": "riser", "address": "Wuyi Road 12"}
JSON = {"Accept": "application/json"}


@pytest.fixture
def city(app, clock, now):
    with app.app_context(), transaction():
        make_city(now)
    return app


def test_answers_and_words_of_danger_are_kept_with_the_report(city, sign_in):
    told = {
        "answers": json.dumps({"electricity": "yes", "flow": "unknown", "higher": "yes"}),
        "dangers": json.dumps({"electricity": "told", "gas": "dismissed"}),
        "description": "闻到煤气味, someone is trapped",
    }
    sign_in("call_taker").post("/desk/call", data=CALL | told, headers=JSON)
    with city.app_context():
        report = db.session.get_one(Report, 1)
        assert report.answers == {"electricity": "yes", "flow": "unknown"}
        assert report.dangers == {"trapped": "untold", "electricity": "told", "gas": "dismissed"}
        assert db.session.get_one(Ticket, 1).level == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("answers", "[]"),
        ("answers", "{"),
        ("answers", '{"flow": "a lot"}'),
        ("dangers", '{"gas": "perhaps"}'),
        ("dangers", "[" * 100_000),
    ],
)
def test_what_is_no_answer_is_refused_by_its_field(city, sign_in, field, value):
    reply = sign_in("call_taker").post("/desk/call", data=CALL | {field: value}, headers=JSON)
    assert reply.status_code == 422
    assert list(reply.json["error"]["fields"]) == [field]


def test_a_call_can_end_as_solved_by_phone(city, sign_in):
    ending = {"ending": "solved_by_phone"}
    reply = sign_in("call_taker").post("/desk/call", data=CALL | ending, headers=JSON)
    assert reply.status_code == 201
    assert "noted as solved by phone" in reply.json["tell"]
    other = CALL | ending | {"category": "installation"}
    assert sign_in("call_taker").post("/desk/call", data=other, headers=JSON).status_code == 201
    with city.app_context():
        assert [each.state for each in db.session.query(Ticket).order_by(Ticket.id)] == [
            "solved_by_phone",
            "solved_by_phone",
        ]


def test_a_danger_is_never_solved_by_phone(city, sign_in):
    told = {"ending": "solved_by_phone", "answers": '{"electricity": "yes"}'}
    reply = sign_in("call_taker").post("/desk/call", data=CALL | told, headers=JSON)
    assert reply.status_code == 409
    with city.app_context():
        assert db.session.query(Ticket).count() == 0


def test_the_script_of_the_form_knows_questions_dangers_and_cards(city, sign_in):
    page = sign_in("call_taker", language="zh-CN").get("/desk/call").text
    facts = json.loads(re.search(r'id="desk-facts">(.*?)</script>', page)[1])
    assert facts["questions"]["riser"][0]["answers"][0]["danger"] == "electricity"
    assert {each["number"] for each in facts["dangers"]} == {"110", "119", "120"}
    assert facts["cards"]["plumbing"]["steps"]
