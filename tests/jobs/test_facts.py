"""Does the roll-up catch up with what was changed, and stand back for another?"""

from __future__ import annotations

from threading import Thread

import pytest
from sqlalchemy import func, select, update

from dispatch.actions.unit_of_work import transaction
from dispatch.domain.facts import facts_of
from dispatch.jobs import facts
from dispatch.models.base import db
from dispatch.models.facts import FactDue, TicketFact
from dispatch.models.tickets import Ticket
from dispatch.queries.facts import facts_ahead, facts_waiting
from tests.factories import make_grid, make_team, make_ticket
from tests.queries.histories import NOW, make_places, store
from tests.queries.test_facts import a_closed_leak


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


def is_free():
    """Tell whether another roll-up may begin now; on SQLite it always may."""
    if db.engine.dialect.name != "postgresql":
        return True
    turn = func.pg_try_advisory_xact_lock(func.hashtextextended("facts", 0))
    return db.session.scalar(select(turn))


def another_process(app):
    """Change a neighbour, and roll it up if that may be done now.

    PostgreSQL may number a change before those that committed earlier, as in a long import.
    """
    with app.app_context():
        with transaction():
            db.session.execute(update(Ticket).where(Ticket.id == 1).values(level=2))
            if db.engine.dialect.name == "postgresql":
                db.session.execute(update(FactDue).where(FactDue.ticket_id == 1).values(id=0))
        may_begin = is_free()
        db.session.rollback()
        if may_begin:
            facts.run(NOW, most=1)
        db.session.remove()


def test_a_neighbour_that_changes_between_reading_and_writing_is_not_lost(
    app, session, monkeypatch
):
    make_places()
    store([a_closed_leak(1), a_closed_leak(2, hours=5)])
    facts.run(NOW)
    with transaction():
        db.session.execute(update(Ticket).where(Ticket.id == 2).values(lat=29.0))
    read = facts.facts_ahead

    def interrupted(now, *, most):
        monkeypatch.setattr(facts, "facts_ahead", read)
        found = read(now, most=most)
        thread = Thread(target=another_process, args=(app,))
        thread.start()
        thread.join()
        return found

    monkeypatch.setattr(facts, "facts_ahead", interrupted)
    facts.run(NOW)
    facts.run(NOW)
    assert facts_waiting() == 0
    rows = facts_of(db.session.scalars(select(TicketFact.fact).order_by(TicketFact.ticket_id)))
    assert rows["level"].tolist() == [2, 3]
