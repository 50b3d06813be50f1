"""Are all who may be told read at once, and the crew that leads each ticket?"""

from __future__ import annotations

import pytest

from dispatch.actions.dispatching import Decision, dispatch_visit
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Role
from dispatch.queries.rota import people_for_rota, teams_by_name, watch
from tests.factories import DESK, make_account, make_city, make_crew, make_ticket


@pytest.fixture
def city(session, now):
    found = make_city(now)
    session.commit()
    return found


def test_the_leading_crew_speaks_for_its_ticket(session, city, now):
    with transaction():
        opened = make_ticket(now).ticket
        dispatch_visit(opened, city.crews[0], actor=DESK, now=now)
        second = Decision(crew_role="support")
        dispatch_visit(opened, city.crews[1], actor=DESK, now=now, decision=second)
    assert watch([opened.id]).leading == {opened.id: city.crews[0].id}
    assert watch().leading == {}


def test_only_people_who_may_sign_in_and_crews_on_shift_are_reached(session, city, now):
    with transaction():
        resting = make_crew("night", team=city.west, shift=(0, 1))
        awake = make_account(Role.CREW, now, name="awake", crew_id=city.crews[0].id)
        asleep = make_account(Role.CREW, now, name="asleep", crew_id=resting.id)
        gone = make_account(Role.CREW, now, name="gone", crew_id=city.crews[0].id, active=False)
    found = watch()
    assert found.crew_people(city.crews[0].id, now) == [awake.user_id]
    assert found.crew_people(resting.id, now) == []
    assert found.crew_people(None, now) == []
    assert asleep.user_id in found.contacts
    assert gone.user_id not in found.contacts


def test_the_rota_may_name_teams_in_both_languages_and_no_programs(session, city, now):
    with transaction():
        city.west.name_zh = "西队"
        session.add(city.west)
        make_account(Role.API_CLIENT, now, name="robot")
        make_account(Role.MANAGER, now, name="chen")
    names = teams_by_name()
    assert names["西队"] == names["West Team"] == city.west.id
    assert [tuple(each) for each in people_for_rota()] == [("chen", "chen")]
