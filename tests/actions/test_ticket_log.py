"""Is every change written into the story, sealed, and beyond any later change?"""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from dispatch.actions.intake import add_note
from dispatch.actions.ticket_log import Told, check_version, dated, stamp_first
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Invalid, Stale
from dispatch.domain.permissions import RULE
from dispatch.domain.place import Point
from dispatch.models.tickets import TicketEvent
from tests.invariants import expect_whole, rows_of


@pytest.mark.parametrize(
    "change", ["UPDATE ticket_event SET note = 'x'", "DELETE FROM ticket_event"]
)
def test_the_database_itself_refuses_to_change_an_event(case, session, change):
    with pytest.raises(DBAPIError, match="append-only"), transaction():
        session.execute(text(change))
    expect_whole(case.id)


def test_an_event_keeps_what_was_told_and_both_databases_give_it_back(case):
    facts = {"n": 3, "x": 0.1, "whole": 2.0, "big": 10**15, "deep": [None, True, {"é": "水"}]}
    told = Told(
        effective_at=case.minute(1.123456),
        time_quality="offline_trusted",
        event_uuid="0192f0c1-0000-7000-8000-000000000001",
        elapsed_ms=5_000_000_000,
        device_at=case.minute(1),
        base_version=2,
        position=Point(28.15, 112.95),
        datum="wgs84",
        accuracy_metres=7.5,
        reason="seen",
        facts=facts,
    )
    case.do(add_note, "管道漏水 🚰", at=2, told=told)
    event = case.last_event()
    assert event.facts == facts
    assert (event.uuid, event.note) == (told.event_uuid, "管道漏水 🚰")
    assert (event.lat, event.lon, event.accuracy_metres) == (28.15, 112.95, 7.5)
    assert event.effective_at == case.minute(1.123456)
    assert event.recorded_at == case.minute(2)
    assert len(event.note_salt) == 32


def test_a_note_is_sealed_by_a_commitment_only(case):
    case.do(add_note, "call Zhou", at=1)
    case.do(add_note, "call Zhou", at=2)
    first, second = rows_of(TicketEvent, case.id)[-2:]
    assert first.note_salt != second.note_salt
    assert first.hash != second.hash
    assert second.previous_hash == first.hash


def test_an_old_version_is_refused_and_not_looking_is_allowed(case):
    check_version(case.ticket, None)
    check_version(case.ticket, case.ticket.version)
    with pytest.raises(Stale, match="Li Na changed this ticket") as refused:
        check_version(case.ticket, 0)
    assert refused.value.facts["state"] == "accepted"


def test_an_old_version_of_a_visit_is_refused_too(case):
    visit = case.send(at=1)
    with pytest.raises(Stale) as refused:
        check_version(visit, 0)
    assert refused.value.facts["changed_at"] is None


def test_a_step_is_dated_as_told_else_now(now):
    later = now + timedelta(minutes=1)
    assert dated(Told(), later, now, None).effective_at == later
    assert dated(Told(), now).effective_at == now
    assert dated(Told(), now, later).effective_at == later
    assert dated(Told(effective_at=now), later, now).effective_at == now
    for told, seen, before in ((later, now, None), (now, later, later)):
        with pytest.raises(Invalid):
            dated(Told(effective_at=told), seen, before)


def test_the_first_time_of_a_step_is_kept(case):
    ticket = case.ticket
    assert stamp_first(ticket, "on_hold", case.minute(1)) is None
    assert stamp_first(ticket, "arrived", case.minute(9)) is None
    assert stamp_first(ticket, "arrived", case.minute(10)) is None
    assert ticket.arrived_at == case.minute(9)
    assert stamp_first(ticket, "arrived", case.minute(8)) is None
    assert ticket.arrived_at == case.minute(8)
    assert stamp_first(ticket, "en_route", case.minute(9)) is None
    assert ticket.en_route_at is None
    assert stamp_first(ticket, "arrived", case.minute(-1)) is not None
    assert ticket.arrived_at == case.minute(8)


def test_who_changed_a_ticket_begins_the_sentence_also_when_it_was_no_person(case):
    case.ticket.changed_by = RULE.name
    with pytest.raises(Stale) as refusal:
        check_version(case.ticket, 0)
    assert refusal.value.sentence.values["who"].text == "The clockwork"
