"""Is the story of an imported ticket sealed as our own are?"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from dispatch.actions.past_story import PastStep, seal_past, write_past
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.event_chain import SealedEvent, sealed_content, verify
from dispatch.domain.ticket_state import EventKind, TicketState
from dispatch.models.tickets import TicketEvent
from tests.factories import DESK, make_ticket


def test_old_steps_make_a_chain_that_verifies(session, now):
    steps = [
        PastStep(EventKind.DISPATCHED, now - timedelta(hours=3)),
        PastStep(
            EventKind.CLOSED,
            now - timedelta(hours=1),
            TicketState.COMPLETED,
            TicketState.CLOSED,
            {"source": "register", "share": 1.0},
        ),
    ]
    with transaction():
        ticket = make_ticket(now, place=None).ticket
        first = ticket.last_event_hash
        rows = seal_past(ticket.id, steps, actor=DESK, now=now)
        rows[0]["previous_hash"] = "an import starts a ticket of its own"
        write_past(rows)
    stored = session.scalars(
        select(TicketEvent).where(TicketEvent.time_quality == "imported").order_by(TicketEvent.id)
    ).all()
    assert [event.kind for event in stored] == ["dispatched", "closed"]
    assert stored[1].effective_at == now - timedelta(hours=1)
    assert first not in {event.hash for event in stored}
    chain = [SealedEvent(sealed_content(each), each.previous_hash, each.hash) for each in stored]
    assert verify(chain[1:], previous_hash=chain[0].hash) is None
