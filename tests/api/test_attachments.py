"""Are photos taken once, kept whole, shown to whom they may be, and removed for good?"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.people import SettingsEvent
from dispatch.models.tickets import TicketEvent
from tests.conftest import close_connections, make_settings
from tests.factories import make_city, make_ticket
from tests.photos import camera_exif, photo_file, sent
from tests.trips import send

if TYPE_CHECKING:
    from pathlib import Path

PHOTOS = "/api/v1/tickets/W000001/attachments"
KEY = "6f1f6c1e-0f0e-4a53-9d55-0f3b8f5f1c1d"


@pytest.fixture
def folder(app, tmp_path) -> Path:
    """Give the application a data folder of its own."""
    app.config["SETTINGS"] = make_settings("", tmp_path)
    return tmp_path / "photos"


@pytest.fixture
def ticket(app, folder, clock, now):
    with app.app_context():
        with transaction():
            make_city(now)
            made = make_ticket(now).ticket.id
        send(made, 1, now)
    return made


@pytest.fixture
def desk(ticket, sign_in):
    return sign_in("dispatcher", name="Li Na")


def files(folder):
    return sorted(each.name for each in folder.rglob("*.jpg"))


def test_a_photo_is_taken_listed_and_sent_back_without_what_the_camera_wrote(desk, folder, now):
    answer = sent(desk, PHOTOS, photo_file(400, 300, exif=camera_exif()), kind="before")
    assert answer.status_code == 201
    [photo] = desk.get(PHOTOS).json["attachments"]
    assert answer.json["attachment"]["id"] == photo["id"]
    assert (photo["kind_name"], photo["by"], photo["role"]) == (
        "Before the work", "Li Na", "dispatcher",
    )  # fmt: skip
    assert (photo["width"], photo["height"], photo["taken_at"]) == (
        400, 300, "2026-03-02T09:00:00+00:00",
    )  # fmt: skip
    assert (photo["lat"], photo["accuracy_metres"]) == (pytest.approx(28.15), 8.0)
    assert photo["received_at"] == now.isoformat()
    assert files(folder) == [f"{photo['sha256']}.{size}.jpg" for size in ("picture", "thumbnail")]
    thumbnail = desk.get(f"{PHOTOS}/{photo['id']}/thumbnail")
    assert Image.open(io.BytesIO(thumbnail.data)).size == (320, 240)
    assert b"SecretMaker" not in desk.get(f"{PHOTOS}/{photo['id']}/picture").data
    assert desk.get(f"{PHOTOS}/{photo['id']}/original").status_code == 404


def test_a_picture_is_never_a_page_and_may_be_kept(desk):
    photo = sent(desk, PHOTOS, name="<script>.jpg").json["attachment"]
    picture = f"{PHOTOS}/{photo['id']}/picture?v={photo['sha256']}"
    answer = desk.get(picture, headers={"Accept": "text/html"})
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; sandbox")
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    etag = {"If-None-Match": answer.headers["ETag"]}
    assert desk.get(f"{PHOTOS}/{photo['id']}/picture", headers=etag).status_code == 304
    assert "<" not in photo["name"]


def test_what_the_telephone_tells_stands_over_what_the_camera_wrote(desk, now):
    told = {"taken_at": "2026-03-02T09:20:00+00:00", "lat": "28.2", "lon": "112.9"}
    photo = sent(desk, PHOTOS, photo_file(exif=camera_exif()), **told).json["attachment"]
    assert photo["taken_at"] == told["taken_at"]
    assert (photo["lat"], photo["lon"], photo["accuracy_metres"]) == (28.2, 112.9, None)


@pytest.mark.parametrize("named", [{"uuid": KEY}, {}])
def test_the_same_photo_sent_again_is_one(desk, named, folder):
    headers = {"Idempotency-Key": "any words"}

    def send_it(colour):
        body = {"file": (io.BytesIO(photo_file(colour=colour)), "a.jpg")} | named
        return desk.post(PHOTOS, data=body, content_type="multipart/form-data", headers=headers)

    first, again, other = send_it("red"), send_it("red"), send_it("green")
    assert first.json["attachment"]["id"] == again.json["attachment"]["id"]
    assert (other.status_code, other.json["error"]["code"]) == (422, "key_reused")
    assert len(desk.get(PHOTOS).json["attachments"]) == 1


def test_a_wrong_file_is_named_and_leaves_nothing(desk, folder):
    for content, name, words in (
        (b"<html>", "page.jpg", "page.jpg is no photo"),
        (photo_file()[:99], "half.jpg", "half.jpg is damaged"),
        (b"", "none.jpg", "none.jpg is empty"),
    ):
        answer = sent(desk, PHOTOS, content, name)
        assert answer.status_code == 422
        assert words in answer.json["error"]["fields"]["file"]
    assert desk.post(PHOTOS, data={}).status_code == 422
    for told in ({"uuid": "x"}, {"lat": "95", "lon": "1"}, {"kind": "x"}, {"taken_at": "noon"}):
        assert sent(desk, PHOTOS, **told).status_code == 422
    assert files(folder) == []
    assert desk.get(PHOTOS).json["attachments"] == []


def test_a_photo_of_40_mb_is_named_with_what_is_taken_and_leaves_nothing(desk, folder):
    huge = io.BytesIO(photo_file() + bytes(40 * 1024 * 1024))
    border, body = encode_multipart({"file": FileStorage(huge, "huge.jpg")})
    form = f"multipart/form-data; boundary={border}"
    answer = desk.post(PHOTOS, data=body, content_type=form)
    assert answer.status_code == 422
    told = answer.json["error"]["fields"]["file"]
    assert ("huge.jpg" in told, "40" in told, "15" in told) == (True, True, True), told
    assert files(folder) == []
    assert desk.get(PHOTOS).json["attachments"] == []


def test_a_body_may_be_larger_than_a_photo_and_not_much_larger(desk):
    for megabytes, status in ((42, 400), (43, 413)):
        size = {"CONTENT_LENGTH": str(megabytes * 1024 * 1024)}
        answer = desk.post(
            PHOTOS, data={}, content_type="multipart/form-data", environ_overrides=size
        )
        assert answer.status_code == status


def test_the_crew_of_the_ticket_adds_photos_and_another_crew_sees_nothing(desk, sign_in):
    crew, other = sign_in("crew", crew_id=1), sign_in("crew", crew_id=2)
    photo = sent(crew, PHOTOS, kind="after").json["attachment"]
    assert photo["visit"] == 1
    path = f"{PHOTOS}/{photo['id']}/thumbnail"
    assert [browser.get(path).status_code for browser in (crew, desk, other)] == [200, 200, 404]
    assert (sent(other, PHOTOS).status_code, other.get(PHOTOS).status_code) == (404, 404)


def test_who_may_not_see_reporters_opens_no_photo_of_theirs(desk, sign_in, client):
    photo = sent(desk, PHOTOS, kind="report").json["attachment"]
    path = f"{PHOTOS}/{photo['id']}/picture"
    auditor = sign_in("auditor")
    assert (sent(auditor, PHOTOS).status_code, auditor.get(path).status_code) == (403, 403)
    assert auditor.get(PHOTOS).json["attachments"][0]["hidden"] is True
    assert (client.get(path).status_code, client.get(PHOTOS).status_code) == (401, 401)
    assert sent(client, PHOTOS).status_code == 401


def test_only_an_administrator_removes_a_photo_with_a_reason(desk, sign_in, folder):
    one, two = (sent(desk, PHOTOS, kind=kind).json["attachment"] for kind in ("before", "after"))
    assert one["sha256"] == two["sha256"]
    admin, path = sign_in("administrator", name="Wang"), f"{PHOTOS}/{one['id']}/delete"
    assert desk.post(path, json={"reason": "no"}).status_code == 403
    assert admin.post(path, json={}).status_code == 422
    done = admin.post(path, json={"reason": "shows a child"})
    assert done.json["attachment"]["deleted_reason"] == "shows a child"
    assert admin.post(path, json={"reason": "again"}).status_code == 409
    assert desk.get(f"{PHOTOS}/{one['id']}/picture").status_code == 404
    assert len(files(folder)) == 2
    assert admin.post(f"{PHOTOS}/{two['id']}/delete", json={"reason": "both"}).status_code == 200
    assert files(folder) == []
    rows = desk.get(PHOTOS).json["attachments"]
    assert [row["deleted_by"] for row in rows] == ["Wang", "Wang"]


def test_a_lost_file_is_said_to_be_lost(desk, folder):
    photo = sent(desk, PHOTOS).json["attachment"]
    for each in folder.rglob("*.jpg"):
        each.unlink()
    answer = desk.get(f"{PHOTOS}/{photo['id']}/picture")
    assert answer.status_code == 404
    assert "lost" in answer.json["error"]["message"]


class MachineStopped(BaseException):
    """Nothing is tidied up any more, as after a power cut."""


def test_a_fault_between_file_and_row_leaves_no_file(desk, folder, monkeypatch):
    def fail(*_args: object, **_named: object):
        raise RuntimeError

    monkeypatch.setattr("dispatch.api.attachments.add_photo", fail)
    with pytest.raises(RuntimeError):
        sent(desk, PHOTOS, uuid=KEY)
    assert files(folder) == []


def test_a_crash_between_file_and_row_leaves_a_file_too_many_and_the_next_try_is_whole(
    app, desk, folder, monkeypatch
):
    def stop(*_args: object, **_named: object):
        raise MachineStopped

    with monkeypatch.context() as patch:
        patch.setattr("dispatch.api.attachments.add_photo", stop)
        with pytest.raises(MachineStopped):
            sent(desk, PHOTOS, uuid=KEY)
    assert len(files(folder)) == 2
    assert desk.get(PHOTOS).json["attachments"] == []
    photo = sent(desk, PHOTOS, uuid=KEY).json["attachment"]
    assert desk.get(f"{PHOTOS}/{photo['id']}/picture").status_code == 200
    assert len(files(folder)) == 2
    with app.app_context():
        added = db.session.query(TicketEvent).filter_by(kind="photo_added").count()
        assert added == 1
    close_connections(app)


def colours(answer):
    picture = Image.open(io.BytesIO(answer.data)).convert("RGB")
    return [picture.getpixel((at, 10)) for at in (10, picture.width - 10)]


def test_what_is_covered_is_black_for_everybody_and_the_original_is_looked_at_on_record(
    app, desk, sign_in, folder
):
    photo = sent(desk, PHOTOS, photo_file(400, 300, colour="white"), kind="report")
    one = f"{PHOTOS}/{photo.json['attachment']['id']}"
    boxes = [{"left": 0, "top": 0, "width": 0.25, "height": 0.5}]
    wrong = [boxes[0] | {"left": 0.9}]
    assert set(desk.post(f"{one}/cover", json={"boxes": wrong}).json["error"]["fields"]) == {
        "boxes"
    }
    first = desk.post(f"{one}/cover", json={"boxes": boxes})
    assert first.status_code == 200
    assert first.json["attachment"]["covered_by"] == "Li Na"
    assert first.json["attachment"]["sha256"] != photo.json["attachment"]["sha256"]
    for size in ("picture", "thumbnail"):
        left, right = colours(desk.get(f"{one}/{size}"))
        assert max(left) < 40
        assert min(right) > 215
    assert desk.get(f"{one}/picture").headers["Cache-Control"] == "private, no-cache"
    more = desk.post(f"{one}/cover", json={"boxes": [boxes[0] | {"left": 0.75}]})
    assert all(max(colour) < 40 for colour in colours(desk.get(f"{one}/picture")))
    assert len(files(folder)) == 4
    original = desk.get(f"{one}/original")
    assert all(min(colour) > 215 for colour in colours(original))
    assert original.headers["Cache-Control"] == "no-store"
    with app.app_context():
        looks = db.session.query(SettingsEvent).filter_by(subject="original").all()
        assert [each.actor for each in looks] == ["Li Na"]
    admin, reason = sign_in("administrator"), {"reason": "no face"}
    assert sign_in("manager").get(f"{one}/original").status_code == 403
    assert sign_in("call_taker").post(f"{one}/cover", json={"boxes": boxes}).status_code == 403
    assert desk.post(f"{one}/uncover", json=reason).status_code == 403
    back = admin.post(f"{one}/uncover", json=reason).json["attachment"]
    assert (back["covered_at"], back["sha256"]) == (None, photo.json["attachment"]["sha256"])
    assert more.json["attachment"]["sha256"] not in " ".join(files(folder))
    assert all(min(colour) > 215 for colour in colours(desk.get(f"{one}/picture")))


def test_a_removed_photo_takes_its_covered_copy_along(desk, sign_in, folder):
    photo = sent(desk, PHOTOS, photo_file(400, 300)).json["attachment"]
    boxes = [{"left": 0, "top": 0, "width": 0.5, "height": 0.5}]
    assert desk.post(f"{PHOTOS}/{photo['id']}/cover", json={"boxes": boxes}).status_code == 200
    gone = sign_in("administrator").post(
        f"{PHOTOS}/{photo['id']}/delete", json={"reason": "private"}
    )
    assert gone.status_code == 200
    assert files(folder) == []
    assert desk.get(f"{PHOTOS}/{photo['id']}/original").status_code == 404
