"""Does everybody see their own tickets, and nobody those of others?"""

import pytest
from sqlalchemy import select

from dispatch.actions.dispatching import decline_visit
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Scope
from dispatch.models.tickets import Ticket
from dispatch.queries.scoping import in_scope
from tests.cases import Case
from tests.factories import IN_EAST, NOWHERE, make_ticket


@pytest.fixture
def case(session, now):
    """Ticket 1 lies in the west, 2 in the east, 3 in nobody's grid."""
    case = Case(now)
    with transaction():
        make_ticket(now, place=IN_EAST)
        make_ticket(now, place=NOWHERE)
    return case


def seen(session, **scope: object):
    chosen = in_scope(select(Ticket.id).order_by(Ticket.id), Scope(**scope))
    return session.scalars(chosen).all()


def test_the_desk_sees_everything_and_nobody_nothing(case, session):
    assert seen(session, everything=True) == [1, 2, 3]
    assert seen(session) == []
    assert seen(session, team_id=0) == []


def test_a_team_sees_its_own_and_those_its_crews_were_sent_to(case, session):
    west, east = case.city.west.id, case.city.east.id
    own = [ticket for ticket in seen(session, team_id=west) if ticket != 3]
    assert own == [1]
    visit = case.send(2, at=1)
    assert {1, 2} <= set(seen(session, team_id=east))
    case.do(decline_visit, visit, at=2, reason="too far")
    assert {1, 2} <= set(seen(session, team_id=east))


def test_a_crew_sees_the_tickets_it_was_sent_to(case, session):
    crew = case.crews[0].id
    assert seen(session, crew_id=crew) == []
    case.send(at=1)
    assert seen(session, crew_id=crew) == [1]
    assert seen(session, crew_id=case.crews[1].id) == []
