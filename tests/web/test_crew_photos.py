"""Does a crew add photos to its own ticket, with a script and without, and see them there?"""

from __future__ import annotations

import io
import uuid

import pytest

from dispatch.access import PHONE_COOKIE
from dispatch.actions.phones import revoke_phone
from dispatch.actions.unit_of_work import transaction
from dispatch.models.attachments import Attachment
from dispatch.models.base import db
from dispatch.models.field import FieldEntry
from dispatch.models.people import Device
from dispatch.models.tickets import TicketEvent
from tests.conftest import make_settings
from tests.factories import DESK, make_city, make_ticket
from tests.photos import photo_file, sent
from tests.trips import send
from tests.visitors import visitor

PHOTOS = "/crew/W000001/photos"


@pytest.fixture
def crew(app, tmp_path, clock, now, sign_in):
    """Send crew W1 to a burst main and sign it in."""
    app.config["SETTINGS"] = make_settings("", tmp_path)
    with app.app_context():
        with transaction():
            make_city(now)
            make_ticket(now)
        send(1, 1, now)
    return sign_in("crew", crew_id=1, name="W1")


def test_a_form_comes_back_to_the_ticket_that_shows_the_photo(app, crew):
    answer = sent(crew, PHOTOS, kind="before")
    assert (answer.status_code, answer.location) == (303, "/crew/W000001#photos")
    page = crew.get("/crew/W000001").text
    assert "The photo has arrived." in page
    assert page.count("/thumbnail") == 1
    with app.app_context():
        photo = db.session.query(Attachment).one()
        assert (photo.kind, photo.visit_id, photo.actor) == ("before", 1, "W1")


def test_a_refused_photo_is_named_on_the_ticket(crew):
    answer = sent(crew, PHOTOS, b"GIF89a", "clip.gif", kind="after")
    assert answer.status_code == 303
    assert "clip.gif is no photo" in crew.get(answer.location).text


def test_a_script_gets_the_photo_or_the_reason(crew):
    def post(content, **told: str):
        body = {"file": (io.BytesIO(content), "a.jpg"), "kind": "after"} | told
        headers = {"Accept": "application/json"}
        return crew.post(PHOTOS, data=body, content_type="multipart/form-data", headers=headers)

    told = {"lat": "28.15", "lon": "112.95", "accuracy_metres": "6", "taken_at": ""}
    photo = post(photo_file(), **told).json["photo"]
    assert crew.get(photo["thumbnail"]).status_code == 200
    assert post(b"").status_code == 422


def test_another_crew_and_other_roles_are_turned_away(crew, sign_in):
    assert sent(sign_in("crew", crew_id=2), PHOTOS).status_code == 404
    assert sent(sign_in("dispatcher"), PHOTOS).status_code == 403


def test_a_photo_is_of_who_took_it_on_the_crews_own_phone(app, crew, sign_in):
    wang = crew.get("/crew").headers["X-OneVisit-Person"]
    device = crew.post("/api/v1/field/devices", json={"name": "1"}).json
    li = sign_in("crew", crew_id=1, name="Li")
    assert sent(li, PHOTOS, person=wang, kind="before").status_code == 403
    li.set_cookie(PHONE_COOKIE, device["token"])
    assert sent(li, PHOTOS, person=wang, kind="before").status_code == 303
    assert sent(li, PHOTOS, person="999", kind="after").status_code == 403
    with app.app_context():
        photo = db.session.query(Attachment).one()
        added = db.session.query(TicketEvent).filter_by(kind="photo_added").one()
        assert (photo.actor, added.actor, added.device_id) == ("W1", "W1", device["id"])


def test_the_work_order_and_the_suggestions_show_the_photo(crew, sign_in):
    sent(crew, PHOTOS, kind="before")
    desk, auditor = sign_in("dispatcher"), sign_in("auditor")
    page = "/desk/tickets/W000001/work-order"
    assert [browser.get(page).text.count("/thumbnail") for browser in (desk, auditor)] == [1, 1]
    asked = {"category": "burst", "lat": "28.15", "lon": "112.95"}
    [found] = desk.post("/api/v1/duplicates/search", json=asked).json["duplicates"]
    assert f"/{found['photo']}/thumbnail" in desk.get(page).text


