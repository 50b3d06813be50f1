"""Are the visits of a ticket found, and no crew that is not the asker's?"""

import pytest

from dispatch.actions.dispatching import decline_visit
from dispatch.domain.errors import Forbidden, NotFound
from dispatch.domain.permissions import Scope
from dispatch.queries.visits import (
    active_visit_of,
    active_visits_of,
    crew_for_change,
    visits_of,
)
from tests.cases import Case


@pytest.fixture
def case(session, now):
    return Case(now)


def test_visits_come_oldest_first_and_the_ended_ones_are_not_active(case):
    first = case.send(at=1)
    case.do(decline_visit, first, at=2, reason="flat tyre")
    second, third = case.send(1, at=3, role="support"), case.send(at=4)
    assert list(visits_of(case.id)) == [first, second, third]
    assert list(active_visits_of(case.id)) == [second, third]
    assert active_visit_of(case.id) is third
    assert active_visit_of(case.id, case.crews[1].id) is second
    with pytest.raises(Forbidden):
        active_visit_of(case.id, case.crews[2].id)


def test_without_a_leading_crew_the_oldest_visit_speaks(case):
    support = case.send(at=1, role="support")
    assert active_visit_of(case.id) is support


def test_no_visit_no_answer(case):
    with pytest.raises(Forbidden):
        active_visit_of(case.id)


def test_a_crew_is_sent_by_those_it_belongs_to(case):
    west, east = case.city.west.id, case.city.east.id
    crew = case.crews[0]
    assert crew_for_change(crew.id, Scope(everything=True)) is crew
    assert crew_for_change(crew.id, Scope(team_id=west)) is crew
    assert crew_for_change(crew.id, Scope(crew_id=crew.id)) is crew
    for scope in (Scope(team_id=east), Scope(crew_id=case.crews[1].id), Scope()):
        with pytest.raises(NotFound):
            crew_for_change(crew.id, scope)
    with pytest.raises(NotFound):
        crew_for_change(99, Scope(everything=True))


def test_a_crew_that_is_no_longer_there_is_not_sent(case):
    case.crews[0].active = False
    with pytest.raises(NotFound):
        crew_for_change(case.crews[0].id, Scope(everything=True))
