"""Is what a phone told late written on the visit of its own time, and not on the next one?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.attachments import add_photo
from dispatch.actions.dispatching import withdraw_visit
from dispatch.actions.held_work import set_aside, take_over
from dispatch.actions.phones import revoke_phone
from dispatch.actions.unit_of_work import transaction
from dispatch.actions.visits import cannot_complete
from dispatch.domain.resident_code import resident_code
from dispatch.domain.sentences import Sentence
from dispatch.models.tickets import TicketEvent
from dispatch.queries.visits import visits_of
from tests.factories import DESK
from tests.invariants import expect_whole, rows_of
from tests.phones import CrewPhone
from tests.photos import new_photo

READING = {"reading": "pressure", "value": "3.5", "unit": "bar", "when": "before"}
PARTS = {"item": "clamps_150", "count": 1}
LATE = timedelta(hours=2)


@pytest.fixture
def phone(case):
    """Send W1 at minute 1, which takes the ticket; its phone counts minutes from the call."""
    case.send(at=1)
    phone = CrewPhone(case.start, case.crews[0].id)
    assert phone.send(phone.tap("acknowledge", 2), 2).outcome == "applied"
    return phone


def withdrawn(case):
    """Call the crew back at minute 20 and send it again at 25."""
    case.do(withdraw_visit, visits_of(case.id)[0], at=20, reason="Nearer")
    return case.send(at=25).id


def ended(case):
    """Let the desk end the visit at minute 20 without a repair and send the crew again at 25."""
    first = visits_of(case.id)[0]
    case.go(first, "arrive", at=10)
    case.do(cannot_complete, first, at=20, cause="part_missing")
    return case.send(at=25).id


def kept(case, kind):
    return [each for each in rows_of(TicketEvent, case.id) if each.kind == kind][-1]


def told(case, kind):
    """Return the visit, the minute and the quality of the last event of a kind."""
    event = kept(case, kind)
    minute = (event.effective_at - case.start).total_seconds() / 60
    return event.visit_id, minute, event.time_quality


def test_steps_of_a_visit_that_was_withdrawn_are_not_those_of_the_next(phone, case):
    taps = [phone.tap("set-off", 4), phone.tap("arrive", 12), phone.tap("start", 15)]
    second = withdrawn(case)
    sent = [phone.send(tap, 40) for tap in taps]
    assert [each.outcome for each in sent] == ["superseded"] * 3
    assert [each.time_quality for each in sent] == ["offline_trusted"] * 3
    assert told(case, "for_review") == (second - 1, 15, "offline_trusted")
    why = Sentence.from_json(sent[-1].reason)
    assert why.values["at"] == case.minute(20)
    assert "ended at %(at)s (%(how)s)" in why.text
    expect_whole(case.id)
    first, after = visits_of(case.id)
    assert (first.state, after.state, after.en_route_at) == ("withdrawn", "dispatched", None)
    own = [phone.send(phone.tap(kind, at), 60) for kind, at in (("arrive", 41), ("complete", 50))]
    assert [each.outcome for each in own] == ["applied"] * 2
    assert visits_of(case.id)[1].arrived_at == case.minute(41)


@pytest.mark.parametrize("meanwhile", [withdrawn, ended])
def test_facts_stay_on_the_visit_and_the_minute_they_were_told(phone, case, session, meanwhile):
    code = resident_code(case.report.token)
    taps = [
        phone.tap("note", 14, args={"note": "Valve is stuck"}),
        phone.tap("reading", 15, args=READING), phone.tap("parts", 16, args=PARTS),
        phone.tap("code", 17, args={"code": code}),
    ]  # fmt: skip
    second = meanwhile(case)
    assert {phone.send(tap, 40).outcome for tap in taps} == {"applied"}
    assert told(case, "note_added")[1:] == (14, "offline_trusted")
    assert told(case, "reading_taken") == (second - 1, 15, "offline_trusted")
    assert told(case, "parts_used") == (second - 1, 16, "offline_trusted")
    assert told(case, "resident_code") == (second - 1, 17, "offline_trusted")
    phone.send(phone.tap("parts", 30, args=PARTS), 40)
    assert told(case, "parts_used") == (second, 30, "offline_trusted")
    named = phone.tap("parts", 31, args=PARTS | {"visit_id": second - 1})
    assert phone.send(named, 40).outcome == "applied"
    assert told(case, "parts_used") == (second - 1, 31, "offline_trusted")


def test_a_clock_that_is_not_trusted_chooses_no_visit(phone, case):
    known = phone.tap("parts", 15, args=PARTS)
    unknown = phone.tap("arrive", 15, offset_seconds=None, told_at=case.minute(15) - LATE)
    slow = phone.tap("start", 15, told_at=case.minute(15) - LATE)
    ahead = phone.tap(
        "parts", 15, told_at=case.minute(15) + LATE, offset_seconds=7200.0, args=PARTS
    )
    second = withdrawn(case)
    assert phone.send(known, 40).time_quality == "offline_trusted"
    for tap in (unknown, slow):
        assert phone.send(tap, 40).outcome == "applied"
    assert told(case, "arrived") == (second, 25, "offline_skewed")
    assert told(case, "started") == (second, 25, "offline_skewed")
    assert phone.send(ahead, 40).outcome == "applied"
    assert told(case, "parts_used")[0] == second


def test_a_tap_on_a_page_that_showed_the_next_visit_is_of_that_one(phone, case):
    second = withdrawn(case)
    shown = kept(case, "dispatched").id
    blind = phone.tap("set-off", 24.9, seen=shown - 1)
    early = phone.tap("arrive", 24.9, seen=shown)
    assert phone.send(blind, 40).outcome == "superseded"
    assert phone.send(early, 40).outcome == "applied"
    assert told(case, "arrived") == (second, 25, "offline_trusted")


def test_what_was_held_is_done_on_the_visit_of_its_own_time(phone, case):
    with transaction():
        revoke_phone(phone.device, "lost", actor=DESK, now=case.minute(3))
    taps = [phone.tap("arrive", 12), phone.tap("parts", 15, args=PARTS), phone.tap("start", 16)]
    second = withdrawn(case)
    sent = [phone.send(tap, 40) for tap in taps]
    assert [each.effective_at for each in sent] == [case.minute(at) for at in (12, 15, 16)]
    by = {"actor": DESK, "now": case.minute(45)}
    with transaction():
        taken = [take_over(each.id, **by).decision for each in sent[:2]]
        set_aside(sent[2].id, "Not ours", **by)
    assert taken == ["noted", "taken_over"]
    assert told(case, "parts_used") == (second - 1, 15, "offline_trusted")
    assert {
        each.visit_id for each in rows_of(TicketEvent, case.id) if each.kind == "for_review"
    } == {second - 1}
    assert visits_of(case.id)[1].arrived_at is None


@pytest.mark.parametrize(
    ("taken", "later"), [(13, 0), (26, 1), (None, 1), (-30, 1), (90, 1)],
)  # fmt: skip
def test_a_photo_is_of_the_visit_at_which_it_was_taken(phone, case, taken, later):
    second = withdrawn(case)
    new = new_photo(taken_at=None if taken is None else case.minute(taken))
    with transaction():
        row = add_photo(case.reload(), new, actor=phone.actor, now=case.minute(40), most=9)
    assert row.visit_id == second - 1 + later
