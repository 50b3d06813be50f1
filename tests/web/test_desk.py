"""Who may look at the desk, and does a call become one ticket, also without scripts?"""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.people import Crew, User
from dispatch.models.places import Household
from dispatch.models.tickets import Report, Ticket
from tests.factories import make_city

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from tests.visitors import Visitor

CALL = {"category": "burst", "address": "Wuyi Road 12", "lat": "28.15", "lon": "112.95"}
KEY = "0190f1de-0000-7000-8000-000000000001"
JSON = {"Accept": "application/json"}


@pytest.fixture
def city(app: Flask, clock: object, now: datetime) -> Flask:
    with app.app_context(), transaction():
        make_city(now)
        db.session.add(Household(account="H-1", name="Chen", address="Furong Road 8"))
    return app


def counts(app: Flask) -> tuple[int, int]:
    with app.app_context():
        return db.session.query(Ticket).count(), db.session.query(Report).count()


def facts_of(page: str) -> dict[str, object]:
    return json.loads(re.search(r'id="desk-facts">(.*?)</script>', page)[1])


def test_a_stranger_is_sent_to_sign_in(client: Visitor):
    assert client.get("/desk").status_code == 302
    assert client.get("/desk/call").status_code == 302
    assert client.post("/desk/call", data=CALL).status_code == 302


@pytest.mark.parametrize("role", ["dispatcher", "call_taker", "manager", "auditor"])
def test_whoever_sees_tickets_may_look_at_the_desk(sign_in: Callable[..., Visitor], role: str):
    page = sign_in(role).get("/desk")
    assert page.status_code == 200
    can = facts_of(page.text)["can"]
    assert ("dispatch" in can) == (role == "dispatcher")
    assert ('id="take-call"' in page.text) == (role in {"dispatcher", "call_taker"})


def test_only_who_takes_calls_gets_the_form(sign_in: Callable[..., Visitor]):
    assert sign_in("manager").get("/desk/call").status_code == 403
    assert sign_in("manager").post("/desk/call", data=CALL).status_code == 403
    assert sign_in("manager").get("/desk/arrival?lat=1&lon=1").status_code == 403


def test_the_desk_knows_names_and_steps_before_it_asks(sign_in: Callable[..., Visitor]):
    facts = facts_of(sign_in("dispatcher").get("/desk").text)
    assert facts["states"]["en_route"] == "on the way"
    assert "on_hold" in facts["follows"]["accepted"]
    assert {"key": "burst", "level": 1, "name": "Burst main"} in facts["categories"]
    assert facts["map"]["url"] == ""


@pytest.mark.parametrize(("center", "is_chosen"), [(None, False), ("42.3,-71.1,11", True)])
def test_the_map_begins_where_the_installation_says_if_it_says(app, sign_in, center, is_chosen):
    if center:
        app.config["SETTINGS"] = dataclasses.replace(app.config["SETTINGS"], map_center=center)
    assert facts_of(sign_in("dispatcher").get("/desk").text)["map"]["isChosen"] is is_chosen


def test_a_draft_is_kept_for_the_one_who_typed_it(sign_in: Callable[..., Visitor]):
    users = [facts_of(sign_in("call_taker").get("/desk/call").text)["user"] for _ in range(2)]
    assert None not in users
    assert users[0] != users[1]


def test_a_call_becomes_a_ticket_in_its_grid(city: Flask, sign_in: Callable[..., Visitor]):
    desk = sign_in("call_taker")
    answer = desk.post("/desk/call", data=CALL | {"phone": "13800005678", "name": "Chen"})
    assert answer.status_code == 302
    assert answer.location == "/desk?ticket=W000001"
    assert "the number is W000001; we promise a crew by" in desk.get(answer.location).text
    with city.app_context():
        ticket, report = db.session.get(Ticket, 1), db.session.get(Report, 1)
        assert (ticket.state, ticket.level, ticket.place_source) == ("accepted", 1, "pin")
        assert (report.phone, report.channel) == ("13800005678", "hotline")


@pytest.mark.parametrize("base", [(28.15, 112.95), (28.45, 113.25)])
def test_the_caller_is_told_when_the_crew_will_be_later_than_promised(
    city: Flask, sign_in: Callable[..., Visitor], base: tuple[float, float]
):
    with city.app_context(), transaction():
        for crew in db.session.query(Crew):
            crew.base_lat, crew.base_lon = base
    desk = sign_in("call_taker")
    body = CALL | {"request_key": KEY}
    said = desk.post("/desk/call", data=body, headers=JSON).json["tell"]
    if base == (28.15, 112.95):
        assert said.endswith("we promise a crew by 18:00.")
        return
    assert said.endswith("we promised a crew by 18:00, but expect it only at 19:18.")
    assert desk.post("/desk/call", data=body, headers=JSON).json["tell"] == said