@pytest.fixture
def revoked(app, crew, now):
    """Enrol the phone of the crew and revoke it; return a browser that only has its cookie."""
    device = crew.post("/api/v1/field/devices", json={"name": "1"}).json
    with app.app_context(), transaction():
        revoke_phone(db.session.get_one(Device, device["id"]), "lost", actor=DESK, now=now)
    browser = visitor(app)
    browser.set_cookie(PHONE_COOKIE, device["token"])
    return browser


def post(browser, number="W000001", content=None, **told: str):
    body = {"file": (io.BytesIO(content or photo_file()), "a.jpg"), "kind": "before"} | told
    return browser.post(
        f"/crew/{number}/photos",
        data=body,
        content_type="multipart/form-data",
        headers={"Accept": "application/json"},
    )


def test_a_revoked_phone_hands_its_photos_to_the_desk_and_learns_nothing(app, revoked, sign_in):
    name = str(uuid.uuid4())
    answers = [
        post(revoked, number, uuid=name).json["photo"]
        for number in ("W000001", "W000001", "W999999")
    ]
    assert (
        answers == [{"id": name, "held": "This phone was revoked. The desk has what it sent."}] * 3
    )
    there, nowhere = (post(revoked, number) for number in ("W000001", "W999999"))
    assert there.json == nowhere.json
    assert post(revoked, content=b"GIF89a").status_code == 422
    other = post(revoked, content=photo_file(colour="red"), uuid=name)
    assert (other.status_code, other.json["error"]["code"]) == (422, "key_reused")
    with app.app_context():
        assert db.session.query(Attachment).count() == 0
        held = db.session.query(FieldEntry).order_by(FieldEntry.id).all()
        assert [(each.uuid == name, each.told["ticket"]) for each in held] == [
            (True, "W000001"), (False, "W000001"), (False, "W999999"),
        ]  # fmt: skip
    for path in ("/crew", "/crew/W000001", "/api/v1/tickets/W000001", "/desk/phones"):
        assert revoked.get(path).status_code in {302, 303, 401}
    for size in ("picture", "thumbnail"):
        assert revoked.get(f"/desk/phones/held/1/{size}").status_code in {302, 303, 401}
    assert sent(revoked, PHOTOS, kind="before").location == "/crew"
    assert sent(visitor(app), PHOTOS, kind="before").status_code in {302, 303, 401}


@pytest.mark.parametrize("number", ["W1%00", "W1%1F%7F", "%E2%80%A8" * 30, "W1%F0%9F"])
def test_what_names_no_ticket_is_held_in_signs_that_can_be_kept(app, revoked, sign_in, number):
    assert post(revoked, number).status_code == 200
    with app.app_context():
        [held] = db.session.query(FieldEntry).all()
        assert held.ticket_id is None
        assert "\ufffd" in held.told["ticket"]
    assert sign_in("dispatcher").get("/desk/phones").status_code == 200


def files(folder):
    return sorted((folder / "photos").rglob("*.jpg"))


def test_a_photo_that_is_refused_leaves_no_file_unless_another_one_needs_it(
    app, revoked, monkeypatch, tmp_path
):
    """Two that are sent at once both pass the first look for room."""
    monkeypatch.setattr("dispatch.web.crew_photos.check_room_for_photo", lambda _device_id: None)
    monkeypatch.setattr("dispatch.actions.held_photos.MOST_HELD_PHOTOS", 1)
    assert post(revoked).status_code == 200
    kept = files(tmp_path)
    for content in (None, photo_file(colour="red")):
        assert post(revoked, content=content).status_code == 429
        assert files(tmp_path) == kept


def test_a_revoked_phone_keeps_what_the_desk_cannot_look_through(revoked, monkeypatch):
    monkeypatch.setattr("dispatch.actions.held_photos.MOST_HELD_PHOTOS", 1)
    name = str(uuid.uuid4())
    assert post(revoked, uuid=name).status_code == 200
    monkeypatch.setattr("dispatch.web.crew_photos.prepare", None)
    assert post(revoked).status_code == 429
    assert post(revoked, uuid=name).status_code == 200
