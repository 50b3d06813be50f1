"""Does an alert end with its clock, and only with that one?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch.actions.alert_ends import keep_alerts, passing_on, settle_alerts
from dispatch.actions.clockwork import fire_due
from dispatch.actions.unit_of_work import transaction
from dispatch.models.alerts import Alert
from dispatch.models.clockwork import Timer
from dispatch.models.tickets import Ticket
from tests.factories import make_city, make_ticket


@pytest.fixture
def ticket(session, now):
    with transaction():
        make_city(now)
        found = make_ticket(now).ticket
    with transaction():
        fire_due(now + timedelta(minutes=15), limit=100)
    return session.get(Ticket, found.id)


def states(session):
    session.expire_all()
    return {row.clock: row.state for row in session.scalars(select(Alert).order_by(Alert.id))}


def test_one_clock_ends_its_own_alerts_alone(session, ticket):
    with transaction():
        settle_alerts(ticket, "arrive", None, None)
    assert states(session) == {"dispatch": "open", "arrive": "settled"}


def test_a_held_ticket_keeps_its_alerts(session, ticket):
    ticket.held_from, before = "accepted", ticket.state
    session.execute(Ticket.__table__.update().values(state="on_hold"))
    session.commit()
    session.expire_all()
    with transaction():
        settle_alerts(session.get(Ticket, ticket.id), None, None, None)
    assert before == "accepted"
    assert set(states(session).values()) == {"open"}


def test_what_still_runs_is_armed_to_be_passed_on_again(session, ticket, now):
    with transaction():
        row = session.scalars(select(Alert).where(Alert.clock == "arrive")).one()
        row.pass_on_at = now + timedelta(minutes=20)
        session.flush()
        keep_alerts(ticket, {(row.clock, row.visit_id, row.target_at)})
    assert states(session) == {"dispatch": "settled", "arrive": "open"}
    [timer] = session.scalars(select(Timer).where(Timer.alert_id.is_not(None))).all()
    assert (timer.alert_id, timer.due_at) == (row.id, now + timedelta(minutes=20))
    assert passing_on(row)["key"] == timer.key == f"pass/{row.id}"
