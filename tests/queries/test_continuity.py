"""Is it known which crew was last at a household, and for how long?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.dispatching import dispatch_visit
from dispatch.actions.unit_of_work import transaction
from dispatch.actions.visits import arrive
from dispatch.models.places import Household
from dispatch.models.tickets import Ticket
from dispatch.queries.candidates import candidates_for, waiting_of
from dispatch.queries.continuity import with_last_visits
from dispatch.queries.households import household_id_of
from tests.factories import DESK, make_city, make_ticket


@pytest.fixture
def city(session, now):
    """Make two teams, three crews and a household."""
    found = make_city(now)
    session.add(Household(account="W-1", address="Wuyi Road 12", lat=28.15, lon=112.95))
    session.commit()
    return found


def visit(session, crew, at):
    with transaction():
        ticket = make_ticket(at, household_id=household_id_of("W-1")).ticket
        there = dispatch_visit(ticket, crew, actor=DESK, now=at)
    with transaction():
        arrive(session.get(Ticket, ticket.id), there, actor=DESK, now=at + timedelta(minutes=9))
    return at + timedelta(minutes=9)


def call(now, account=None):
    with transaction():
        whose = household_id_of(account) if account else None
        return make_ticket(now, category="no_water", household_id=whose).ticket.id


def last_of(session, ticket_id, now, months=12):
    [found] = with_last_visits([waiting_of(session.get(Ticket, ticket_id))], now, months)
    return found.need.last_crew_id, found.need.last_visit_at


def test_the_last_crew_on_site_is_known(session, city, now):
    visit(session, city.crews[0], now - timedelta(days=40))
    there_at = visit(session, city.crews[2], now - timedelta(days=20))
    ticket = call(now, "W-1")
    assert last_of(session, ticket, now) == (city.crews[2].id, there_at)
    knows = {one.name: one.knows for one in candidates_for(session.get(Ticket, ticket), now)}
    assert knows == {"W1": False, "W2": False, "E1": True}


def test_after_some_months_a_household_is_not_known_any_more(session, city, now):
    visit(session, city.crews[0], now - timedelta(days=61))
    ticket = call(now, "W-1")
    assert last_of(session, ticket, now, months=2) == (None, None)
    assert last_of(session, ticket, now, months=3)[0] == city.crews[0].id
    assert last_of(session, ticket, now, months=0) == (None, None)


def test_a_ticket_without_a_household_is_known_to_nobody(session, city, now):
    visit(session, city.crews[0], now - timedelta(days=1))
    assert last_of(session, call(now), now) == (None, None)
