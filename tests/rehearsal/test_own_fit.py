"""Do skill, vehicle, parts and area keep a rehearsed crew away as they do in life?"""

from __future__ import annotations

from dispatch.rehearsal.engine import rehearse
from dispatch.rehearsal.own_city import own_city
from dispatch.rehearsal.own_fit import able, needs_of
from dispatch.rehearsal.policies import POLICIES
from tests.rehearsal.own_material import crew, material, ticket, wish


def fits(tickets, crews):
    needs, of_each = needs_of(tickets, crews)
    return able(crews, needs)[:, of_each].tolist()


def test_tickets_that_ask_for_the_same_share_a_need():
    needs, of_each = needs_of([ticket(1), ticket(2, grid="East"), ticket(3, pipe_mm=300)], [crew()])
    assert len(needs) == 2
    assert of_each.tolist() == [0, 0, 1]


def test_a_crew_without_the_skill_may_not_go():
    assert fits([ticket(1)], [crew(), crew(skills=("meter",))]) == [[True], [False]]


def test_the_width_of_the_pipe_decides_vehicle_and_clamps():
    bursts = [ticket(1, category="burst", pipe_mm=width) for width in (None, 150, 600)]
    small = crew(vehicle="truck", carries=("clamps_150",))
    bare = crew(vehicle="bike", carries=())
    digs = crew(vehicle="excavator", carries=("clamps_600",))
    assert fits(bursts, [small, bare, digs]) == [
        [True, True, False],
        [False, False, False],
        [True, True, True],
    ]


def test_what_is_not_recorded_keeps_nobody_away():
    assert fits([ticket(1, category="burst", pipe_mm=600)], [crew()]) == [[True]]


def test_a_crew_with_an_area_stays_in_it():
    tickets = [ticket(1), ticket(2, grid="East", team="E"), ticket(3, grid=None, team=None)]
    assert fits(tickets, [crew(area=("East",)), crew(area=()), crew()]) == [
        [False, True, False],
        [True, False, False],
        [True, True, True],
    ]


def test_the_engine_sends_only_crews_that_fit():
    near = crew(area=("East",))
    far = crew(base=(28.25, 112.9))
    city, _demand, _sited = own_city(material(crews=(near, far)), wish())
    outcome = rehearse(city, POLICIES[wish().planner], seed=1)
    assert set(outcome.crew.tolist()) == {1}
