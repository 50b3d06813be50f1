"""Do the demo's tickets have photos that can be looked at?"""

from __future__ import annotations

from dispatch.actions.unit_of_work import transaction
from dispatch.cli.demo_photos import SCENES, add_photos
from dispatch.photos import photo_store
from dispatch.queries.attachments import kept_names, photos_of
from tests.conftest import make_settings
from tests.factories import make_city, make_ticket


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
