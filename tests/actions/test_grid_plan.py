"""Is what a drawn change would do told beforehand, with nothing written?"""

from __future__ import annotations

import pytest
import shapely
from sqlalchemy import select

from dispatch.actions.grid_plan import GridFields, GridWish, plan_grids
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import NotFound
from dispatch.models.places import Grid
from tests.factories import make_city

NORTH = shapely.box(112.90, 28.20, 113.00, 28.25)


@pytest.fixture
def city(session, now):
    with transaction():
        return make_city(now)


def grid_named(session, name: str) -> Grid:
    return session.scalars(select(Grid).where(Grid.name == name)).one()


def test_an_edited_outline_is_fitted_to_its_neighbours(session, city, now):
    west = grid_named(session, "West")
    east = shapely.from_geojson(str(grid_named(session, "East").geometry).replace("'", '"'))
    edge = east.bounds[0]
    wider = shapely.box(112.80, 28.10, edge + 0.000003, 28.20)
    fields = GridFields("West", city.west.id)
    plan = plan_grids(GridWish("edit", fields, (west.id,), wider), now)
    assert plan.makes[0].shape.bounds[2] == edge
    assert plan.faults == []
    over = shapely.box(112.80, 28.10, edge + 0.01, 28.20)
    (fault,) = plan_grids(GridWish("edit", fields, (west.id,), over), now).faults
    assert {fault.values["a"], fault.values["b"]} == {"West", "East"}


def test_a_grid_that_is_not_there_is_not_found(city, now):
    with pytest.raises(NotFound):
        plan_grids(GridWish("edit", GridFields("N", None), (999,), NORTH), now)
