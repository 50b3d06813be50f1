"""Is a report from inside an interruption attached or answered, and a danger never?"""

from __future__ import annotations

from typing import Any

import pytest

from dispatch.actions.intake import NewReport
from dispatch.actions.merging import separate_report
from dispatch.actions.notice_reports import answer_call, join_notice, take_back
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, NotFound
from dispatch.models.clockwork import Timer
from dispatch.models.tickets import Report, Ticket, TicketEvent
from tests.factories import DESK, IN_EAST, IN_WEST, make_city, make_ticket
from tests.notices import HOUR, announce


@pytest.fixture
def burst(session, now):
    with transaction():
        make_city(now)
        return make_ticket(now).ticket


def told(**more: Any):
    words = {"category": "no_water", "address": "Furong Road 8", "place": IN_WEST}
    return NewReport(**(words | {"channel": "hotline"} | more))


def join(new, now):
    with transaction():
        return join_notice(new, actor=DESK, now=now)


def test_a_report_joins_the_ticket_of_its_notice(burst, now):
    with transaction():
        announce(now, ticket="W1")
    joined = join(told(), now)
    assert (joined.ticket.id, joined.ticket.report_count, joined.report.notice_id) == (1, 2, 1)


@pytest.mark.parametrize(
    "more",
    [
        {"place": IN_EAST},
        {"place": None},
        {"category": "meter_leak"},
        {"kind": "inspection"},
        {"description": "water drips into the fuse box"},
        {"dangers": {"trapped": "untold"}},
        {"level": 1},
    ],
)
def test_another_place_another_fault_and_a_danger_do_not_join(session, burst, now, more):
    with transaction():
        announce(now, ticket="W1")
    assert join(told(**more), now) is None
    assert session.query(Report).count() == 1


def test_a_notice_without_an_open_ticket_takes_no_report_by_itself(session, burst, now):
    with transaction():
        announce(now)
    assert join(told(), now) is None


def test_a_call_is_attached_where_there_is_a_ticket_and_can_be_undone(session, burst, now):
    with transaction():
        announce(now, ticket="W1")
    with transaction():
        answered = answer_call(1, told(), actor=DESK, now=now)
    assert (answered.joined, answered.ticket.id, answered.report.notice_id) == (True, 1, 1)
    with transaction():
        own = take_back(answered.ticket, answered.report, told(), actor=DESK, now=now)
    assert (own.id, own.state, answered.ticket.report_count) == (2, "accepted", 1)
    assert answered.report.notice_id is None


def test_a_call_without_a_ticket_ends_as_answered_and_goes_on_when_that_is_undone(
    session, burst, now
):
    with transaction():
        announce(now)
    with transaction():
        answered = answer_call(1, told(), actor=DESK, now=now)
    ticket = answered.ticket
    assert (answered.joined, ticket.state, ticket.id) == (False, "answered_by_notice", 2)
    assert armed(session, ticket) == 0
    event = session.query(TicketEvent).filter_by(kind="answered_by_notice").one()
    assert event.note == "Furong Road / 芙蓉路 (#1)"
    with transaction():
        assert take_back(ticket, answered.report, told(), actor=DESK, now=now) is ticket
    assert ticket.state == "accepted"
    assert armed(session, ticket) > 0
    assert answered.report.notice_id is None
    with pytest.raises(Forbidden), transaction():
        take_back(ticket, answered.report, told(), actor=DESK, now=now)


def armed(session, ticket):
    return session.query(Timer).filter_by(ticket_id=ticket.id, state="armed").count()


def test_a_call_without_a_place_yet_waits_again_when_its_answer_is_undone(session, burst, now):
    with transaction():
        announce(now)
    with transaction():
        answered = answer_call(1, told(), actor=DESK, now=now)
        answered.ticket.accepted_at = None
    with transaction():
        take_back(answered.ticket, answered.report, told(), actor=DESK, now=now)
    assert answered.ticket.state == "received"


@pytest.mark.parametrize(
    ("more", "after"),
    [
        ({"place": IN_EAST}, 0),
        ({"place": None}, 0),
        ({"dangers": {"electricity": "told"}}, 0),
        ({}, 4),
    ],
)
def test_a_call_that_a_notice_does_not_explain_is_not_answered_by_it(
    session, burst, now, more, after
):
    with transaction():
        announce(now)
    with pytest.raises(Forbidden), transaction():
        answer_call(1, told(**more), actor=DESK, now=now + after * HOUR)
    assert session.query(Ticket).count() == 1


def test_there_must_be_such_a_notice(session, burst, now):
    with pytest.raises(NotFound), transaction():
        answer_call(9, told(), actor=DESK, now=now)


def test_a_caller_who_was_attached_by_hand_is_separated_as_before(session, burst, now):
    with transaction():
        announce(now, ticket="W1")
        report = join_notice(told(), actor=DESK, now=now).report
    with transaction():
        separate_report(burst, report, told(), actor=DESK, now=now)
    assert report.notice_id is None
