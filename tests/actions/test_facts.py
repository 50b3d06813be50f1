"""Are facts written once, and by whoever looked last?"""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from dispatch.actions.facts import write_facts
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Stale
from dispatch.domain.facts import facts_of
from dispatch.models.base import db
from dispatch.models.facts import FactDue, TicketFact
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
        write_facts(ahead)
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
        write_facts(ahead)
    assert count(FactDue) > 0
    assert count(TicketFact) == 1


def test_the_second_of_two_roll_ups_of_the_same_changes_writes_nothing(opened, now):
    older, newer = facts_ahead(now), facts_ahead(now)
    with transaction():
        write_facts(newer)
    with pytest.raises(Stale), transaction():
        write_facts(older)
    assert count(TicketFact) == 1
