"""Is an interruption written, seen, published, extended and ended on the pages of the desk?"""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.notices import NoticeRow
from dispatch.models.tickets import Report, Ticket
from tests.factories import make_city, make_household, make_ticket
from tests.notices import announce

PATH = "/desk/notices"
FORM = {
    "kind": "burst",
    "categories": ["no_water", "low_pressure"],
    "grids": ["West"],
    "area": "Furong <Road>",
    "area_zh": "芙蓉路",
    "text": "A main has burst.",
    "text_zh": "主管爆裂",
    "ticket": "W1",
}
CALL = {"category": "no_water", "address": "Furong Road 8", "lat": "28.15", "lon": "112.95"}

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def city(app, now):
    with app.app_context(), transaction():
        make_city(now)
        make_household()
        make_ticket(now)


@pytest.fixture
def desk(city, sign_in):
    return sign_in("dispatcher")


def form(now, **more: Any):
    hours = {"begins_at": now.replace(hour=0), "ends_at": now.replace(hour=23, minute=0)}
    times = {name: at.strftime("%Y-%m-%dT%H:%M:%S+00:00") for name, at in hours.items()}
    return FORM | times | {"key": str(uuid.uuid4())} | more


def one(app):
    with app.app_context():
        row = db.session.query(NoticeRow).one()
        return row.version, row.published_at, row.ended_at, row.ends_at


def test_a_draft_is_kept_once_counted_and_published(app, desk, now):
    told = form(now)
    for _ in range(2):
        answer = desk.post(PATH, data=told)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{PATH}/1")
    page = desk.get(f"{PATH}/1").text
    assert "Furong &lt;Road&gt;" in page
    assert 'Open tickets in the area <b class="number">1</b>' in page
    assert 'Households in the area <b class="number">1</b>' in page
    assert desk.get("/notices").text.count("Furong") == 0
    published = desk.post(f"{PATH}/1/publish", data={"version": "1"})
    assert published.status_code == 303
    assert "Furong &lt;Road&gt;" in desk.get("/notices").text
    assert "in force" in desk.get(PATH).text


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(app, desk, now):
    answer = desk.post(PATH, data=form(now, grids=[], ends_at="tomorrow"))
    assert answer.status_code == 422
    assert "This is no date with a time of day." in answer.text
    assert "Furong &lt;Road&gt;" in answer.text
    assert desk.post(PATH, data=form(now, outline="{", grids=[])).status_code == 422
    assert "choose grids, or draw the area" in desk.post(PATH, data=form(now, grids=[])).text


def test_it_is_changed_extended_and_ended_as_it_was_seen(app, desk, now):
    desk.post(PATH, data=form(now, text=""))
    refused = desk.post(f"{PATH}/1/publish", data={"version": "1"})
    assert refused.status_code == 422
    assert "in both languages" in refused.text
    assert 'value="W000001"' in desk.get(f"{PATH}/1/edit").text
    corner = {"type": "Polygon", "coordinates": [[[113, 28], [113.1, 28], [113, 28.1], [113, 28]]]}
    changed = form(now, version="1", outline=json.dumps(corner))
    assert desk.post(f"{PATH}/1", data=changed).status_code == 303
    assert desk.post(f"{PATH}/1", data=changed).status_code == 409
    assert desk.post(f"{PATH}/1/publish", data={"version": "2"}).status_code == 303
    later = now.replace(hour=23, minute=30).isoformat()
    extended = desk.post(f"{PATH}/1/extend", data={"version": "3", "ends_at": later, "reason": "x"})
    assert extended.status_code == 303
    assert desk.post(f"{PATH}/1/extend", data={"version": "4", "ends_at": later}).status_code == 422
    assert desk.post(f"{PATH}/1/end", data={"version": "none"}).status_code == 409
    assert desk.post(f"{PATH}/1/end", data={"version": "4"}).status_code == 303
    assert one(app)[2] == now
    page = desk.get(f"{PATH}/1").text
    assert "ended early" in page
    assert "End it now" not in page
    assert "Take the end back" in page
    assert desk.post(f"{PATH}/1/resume", data={"version": "5"}).status_code == 303
    page = desk.get(f"{PATH}/1").text
    assert one(app)[2] is None
    assert "end taken back" in page
    assert "Take the end back" not in page


