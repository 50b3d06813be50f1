"""Are the valid grids drawn, and is a point given to the right one?"""

from __future__ import annotations

from dispatch.actions.unit_of_work import transaction
from dispatch.domain.place import Point
from dispatch.models.people import Team
from dispatch.queries.grid_map import grid_features, owner_of
from tests.factories import EAST, make_grid, make_team


def test_only_valid_grids_are_drawn(session, now):
    with transaction():
        make_grid("West", team=make_team(name_zh="西片区队"), now=now)
        make_grid("Old", EAST, team=None, now=now, valid_to=now)
    features, stamp = grid_features(now)
    [west] = features
    assert west["properties"]["name"] == "West"
    assert west["properties"]["team"] == {"id": 1, "name": "West Team", "name_zh": "西片区队"}
    assert west["geometry"]["type"] == "Polygon"
    assert grid_features(now, unless={stamp}) == (None, stamp)


def test_the_stamp_changes_with_the_grids(session, now):
    with transaction():
        grid = make_grid("West", team=make_team(), now=now)
        team = grid.team_id
    before = grid_features(now)[1]
    with transaction():
        session.get(Team, team).name_zh = "西片区队"
    named = grid_features(now)[1]
    assert named != before
    with transaction():
        session.merge(grid).team_id = None
    assert grid_features(now)[1] != named


def test_whose_a_point_is(session, now):
    with transaction():
        team = make_team(name_zh="西片区队")
        make_grid("West", team=team, now=now, name_zh="西区")
        make_grid("East", EAST, team=None, now=now)
    inside = owner_of(Point(28.15, 112.95), now)
    assert inside["grid"] == {"name": "West", "name_zh": "西区"}
    assert inside["team"] == {"id": 1, "name": "West Team", "name_zh": "西片区队"}
    assert (inside["standing"], inside["others"]) == ("inside", [])
    border = owner_of(Point(28.15, 113.0), now)
    assert border["standing"] == "border"
    assert {border["grid"]["name"], *border["others"]} == {"West", "East"}
    far = owner_of(Point(40.0, 116.0), now)
    assert (far["grid"], far["team"], far["standing"]) == (None, None, "outside")


def test_without_grids_a_point_is_nobodys(session, now):
    assert owner_of(Point(28.15, 112.95), now)["grid"] is None
