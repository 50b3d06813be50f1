"""Do the demo's tickets have photos that can be looked at?"""

from __future__ import annotations

from dataclasses import replace

from dispatch.actions.unit_of_work import transaction
from dispatch.cli.demo_photos import SCENES, CrewCamera, add_photos
from dispatch.models.attachments import Attachment
from dispatch.photos import photo_store
from dispatch.queries.attachments import kept_names, photos_of
from dispatch.queries.under_way import trips
from tests.conftest import make_settings
from tests.factories import make_city, make_ticket
from tests.trips import another_ticket, open_burst, send


def test_the_reporters_of_two_tickets_send_photos(session, now, tmp_path):
    settings = make_settings("", tmp_path)
    with transaction():
        make_city(now)
        opened = [make_ticket(now) for _ in range(2)]
    with transaction():
        add_photos(opened, settings, now)
    found = [photos_of(each.ticket, personal=True) for each in opened]
    assert [len(photos) for photos in found] == [2, 1]
    assert {photo["kind"] for photos in found for photo in photos} == {"report"}
    names = kept_names()
    assert len(names) == len(SCENES)
    assert all(map(photo_store(settings).has, names))
    with transaction():
        add_photos([], settings, now)
    assert kept_names() == names


def test_one_crew_sends_the_same_picture_with_later_repairs(session, now, tmp_path):
    open_burst(now)
    another_ticket(now)
    for ticket_id in (1, 2):
        send(ticket_id, 1, now)
    camera = CrewCamera(make_settings("", tmp_path), lazy_crew=1)
    with transaction():
        for trip in trips():
            camera.take(replace(trip, visit_id=6), now)
            camera.take(replace(trip, visit_id=7), now)
            camera.take(replace(trip, visit_id=6, crew_id=2), now)
    photos = session.query(Attachment).order_by(Attachment.id).all()
    assert [(photo.ticket_id, photo.visit_id) for photo in photos] == [(1, 1), (2, 2)]
    assert len({photo.sha256 for photo in photos}) == 1
