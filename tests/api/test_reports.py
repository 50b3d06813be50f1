"""Does a report become one ticket, whoever sends it and however often?"""

from __future__ import annotations

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.places import Household
from dispatch.models.tickets import Report, Ticket
from tests.factories import make_grid, make_team

BURST = {
    "category": "burst",
    "description": "Water runs over the road",
    "place": {"lat": 28.15, "lon": 112.95, "datum": "wgs84"},
    "reporter": {"name": "Wang Fang", "phone": "13812345678"},
}


@pytest.fixture
def city(app, now):
    with app.app_context(), transaction():
        make_grid(team=make_team(), now=now)
        db.session.add(
            Household(account="A-1", address="Wuyi Road 12", name="Li", phone="13900001111")
        )


def stored(app, table=Ticket):
    with app.app_context():
        return db.session.query(table).all()


@pytest.mark.usefixtures("city")
def test_a_call_taker_opens_a_ticket(app, sign_in):
    asked = BURST | {"channel": "phone", "level": 2, "household": "A-1", "pipe_mm": 300}
    answer = sign_in("call_taker").post("/api/v1/reports", json=asked)
    assert answer.status_code == 201, answer.json
    ticket = answer.json["ticket"]
    assert ticket["number"] == "W000001"
    assert (ticket["state"], ticket["state_name"], ticket["level"]) == ("accepted", "accepted", 2)
    assert ticket["grid"] == {"name": "West", "name_zh": None}
    assert ticket["team"] == {"id": 1, "name": "West Team", "name_zh": None}
    assert ticket["household"] == {
        "account": "A-1",
        "name": "L**",
        "address": "Wuyi Road 12",
        "vulnerable": False,
    }
    assert ticket["crew"] is None
    assert ticket["visits"] == []
    assert ticket["next_clock"]["kind"] == "dispatch"
    assert answer.headers["ETag"] == f'"{ticket["version"]}"'
    [report] = stored(app, Report)
    assert (report.phone, report.channel, report.verified) == ("13812345678", "phone", True)
    assert answer.json["report"]["id"] == report.id
    assert answer.json["report"]["track_url"].endswith(f"/t/{report.token}")


@pytest.mark.usefixtures("city")
def test_a_new_ticket_reads_the_same_afterwards(sign_in):
    desk = sign_in("dispatcher")
    made = desk.post("/api/v1/reports", json=BURST).json["ticket"]
    read = desk.get(f"/api/v1/tickets/{made['number']}").json["ticket"]
    assert made == read


@pytest.mark.usefixtures("city")
def test_a_resident_sees_nothing_internal(app, client):
    answer = client.post("/api/v1/reports", json=BURST, headers={"Accept-Language": "zh-CN"})
    assert answer.status_code == 201, answer.json
    assert set(answer.json["ticket"]) == {
        "number", "state", "state_name", "category", "category_name", "description", "address",
        "received_at", "arrive_due_at",
    }  # fmt: skip
    [report] = stored(app, Report)
    assert (report.verified, report.channel, report.language) == (False, "web", "zh-CN")


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize(
    ("field", "value"), [("channel", "phone"), ("level", 1), ("household", "A-1")]
)
def test_only_the_desk_may_say_more(app, client, sign_in, field, value):
    for visitor in (client, sign_in("manager")):
        answer = visitor.post("/api/v1/reports", json=BURST | {field: value})
        assert answer.status_code == 403
        assert list(answer.json["error"]["fields"]) == [field]
    assert stored(app) == []


def test_an_address_alone_waits_to_be_placed(client, app):
    answer = client.post("/api/v1/reports", json={"category": "leak", "address": "Wuyi Road 12"})
    assert answer.status_code == 201
    assert stored(app)[0].place_standing == "not_located"


def test_the_same_key_gives_the_same_answer(app, client):
    asked = {"category": "leak", "address": "Wuyi Road 12"}
    key = {"Idempotency-Key": "5f0c6f0e-7a9c-4e7f-9a56-0c5c2f3f4a10"}
    first = client.post("/api/v1/reports", json=asked, headers=key)
    again = client.post("/api/v1/reports", json=asked, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    other = client.post("/api/v1/reports", json=asked | {"address": "Elsewhere"}, headers=key)
    assert other.status_code == 422
    assert other.json["error"]["code"] == "key_reused"
    assert len(stored(app)) == 1


def test_a_key_belongs_to_its_sender(app, client, sign_in):
    asked = {"category": "leak", "address": "Wuyi Road 12"}
    key = {"Idempotency-Key": "the-same"}
    senders = (client, sign_in("call_taker"), sign_in("call_taker"))
    tokens = {
        s.post("/api/v1/reports", json=asked, headers=key).json["report"]["token"] for s in senders
    }
    assert len(tokens) == 3
    assert len(stored(app)) == 3


def test_a_bearer_token_needs_no_form_token(sign_in):
    program = sign_in("api_client")
    program.carries_token = False
    asked = {"category": "leak", "address": "Wuyi Road 12", "channel": "open311"}
    answer = program.post("/api/v1/reports", json=asked, headers=program.bearer)
    assert answer.status_code == 201
    assert "version" in answer.json["ticket"]


def test_a_session_of_a_browser_needs_the_form_token(app, sign_in):
    desk = sign_in("call_taker")
    desk.carries_token = False
    asked = {"category": "leak", "address": "Wuyi Road 12"}
    # A browser also sends the name and password of an address such as http://name:word@host.
    for headers in ({}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer "}):
        answer = desk.post("/api/v1/reports", json=asked, headers=headers)
        assert answer.status_code == 400
    assert stored(app) == []


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"category": "leak", "kind": "installation"}, "kind"),
        ({"category": "burst", "kind": "enquiry"}, "kind"),
        ({"reporter": {"phone": "12"}}, "reporter.phone"),
    ],
)
def test_a_report_that_nobody_could_act_on_is_refused(sign_in, wrong, field):
    answer = sign_in("dispatcher").post("/api/v1/reports", json=BURST | wrong)
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, [field])


@pytest.mark.usefixtures("city")
def test_a_program_opens_a_request_and_reads_when_each_step_is_expected(sign_in):
    desk = sign_in("dispatcher")
    asked = BURST | {"category": "installation", "kind": "installation"}
    answer = desk.post("/api/v1/reports", json=asked)
    assert answer.status_code == 201, answer.json
    ticket = answer.json["ticket"]
    assert (ticket["kind"], ticket["arrive_due_at"], ticket["open_tasks"]) == (
        "installation",
        None,
        6,
    )
    tasks = desk.get(f"/api/v1/tickets/{ticket['number']}/tasks").json["tasks"]
    expected = [task["expected_at"] for task in tasks]
    assert expected[0] == tasks[0]["due_at"]
    assert expected[:3] == sorted(expected[:3])
    assert expected[3:] == [None] * 3
    assert tasks[1]["promise"].startswith("2 working days")


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize(("role", "kind", "status"), [(None, "enquiry", 403), ("x", "party", 422)])
def test_a_kind_is_chosen_by_the_desk_and_from_the_list(client, sign_in, role, kind, status):
    sender = sign_in("call_taker") if role else client
    answer = sender.post("/api/v1/reports", json=BURST | {"kind": kind})
    assert answer.status_code == status
    assert "kind" in answer.json["error"]["fields"]
