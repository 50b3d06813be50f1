"""Does one call become one ticket, placed, promised and told?"""

import pytest

from dispatch.actions.endings import cancel_ticket
from dispatch.actions.holds import hold_ticket
from dispatch.actions.intake import NewReport, add_note, add_report, change_level, open_ticket
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Invalid, Stale
from dispatch.domain.permissions import RESIDENT
from dispatch.models.clockwork import Outbox
from dispatch.models.tickets import Report, TicketEvent
from tests.cases import Case
from tests.factories import IN_WEST, NOWHERE
from tests.invariants import rows_of


def opened(now, **named: object):
    new = NewReport(**({"category": "leak", "address": "Wuyi Road 12"} | named))
    with transaction():
        return open_ticket(new, actor=RESIDENT, now=now)


def test_a_call_with_a_place_is_accepted_with_its_promises(case):
    ticket = case.ticket
    assert (ticket.state, ticket.team_id) == ("accepted", case.city.west.id)
    assert ticket.received_at == ticket.accepted_at == case.minute(0)
    assert ticket.arrive_due_at == case.minute(30)
    assert ticket.restore_due_at == case.minute(240)
    assert case.told() == ["report_received", "accepted"]
    assert set(case.armed()) == {"dispatch", "arrive", "restore", "repair"}
    assert len(case.report.token) == 24
    assert rows_of(Outbox, case.id) == []


def test_a_call_without_a_point_waits_at_the_desk_and_its_clocks_run(session, now):
    case = Case(now, place=None, reporter_phone="13800000001")
    assert case.ticket.state == "received"
    assert case.ticket.place_standing == "not_located"
    assert "dispatch" in case.armed()
    [message] = rows_of(Outbox, case.id)
    assert (message.recipient, message.template) == ("13800000001", "report_received")


def test_a_call_from_outside_every_grid_is_taken(case, now):
    ticket = opened(now, place=NOWHERE).ticket
    assert ticket.state == "accepted"
    assert ticket.place_standing == "outside"


def test_a_call_that_was_heard_earlier_counts_from_then(case):
    new = NewReport("leak", place=IN_WEST)
    with transaction():
        ticket = open_ticket(
            new, actor=RESIDENT, now=case.minute(10), received_at=case.minute(2)
        ).ticket
    assert ticket.received_at == case.minute(2)
    assert ticket.accepted_at == case.minute(10)
    assert ticket.dispatch_due_at == case.minute(12)
    with pytest.raises(Invalid) as refused, transaction():
        open_ticket(new, actor=RESIDENT, now=case.minute(10), received_at=case.minute(11))
    assert "received_at" in refused.value.fields


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"category": "volcano"}, "category"),
        ({"level": 5}, "level"),
        ({"address": " "}, "place"),
    ],
)
def test_a_wrong_report_names_its_field(session, now, wrong, field):
    with pytest.raises(Invalid) as refused:
        opened(now, **wrong)
    assert field in refused.value.fields
    assert session.query(Report).count() == 0


def test_another_caller_joins_the_ticket(case):
    new = NewReport("burst", address="no 14", reporter_phone="13800000002")
    report = case.do(add_report, new, at=3)
    assert case.ticket.report_count == 2
    assert report.received_at == case.minute(3)
    assert case.last_event().facts == {"report_id": report.id, "reports": 2}
    assert [row.recipient for row in rows_of(Outbox, case.id)] == ["13800000002"]
    case.do(add_report, NewReport("burst", address="no 16"), at=4)
    case.do(cancel_ticket, at=5, reason="no fault")
    with pytest.raises(Forbidden):
        case.do(add_report, new, at=6)


def test_a_changed_level_counts_from_the_same_receipt(case):
    case.do(change_level, 3, at=20, reason="only a drip")
    assert case.ticket.arrive_due_at == case.minute(120)
    assert case.ticket.restore_due_at is None
    assert "restore" not in case.armed()
    assert case.last_event().facts == {"was": 1, "level": 3}
    case.do(hold_ticket, at=21, reason="waiting_for_part")
    case.do(change_level, 2, at=22, reason="")
    assert set(case.armed()) == {"hold"}
    with pytest.raises(Invalid):
        case.do(change_level, 0, at=23, reason="")
    with pytest.raises(Stale):
        case.do(change_level, 1, at=23, reason="", seen_version=1)


def test_the_level_of_what_has_ended_stays(case):
    case.do(cancel_ticket, at=1, reason="no fault")
    with pytest.raises(Forbidden):
        case.do(change_level, 3, at=2, reason="")


def test_a_note_is_never_refused_for_the_state(case):
    case.do(cancel_ticket, at=1, reason="no fault")
    case.do(add_note, " valve 12 is stiff ", at=2)
    assert case.last_event().note == "valve 12 is stiff"
    with pytest.raises(Invalid):
        case.do(add_note, " ", at=3)


def test_answers_raise_the_level_and_become_the_story(case, now):
    answers = {"flow": "gushes", "road": "yes", "indoors": "unknown"}
    ticket, report = opened(now, answers=answers)
    assert (ticket.level, report.answers, report.dangers) == (1, answers, {})
    received = rows_of(TicketEvent, ticket.id)[0]
    assert [each["text"] for each in received.facts["reasons"]] == [
        "It stops the traffic.",
        "It gushes.",
    ]
    assert opened(now, answers=answers, level=3).ticket.level == 3


def test_a_danger_makes_an_emergency_and_it_is_recorded_that_rescue_was_told_of(case, now):
    dangers = {"trapped": "told", "gas": "dismissed"}
    ticket, report = opened(now, category="bill", level=4, dangers=dangers)
    assert (ticket.level, report.dangers) == (1, dangers)
    assert opened(now, category="bill", dangers={"gas": "dismissed"}).ticket.level == 4
    [told] = rows_of(TicketEvent, ticket.id)[0].facts["reasons"]
    assert told["text"] == "%(danger)s: the caller was told to ring %(rescue)s."


def test_a_caller_in_danger_raises_the_ticket_that_they_join(case):
    case.do(change_level, 3, at=1, reason="only a drip")
    case.do(add_report, NewReport("burst", address="no 16", dangers={"gas": "dismissed"}), at=2)
    assert case.ticket.level == 3
    case.do(add_report, NewReport("burst", address="no 16", dangers={"gas": "untold"}), at=3)
    assert case.ticket.level == 1
    assert case.told()[-2:] == ["report_merged", "level_changed"]
