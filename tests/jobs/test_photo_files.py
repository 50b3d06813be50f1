"""Does the job remove the files that nothing needs, and no other?"""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from dispatch.actions.attachments import add_photo
from dispatch.actions.unit_of_work import transaction
from dispatch.adapters.photo_store import FolderStore
from dispatch.domain.attachments import AttachmentKind
from dispatch.jobs import photo_files
from dispatch.jobs.photo_files import clear_photo_files
from dispatch.models.tickets import Ticket
from tests.conftest import make_settings
from tests.factories import DESK, make_city, make_ticket
from tests.photos import new_photo


@pytest.fixture
def store(app, tmp_path) -> FolderStore:
    app.config["SETTINGS"] = make_settings("", tmp_path)
    return FolderStore(tmp_path / "photos")


@pytest.fixture
def kept(session, store, now, tmp_path) -> dict[str, str]:
    """Keep old files, `needed` by a resident's photo and `left` by nobody, and a young one."""
    names = {each: store.keep(each.encode(), b"small") for each in ("needed", "left", "young")}
    old = (now - timedelta(days=1, seconds=1)).timestamp()
    for each in (tmp_path / "photos").rglob("*.jpg"):
        stamp = now.timestamp() if each.name.startswith(names["young"]) else old
        os.utime(each, (stamp, stamp))
    with transaction():
        make_city(now)
        made = make_ticket(now)
        new = new_photo(kind=AttachmentKind.REPORT, sha256=names["needed"])
        add_photo(made.ticket, new, actor=DESK, now=now, most=9, report=made.report)
    return names


def left(store, names):
    return [each for each, name in names.items() if store.has(name)]


def test_an_old_file_without_a_photo_goes_and_a_young_one_stays(store, kept, now):
    assert clear_photo_files(now) == 1
    assert left(store, kept) == ["needed", "young"]


def test_a_photo_sent_again_a_moment_ago_is_left(store, kept, now, monkeypatch):
    looks = iter([set(), {kept["needed"], kept["left"]}, {kept["needed"], kept["left"]}])
    monkeypatch.setattr(photo_files, "names_needed", lambda _names: next(looks))
    assert clear_photo_files(now) == 0
    assert left(store, kept) == ["needed", "left", "young"]


def test_photos_of_residents_go_with_their_files_a_year_after_the_end(session, store, kept, now):
    with transaction():
        ticket = session.get_one(Ticket, 1)
        ticket.state, ticket.closed_at = "closed", now
    assert clear_photo_files(now + timedelta(days=366)) == 3
    assert left(store, kept) == []
