"""Does everybody see their own tickets, and nobody those of others?"""

import pytest
from sqlalchemy import select

from dispatch.actions.dispatching import decline_visit
from dispatch.actions.tasks import NewTask, Owner, assign_task, open_task
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import NotFound
from dispatch.domain.permissions import Role, Scope
from dispatch.models.tickets import Ticket
from dispatch.queries.scoping import in_scope
from dispatch.queries.stories import stories_for
from dispatch.queries.tickets import ticket_rows, ticket_seen
from tests.cases import Case
from tests.factories import DESK, IN_EAST, NOWHERE, make_account, make_ticket
from tests.invariants import stored


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


def assign(task, user_id, now):
    with transaction():
        owner = Owner(user_id=user_id)
        assign_task(stored(task.ticket_id), task, owner, actor=DESK, now=now)


@pytest.mark.parametrize("group", ["team_id", "crew_id"])
def test_a_person_sees_the_ticket_of_a_task_of_their_own_and_no_other(case, session, now, group):
    with transaction():
        leader = make_account(Role.TEAM_LEADER, now, name="Zhao")
        other = make_account(Role.TEAM_LEADER, now, name="Sun")
        task = open_task(stored(2), NewTask("traffic_permit"), actor=DESK, now=now)
    assign(task, leader.user_id, now)
    own = {group: 0, "user_id": leader.user_id}
    assert seen(session, **own) == [2]
    assert [row["number"] for row in ticket_rows(Scope(**own))] == ["W000002"]
    assert ticket_seen("W000002", Scope(**own)).id == 2
    for number, scope in (("W000001", own), ("W000002", {group: 0, "user_id": other.user_id})):
        with pytest.raises(NotFound):
            ticket_seen(number, Scope(**scope))
    assign(task, other.user_id, now)
    assert seen(session, **own) == []


def test_the_figures_of_a_team_do_not_count_the_task_of_one_of_its_people(case, session, now):
    with transaction():
        leader = make_account(Role.TEAM_LEADER, now, name="Zhao", team_id=case.city.west.id)
        task = open_task(stored(2), NewTask("traffic_permit"), actor=DESK, now=now)
    assign(task, leader.user_id, now)
    assert seen(session, **vars(leader.scope)) == [1, 2]
    stories = stories_for(now, case.minute(1), leader.scope, now=case.minute(1))
    assert [each.number for each in stories] == ["W000001"]


def test_a_crew_sees_the_tickets_it_was_sent_to(case, session):
    crew = case.crews[0].id
    assert seen(session, crew_id=crew) == []
    case.send(at=1)
    assert seen(session, crew_id=crew) == [1]
    assert seen(session, crew_id=case.crews[1].id) == []
