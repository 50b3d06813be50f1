"""Does the roll-up catch up with what was changed, and stand back for another?"""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from dispatch.actions.unit_of_work import transaction
from dispatch.jobs import facts
from dispatch.models.base import db
from dispatch.models.facts import TicketFact
from dispatch.queries.facts import facts_ahead, facts_waiting
from tests.factories import make_grid, make_team, make_ticket


@pytest.fixture
def tickets(session, now):
    with transaction():
        make_grid(team=make_team(), now=now)
        for _ in range(3):
            make_ticket(now)


def written():
    return db.session.scalar(select(func.count()).select_from(TicketFact))


def test_a_round_writes_at_most_what_it_is_told_to(tickets, now):
    waiting = facts_waiting()
    assert facts.run(now, most=2) == 2
    assert facts_waiting() == waiting - 2
    assert facts.run(now) == waiting - 2
    assert (facts_waiting(), written()) == (0, 3)
    assert facts.run(now) == 0


def test_what_another_process_has_written_is_left_alone(tickets, now, monkeypatch):
    seen = facts_ahead(now)
    facts.run(now)
    monkeypatch.setattr(facts, "facts_ahead", lambda _now, **_most: seen)
    assert facts.run(now) == 0
    assert written() == 3
