"""Tests of `dispatch.queries.viewing`."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.actions.viewing import keep_look
from dispatch.domain.permissions import RESIDENT, Role
from dispatch.models.people import Team
from dispatch.queries.viewing import PRESENT, unkept_look, viewers
from tests.factories import IN_EAST, make_account, make_city, make_ticket

SECOND = timedelta(seconds=1)


@pytest.fixture
def people(session, now):
    """Add a ticket in the west and one in the east, and three who may see them."""
    with transaction():
        make_city(now)
        make_ticket(now, category="leak")
        make_ticket(now, category="leak", place=IN_EAST)
        west = session.query(Team).filter_by(name="West Team").one()
        return (
            make_account(Role.DISPATCHER, now, name="Li Na"),
            make_account(Role.CALL_TAKER, now, name="Chen"),
            make_account(Role.TEAM_LEADER, now, name="Wu", team_id=west.id),
        )


def look(person, ticket_id, now):
    with transaction():
        keep_look(person.user_id, ticket_id, now=now)


def test_everybody_sees_the_others_and_not_themselves(people, now):
    li, chen, _ = people
    look(li, 1, now)
    look(chen, 1, now)
    look(chen, 2, now)
    assert viewers(li, now) == {"W000001": ["Chen"], "W000002": ["Chen"]}
    assert viewers(chen, now) == {"W000001": ["Li Na"]}


def test_who_is_gone_for_twenty_seconds_is_not_named(people, now):
    li, chen, _ = people
    look(chen, 1, now)
    assert viewers(li, now + PRESENT - SECOND) == {"W000001": ["Chen"]}
    assert viewers(li, now + PRESENT) == {}


def test_nobody_learns_of_tickets_outside_their_scope(people, now):
    _, chen, wu = people
    look(chen, 1, now)
    look(chen, 2, now)
    assert viewers(wu, now) == {"W000001": ["Chen"]}
    assert viewers(RESIDENT, now) == {}


def test_a_look_is_written_anew_after_five_seconds(people, now):
    li, *_ = people
    assert unkept_look("W000001", li, now) == 1
    look(li, 1, now)
    assert unkept_look("W000001", li, now + 4 * SECOND) is None
    assert unkept_look("W000002", li, now) == 2
    assert unkept_look("W000001", li, now + 5 * SECOND) == 1


def test_a_look_at_nothing_is_passed_over(people, now):
    li, _, wu = people
    assert unkept_look("nonsense", li, now) is None
    assert unkept_look("W000009", li, now) is None
    assert unkept_look("W000002", wu, now) is None
    assert unkept_look("W000001", RESIDENT, now) is None
