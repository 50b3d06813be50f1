"""Are the valid grids found, and read again when one changes?"""

from __future__ import annotations

from datetime import timedelta

from dispatch.actions.unit_of_work import transaction
from dispatch.domain.place import Point
from dispatch.queries.grids import grid_index, grid_map, valid_grids
from tests.factories import EAST, make_grid, make_team

IN_WEST, IN_EAST = Point(28.15, 112.95), Point(28.15, 113.05)


def test_a_point_gets_its_grid_and_what_the_grid_hands_over(session, now):
    with transaction():
        team = make_team()
        grid = make_grid(team=team, now=now, zone="suburb", in_circle=False)
    grids = grid_map(now)
    found = grids.index.find_grid(IN_WEST)
    assert found.key == grid.id
    facts = grids.facts[grid.id]
    assert (facts.team_id, facts.zone, facts.in_circle) == (team.id, "suburb", False)


def test_the_map_is_kept_until_a_grid_is_added(session, now):
    with transaction():
        team = make_team()
        make_grid(team=team, now=now)
    first = grid_map(now)
    assert grid_map(now) is first
    with transaction():
        east = make_grid("East", EAST, team=team, now=now)
    assert grid_index(now).find_grid(IN_EAST).key == east.id


def test_a_grid_that_has_ended_holds_nothing(session, now):
    with transaction():
        grid = make_grid(team=make_team(), now=now)
    assert [each.id for each in valid_grids(now)] == [grid.id]
    assert len(grid_index(now)) == 1
    with transaction():
        session.add(grid)
        grid.valid_to = now
    assert len(grid_index(now)) == 0


def test_a_grid_of_tomorrow_holds_nothing_today(session, now):
    with transaction():
        grid = make_grid(team=make_team(), now=now)
        grid.valid_from = now + timedelta(days=1)
    assert len(grid_index(now)) == 0
    assert len(grid_index(now + timedelta(days=2))) == 1
