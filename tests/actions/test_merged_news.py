"""Is what a crew tells late of a merged ticket read where the repair goes on?"""

import pytest

from dispatch.actions.held_work import take_over
from dispatch.actions.merging import merge_ticket, separate_ticket
from dispatch.actions.phones import revoke_phone
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Scope
from dispatch.models.tickets import TicketEvent
from dispatch.queries.crew_changes import changes_since
from dispatch.queries.crew_ticket import crew_ticket
from dispatch.queries.events import events_of
from tests.factories import DESK, make_ticket
from tests.invariants import expect_whole, rows_of, stored
from tests.phones import CrewPhone

EVERYTHING = Scope(everything=True)
NUMBER = "W000001"


@pytest.fixture
def phone(case):
    case.send(at=1)
    return CrewPhone(case.minute(1), case.crews[0].id)


@pytest.fixture
def other(case):
    with transaction():
        return make_ticket(case.start).ticket


@pytest.fixture
def merged(case, phone, other):
    case.do(merge_ticket, other, at=5)
    return other


def told(ticket):
    return [each for each in rows_of(TicketEvent, ticket.id) if each.kind == "told_on_merged"]


def test_a_late_note_is_in_the_story_of_the_ticket_that_stands_for_both(case, phone, merged):
    version = merged.version
    entry = phone.send(phone.tap("note", at=2, args={"note": "key is at the guard"}), 20)
    assert (entry.outcome, entry.ticket_id) == ("applied", case.id)
    [event] = told(merged)
    assert (event.note, event.actor, event.effective_at) == (
        "key is at the guard", "Ann", case.minute(3),
    )  # fmt: skip
    assert event.facts == {"from": NUMBER, "told": "note_added"}
    assert stored(merged.id).version == version
    [shown] = [each for each in events_of(merged, personal=True) if each["id"] == event.uuid]
    assert shown["detail"].text == "%(number)s: %(what)s"
    assert shown["detail"].values["number"] == NUMBER
    [note] = crew_ticket("W000002", EVERYTHING, case.minute(20)).notes
    assert (note.text, note.told_on) == ("key is at the guard", NUMBER)
    [kept] = [each.note for each in rows_of(TicketEvent, case.id) if each.kind == "note_added"]
    assert kept == "key is at the guard"
    expect_whole(case.id)
    expect_whole(merged.id)


def test_what_was_found_there_leads_back_to_it_and_disturbs_nobody(case, phone, merged):
    reading = {"reading": "pressure", "when": "before", "value": "350", "unit": "kPa"}
    tick = {"list": "bring", "item": "valve_key", "done": "yes"}
    seen = rows_of(TicketEvent, merged.id)[-1].id
    for kind, args in (("reading", reading), ("tick", tick), ("acknowledge", {})):
        phone.send(phone.tap(kind, at=2, args=args), 20)
    assert [each.facts["told"] for each in told(merged)] == ["reading_taken", "for_review"]
    assert changes_since("W000002", seen, EVERYTHING) == []


def test_the_words_of_held_work_are_passed_on_once_the_desk_takes_it_over(case, phone, merged):
    with transaction():
        revoke_phone(phone.device, "lost", actor=DESK, now=case.minute(6))
    ended = phone.tap("cannot-complete", args={"cause": "no_access", "note": "nobody opens"})
    entry = phone.send(ended, 20)
    assert told(merged) == []
    with transaction():
        take_over(entry.id, actor=DESK, now=case.minute(30))
    [event] = told(merged)
    assert (event.note, event.facts["told"]) == ("nobody opens", "for_review")


def test_before_a_merge_and_after_its_undoing_a_note_is_the_ticket_s_own(case, phone, other):
    note = {"args": {"note": "x"}}
    phone.send(phone.tap("note", **note), 2)
    case.do(merge_ticket, other, at=5)
    case.do(separate_ticket, other, at=6)
    phone.send(phone.tap("note", at=2, **note), 20)
    assert told(other) == []
    [joined] = [each for each in events_of(other, personal=True) if each["kind"] == "report_merged"]
    assert joined["detail"].text == NUMBER
