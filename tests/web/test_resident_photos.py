"""Can a resident send photos with a report and later, and see the own ones alone?"""

from __future__ import annotations

import dataclasses
import io
import uuid
from typing import TYPE_CHECKING

import pytest

from dispatch.actions.attachments import add_photo
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.attachments import AttachmentKind
from dispatch.models.attachments import Attachment
from dispatch.models.base import db
from dispatch.models.tickets import Report, Ticket
from tests.conftest import make_settings
from tests.factories import DESK, IN_WEST, make_city, make_ticket
from tests.photos import new_photo, photo_file, sent
from tests.visitors import visitor

if TYPE_CHECKING:
    from pathlib import Path

KEY = "6f1f6c1e-0f0e-4a53-9d55-0f3b8f5f1c1d"
JSON = {"Accept": "application/json"}


@pytest.fixture
def folder(app, tmp_path, clock, now) -> Path:
    """Add teams, grids and crews, and give the application a data folder of its own."""
    app.config["SETTINGS"] = make_settings("", tmp_path)
    with app.app_context(), transaction():
        make_city(now)
    return tmp_path / "photos"


@pytest.fixture
def track(app, folder, now) -> str:
    """Return the address of the track page of a burst main."""
    with app.app_context(), transaction():
        return f"/t/{make_ticket(now).report.token}"


def report(client, *photos: tuple[bytes, str], **form: str):
    given = {"key": str(uuid.uuid4()), "category": "leak", "address": "Wuyi Road 12"} | form
    files = [(io.BytesIO(content), name) for content, name in photos]
    return client.post(
        "/report", data=given | {"photos": files}, content_type="multipart/form-data"
    )


def photos(app):
    with app.app_context():
        return db.session.query(Attachment).order_by(Attachment.id).all()


def send_by_script(client, track, content=None, **form: str):
    body = {"file": (io.BytesIO(photo_file() if content is None else content), "a.jpg")} | form
    return client.post(
        f"{track}/photos", data=body, content_type="multipart/form-data", headers=JSON
    )


@pytest.mark.usefixtures("folder")
def test_a_plain_form_brings_its_photos_along(app, client):
    answer = report(client, (photo_file(), "one.jpg"), (photo_file(colour="red"), "two.jpg"))
    assert answer.status_code == 303
    one, two = photos(app)
    assert (one.kind, one.report_id, one.actor, one.name) == ("report", 1, "resident", "one.jpg")
    page = client.get(answer.location).text
    assert page.count("/thumbnail") == 2
    assert "a report takes up to 5" in page
    picture = client.get(f"{answer.location}/photos/{two.public_id}/picture")
    assert picture.headers["Content-Type"] == "image/jpeg"
    assert picture.headers["Cache-Control"].startswith("private")


@pytest.mark.usefixtures("folder")
def test_a_report_is_taken_whatever_is_wrong_with_a_photo(app, client):
    answer = report(client, (b"<html>", "page.jpg"), (photo_file(), "one.jpg"))
    assert answer.status_code == 303
    assert [photo.name for photo in photos(app)] == ["one.jpg"]
    assert "page.jpg is no photo" in client.get(answer.location).text


@pytest.mark.usefixtures("folder")
def test_a_form_sent_twice_brings_each_photo_once(app, client):
    key = str(uuid.uuid4())
    for _ in range(2):
        report(client, (photo_file(), "one.jpg"), key=key)
    assert len(photos(app)) == 1


@pytest.mark.usefixtures("folder")
def test_photos_that_cannot_be_kept_are_told(client, track):
    again = report(client, (photo_file(), "one.jpg"), category="other")
    assert again.status_code == 422
    assert "The photos were not kept" in again.text
    place = {"lat": str(IN_WEST.lat), "lon": str(IN_WEST.lon)}
    offer = report(client, (photo_file(), "one.jpg"), category="burst", **place)
    assert "Is it one of these?" in offer.text
    assert "Your photos could not be kept here" in offer.text


def test_a_script_sends_one_photo_at_a_time_and_safely_again(app, client, track):
    told = {"uuid": KEY, "taken_at": "2026-03-02T09:00:00Z"}
    first, again = (send_by_script(client, track, **told) for _ in range(2))
    assert first.json == again.json
    [photo] = photos(app)
    assert (photo.uuid, photo.taken_at.hour) == (KEY, 9)
    assert client.get(first.json["photo"]["thumbnail"]).status_code == 200
    assert client.get(f"{track}/photos/{photo.public_id}/original").status_code == 404


def test_a_wrong_photo_is_refused_by_name_and_a_sixth_one_too(client, track):
    refused = send_by_script(client, track, b"GIF89a")
    assert (refused.status_code, "a.jpg is no photo" in refused.json["error"]["message"]) == (
        422, True,
    )  # fmt: skip
    for number in range(5):
        answer = send_by_script(client, track, photo_file(width=40 + number))
        assert answer.status_code == 200
    sixth = send_by_script(client, track)
    assert (sixth.status_code, "5 photos" in sixth.json["error"]["message"]) == (422, True)
    assert "Send the photos" not in client.get(track).text


def test_a_form_without_a_script_adds_photos_on_the_track_page(app, client, track):
    files = {"photos": [(io.BytesIO(photo_file()), "a.jpg"), (io.BytesIO(b""), "")]}
    answer = client.post(f"{track}/photos", data=files, content_type="multipart/form-data")
    assert (answer.status_code, answer.location) == (303, track)
    assert len(photos(app)) == 1


def test_an_unknown_link_takes_and_shows_nothing(client, track):
    assert sent(client, "/t/unknown/photos").status_code == 404
    assert send_by_script(client, "/t/unknown").status_code == 404
    assert client.get("/t/unknown/photos/x/picture").status_code == 404


def test_a_reporter_sees_no_photo_of_others_unless_the_utility_shows_the_repair(
    app, client, track, folder, now
):
    with app.app_context(), transaction():
        ticket = db.session.get_one(Ticket, 1)
        ticket.completed_at = now
        for kind in (AttachmentKind.BEFORE, AttachmentKind.AFTER):
            add_photo(ticket, new_photo(kind=kind), actor=DESK, now=now, most=9)
    before, after = photos(app)
    page = client.get(track).text
    assert before.public_id not in page
    assert after.public_id not in page
    settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = dataclasses.replace(settings, photos_after_to_residents=True)
    page = client.get(track).text
    assert before.public_id not in page
    assert after.public_id in page
    assert client.get(f"{track}/photos/{before.public_id}/picture").status_code == 404


def test_another_site_cannot_send_a_photo(app, track):
    stranger = visitor(app)
    stranger.carries_token = False
    assert send_by_script(stranger, track).status_code == 400
    with app.app_context():
        assert db.session.query(Report).count() == 1
    assert photos(app) == []
