"""Tests of `dispatch.queries.similar`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Scope
from dispatch.models.base import db
from dispatch.models.follow_ups import FollowUp
from dispatch.models.tickets import Ticket
from dispatch.queries.similar import LOOK_BACK, complaints, similar_tickets
from tests.factories import IN_EAST, make_city, make_household, make_ticket
from tests.trips import send, work

if TYPE_CHECKING:
    from datetime import datetime

EVERYTHING = Scope(everything=True)


@pytest.fixture
def ticket(session, now) -> Ticket:
    """Add a city and its ticket number one, in the west, of a household."""
    with transaction():
        make_city(now)
        household = make_household()
        session.flush()
        found = make_ticket(now, category="leak", household_id=household.id).ticket
    return session.get_one(Ticket, found.id)


def numbers(ticket, now, scope=EVERYTHING):
    return [row["number"] for row in similar_tickets(ticket, scope, now=now)]


def test_near_ones_and_those_of_the_household_are_found(ticket, now):
    with transaction():
        make_ticket(now, category="riser")
        make_ticket(now, category="riser", place=IN_EAST)
        make_ticket(now, category="riser", place=IN_EAST, household_id=ticket.household_id)
    assert numbers(ticket, now) == ["W000004", "W000002"]
    far, near = similar_tickets(ticket, EVERYTHING, now=now)
    assert (far["same_household"], near["same_household"]) == (True, False)
    assert near["metres"] == 0
    assert far["metres"] > 1000


def test_open_ones_come_before_past_ones_with_their_outcome(ticket, now):
    with transaction():
        make_ticket(now, category="riser")
        make_ticket(now, category="noise")
    send(2, 1, now)
    work(2, 1, now)
    db.session.get_one(Ticket, 2).state = "closed"
    rows = similar_tickets(ticket, EVERYTHING, now=now)
    assert [row["number"] for row in rows] == ["W000003", "W000002"]
    assert [(row["open"], row["visits"]) for row in rows] == [(True, 0), (False, 1)]


def test_older_ones_and_those_of_others_are_left_out(ticket, now):
    with transaction():
        make_ticket(now - LOOK_BACK - timedelta(days=1), category="riser")
        make_ticket(now, category="riser")
    assert numbers(ticket, now) == ["W000003"]
    assert numbers(ticket, now, Scope(team_id=99)) == []


def test_a_ticket_without_place_and_household_has_none(session, now):
    with transaction():
        make_city(now)
        lone = make_ticket(now, category="no_water", place=None).ticket
        make_ticket(now, category="no_water", place=None)
    assert similar_tickets(session.get_one(Ticket, lone.id), EVERYTHING, now=now) == []


def answered(ticket: Ticket, now: datetime, **columns: Any) -> FollowUp:
    return FollowUp(
        ticket_id=ticket.id, report_id=1, round="same_day", state="done", about_at=now, due_at=now,
        call_at=now, late_at=now, answered_at=now, **columns,
    )  # fmt: skip


def test_what_was_complained_of_is_told_the_newest_first(ticket, session, now):
    with transaction():
        session.add(answered(ticket, now, fixed="not_fixed"))
        session.add(answered(ticket, now + timedelta(days=1), fixed="fixed", result=2, process=5))
        session.add(answered(ticket, now, fixed="fixed", result=3, process=3))
    rows = complaints(ticket, EVERYTHING)
    assert [(row["not_fixed"], row["result"]) for row in rows] == [(False, 2), (True, None)]
    assert complaints(ticket, Scope(team_id=99)) == []
