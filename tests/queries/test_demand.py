"""Does the demand of a grid stand where its tickets came from?"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from dispatch.actions.endings import cancel_ticket
from dispatch.actions.placing import GivenPlace
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Scope
from dispatch.queries import demand as asked
from dispatch.queries.demand import demand_of_grids, located_tickets
from tests.factories import DESK, EAST, IN_EAST, IN_WEST, NOWHERE, make_city, make_ticket

EVERYTHING = Scope(everything=True)


@pytest.fixture
def city(session, now):
    with transaction():
        return make_city(now)


def names(demand):
    return [grid.name for grid in demand.grids]


def test_tickets_stand_for_their_grid(city, now):
    with transaction():
        make_ticket(now)
        make_ticket(now, place=GivenPlace(28.16, 112.96))
        make_ticket(now, place=IN_EAST)
        make_ticket(now, place=NOWHERE)
        make_ticket(now, place=None)
    found = demand_of_grids(now)
    assert [(grid.name, grid.tickets) for grid in found.grids] == [("West", 2), ("East", 1)]
    assert found.tickets == 3
    assert found.weights.tolist() == [1, 1, 1]
    assert found.points[found.grid_of == 1].tolist() == [[IN_EAST.lat, IN_EAST.lon]]
    assert found.weights_of_grids().tolist() == [2, 1]


def test_a_grid_without_tickets_has_a_point_inside_it(city, now):
    found = demand_of_grids(now)
    west, south, east, north = EAST
    ((lat, lon),) = found.points[found.grid_of == 1]
    assert south < lat < north
    assert west < lon < east
    assert (found.tickets, found.weights.tolist()) == (0, [0, 0])


def test_no_grid_is_no_demand(session, now):
    found = demand_of_grids(now)
    assert (found.points.shape, found.grids, found.tickets) == ((0, 2), (), 0)


def test_tickets_that_nobody_visits_are_no_demand(city, now):
    with transaction():
        make_ticket(now, level=4)
        cancel_ticket(make_ticket(now).ticket, reason="mistake", actor=DESK, now=now)
    assert located_tickets().shape == (0, 2)


def test_a_range_of_days_is_the_days_asked_for(city, now):
    with transaction():
        make_ticket(now, place=IN_WEST)
        make_ticket(now + timedelta(days=1), place=IN_EAST)
    later = now + timedelta(hours=1)
    assert located_tickets(to_at=later).tolist() == [[IN_WEST.lat, IN_WEST.lon]]
    assert located_tickets(from_at=later).tolist() == [[IN_EAST.lat, IN_EAST.lon]]
    assert located_tickets(newest=1).tolist() == [[IN_EAST.lat, IN_EAST.lon]]


def test_many_tickets_are_thinned_and_keep_their_weight(city, now, monkeypatch):
    monkeypatch.setattr(asked, "MOST_POINTS_A_GRID", 2)
    with transaction():
        for number in range(5):
            make_ticket(
                now + timedelta(minutes=number), place=GivenPlace(28.15, 112.95 + number / 1_000)
            )
    found = demand_of_grids(now)
    west = found.grid_of == 0
    assert found.weights[west].tolist() == [2.5, 2.5]
    assert found.points[west][:, 1] == pytest.approx([112.954, 112.953])


def test_an_answer_is_kept_until_a_grid_changes(city, now):
    found = demand_of_grids(now)
    assert demand_of_grids(now + timedelta(minutes=1)) is found
    assert demand_of_grids(now + timedelta(minutes=11)) is not found


def test_a_team_sees_its_own_grids(city, now):
    found = demand_of_grids(now)
    own = found.in_scope(Scope(team_id=city.east.id))
    assert [found.grids[place].name for place in own] == ["East"]
    assert np.array_equal(found.in_scope(EVERYTHING), [0, 1])
    assert not len(found.in_scope(Scope(crew_id=1)))
