"""Does the doctor see a photo whose file is missing?"""

from __future__ import annotations

from dispatch.actions.attachments import add_photo
from dispatch.actions.unit_of_work import transaction
from dispatch.cli.checkup import FAIL, OK, check_photos
from dispatch.photos import photo_store
from tests.conftest import make_settings
from tests.factories import DESK, make_ticket
from tests.photos import new_photo


def test_a_photo_without_its_files_fails(session, now, tmp_path):
    settings = make_settings("", tmp_path)
    assert check_photos(settings).standing == OK
    kept = photo_store(settings).keep(b"picture", b"thumbnail")
    with transaction():
        ticket = make_ticket(now, place=None).ticket
        add_photo(ticket, new_photo(sha256=kept), actor=DESK, now=now, most=9)
    assert check_photos(settings).standing == OK
    photo_store(settings).remove(kept)
    found = check_photos(settings)
    assert (found.standing, found.found.values) == (FAIL, {"n": 1, "lost": 1})
    assert found.mend is not None
