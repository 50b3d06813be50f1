"""Is every change of a stored event found, whoever made it?"""

from __future__ import annotations

from threading import Thread

import pytest
from sqlalchemy import delete, event, select, update

from dispatch.actions.housekeeping import settled_event_id, write_anchor
from dispatch.actions.intake import add_note
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.event_chain import Anchor, anchor_key, seal, sealed_content
from dispatch.models.base import db
from dispatch.models.tickets import Ticket, TicketEvent
from dispatch.queries import event_chain
from dispatch.queries.event_chain import (
    checked_anchors,
    checked_tickets,
    last_anchor,
    last_event_id,
    take_in,
    ticket_count,
)
from tests.factories import DESK, make_ticket
from tests.tampering import without_triggers

KEY = anchor_key("a secret")


@pytest.fixture
def three(session, now):
    with transaction():
        return [make_ticket(now).ticket.id for _ in range(3)]


def anchor(now):
    before = last_anchor()
    after_id, digest = (before.last_event_id, before.digest) if before else (0, "")
    with transaction():
        last_id = settled_event_id()
    taken = take_in(Anchor(KEY, digest), after_id, last_id)
    with transaction():
        write_anchor(taken, last_id, now=now)


def broken():
    return [(each.number, each.broken_at) for each in checked_tickets() if each.broken_at]


def holds():
    return [each.holds for each in checked_anchors(KEY)]


def events_of(session, ticket_id):
    mine = select(TicketEvent).where(TicketEvent.ticket_id == ticket_id)
    return session.scalars(mine.order_by(TicketEvent.id)).all()


def test_what_nobody_touched_holds(session, three, now, monkeypatch):
    monkeypatch.setattr(event_chain, "TICKETS_AT_ONCE", 2)
    monkeypatch.setattr(event_chain, "HASHES_AT_ONCE", 2)
    anchor(now)
    with transaction():
        make_ticket(now)
    anchor(now)
    assert ticket_count() == 4
    found = list(checked_tickets())
    assert [each.number for each in found] == ["W000001", "W000002", "W000003", "W000004"]
    assert broken() == []
    assert sum(each.events for each in found) == len(session.scalars(select(TicketEvent)).all())
    assert holds() == [True, True]
    assert [each.holds for each in checked_anchors(anchor_key("another"))] == [False, False]


def test_work_that_goes_on_while_events_are_read_breaks_nothing(app, three, now):
    noted = []

    def another():
        with app.app_context(), transaction():
            add_note(db.session.get(Ticket, 2), "meanwhile", actor=DESK, now=now)

    def note_meanwhile(_connection, _cursor, sql, _values, _context, _is_many):
        if "ticket_event.hash" in sql and not noted:
            noted.append(sql)
            thread = Thread(target=another)
            thread.start()
            thread.join()

    event.listen(db.engine, "before_cursor_execute", note_meanwhile)
    try:
        assert broken() == []
    finally:
        event.remove(db.engine, "before_cursor_execute", note_meanwhile)
    assert noted
    db.session.rollback()
    assert broken() == []


def test_one_ticket_is_checked_alone(session, three):
    assert [each.number for each in checked_tickets(2)] == ["W000002"]
    assert list(checked_tickets(99)) == []


def test_a_changed_event_breaks_its_ticket(session, three):
    second = events_of(session, 2)[1].id
    with without_triggers():
        session.execute(update(TicketEvent).where(TicketEvent.id == second).values(reason="x"))
    assert broken() == [("W000002", 2)]


def test_a_cut_tail_breaks_its_ticket(session, three):
    last = events_of(session, 3)[-1].id
    with without_triggers():
        session.execute(delete(TicketEvent).where(TicketEvent.id == last))
    assert broken() == [("W000003", len(events_of(session, 3)) + 1)]


def test_who_recomputes_every_hash_is_found_by_the_anchors(session, three, now):
    anchor(now)
    with transaction():
        make_ticket(now)
    anchor(now)
    with without_triggers():
        previous = events_of(session, 2)[0].previous_hash
        for event in events_of(session, 2):
            event.reason = "rewritten"
            event.previous_hash = previous
            previous = event.hash = seal(previous, sealed_content(event))
        session.get(Ticket, 2).last_event_hash = previous
    assert broken() == []
    # The second anchor is computed from the digest that was kept, and no event after it changed.
    assert holds() == [False, True]


def test_without_events_nothing_is_there(session):
    assert (last_event_id(), ticket_count(), last_anchor()) == (0, 0, None)
    assert list(checked_tickets()) == []
