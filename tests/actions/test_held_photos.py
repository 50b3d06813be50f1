"""Is a photo of a revoked phone held, put on its ticket in its person's name, or set aside?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dispatch.actions.attachments import add_photo
from dispatch.actions.field_sync import Sent
from dispatch.actions.held_photos import check_room_for_photo, hold_photo, is_photo_known
from dispatch.actions.held_work import set_all_aside, set_aside, take_over
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import NotFound, Reused, TooMany
from dispatch.domain.field_commands import PhoneClock
from dispatch.domain.place import Point
from dispatch.models.attachments import Attachment
from dispatch.models.base import db
from dispatch.models.field import FieldEntry
from dispatch.queries.attachments import kept_names, names_needed
from dispatch.queries.phones import held_of
from dispatch.queries.tickets import ticket_for_change
from tests.factories import DESK
from tests.invariants import expect_whole, rows_of
from tests.phones import revoked
from tests.photos import new_photo


@pytest.fixture
def phone(case):
    return revoked(case)


def hold(phone, number="W000001", *, person: int | None = None, **columns: Any) -> FieldEntry:
    new = new_photo(**columns)
    now = phone.start + timedelta(minutes=40)
    with transaction():
        sent = Sent(phone.secret, phone.actor, PhoneClock("s"), now)
        hold_photo(number, new, person_id=person, sent=sent)
    return db.session.query(FieldEntry).order_by(FieldEntry.id.desc()).first()


def decide(action, entry, *args: Any, case):
    with transaction():
        decision = action(entry.id, *args, actor=DESK, now=case.minute(45)).decision
    expect_whole(case.id)
    return decision


def test_a_held_photo_is_nobodys_until_the_desk_takes_it_over(phone, case):
    there = {"place": Point(28.15, 112.95), "accuracy_metres": 8.0}
    entry = hold(phone, sha256="c" * 64, taken_at=case.minute(12), **there)
    assert db.session.query(Attachment).count() == 0
    assert "photo_added" not in case.told()
    assert (entry.outcome, entry.ticket_id, entry.sequence) == ("held", case.id, None)
    assert kept_names() == ["c" * 64]
    assert names_needed(["c" * 64, "d" * 64]) == {"c" * 64}
    assert decide(take_over, entry, case=case) == "taken_over"
    [photo] = rows_of(Attachment, case.id)
    assert (photo.actor, photo.kind, photo.taken_at, photo.visit_id) == (
        "Ann", "before", case.minute(12), 1,
    )  # fmt: skip
    assert (photo.lat, photo.accuracy_metres, photo.uuid) == (28.15, 8.0, entry.uuid)
    assert photo.received_at == case.minute(40)
    told = case.last_event()
    assert (told.effective_at, told.recorded_at) == (case.minute(40), case.minute(45))
    assert (told.kind, told.actor, told.acting_for_crew_id) == (
        "photo_added", DESK.name, case.crews[0].id,
    )  # fmt: skip
    assert (entry.args, entry.photo_sha256) == (None, None)
    assert kept_names() == ["c" * 64]


def test_a_held_photo_keeps_no_time_that_cannot_be(phone, case):
    right, wrong = (
        hold(phone, taken_at=phone.start + timedelta(minutes=each)) for each in (30, 90)
    )
    assert (right.args["taken_at"] is None, wrong.args["taken_at"]) == (False, None)


def test_what_is_sent_again_changes_nothing_also_once_it_is_on_its_ticket(phone, case):
    entry = hold(phone)
    for _again in range(2):
        hold(phone, uuid=entry.uuid)
        assert db.session.query(FieldEntry).count() == 1
        if entry.decided_at is None:
            decide(take_over, entry, case=case)
    mine, sent = phone.device.id, "b" * 64
    assert is_photo_known(entry.uuid, mine, sent)
    assert not is_photo_known(None, mine, sent)
    assert len(rows_of(Attachment, case.id)) == 1


def test_another_file_or_phone_under_a_known_name_is_refused(phone, case):
    entry, tap = hold(phone), phone.send(phone.tap("note"), 41)
    sent = "b" * 64
    assert is_photo_known(entry.uuid, phone.device.id, sent)
    for name, device_id, sha256 in (
        (entry.uuid, phone.device.id, "e" * 64),
        (entry.uuid, phone.device.id + 1, sent),
        (tap.uuid, phone.device.id, sent),
    ):
        with pytest.raises(Reused):
            is_photo_known(name, device_id, sha256)
    with pytest.raises(Reused):
        hold(phone, uuid=entry.uuid, sent_sha256="e" * 64)
    decide(take_over, entry, case=case)
    with pytest.raises(Reused):
        is_photo_known(entry.uuid, phone.device.id, "e" * 64)


def test_a_photo_that_came_by_another_way_meanwhile_stays_as_it_is(phone, case):
    new = new_photo()
    entry = hold(phone, uuid=new.uuid)
    with transaction():
        ticket = ticket_for_change("W000001", DESK.scope)
        add_photo(ticket, new, actor=phone.actor, now=case.minute(41), most=5)
    assert decide(take_over, entry, case=case) == "taken_over"
    [photo] = rows_of(Attachment, case.id)
    assert photo.received_at == case.minute(41)


def test_a_name_that_the_ticket_knows_for_another_photo_leaves_the_held_one(phone, case):
    new = new_photo()
    entry = hold(phone, uuid=new.uuid, sent_sha256="e" * 64)
    with transaction():
        ticket = ticket_for_change("W000001", DESK.scope)
        add_photo(ticket, new, actor=phone.actor, now=case.minute(41), most=5)
    with pytest.raises(Reused):
        decide(take_over, entry, case=case)
    assert held_of(phone.device.id, photos=True) == 1


def test_a_photo_of_somebody_unknown_or_of_no_ticket_is_held_too(phone, case):
    entry = hold(phone, "W999999", person=9999)
    assert (entry.flag, entry.ticket_id, entry.told) == (
        "person_unknown", None, {"ticket": "W999999"},
    )  # fmt: skip
    with pytest.raises(NotFound):
        decide(take_over, entry, case=case)
    entry = hold(phone, person=9999)
    decide(take_over, entry, case=case)
    assert rows_of(Attachment, case.id)[0].actor == DESK.name


def test_what_is_set_aside_leaves_its_file_as_long_as_its_row(phone, case):
    first, second = hold(phone, sha256="c" * 64), hold(phone)
    assert decide(set_aside, first, "Not ours", case=case) == "set_aside"
    assert (case.last_event().kind, case.last_event().facts["step"]) == ("for_review", "photo")
    assert "c" * 64 in kept_names()
    with transaction():
        assert set_all_aside(second.device_id, "x", actor=DESK, now=case.minute(46)) == 1
    assert db.session.query(Attachment).count() == 0


def test_the_desk_is_not_given_more_than_it_can_look_through(phone, case, monkeypatch):
    monkeypatch.setattr("dispatch.actions.held_photos.MOST_HELD_PHOTOS", 1)
    hold(phone)
    with pytest.raises(TooMany, match="1 photos of this phone"):
        hold(phone)
    with pytest.raises(TooMany):
        check_room_for_photo(phone.device.id)
    assert held_of(phone.device.id, photos=True) == held_of(phone.device.id) == 1
    monkeypatch.setattr("dispatch.actions.held_photos.MOST_HELD_PHOTOS", 9)
    monkeypatch.setattr("dispatch.actions.field_sync.MOST_HELD", 1)
    with pytest.raises(TooMany, match="1 taps and photos of this phone"):
        hold(phone)


def test_a_command_that_calls_itself_a_photo_is_none(phone, case):
    tap = phone.send(phone.tap("photo", at=5, args={"kind": "before"}), 41)
    assert decide(take_over, tap, case=case) == "noted"
    assert db.session.query(Attachment).count() == 0
