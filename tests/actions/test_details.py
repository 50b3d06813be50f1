"""Can what was written down be mended, and does the story say so?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch.actions.details import change_details
from dispatch.actions.endings import cancel_ticket
from dispatch.actions.holds import hold_ticket
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Invalid, Stale
from dispatch.models.clockwork import Timer
from dispatch.models.tickets import TicketEvent
from tests.factories import DESK, make_grid, make_team, make_ticket


@pytest.fixture
def ticket(session, now):
    with transaction():
        make_grid(team=make_team(), now=now)
        return make_ticket(now).ticket


def last_event(session, ticket) -> TicketEvent:
    events = select(TicketEvent).where(TicketEvent.ticket_id == ticket.id)
    return session.scalars(events.order_by(TicketEvent.id.desc())).first()


def test_a_large_main_gets_its_longer_promise(session, ticket, now):
    with transaction():
        change_details(ticket, {"pipe_mm": 300}, actor=DESK, now=now)
    assert ticket.repair_due_at == now + timedelta(hours=48)
    event = last_event(session, ticket)
    assert event.kind == "details_changed"
    assert event.facts == {"pipe_mm": {"was": None, "now": 300}, "fields": ["pipe_mm"]}


def test_free_text_stays_out_of_the_sealed_story(session, ticket, now):
    with transaction():
        change_details(ticket, {"description": "Mrs Chen, flat 4"}, actor=DESK, now=now)
    assert ticket.description == "Mrs Chen, flat 4"
    assert last_event(session, ticket).facts == {"fields": ["description"]}


def test_a_changed_category_keeps_the_level(session, ticket, now):
    with transaction():
        change_details(ticket, {"category": "noise"}, actor=DESK, now=now)
    assert (ticket.category, ticket.level) == ("noise", 1)


def test_what_is_the_same_is_no_change(ticket, now):
    with pytest.raises(Invalid), transaction():
        change_details(ticket, {"category": ticket.category}, actor=DESK, now=now)


def test_only_the_end_of_the_hold_is_armed_meanwhile(session, ticket, now):
    with transaction():
        hold_ticket(ticket, reason="waiting_for_part", actor=DESK, now=now)
        change_details(ticket, {"pipe_mm": 300}, actor=DESK, now=now)
    armed = select(Timer).where(Timer.ticket_id == ticket.id, Timer.state == "armed")
    assert [timer.clock for timer in session.scalars(armed)] == ["hold"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({}, "category"),
        ({"level": 1}, "level"),
        ({"category": "volcano"}, "category"),
        ({"pipe_mm": 0}, "pipe_mm"),
        ({"pipe_mm": "wide"}, "pipe_mm"),
    ],
)
def test_what_cannot_be_meant_is_named(session, ticket, now, changes, field):
    with pytest.raises(Invalid) as refusal, transaction():
        change_details(ticket, changes, actor=DESK, now=now)
    assert field in refusal.value.fields


def test_an_ended_ticket_stays_as_it_is(session, ticket, now):
    with transaction():
        cancel_ticket(ticket, reason="no fault", actor=DESK, now=now)
    with pytest.raises(Forbidden), transaction():
        change_details(ticket, {"pipe_mm": 300}, actor=DESK, now=now)


def test_an_older_version_is_refused(session, ticket, now):
    with pytest.raises(Stale), transaction():
        change_details(ticket, {"pipe_mm": 300}, actor=DESK, now=now, seen_version=99)
