"""Does a ticket end once, and come back as the same ticket?"""

import pytest

from dispatch.actions.endings import (
    answer_follow_up,
    cancel_ticket,
    close_ticket,
    reopen_ticket,
    solve_by_phone,
)
from dispatch.actions.intake import NewReport, add_report
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Invalid, Stale
from dispatch.domain.permissions import RESIDENT
from tests.invariants import DUES


def dues(ticket):
    return [getattr(ticket, f"{kind}_due_at") for kind in DUES]


@pytest.mark.parametrize(
    ("action", "state"), [(solve_by_phone, "solved_by_phone"), (cancel_ticket, "cancelled")]
)
def test_a_ticket_ends_without_a_visit(case, action, state):
    visit = case.send(at=1)
    with pytest.raises(Invalid):
        case.do(action, at=2, reason=" ")
    with pytest.raises(Stale):
        case.do(action, at=2, reason="valve was shut", seen_version=1)
    case.do(action, at=2, reason=" valve was shut ")
    assert case.ticket.state == state
    assert (visit.state, visit.ended_at) == ("withdrawn", case.minute(2))
    assert case.armed() == {}
    assert case.last_event().note == "valve was shut"
    with pytest.raises(Forbidden):
        case.do(action, at=3, reason="again")


@pytest.mark.parametrize("action", [solve_by_phone, cancel_ticket])
def test_a_ticket_that_a_crew_has_reached_does_not_end_by_the_desk(case, action):
    visit = case.send(at=1)
    case.go(visit, "arrive", at=2)
    with pytest.raises(Forbidden):
        case.do(action, at=3, reason="no fault")
    assert case.reload().state == "arrived"


def test_only_a_completed_ticket_is_closed_and_only_once(case):
    with pytest.raises(Forbidden):
        case.do(close_ticket, at=1)
    case.fixed()
    case.do(close_ticket, at=30)
    assert case.ticket.closed_at == case.minute(30)
    assert case.armed() == {}
    with pytest.raises(Forbidden):
        case.do(close_ticket, at=31)


def test_a_reopened_ticket_keeps_its_receipt_its_arrival_and_its_promises(case):
    case.fixed()
    before = dues(case.ticket), case.ticket.arrived_at, case.ticket.received_at
    case.do(close_ticket, at=30)
    with pytest.raises(Invalid):
        case.do(reopen_ticket, at=40, reason="")
    case.do(reopen_ticket, at=40, reason="drips again")
    ticket = case.ticket
    assert (ticket.state, ticket.reopenings) == ("reopened", 1)
    assert (dues(ticket), ticket.arrived_at, ticket.received_at) == before
    assert ticket.completed_at is ticket.closed_at is ticket.restored_at is None
    assert set(case.armed()) == {"restore", "repair"}
    visit = case.send(1, at=41)
    case.go(visit, "acknowledge", "arrive", "complete", at=42)
    assert ticket.completed_at == case.minute(44)
    assert ticket.acknowledged_at == case.minute(2)


def test_a_cancelled_ticket_comes_back_with_every_clock_that_never_stopped(case):
    armed = case.armed()
    case.do(cancel_ticket, at=1, reason="a test call")
    case.do(reopen_ticket, at=2, reason="it is a fault after all")
    assert case.armed() == armed


def test_what_runs_is_not_reopened(case):
    with pytest.raises(Forbidden):
        case.do(reopen_ticket, at=1, reason="again")


def answer(case, given, *, at, report=None):
    with transaction():
        who = report or case.report
        answer_follow_up(case.reload(), who, given, actor=RESIDENT, now=case.minute(at))


def test_fixed_verifies_the_repair_once(case):
    case.fixed()
    answer(case, "fixed", at=60)
    assert case.ticket.verified_at == case.minute(60)
    assert case.armed() == {}
    answer(case, "fixed", at=61)
    assert case.ticket.verified_at == case.minute(60)
    assert case.told().count("verified") == 1


def test_not_fixed_reopens_the_same_ticket_and_a_second_voice_is_kept(case):
    with transaction():
        second = add_report(
            case.reload(), NewReport("burst", address="no 14"), actor=RESIDENT, now=case.minute(1)
        )
    case.fixed(at=2)
    answer(case, "not_fixed", at=60)
    assert (case.ticket.state, case.ticket.reopenings) == ("reopened", 1)
    assert case.last_event().reason == "not_fixed"
    answer(case, "not_fixed", at=70, report=second)
    assert (case.ticket.state, case.ticket.reopenings) == ("reopened", 1)
    assert (second.fixed_answer, second.answered_at) == ("not_fixed", case.minute(70))
    assert case.last_event().kind == "note_added"


def test_silence_is_an_answer_too(case):
    case.fixed()
    answer(case, "rather_not_say", at=60)
    assert case.report.fixed_answer == "rather_not_say"
    assert case.ticket.verified_at is None


def test_an_answer_needs_a_repair_and_one_of_three_words(case):
    with pytest.raises(Forbidden, match="no repair"):
        answer(case, "fixed", at=1)
    with pytest.raises(Invalid):
        answer(case, "maybe", at=1)
    assert case.reload().verified_at is None
