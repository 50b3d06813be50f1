"""Does a batch of warnings take as many statements as one, and leave nothing of a failed one?"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from dispatch.actions import clockwork
from dispatch.actions.clockwork import fire_due
from dispatch.actions.timer_batch import read_batch
from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.clockwork import Timer
from dispatch.models.rectification import Rectification, RectificationEvent
from dispatch.models.tickets import TicketEvent
from dispatch.queries.timers import claim_due
from tests.factories import make_grid, make_team, make_ticket
from tests.statements import statements

LONG = timedelta(minutes=3)


@pytest.fixture
def open_tickets(session, now):
    """Return a function that opens so many tickets."""
    make_grid(team=make_team(), now=now)
    session.commit()

    def add(count):
        with transaction():
            for _ in range(count):
                make_ticket(now)

    return add


def statements_for(now):
    """Fire what is due in one batch; return how many were fired and the statements by verb."""
    with transaction(), statements(db.engine) as ran:
        swept = fire_due(now, limit=500)
    return swept.fired, Counter(each.verb for each in ran)


def test_a_batch_of_thirty_takes_the_statements_of_three(session, open_tickets, now):
    open_tickets(3)
    few, first = statements_for(now + LONG)
    open_tickets(30)
    many, second = statements_for(now + LONG)
    assert many == 10 * few > 0
    assert second == first


def test_thirty_broken_promises_take_the_statements_of_three(session, open_tickets, now):
    def break_arrival(count):
        open_tickets(count)
        with transaction():
            session.execute(delete(Timer).where((Timer.clock != "arrive") | (Timer.rung > 0)))
            session.execute(update(Timer).where(Timer.state == "armed").values(rung=2, due_at=now))
        return statements_for(now)

    few, first = break_arrival(3)
    many, second = break_arrival(30)
    assert (few, many) == (3, 30)
    assert second == first
    items = session.scalars(select(Rectification).order_by(Rectification.ticket_id)).all()
    assert [item.ticket_id for item in items] == list(range(1, 34))
    assert {(item.clock, item.broke_at) for item in items} == {("arrive", now)}
    opened = select(RectificationEvent.item_id).where(RectificationEvent.kind == "opened")
    assert sorted(session.scalars(opened)) == [item.id for item in items]


def test_two_promises_of_a_ticket_that_break_together_open_one_item(session, open_tickets, now):
    open_tickets(1)
    with transaction():
        kept = Timer.clock.in_(("arrive", "restore"))
        session.execute(delete(Timer).where(~kept))
        session.execute(update(Timer).values(rung=2, due_at=now))
    assert statements_for(now)[0] == 2
    [item] = session.scalars(select(Rectification)).all()
    told = session.execute(
        select(RectificationEvent.kind, RectificationEvent.facts).order_by(RectificationEvent.id)
    ).all()
    assert [row.kind for row in told] == ["opened", "breached_again"]
    assert told[0].facts["clock"] == item.clock
    assert {row.facts["clock"] for row in told} == {"arrive", "restore"}


def test_what_a_batch_did_not_write_is_not_there(session, open_tickets, now, monkeypatch):
    open_tickets(2)
    given_up: set[int] = set()

    def fail(_ticket, _reached, _watch, *, now):
        raise OSError(f"no disk at {now}")

    monkeypatch.setattr(clockwork, "raise_alert", fail)
    with transaction():
        swept = fire_due(now + LONG, limit=10, given_up=given_up)
    assert (swept.fired, swept.failed) == (0, len(given_up))
    assert given_up
    kinds = select(TicketEvent.kind).where(TicketEvent.kind.like("clock_%"))
    assert session.scalars(kinds).all() == []
    assert session.scalars(select(Timer.fired_at).where(Timer.fired_at.is_not(None))).all() == []


def test_a_batch_begins_anew_with_what_it_knows(session, open_tickets, now):
    open_tickets(1)
    with transaction():
        claimed = claim_due(now + LONG, 10)
        batch = read_batch(claimed, now + LONG)
        assert claimed
        assert not batch.end(claimed[0][0], fired=False)
        again = batch.anew()
    assert batch.rows.dropped == [claimed[0][0].id]
    assert again.rows.dropped == []
    assert again.watch is batch.watch