def test_one_for_a_burst_begins_with_its_ticket(desk):
    page = desk.get(f"{PATH}/new?ticket=W1").text
    assert 'value="W1"' in page
    assert '<option value="burst" selected>' in page
    assert desk.get(f"{PATH}/new").status_code == 200
    assert desk.get(f"{PATH}/new?ticket=W77").status_code == 404
    assert desk.get(f"{PATH}/77").status_code == 404


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [("call_taker", 200, 403), ("auditor", 200, 403), ("manager", 200, 200), ("crew", 403, 403)],
)
def test_who_reads_and_who_writes(city, sign_in, role, reads, writes):
    person = sign_in(role)
    assert person.get(PATH).status_code == reads
    assert person.get(f"{PATH}/new").status_code == writes


def test_everybody_reads_and_asks_again_for_nothing_new(app, city, client, now):
    first = client.get("/notices")
    assert "No interruption is announced" in first.text
    again = {"If-None-Match": first.headers["ETag"]}
    assert client.get("/notices", headers=again).status_code == 304
    with app.app_context(), transaction():
        announce(now, ticket="W1")
    told = client.get("/notices", headers=again)
    assert told.status_code == 200
    assert "W000001" not in told.text


def call(desk, **more: Any):
    told = CALL | {"request_key": str(uuid.uuid4()), "checked": "1"} | more
    return desk.post("/desk/call", data=told, headers={"Accept": "application/json"})


def undo(desk, reply, **more: Any):
    told = CALL | {"request_key": str(uuid.uuid4()), "attach_to": reply["number"]} | more
    told["report"] = str(reply["report"])
    return desk.post("/desk/call/separate", data=told, headers={"Accept": "application/json"})


def test_a_call_is_attached_by_the_notice_and_taken_off_again(app, desk, now):
    with app.app_context(), transaction():
        announce(now, ticket="W1")
    reply = call(desk, notice="1").json
    assert (reply["number"], reply["joined"]) == ("W000001", True)
    assert "known interruption in Furong Road" in reply["tell"]
    own = undo(desk, reply).json
    assert (own["number"], own["joined"]) == ("W000002", False)


def test_a_call_is_noted_as_answered_and_goes_on_after_all(app, desk, now):
    with app.app_context(), transaction():
        announce(now)
    reply = call(desk, notice="1").json
    assert (reply["number"], reply["joined"], reply["answered"]) == ("W000002", False, True)
    assert "Nobody needs to come." in reply["tell"]
    assert undo(desk, reply).json["number"] == "W000002"
    with app.app_context():
        assert db.session.get_one(Ticket, 2).state == "accepted"
        assert {row.notice_id for row in db.session.query(Report)} == {None}


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"notice": "x"}, 404),
        ({"notice": "9" * 19}, 404),
        ({"notice": "7"}, 404),
        ({"notice": "1", "description": "the fuse box is wet"}, 409),
        ({"notice": "1", "category": "bill"}, 409),
    ],
)
def test_no_call_is_answered_by_what_does_not_explain_it(app, desk, now, more, status):
    with app.app_context(), transaction():
        announce(now)
    assert call(desk, **more).status_code == status


REPORT = {"category": "no_water", "address": "Furong Road 8", "lat": "28.15", "lon": "112.95"}


def report(client, **more: Any):
    told = REPORT | {"key": str(uuid.uuid4())} | more
    return client.post("/report", data=told)


def test_a_report_of_a_resident_joins_and_the_page_says_until_when(app, city, client, now):
    with app.app_context(), transaction():
        announce(now, ticket="W1")
    page = client.get(report(client).headers["Location"]).text
    assert "Your place is in a known interruption" in page
    assert "W000001" in page
    assert "A main has burst. Water comes back" in page


def test_a_danger_and_another_fault_of_a_resident_get_a_ticket_of_their_own(app, city, client, now):
    with app.app_context(), transaction():
        announce(now, ticket="W1")
    danger = report(client, description="sparks from the fuse box", decision="new")
    insisted = report(client, decision="new")
    for answer in (danger, insisted):
        assert "known interruption" not in client.get(answer.headers["Location"]).text
    with app.app_context():
        assert db.session.query(Ticket).count() == 3
