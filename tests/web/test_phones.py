"""Does the desk see its crews' phones, add and revoke them, and decide on what they sent?"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from dispatch.access import PHONE_COOKIE
from dispatch.actions.phones import revoke_phone
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.kept_secrets import secret_hash
from dispatch.models.attachments import Attachment
from dispatch.models.base import db
from dispatch.models.field import FieldEntry
from dispatch.models.people import Device
from dispatch.models.tickets import Ticket, TicketEvent
from dispatch.queries.two_values import two_values
from tests.conftest import make_settings
from tests.factories import DESK
from tests.phones import CrewPhone
from tests.photos import sent
from tests.trips import open_burst, send
from tests.visitors import visitor

HERE = "/desk/phones"


@pytest.fixture
def phone(app, now, clock):
    """Return the phone of W1, which is on the way to a burst main."""
    with app.app_context():
        open_burst(now)
        send(1, 1, now)
        return CrewPhone(now, 1)


@pytest.fixture
def held(app, phone, now, clock):
    """Revoke it; two taps come in afterwards."""
    with app.app_context():
        with transaction():
            device = db.session.get_one(Device, phone.device.id)
            revoke_phone(device, "lost in a taxi", actor=DESK, now=now)
        phone.send(phone.tap("acknowledge", at=3), 20)
        phone.send(phone.tap("cannot-complete", at=9, args={"cause": "no_access"}), 20)
    clock.move_to(now + timedelta(minutes=30))
    return phone


def stored(app, model):
    with app.app_context():
        return db.session.query(model).order_by(model.id).all()


def test_a_code_is_shown_once_as_a_picture_and_in_words(app, phone, sign_in):
    answer = sign_in("dispatcher").post(HERE, data={"crew": "2", "name": " Phone  2"})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    code = re.search(r'id="code">([0-9A-Z]{4} [0-9A-Z]{4})<', answer.text)[1]
    assert "Phone 2" in answer.text
    assert "<svg" in answer.text
    assert code not in sign_in("dispatcher").get(HERE).text
    assert "/crew/join" in answer.text


def test_what_is_wrong_about_a_new_phone_is_said_and_nothing_typed_is_lost(phone, sign_in):
    desk = sign_in("dispatcher")
    answer = desk.post(HERE, data={"crew": "1", "name": " "})
    assert (answer.status_code, "Give the phone a name." in answer.text) == (422, True)
    for crew in ("x", "99", "9" * 30, ""):
        answer = desk.post(HERE, data={"crew": crew, "name": "Kept name"})
        assert (answer.status_code, "Kept name" in answer.text) == (404, True)


def test_a_phone_is_revoked_with_a_reason(app, phone, sign_in):
    desk, path = sign_in("dispatcher"), f"{HERE}/{phone.device.id}/revoke"
    assert desk.post(path, data={"reason": " "}).status_code == 422
    assert desk.post(path, data={"reason": "left <b>there</b>"}).location == HERE
    page = desk.get(HERE).text
    assert "left &lt;b&gt;there&lt;/b&gt;" in page
    assert "is revoked" in page
    assert desk.post(path, data={"reason": "again"}).status_code == 409
    assert desk.post(f"{HERE}/99/revoke", data={"reason": "x"}).status_code == 404


def test_held_work_is_taken_over_or_set_aside(app, held, sign_in):
    desk = sign_in("dispatcher")
    page = desk.get(HERE).text
    for words in ("Acknowledged by the crew", "W000001", "This phone was revoked.", "Ann"):
        assert words in page
    first, second = stored(app, FieldEntry)
    path = f"{HERE}/held/{first.id}/take-over"
    assert desk.post(path).location == HERE
    assert stored(app, Ticket)[0].state == "acknowledged"
    assert "at the time of the tap" in desk.get(HERE).text
    assert desk.post(path).status_code == 409
    path = f"{HERE}/held/{second.id}/set-aside"
    assert desk.post(path, data={"reason": ""}).status_code == 422
    assert desk.post(path, data={"reason": "Not ours"}).location == HERE
    assert "Held for you" not in desk.get(HERE).text


def test_all_that_a_phone_sent_is_set_aside_at_once(app, held, sign_in, monkeypatch):
    desk, path = sign_in("dispatcher"), f"{HERE}/{held.device.id}/set-aside"
    assert path in desk.get(HERE).text
    assert "Only the first" not in desk.get(HERE).text
    monkeypatch.setattr("dispatch.queries.phones.held_commands.__defaults__", (1,))
    assert "Only the first 1 are listed here." in desk.get(HERE).text
    assert desk.post(path, data={"reason": " "}).status_code == 422
    assert desk.post(path, data={"reason": "Not ours"}).location == HERE
    page = desk.get(HERE).text
    assert "Set aside: 2." in page
    assert "Held for you" not in page
    assert {each.decision for each in stored(app, FieldEntry)} == {"set_aside"}


def test_what_came_too_late_is_said_to_be_kept(app, held, sign_in):
    with app.app_context(), transaction():
        db.session.query(FieldEntry).order_by(FieldEntry.id).first().kind = "dance"
    desk = sign_in("dispatcher")
    desk.post(f"{HERE}/held/{stored(app, FieldEntry)[0].id}/take-over")
    assert "Its story keeps what the phone sent." in desk.get(HERE).text


def test_each_team_leader_sees_the_own_crews_and_others_see_nothing(held, sign_in):
    near, far = sign_in("team_leader", team_id=1), sign_in("team_leader", team_id=2)
    assert "lost in a taxi" in near.get(HERE).text
    assert "No phone yet" in far.get(HERE).text
    assert far.post(f"{HERE}/{held.device.id}/revoke", data={"reason": "x"}).status_code == 404
    assert "Take it over" not in sign_in("administrator").get(HERE).text
    for role in ("manager", "auditor", "call_taker", "crew"):
        assert sign_in(role).get(HERE).status_code == 403


def test_a_held_photo_is_seen_by_its_desk_and_put_on_its_ticket(app, held, sign_in, tmp_path):
    app.config["SETTINGS"] = make_settings("", tmp_path)
    phone = visitor(app)
    with app.app_context(), transaction():
        device = db.session.get_one(Device, held.device.id)
        device.secret_hash = secret_hash("held")
    phone.set_cookie(PHONE_COOKIE, "held")
    for kind in ("before", "signature"):
        assert sent(phone, "/crew/W000001/photos", kind=kind).status_code == 303
    before, signature = stored(app, FieldEntry)[2:]
    desk, far = sign_in("dispatcher"), sign_in("team_leader", team_id=2)
    administrator = sign_in("administrator")
    path = f"{HERE}/held/{before.id}"
    for words in (f"{path}/thumbnail", "Photo held: Before the work"):
        assert words in desk.get(HERE).text
    for size in ("picture", "thumbnail"):
        shown = desk.get(f"{path}/{size}")
        assert (shown.mimetype, shown.headers["Cache-Control"]) == ("image/jpeg", "no-store")
        assert far.get(f"{path}/{size}").status_code == 404
        assert sign_in("crew", crew_id=1, name=size).get(f"{path}/{size}").status_code == 403
    assert desk.get(f"{path}/huge").status_code == 404
    personal = [desk, administrator]
    assert [each.get(f"{HERE}/held/{signature.id}/picture").status_code for each in personal] == [
        200, 403,
    ]  # fmt: skip
    assert f"/held/{signature.id}/thumbnail" not in administrator.get(HERE).text
    assert desk.post(f"{path}/take-over").location == HERE
    page = desk.get(HERE).text
    assert "The photo is on its ticket" in page
    assert "at the time of the tap" not in page
    assert desk.get(f"{path}/picture").status_code == 404
    with app.app_context():
        assert [each.kind for each in db.session.query(Attachment)] == ["before"]
    listed = desk.get("/api/v1/tickets/W000001/attachments").json["attachments"]
    assert [each["by"] for each in listed] == ["Ann"]


def write_two(app, phone, clock, now, desk) -> int:
    """Let the desk write 3 clamps, and the crew 2 that come late; return their event."""
    asked = {"item": "clamps_150", "crew_id": 1}
    clock.move_to(now + timedelta(minutes=10))
    desk.post("/api/v1/tickets/W000001/parts", json=asked | {"count": 3})
    with app.app_context():
        phone.send(phone.tap("parts", at=5, args={"item": "clamps_150", "count": 2}), 20)
        [event] = [
            row.id for row in db.session.query(TicketEvent) if row.facts.get("other") is not None
        ]
    clock.move_to(now + timedelta(minutes=30))
    return event


def test_two_values_are_side_by_side_and_one_is_chosen_once(app, phone, clock, now, sign_in):
    desk = sign_in("dispatcher")
    event = write_two(app, phone, clock, now, desk)
    page = desk.get(HERE).text
    for words in ("2 × Repair clamp", "3 × Repair clamp", "Keep Ann&#39;s", "counts now"):
        assert words in page
    ours, theirs = page.index("2 × Repair clamp"), page.index("3 × Repair clamp")
    assert ours < theirs < page.index("counts now")
    assert "Only the first" not in page
    path = f"{HERE}/two-values/{event}"
    assert "Keep Ann" not in sign_in("administrator").get(HERE).text
    assert sign_in("administrator").post(path, data={"value": "other"}).status_code == 403
    assert sign_in("team_leader", team_id=2).post(path, data={"value": "other"}).status_code == 404
    assert desk.post(path, data={"value": "other"}).location == HERE
    page = desk.get(HERE).text
    assert "It is chosen, and both values stay in the story." in page
    assert "Two values, one field" not in page
    assert desk.post(path, data={"value": "own"}).status_code == 409
    with app.app_context():
        counts = [
            row.facts["count"]
            for row in db.session.query(TicketEvent).order_by(TicketEvent.id)
            if row.kind == "parts_used"
        ]
    assert counts == [3, 2, 3]


def test_the_list_of_two_values_says_that_there_are_more(
    app, phone, clock, now, sign_in, monkeypatch
):
    desk = sign_in("dispatcher")
    write_two(app, phone, clock, now, desk)
    monkeypatch.setattr(
        "dispatch.web.phones.two_values", lambda scope: (two_values(scope)[0], True)
    )
    page = desk.get(HERE).text
    for words in ("Only the first 1 are listed here.", "1+"):
        assert words in page
