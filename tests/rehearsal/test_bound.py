"""Is the yardstick never below a policy, and right where one can see the best by hand?"""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.domain.desk_rules import fifo, home, nearest
from dispatch.domain.look_ahead import look_ahead
from dispatch.rehearsal import bound
from dispatch.rehearsal.bound import bound_of
from dispatch.rehearsal.bound_route import Knowledge
from dispatch.rehearsal.engine import rehearse
from tests.rehearsal.streets import OneStreet, crews_at, even_run, street


def test_it_leaves_the_ticket_that_costs_two_others():
    # The first takes the only crew far away; the two beside the base fit one after another.
    city = street([(0, 29), (1, 1), (45, 1)], [0])
    done = even_run(city, fifo)
    assert done.attainment_30().hits == 1
    assert bound_of(done).attainment_30.hits == 2


def test_it_sets_off_after_the_call_only():
    # 31 minutes away: who knew could wait at the door, but nobody drives to no ticket.
    done = even_run(street([(60, 31)], [0]), nearest)
    assert bound_of(done).attainment_30.rate == 0.0


def test_it_may_wait_at_the_base_between_tickets():
    city = street([(0, 25), (120, -20)], [0])
    done = even_run(city, nearest)
    assert bound_of(done).attainment_30.hits == 2


def test_it_keeps_to_shifts_and_ways():
    staff = crews_at([0, 0], duties=(((0.0, 3600.0),), ((7200.0, 9000.0),)))
    city = street([(70, 1), (121, 1), (122, 60)], [0, 0], staff=staff, travel=OneStreet(50))
    done = even_run(city, nearest)
    found = bound_of(done)
    assert found.in_time.tolist() == [False, True, False]


def test_too_many_tickets_are_not_searched(monkeypatch):
    monkeypatch.setattr(bound, "MOST_TICKETS", 1)
    found = bound_of(even_run(street([(0, 1), (1, 1)], [0]), nearest))
    assert found.attainment_30.rate is None
    assert "too many" in str(found.how)


def test_progress_is_told():
    told: list[float] = []
    bound_of(even_run(street([(0, 1), (0, 29), (1, 28)], [0]), nearest), told.append)
    assert told
    assert all(0 <= share <= 1 for share in told)


@st.composite
def crowded(draw):
    calls = sorted(draw(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 60)), min_size=1)))
    bases = draw(st.lists(st.integers(0, 60), min_size=1, max_size=3))
    return street(calls, bases, cancelled=draw(st.sampled_from([0.0, 0.3])))


@given(crowded(), st.sampled_from([home, fifo, nearest, look_ahead]), st.integers(0, 3))
@settings(max_examples=40)
def test_it_is_never_below_the_policy_and_always_the_same(city, policy, seed):
    done = rehearse(city, policy, seed=seed)
    found = bound_of(done)
    assert found.attainment_30.hits >= done.attainment_30().hits
    assert found.attainment_30.n == done.attainment_30().n
    assert bound_of(done).in_time.tolist() == found.in_time.tolist()


@given(crowded())
@settings(max_examples=40)
def test_a_route_that_is_found_is_in_time(city):
    known = Knowledge(rehearse(city, nearest, seed=1))
    tickets = np.flatnonzero(known.wanted)
    for route in known.routes:
        found = known.best_route(route, tickets, np.ones(len(known.wanted)))
        assert known.is_in_time(route, found)


def test_a_crew_is_met_on_its_way_home():
    # Free at 60 at place 20; at 70 it is halfway home; the call there is 30 min away otherwise.
    city = street([(0, 20), (70, -18)], [0])
    known = Knowledge(even_run(city, nearest))
    [route] = known.routes
    assert known.arrival(route, 3600.0, 0, 1) == 4200.0 + 28 * 60.0
    assert known.best_route(route, np.array([0, 1]), np.ones(2)) == [0, 1]
    assert known.arrival(route, 3600.0, 0, 0) == 3600.0
