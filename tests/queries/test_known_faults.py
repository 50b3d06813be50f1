"""Is a caller told of the crew that leads, from where it was seen last and until when it counts?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.dispatching import dispatch_visit
from dispatch.actions.holds import hold_ticket
from dispatch.actions.intake import NewReport, add_report
from dispatch.actions.positions import record_position
from dispatch.actions.unit_of_work import transaction
from dispatch.actions.visits import arrive, set_off
from dispatch.domain.errors import NotFound
from dispatch.domain.place import Point
from dispatch.models.base import db
from dispatch.models.tickets import Ticket
from dispatch.queries.known_faults import crews_on, known_fault, report_on
from tests.factories import DESK, make_city, make_ticket

NORTH = Point(28.159, 112.95)


@pytest.fixture
def sent(session, now):
    """Open a ticket and send the first crew, which was seen a kilometre north of it."""
    with transaction():
        crew = make_city(now).crews[0]
        ticket = make_ticket(now).ticket
        visit = dispatch_visit(ticket, crew, actor=DESK, now=now)
        record_position(crew.id, NORTH, measured_at=now)
        set_off(ticket, visit, actor=DESK, now=now)
    return ticket.id, visit


def ticket_of(sent):
    return db.session.get_one(Ticket, sent[0])


def test_a_crew_on_its_way_is_told_with_where_it_was_seen(sent, now):
    later = now + timedelta(seconds=90)
    crew = crews_on([sent[0]], later)[sent[0]]
    assert (crew.name, crew.state, crew.metres, crew.seen_seconds) == ("W1", "en_route", 1001, 90)
    known = known_fault(ticket_of(sent), later)
    assert (known.crew, known.is_moving, known.metres, known.callers) == ("W1", True, 1001, 1)
    assert known.promised_at == ticket_of(sent).arrive_due_at


def test_a_position_of_hours_ago_is_not_told(sent, now):
    crew = crews_on([sent[0]], now + timedelta(hours=3))[sent[0]]
    assert (crew.metres, crew.seen_seconds) == (None, None)


def test_a_crew_on_site_is_not_expected_any_more(sent, now):
    with transaction():
        arrive(ticket_of(sent), sent[1], actor=DESK, now=now + timedelta(minutes=9))
    crew = crews_on([sent[0]], now + timedelta(minutes=10))[sent[0]]
    assert (crew.state, crew.eta_at) == ("arrived", None)
    assert crew.arrived_at == now + timedelta(minutes=9)


def test_a_ticket_without_a_crew_has_none(session, now):
    with transaction():
        ticket = make_ticket(now, place=None).ticket
    assert crews_on([], now) == {}
    assert crews_on([ticket.id], now) == {}
    assert known_fault(ticket, now).crew is None


def test_a_hold_says_until_when(session, now):
    until = now + timedelta(hours=2)
    with transaction():
        ticket = make_ticket(now).ticket
        hold_ticket(ticket, reason="waiting_for_part", until_at=until, actor=DESK, now=now)
    assert known_fault(ticket, now).until_at == until


def test_only_a_report_on_the_ticket_is_given(session, now):
    with transaction():
        ticket, other = make_ticket(now).ticket, make_ticket(now).ticket
        report = add_report(ticket, NewReport("burst", address="12"), actor=DESK, now=now)
    assert report_on(ticket, str(report.id)) is report
    for wrong in ("", "x", "9" * 30, "99"):
        with pytest.raises(NotFound):
            report_on(ticket, wrong)
    with pytest.raises(NotFound):
        report_on(other, str(report.id))
