"""Whose is a command, what is kept of one that is held, and is one that comes again the same?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from dispatch.actions import dispatching
from dispatch.actions.endings import close_ticket
from dispatch.actions.field_sync import UNKNOWN_PERSON, Gap
from dispatch.actions.held_work import set_aside
from dispatch.actions.merging import merge_ticket
from dispatch.actions.phones import note_person, revoke_phone
from dispatch.actions.placing import place_ticket
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import TooMany
from dispatch.domain.permissions import Role
from dispatch.domain.place import Point
from dispatch.models.rounds import RoundStop
from dispatch.models.tickets import Ticket, TicketEvent
from dispatch.queries.visits import visits_of
from tests.factories import DESK, IN_EAST, make_account, make_ticket
from tests.invariants import rows_of
from tests.phones import CrewPhone
from tests.rounds import add_households, go_round


@pytest.fixture
def phone(case):
    case.send(at=1)
    return CrewPhone(case.minute(1), case.crews[0].id)


@pytest.fixture
def bo(phone, case):
    with transaction():
        return make_account(Role.CREW, case.start, crew_id=case.crews[0].id, name="Bo")


def test_a_tap_is_that_of_who_held_the_phone_whoever_sends_it(phone, bo, case):
    with transaction():
        note_person(phone.device, bo, case.start)
    entry = phone.send(phone.tap("acknowledge", person=phone.actor.user_id), 5, actor=bo)
    assert (entry.outcome, entry.user_id, entry.sent_by_id, entry.flag) == (
        "applied", phone.actor.user_id, bo.user_id, None,
    )  # fmt: skip
    own = phone.send(phone.tap("note", args={"note": "x"}), 5, actor=bo)
    assert (own.user_id, own.flag) == (bo.user_id, None)
    told = [event.actor for event in rows_of(TicketEvent, case.id)][-2:]
    assert told == ["Ann", "Bo"]


def test_a_person_who_never_signed_in_on_the_phone_is_not_believed(phone, bo):
    entry = phone.send(phone.tap("acknowledge", person=bo.user_id), 5)
    assert (entry.outcome, entry.user_id, entry.flag) == (
        "applied", phone.actor.user_id, UNKNOWN_PERSON,
    )  # fmt: skip


def test_what_is_held_keeps_when_and_where_it_was_done(phone, case):
    with transaction():
        revoke_phone(phone.device, "lost", actor=DESK, now=case.minute(2))
    place = Point(28.1, 112.9)
    tap = phone.tap("arrive", at=3, position=place, accuracy_metres=9.0, base_version=4)
    entry = phone.send(tap, 20)
    assert (entry.outcome, entry.ticket_id, entry.effective_at) == ("held", case.id, case.minute(4))
    assert entry.told["position"] == [28.1, 112.9]
    assert (entry.told["late_ms"], entry.told["base_version"]) == (17 * 60_000, 4)
    lost = phone.send(phone.tap("note", ticket="W999999", told_at=None), 20)
    assert (lost.outcome, lost.ticket_id, lost.told["ticket"]) == ("held", None, "W999999")


def test_a_phone_keeps_what_the_desk_cannot_look_through(phone, case, monkeypatch):
    monkeypatch.setattr("dispatch.actions.field_sync.MOST_HELD", 2)
    with transaction():
        revoke_phone(phone.device, "lost", actor=DESK, now=case.minute(2))
    first, _second = (phone.send(phone.tap("note"), 20) for _ in range(2))
    third = phone.tap("note")
    with pytest.raises(TooMany, match="2 taps and photos of this phone"):
        phone.send(third, 20)
    with transaction():
        set_aside(first.id, "Not ours", actor=DESK, now=case.minute(30))
    assert phone.send(third, 40).outcome == "held"


def test_a_phone_that_is_enrolled_again_is_told_what_became_of_its_command(phone, case):
    tap = phone.tap("acknowledge")
    known = phone.send(tap, 5)
    again = CrewPhone(case.minute(6), case.crews[0].id, "Bo")
    assert again.send(tap, 7).id == known.id
    assert again.device.last_sequence == 0
    foreign = CrewPhone(case.minute(6), case.crews[1].id, "Cai")
    assert foreign.send(tap, 7).id == known.id
    with pytest.raises(Gap):
        foreign.send(replace(tap, uuid="another", sequence=2), 7)


def on_round(phone, kind, at, sent, **args: object):
    return phone.send(phone.tap(kind, at=at, ticket="", args=args), sent)


@pytest.fixture
def stop(phone, case, session):
    """Send the crew of the phone round, to one household."""
    add_households(1)
    go_round(case.start, ["H-1"], crew_id=case.crews[0].id)
    return session.query(RoundStop.id).scalar()


def test_a_stop_that_is_told_late_keeps_its_own_time(phone, case, stop, session):
    tap = phone.tap("round-done", at=3, ticket="", args={"stop": stop, "note": "Meter read"})
    first, again = (phone.send(tap, minute) for minute in (40, 41))
    assert (first.outcome, first.args, again.id) == ("applied", None, first.id)
    row = session.get(RoundStop, stop)
    assert (row.state, row.note, row.ended_by) == ("done", "Meter read", "Ann")
    assert (row.ended_at, row.received_at) == (case.minute(4), case.minute(41))
    assert on_round(phone, "round-undo", 5, 42, stop=stop).outcome == "applied"
    assert session.get(RoundStop, stop).state == "waiting"


def test_a_find_is_the_ticket_of_its_command(phone, stop):
    found = on_round(phone, "round-fault", 3, 9, stop=stop, category="leak", description="Wet")
    assert (found.outcome, found.ticket_id) == ("applied", 2)
    late = on_round(phone, "round-done", 4, 9, stop=stop, note="and the meter is read")
    assert late.outcome == "superseded"
    assert [event.kind for event in rows_of(TicketEvent, 2)][-1] == "for_review"


def test_a_find_without_any_place_waits_for_the_desk_to_ask(phone, stop, session):
    found = on_round(phone, "round-fault", 3, 9, category="leak")
    ticket = session.get(Ticket, found.ticket_id)
    assert (found.outcome, ticket.state, ticket.address) == ("applied", "received", "W1")


def test_a_tap_on_no_stop_of_the_crew_is_answered(phone, stop):
    foreign = on_round(phone, "round-done", 3, 9, stop=stop + 1)
    assert (foreign.outcome, foreign.args) == ("rejected", {"stop": stop + 1})
    wrong = on_round(phone, "round-fault", 3, 9, stop=stop, category="?")
    assert wrong.outcome == "rejected"


def _moved(case):
    (visit,) = visits_of(case.id)
    case.do(dispatching.withdraw_visit, visit, at=3, reason="Another team's.")
    case.do(place_ticket, IN_EAST, at=3)
    case.send(2, at=4)


def _merged(case):
    with transaction():
        other = make_ticket(case.start).ticket
    case.do(merge_ticket, other, at=4)


def _closed(case):
    (visit,) = visits_of(case.id)
    case.go(visit, "acknowledge", "set_off", "arrive", "complete", at=3)
    case.do(close_ticket, at=7)


FACTS_ON_SITE = {
    "note": {"note": "The cellar is full"},
    "reading": {"reading": "pressure", "value": 3.5, "unit": "bar", "when": "before"},
    "parts": {"item": "clamps_150", "count": 1},
    "tick": {"list": "safety", "item": "traffic", "done": True},
    "needs": {"parts": ["sleeves"], "needs": ["excavation"]},
    "time-left": {"minutes": 30},
    "code": {"code": "1234"},
}


@pytest.mark.parametrize("overtake", [_moved, _merged, _closed])
def test_a_ticket_that_went_elsewhere_meanwhile_keeps_every_fact_and_the_late_step(
    phone, case, overtake
):
    overtake(case)
    facts = [phone.tap(kind, at=5, args=args) for kind, args in FACTS_ON_SITE.items()]
    assert {phone.send(fact, 20).outcome for fact in facts} == {"applied"}
    late = phone.send(phone.tap("set-off", at=2), 20)
    assert late.outcome == "superseded"
    before, kept = rows_of(TicketEvent, case.id)[-2:]
    assert (before.uuid, before.effective_at) == (facts[-1].uuid, case.minute(6))
    assert (kept.kind, kept.actor, kept.effective_at) == ("for_review", "Ann", case.minute(3))
    assert kept.facts == {"step": "set-off", "why": late.reason}