def test_a_call_keeps_its_own_datum_level_and_household(
    city: Flask, sign_in: Callable[..., Visitor]
):
    given = CALL | {"datum": "gcj02", "level": "3", "household": "H-1", "source": "account"}
    assert sign_in("call_taker").post("/desk/call", data=given).status_code == 302
    with city.app_context():
        ticket = db.session.get(Ticket, 1)
        assert (ticket.given_datum, ticket.level, ticket.household_id) == ("gcj02", 3, 1)
        assert ticket.lat != ticket.given_lat


def test_a_call_without_a_promise_to_arrive_gets_its_number(
    city: Flask, sign_in: Callable[..., Visitor]
):
    answer = sign_in("call_taker").post(
        "/desk/call", data=CALL | {"category": "advice"}, headers=JSON
    )
    assert answer.json["tell"] == "Tell the caller: the number is W000001."


def test_the_same_key_saves_one_ticket(city: Flask, sign_in: Callable[..., Visitor]):
    desk = sign_in("call_taker")
    body = CALL | {"request_key": KEY}
    first = desk.post("/desk/call", data=body, headers=JSON)
    again = desk.post("/desk/call", data=body, headers=JSON)
    assert first.status_code == again.status_code == 201
    assert first.json == again.json
    assert counts(city) == (1, 1)


def test_the_same_key_with_other_words_is_refused(city: Flask, sign_in: Callable[..., Visitor]):
    desk = sign_in("call_taker")
    desk.post("/desk/call", data=CALL | {"request_key": KEY})
    other = desk.post("/desk/call", data=CALL | {"request_key": KEY, "address": "Else"})
    assert other.status_code == 422
    assert counts(city) == (1, 1)


def test_a_caller_joins_a_ticket_that_is_there(city: Flask, sign_in: Callable[..., Visitor]):
    desk = sign_in("call_taker")
    desk.post("/desk/call", data=CALL)
    joined = desk.post("/desk/call", data=CALL | {"attach_to": "W000001"}, headers=JSON)
    assert joined.status_code == 200
    assert joined.json["joined"] is True
    assert "we know of it already, as W000001" in joined.json["tell"]
    assert counts(city) == (1, 2)


def test_a_likely_twin_that_nobody_saw_is_asked_about_once(
    city: Flask, sign_in: Callable[..., Visitor]
):
    desk = sign_in("call_taker")
    desk.post("/desk/call", data=CALL)
    body = CALL | {"request_key": KEY}
    asked = desk.post("/desk/call", data=body, headers=JSON)
    assert asked.status_code == 409
    assert "Perhaps this is W000001 already" in asked.json["error"]["message"]
    (likely,) = asked.json["error"]["facts"]["likely"]
    assert likely["number"] == "W000001"
    assert all(isinstance(reason, str) for reason in likely["reasons"])
    assert datetime.fromisoformat(likely["arrive_due_at"]).tzinfo is not None
    assert counts(city) == (1, 1)
    first = desk.post("/desk/call", data=body | {"checked": "1"}, headers=JSON)
    again = desk.post("/desk/call", data=body, headers=JSON)
    assert (first.status_code, first.json) == (again.status_code, again.json)
    assert first.json["number"] == "W000002"
    assert counts(city) == (2, 2)


@pytest.mark.parametrize(("choice", "saved"), [("W000001", (1, 2)), ("new", (2, 2))])
def test_without_scripts_the_page_asks_about_a_likely_twin(
    city: Flask, sign_in: Callable[..., Visitor], choice: str, saved: tuple[int, int]
):
    desk = sign_in("call_taker")
    desk.post("/desk/call", data=CALL)
    page = desk.post("/desk/call", data=CALL)
    assert page.status_code == 409
    assert f'name="choice" value="{choice}"' in page.text
    assert desk.post("/desk/call", data=CALL | {"choice": choice}).status_code == 302
    assert counts(city) == saved


def test_a_call_without_a_point_is_asked_about_only_at_the_same_address(
    city: Flask, sign_in: Callable[..., Visitor]
):
    desk = sign_in("call_taker")
    for number, status in ((12, 302), (13, 302), (12, 409)):
        told = desk.post("/desk/call", data={"category": "burst", "address": f"Wuyi Road {number}"})
        assert told.status_code == status
    assert counts(city) == (2, 2)


