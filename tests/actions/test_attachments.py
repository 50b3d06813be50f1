"""Tests of `dispatch.actions.attachments`."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch.actions.attachments import (
    PHOTOS_KEPT,
    NewPhoto,
    add_photo,
    forget_old_photos,
    remove_photo,
)
from dispatch.actions.unit_of_work import transaction
from dispatch.domain import attachments
from dispatch.domain.attachments import AttachmentKind
from dispatch.domain.errors import Forbidden, Invalid, Reused
from dispatch.domain.permissions import RESIDENT, Actor, Role
from dispatch.domain.place import Point
from dispatch.models.attachments import Attachment
from dispatch.models.tickets import Report, Ticket, TicketEvent, Visit
from tests.factories import DESK, make_city, make_ticket
from tests.photos import new_photo
from tests.trips import send

KEY = "6f1f6c1e-0f0e-4a53-9d55-0f3b8f5f1c1d"


@pytest.fixture
def ticket(session, now) -> Ticket:
    """Add a city with a ticket; its number is 1, as is that of its report."""
    with transaction():
        make_city(now)
        made = make_ticket(now).ticket
    return session.get_one(Ticket, made.id)


def add(session, now, new: NewPhoto, *, actor: Actor = DESK, report=None, most=10, number=1):
    with transaction():
        told = session.get_one(Report, report) if report else None
        return add_photo(
            session.get_one(Ticket, number), new, actor=actor, now=now, most=most, report=told
        )


def kinds(session):
    asked = select(TicketEvent.kind).order_by(TicketEvent.id)
    return [kind for kind in session.scalars(asked) if kind.startswith("photo")]


@pytest.mark.usefixtures("ticket")
def test_a_photo_has_a_row_and_an_event_and_makes_no_view_stale(session, now):
    version = session.get_one(Ticket, 1).version
    new = new_photo(place=Point(28.15, 112.95), accuracy_metres=8.0, taken_at=now)
    row = add(session, now, new)
    assert (row.kind, row.actor, row.source, row.received_at) == ("before", "Li Na", "desk", now)
    assert (row.lat, row.lon, row.accuracy_metres, row.taken_at) == (28.15, 112.95, 8.0, now)
    assert (row.report_id, row.visit_id) == (None, None)
    event = session.scalars(select(TicketEvent).where(TicketEvent.kind == "photo_added")).one()
    assert event.facts == {"photo": row.public_id, "kind": "before", "sha256": row.sha256}
    assert session.get_one(Ticket, 1).version == version


def test_a_crew_s_photo_belongs_to_its_last_visit(session, ticket, now):
    send(ticket.id, 1, now)
    crew = Actor(name="W1", role=Role.CREW, crew_id=1, source="mobile")
    visit = session.scalars(select(Visit)).one()
    assert add(session, now, new_photo(), actor=crew).visit_id == visit.id
    other = Actor(name="W2", role=Role.CREW, crew_id=2, source="mobile")
    assert add(session, now, new_photo(), actor=other).visit_id is None


@pytest.mark.usefixtures("ticket")
def test_a_time_that_cannot_be_is_not_kept(session, now):
    days = [timedelta(days=each) for each in (1, -400, -730_000)]
    rows = [add(session, now, new_photo(taken_at=now + each)) for each in days]
    assert [row.taken_at for row in rows] == [None] * 3
    soon = add(session, now, new_photo(taken_at=now + timedelta(minutes=4)))
    assert soon.taken_at == now


def test_a_photo_is_taken_whatever_became_of_the_ticket(session, ticket, now):
    with transaction():
        ticket.state = "closed"
    assert add(session, now, new_photo()).id == 1


@pytest.mark.usefixtures("ticket")
def test_the_same_photo_sent_again_is_the_same_row(session, now):
    first = add(session, now, new_photo(uuid=KEY))
    assert add(session, now, new_photo(uuid=KEY)).id == first.id
    assert kinds(session) == ["photo_added"]
    with pytest.raises(Reused):
        add(session, now, new_photo(uuid=KEY, sent_sha256="c" * 64))
    with pytest.raises(Reused):
        add(session, now, new_photo(uuid=KEY), report=1)
    with transaction():
        make_ticket(now)
    with pytest.raises(Reused):
        add(session, now, new_photo(uuid=KEY), number=2)


@pytest.mark.usefixtures("ticket")
def test_a_report_follows_its_ticket_when_its_photo_is_sent_again(session, now):
    first = add(session, now, new_photo(uuid=KEY), actor=RESIDENT, report=1)
    with transaction():
        make_ticket(now)
    assert add(session, now, new_photo(uuid=KEY), report=1, number=2).id == first.id


@pytest.mark.usefixtures("ticket")
def test_a_report_has_a_limit_and_the_work_hardly_one(session, now, monkeypatch):
    for _ in range(2):
        add(session, now, new_photo(), actor=RESIDENT, report=1, most=2)
    with pytest.raises(Invalid, match="2 photos"):
        add(session, now, new_photo(), actor=RESIDENT, report=1, most=2)
    assert add(session, now, new_photo(), most=2).report_id is None
    monkeypatch.setattr("dispatch.actions.attachments.MOST_WITHOUT_REPORT", 1)
    with pytest.raises(Invalid, match="1 photos"):
        add(session, now, new_photo(), most=2)
    assert attachments.MOST_WITHOUT_REPORT > 100


def test_a_removed_photo_keeps_its_row_with_the_reason(session, ticket, now):
    photo = add(session, now, new_photo())

    def remove(reason):
        with transaction():
            row = session.get_one(Attachment, photo.id)
            remove_photo(ticket, row, reason=reason, actor=DESK, now=now)

    with pytest.raises(Invalid):
        remove(" ")
    remove("shows a child")
    row = session.get_one(Attachment, photo.id)
    assert (row.deleted_at, row.deleted_by, row.deleted_reason) == (now, "Li Na", "shows a child")
    assert kinds(session) == ["photo_added", "photo_removed"]
    with pytest.raises(Forbidden):
        remove("again")


def test_photos_of_residents_go_a_year_after_the_end(session, ticket, now):
    for kind in (AttachmentKind.REPORT, AttachmentKind.SIGNATURE, AttachmentKind.AFTER):
        add(session, now, new_photo(kind=kind), report=1)
    with transaction():
        assert forget_old_photos(now + 2 * PHOTOS_KEPT) == 0
        ticket.state, ticket.closed_at = "closed", now
    with transaction():
        assert forget_old_photos(now + PHOTOS_KEPT) == 0
        assert forget_old_photos(now + PHOTOS_KEPT + timedelta(seconds=1)) == 2
    rows = session.scalars(select(Attachment).order_by(Attachment.id)).all()
    assert [(row.kind, row.deleted_by) for row in rows] == [
        ("report", "rule"), ("signature", "rule"), ("after", None),
    ]  # fmt: skip


@pytest.mark.usefixtures("ticket")
def test_who_signed_is_kept_with_a_signature_alone_and_goes_with_it(session, now):
    photo = add(session, now, new_photo(signer="Zhao Min"))
    signature = add(session, now, new_photo(kind=AttachmentKind.SIGNATURE, signer="Zhao Min"))
    assert (photo.signer, signature.signer) == (None, "Zhao Min")
    with transaction():
        ticket, row = session.get_one(Ticket, 1), session.get_one(Attachment, signature.id)
        remove_photo(ticket, row, reason="Wrong house", actor=DESK, now=now)
    assert session.get_one(Attachment, signature.id).signer is None
