"""Tests of `dispatch.queries.attachments`."""

from __future__ import annotations

import pytest

from dispatch.actions.attachments import add_photo, remove_photo
from dispatch.actions.merging import merge_ticket, separate_ticket
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.attachments import AttachmentKind
from dispatch.domain.errors import NotFound
from dispatch.domain.place import Point
from dispatch.models.tickets import Report, Ticket
from dispatch.queries import attachments
from dispatch.queries.attachments import (
    first_photos,
    kept_names,
    names_needed,
    photo_for,
    photo_of_reporter,
    photos_of,
    photos_of_reporter,
)
from dispatch.queries.events import events_of
from tests.factories import DESK, make_city, make_ticket
from tests.photos import new_photo


@pytest.fixture
def photos(session, now):
    """Add two tickets: the first with photos r (of its report) and a, b, the second with c."""
    with transaction():
        make_city(now)
        one, two = make_ticket(now), make_ticket(now)

        def add(ticket, report=None, **columns: object):
            new = new_photo(**columns)
            return add_photo(ticket, new, actor=DESK, now=now, most=9, report=report).public_id

        place = {"place": Point(28.15, 112.95), "accuracy_metres": 4.0}
        return {
            "r": add(one.ticket, one.report, kind=AttachmentKind.REPORT, sha256="1" * 64, **place),
            "a": add(one.ticket, kind=AttachmentKind.AFTER, sha256="2" * 64, **place),
            "b": add(one.ticket, sha256="3" * 64),
            "c": add(two.ticket, sha256="2" * 64),
        }


def ids(session, number):
    ticket = session.get_one(Ticket, number)
    return [row["id"] for row in photos_of(ticket, personal=True)]


def test_a_ticket_shows_its_photos_oldest_first(session, photos):
    assert ids(session, 1) == [photos["r"], photos["a"], photos["b"]]
    assert ids(session, 2) == [photos["c"]]


def test_photos_of_residents_are_hidden_from_those_who_see_no_reporters(session, photos):
    rows = photos_of(session.get_one(Ticket, 1), personal=False)
    assert [(row["hidden"], row["name"], row["lat"]) for row in rows] == [
        (True, "", None), (False, "a.jpg", 28.15), (False, "a.jpg", None),
    ]  # fmt: skip
    assert rows[0]["id"] == photos["r"]


def test_a_photo_of_a_report_goes_with_it_into_another_ticket_and_back(session, photos, now):
    with transaction():
        one, two = session.get_one(Ticket, 1), session.get_one(Ticket, 2)
        merge_ticket(one, two, actor=DESK, now=now)
    assert ids(session, 1) == [photos["a"], photos["b"]]
    assert ids(session, 2) == [photos["r"], photos["c"]]
    assert first_photos([1, 2]) == {1: photos["a"], 2: photos["r"]}
    with transaction():
        separate_ticket(one, two, actor=DESK, now=now)
    assert ids(session, 1) == [photos["r"], photos["a"], photos["b"]]


def test_the_first_photo_of_each_ticket(photos):
    assert first_photos([1, 2, 9]) == {1: photos["r"], 2: photos["c"]}
    assert first_photos([]) == {}


def test_the_story_says_what_a_photo_shows(session, photos):
    told = events_of(session.get_one(Ticket, 1), personal=True)
    details = [str(each["detail"]) for each in told if each["kind"] == "photo_added"]
    assert details == ["From the reporter", "After the work", "Before the work"]


def test_only_a_photo_of_the_ticket_is_found(session, photos):
    assert photo_for(session.get_one(Ticket, 1), photos["a"]).kind == "after"
    with pytest.raises(NotFound):
        photo_for(session.get_one(Ticket, 2), photos["a"])


def test_a_reporter_sees_own_photos_and_those_after_the_work_where_allowed(session, photos, now):
    report, ticket = session.get_one(Report, 1), session.get_one(Ticket, 1)

    def shown(*, after):
        rows = photos_of_reporter(report, ticket, after=after)
        return [(row["id"], row["own"]) for row in rows]

    own = (photos["r"], True)
    assert shown(after=True) == shown(after=False) == [own]
    ticket.completed_at = now
    assert shown(after=True) == [own, (photos["a"], False)]
    assert photo_of_reporter(report, ticket, photos["a"], after=True).kind == "after"
    for photo, after in (("a", False), ("b", True), ("c", True)):
        with pytest.raises(NotFound):
            photo_of_reporter(report, ticket, photos[photo], after=after)


def test_a_file_is_needed_as_long_as_one_photo_is_it(session, photos, now, monkeypatch):
    monkeypatch.setattr(attachments, "AT_ONCE", 2)
    names = ["1" * 64, "2" * 64, "3" * 64, "4" * 64]
    assert names_needed(names) == set(names[:3])
    for number, photo in ((1, "a"), (1, "b")):
        with transaction():
            ticket = session.get_one(Ticket, number)
            row = photo_for(ticket, photos[photo])
            remove_photo(ticket, row, reason="no", actor=DESK, now=now)
    assert names_needed(names) == set(names[:2])
    assert kept_names() == names[:2]