def test_a_caller_who_was_attached_gets_an_own_ticket_once(
    city: Flask, sign_in: Callable[..., Visitor]
):
    desk = sign_in("call_taker")
    desk.post("/desk/call", data=CALL)
    body = CALL | {"attach_to": "W000001", "request_key": KEY}
    joined = desk.post("/desk/call", data=body, headers=JSON)
    assert set(joined.json["words"]) == {"en", "zh-CN"}
    undo = body | {"report": str(joined.json["report"]), "description": "in the cellar"}
    first = desk.post("/desk/call/separate", data=undo, headers=JSON)
    assert (first.status_code, first.json["number"]) == (201, "W000002")
    assert "the number is W000002" in first.json["tell"]
    again = desk.post("/desk/call/separate", data=undo, headers=JSON)
    assert again.json == first.json
    assert counts(city) == (2, 2)
    gone = desk.post("/desk/call/separate", data=undo | {"request_key": "k" * 32}, headers=JSON)
    assert gone.status_code == 404
    for wrong in ("", "x", "9" * 30):
        answer = desk.post("/desk/call/separate", data=undo | {"report": wrong, "request_key": ""})
        assert answer.status_code == 404
    assert sign_in("manager").post("/desk/call/separate", data=undo).status_code == 403


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"category": "none"}, "category"),
        ({"lat": "north"}, "lat"),
        ({"lon": ""}, "lon"),
        ({"lat": "95"}, "lat"),
        ({"lat": "nan"}, "lat"),
        ({"datum": "mars"}, "datum"),
        ({"level": "9"}, "level"),
        ({"level": "high"}, "level"),
        ({"level": "9" * 5_000}, "level"),
        ({"phone": "call me"}, "phone"),
        ({"phone": "1" * 65}, "phone"),
        ({"name": "x" * 101}, "name"),
        ({"source": "x" * 65}, "source"),
        ({"description": "a\0b"}, "description"),
        ({"household": "H-9"}, "household"),
        ({"address": "", "lat": "", "lon": ""}, "place"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_saved(
    city: Flask, sign_in: Callable[..., Visitor], wrong: dict[str, str], field: str
):
    desk = sign_in("call_taker")
    answer = desk.post("/desk/call", data=CALL | wrong, headers=JSON)
    assert answer.status_code == 422
    assert field in answer.json["error"]["fields"]
    page = desk.post("/desk/call", data=CALL | wrong)
    assert page.status_code == 422
    assert 'data-tone="danger"' in page.text
    assert counts(city) == (0, 0)


def test_a_refused_form_keeps_what_was_typed(city: Flask, sign_in: Callable[..., Visitor]):
    page = sign_in("call_taker").post(
        "/desk/call", data=CALL | {"lat": "north", "description": "<b>wet</b>"}
    )
    assert 'value="Wuyi Road 12"' in page.text
    assert "&lt;b&gt;wet&lt;/b&gt;" in page.text


def test_an_unknown_ticket_to_join_is_not_found(city: Flask, sign_in: Callable[..., Visitor]):
    answer = sign_in("call_taker").post("/desk/call", data=CALL | {"attach_to": "W000099"})
    assert answer.status_code == 404
    assert counts(city) == (0, 0)


def test_the_arrival_is_told_before_anything_is_saved(city: Flask, sign_in: Callable[..., Visitor]):
    desk = sign_in("call_taker")
    found = desk.get("/desk/arrival?lat=28.15&lon=112.95&category=burst").json
    assert found["crew"] in {"W1", "W2"}
    assert found["arrives_at"] < found["arrive_due_at"]
    assert counts(city) == (0, 0)


def test_an_arrival_needs_a_place_and_a_category(city: Flask, sign_in: Callable[..., Visitor]):
    desk = sign_in("call_taker")
    assert desk.get("/desk/arrival?category=burst", headers=JSON).status_code == 422
    assert desk.get("/desk/arrival?lat=28.15&lon=112.95", headers=JSON).status_code == 422
    place = "/desk/arrival?lat=28.15&lon=112.95&category=burst"
    for level in ("9" * 5_000, "0", "high"):
        answer = desk.get(f"{place}&level={level}", headers=JSON)
        assert list(answer.json["error"]["fields"]) == ["level"]


def test_a_key_that_is_none_of_ours_is_not_stored(city: Flask, sign_in: Callable[..., Visitor]):
    desk = sign_in("call_taker")
    for _ in range(2):
        body = CALL | {"request_key": "a\0b", "checked": "1"}
        assert desk.post("/desk/call", data=body).status_code == 302
    assert counts(city) == (2, 2)


def test_the_names_of_people_are_not_in_the_page(city: Flask, sign_in: Callable[..., Visitor]):
    page = sign_in("dispatcher").get("/desk").text
    with city.app_context():
        names = [user.sign_in_name for user in db.session.query(User)]
    assert "Chen" not in page
    assert all(f'"{name}"' not in page for name in names)


def test_a_call_may_be_a_request_and_the_caller_hears_its_first_day(city, sign_in):
    desk = sign_in("call_taker")
    assert 'value="installation"' in desk.get("/desk/call").text
    asked = CALL | {"category": "installation", "kind": "installation", "request_key": KEY}
    page = desk.post("/desk/call", data=asked, follow_redirects=True)
    assert "“Acceptance of the request” will be done by" in page.text
    assert "(1 working day" in page.text
    with city.app_context():
        assert db.session.query(Ticket).one().kind == "installation"
    wrong = desk.post("/desk/call", data=CALL | {"kind": "party"})
    assert wrong.status_code == 422
