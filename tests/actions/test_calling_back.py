"""Is the desk warned of a reporter who waits for a call, until somebody spoke to them?"""

import pytest
from sqlalchemy import select

from dispatch.actions.calling_back import call_back
from dispatch.actions.clockwork import fire_due
from dispatch.actions.endings import cancel_ticket, close_ticket, reopen_ticket
from dispatch.actions.holds import hold_ticket, release_hold
from dispatch.actions.intake import NewReport, add_report, change_level
from dispatch.actions.ticket_log import Told
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Invalid, Stale
from dispatch.domain.permissions import RESIDENT, Role
from dispatch.models.alerts import Alert
from tests.cases import Case
from tests.factories import DESK, make_account
from tests.invariants import expect_whole, rows_of

CALLER = {"channel": "web", "reporter_phone": "13800000001"}


@pytest.fixture
def case(session, now):
    return Case(now, **CALLER)


def fire(case, minute):
    with transaction():
        fire_due(case.minute(minute), limit=100)
    expect_whole(case.id)


def alerts_of(case):
    return [alert for alert in rows_of(Alert, case.id) if alert.clock == "call_back"]


def test_a_reporter_on_the_web_is_promised_a_call(case):
    assert case.ticket.call_back_due_at == case.minute(10)
    assert case.armed()["call_back"] == case.minute(5)


@pytest.mark.parametrize(
    "report",
    [
        {"channel": "phone", "reporter_phone": "13800000001"},
        {"channel": "hotline", "reporter_phone": "13800000001"},
        {"channel": "web", "reporter_phone": None},
        {"channel": "sensor", "reporter_phone": "13800000001"},
        {"channel": "crew", "reporter_phone": "13800000001"},
        {"channel": "web", "reporter_phone": "13800000001", "kind": "planned"},
        CALLER | {"category": "installation", "kind": "installation"},
    ],
)
def test_nobody_else_is_promised_one(session, now, report):
    case = Case(now, **report)
    assert case.ticket.call_back_due_at is None
    assert "call_back" not in case.armed()
    with pytest.raises(Forbidden):
        case.do(call_back, at=1)
    assert "called_back" not in case.told()


def test_speaking_to_the_reporter_stops_the_clock_and_says_who_did(case):
    version = case.ticket.version
    case.do(call_back, at=4, note=" will be at home ", seen_version=version)
    assert (case.ticket.called_back_at, case.ticket.called_back_by) == (case.minute(4), DESK.name)
    assert case.ticket.version > version
    assert (case.last_event().kind, case.last_event().note) == ("called_back", "will be at home")
    assert "call_back" not in case.armed()
    assert "arrive" in case.armed()


def test_a_call_that_nobody_took_is_kept_and_the_clock_goes_on(case):
    armed, version = case.armed(), case.ticket.version
    for minute in (2, 3):
        case.do(call_back, at=minute, outcome="not_reached", note="engaged")
    assert case.told().count("call_unanswered") == 2
    assert case.last_event().note == "engaged"
    assert (case.armed(), case.ticket.version) == (armed, version)
    assert case.ticket.called_back_at is None
    case.do(call_back, at=4)
    assert case.ticket.called_back_at == case.minute(4)


def test_a_reporter_is_reached_once(case):
    case.do(call_back, at=4)
    with pytest.raises(Forbidden) as refusal:
        case.do(call_back, at=5)
    assert str(refusal.value.sentence).startswith("Li Na reached the reporter")
    with pytest.raises(Forbidden):
        case.do(call_back, at=5, outcome="not_reached")
    assert case.told().count("called_back") == 1


def test_wrong_words_old_pictures_and_ended_tickets_are_refused(case):
    with pytest.raises(Invalid):
        case.do(call_back, at=1, outcome="perhaps")
    with pytest.raises(Stale):
        case.do(call_back, at=1, seen_version=99)
    for minute in (-1, 2):
        with pytest.raises(Invalid):
            case.do(call_back, at=1, told=Told(effective_at=case.minute(minute)))
    case.do(cancel_ticket, at=2, reason="no fault")
    with pytest.raises(Forbidden):
        case.do(call_back, at=3)


def test_a_call_is_dated_when_it_was_made(case):
    case.do(call_back, at=8, told=Told(effective_at=case.minute(3)))
    assert case.ticket.called_back_at == case.minute(3)


def test_the_desk_is_told_rung_by_rung_until_somebody_was_reached(case, session):
    with transaction():
        make_account(Role.CREW, case.start, name="steward", crew_id=case.crews[0].id)
    case.send(at=1)
    fire(case, 5)
    fire(case, 8)
    first = alerts_of(case)
    assert [(alert.fraction, alert.state) for alert in first] == [(0.5, "open"), (0.8, "open")]
    assert "crew" not in {alert.duty for alert in first}, "a crew on the road makes no calls"
    case.do(call_back, at=9)
    assert {alert.state for alert in alerts_of(case)} == {"settled"}
    fire(case, 20)
    assert len(alerts_of(case)) == 2
    assert "call_back" not in {
        each.facts.get("clock")
        for each in session.scalars(select(type(case.last_event())))
        if each.kind == "clock_breached"
    }


def test_another_level_counts_from_the_same_receipt(case):
    case.do(change_level, 3, at=2, reason="smaller")
    assert case.ticket.call_back_due_at == case.minute(30)
    case.do(call_back, at=3)
    case.do(change_level, 1, at=4, reason="no, it is not")
    assert case.ticket.call_back_due_at == case.minute(10)
    assert "call_back" not in case.armed()


def test_a_hold_moves_the_warning_and_a_call_during_it_counts(case):
    case.do(hold_ticket, at=2, reason="resident_unavailable")
    case.do(call_back, at=3, outcome="not_reached")
    assert "call_back" not in case.armed()
    case.do(release_hold, at=4)
    assert case.armed()["call_back"] == case.minute(7)
    case.do(hold_ticket, at=5, reason="resident_unavailable")
    case.do(call_back, at=6)
    case.do(release_hold, at=7)
    assert "call_back" not in case.armed()


def test_the_repair_ends_the_wait_and_a_reopening_does_not_begin_it_anew(case):
    case.fixed()
    assert "call_back" not in case.armed()
    case.do(close_ticket, at=7)
    case.do(reopen_ticket, at=9, reason="drips")
    assert case.ticket.call_back_due_at == case.minute(10)
    assert case.armed()["call_back"] == case.minute(5)
    case.do(call_back, at=9.5)
    assert "call_back" not in case.armed()


def test_somebody_else_who_reports_the_same_begins_no_clock(session, now):
    case = Case(now, channel="phone", reporter_phone="13800000001")
    with transaction():
        another = NewReport("burst", address="next door", **CALLER)
        add_report(case.reload(), another, actor=RESIDENT, now=case.minute(3))
    expect_whole(case.id)
    case.do(change_level, 2, at=4, reason="smaller")
    assert case.ticket.call_back_due_at is None
