"""Are facts written once, and by whoever looked last?"""

from __future__ import annotations

from datetime import UTC
from threading import Thread

import pytest
from sqlalchemy import func, select, update

from dispatch.actions.facts import pack_span, return_visit_rows, write_facts
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.bring_savings import ReturnVisit
from dispatch.domain.errors import Stale
from dispatch.domain.fact_columns import BLOCK_US
from dispatch.domain.facts import facts_of
from dispatch.models.base import db
from dispatch.models.facts import FactBlock, FactDue, FactLoose, ReturnVisitFact, TicketFact
from dispatch.queries.facts import facts_ahead
from tests.factories import make_grid, make_team, make_ticket


@pytest.fixture
def opened(session, now):
    with transaction():
        make_grid(team=make_team(), now=now)
        return make_ticket(now).ticket.id


def count(table):
    return db.session.scalar(select(func.count()).select_from(table))


def test_what_is_written_is_no_longer_due(opened, now):
    ahead = facts_ahead(now)
    with transaction():
        write_facts(ahead, [])
    assert count(FactDue) == 0
    row = db.session.scalars(select(TicketFact)).one()
    [fact] = facts_of([row.fact])
    assert (row.ticket_id, fact["ticket"]) == (opened, opened)
    assert (row.received_us, row.closed_us, row.is_open) == (fact["received_at"], None, True)
    assert row.cell is not None


def test_a_change_made_meanwhile_stays_due(opened, now):
    ahead = facts_ahead(now)
    with transaction():
        make_ticket(now)
    with transaction():
        write_facts(ahead, [])
    assert count(FactDue) > 0
    assert count(TicketFact) == 1


def test_the_second_of_two_roll_ups_of_the_same_changes_writes_nothing(opened, now):
    older, newer = facts_ahead(now), facts_ahead(now)
    with transaction():
        write_facts(newer, [])
    with pytest.raises(Stale), transaction():
        write_facts(older, [])
    assert count(TicketFact) == 1


def test_a_block_is_written_by_one_while_another_changes_a_fact(app, opened, now):
    """What the other commits later is loose; nothing that was read before is in the block."""
    with transaction():
        write_facts(facts_ahead(now), [])
    begun, span = [], number_of_span()

    def another():
        with app.app_context(), transaction():
            begun.append(True)
            db.session.execute(update(TicketFact).values(is_held=True))

    thread = Thread(target=another)
    with transaction():
        pack_span(span, UTC, now)
        thread.start()
    thread.join()
    assert begun
    assert count(FactLoose) == 1
    assert count(FactBlock) == 1


def test_a_block_waits_for_a_change_that_is_not_committed_yet(app, opened, now):
    with transaction():
        write_facts(facts_ahead(now), [])
    span = number_of_span()
    thread = Thread(target=pack_elsewhere, args=(app, span, now))
    with transaction():
        db.session.execute(update(TicketFact).values(is_held=True))
        thread.start()
    thread.join()
    with transaction():
        is_held = db.session.scalars(select(TicketFact.is_held)).one()
    assert is_held
    # Either the block was written after the change, or the change is loose in it.
    assert count(FactBlock) == 1
    assert count(FactLoose) == 0


def pack_elsewhere(app, span, now):
    with app.app_context(), transaction():
        pack_span(span, UTC, now)


def test_return_visits_are_written_anew_with_their_tickets(opened, now):
    one = ReturnVisit(7, opened, frozenset({"pipe", "couplings"}), frozenset({"pipe"}), 60.0)
    ahead = facts_ahead(now)
    with transaction():
        # A visit that was noted at another ticket before, and one of a ticket nobody changed.
        for visit, ticket in ((7, 98), (8, 99), (9, opened)):
            db.session.add(row_of(one._replace(visit=visit, ticket=ticket)))
    with transaction():
        write_facts(ahead, [one])
    rows = db.session.scalars(select(ReturnVisitFact).order_by(ReturnVisitFact.visit_id)).all()
    assert [(row.visit_id, row.ticket_id) for row in rows] == [(7, opened), (8, 99)]
    assert (rows[0].lacked, rows[0].named, rows[0].seconds) == ("couplings pipe", "pipe", 60.0)


def row_of(one):
    [row] = return_visit_rows([one])
    return ReturnVisitFact(**row)


def number_of_span():
    found = db.session.scalars(select(TicketFact.received_us)).one() // BLOCK_US
    db.session.rollback()
    return found
