"""Do the grids of a file come into force, once, with the versions before them kept?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from dispatch.actions import grid_import
from dispatch.actions.grid_import import import_grids
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Invalid
from dispatch.domain.grid_features import GridFields, read_grid_features
from dispatch.models.people import SettingsEvent, Team
from dispatch.models.places import Grid
from tests.factories import DESK, make_team
from tests.past_files import BOW_TIE, CITY, EAST, WEST, collection, feature


def take(content: bytes, now, **fields: str):
    drafts = read_grid_features(content, "g.geojson", GridFields(**fields))
    with transaction():
        return import_grids(drafts, actor=DESK, now=now)


def test_grids_and_their_teams_are_made_once(session, now):
    first = take(CITY, now, team="team", zone="zone")
    assert first.imported == ["West", "East"]
    grids = session.scalars(select(Grid).order_by(Grid.id)).all()
    assert [grid.zone for grid in grids] == ["town", "suburb"]
    assert session.get(Team, grids[0].team_id).name == "West Team"
    again = take(CITY, now + timedelta(days=1), team="team", zone="zone")
    assert (again.imported, again.already_there) == ([], ["West", "East"])
    assert len(session.scalars(select(SettingsEvent)).all()) == 1


def test_a_changed_grid_gets_a_new_version_and_keeps_its_team(session, now):
    take(CITY, now, team="team", zone="zone")
    later = now + timedelta(days=1)
    outcome = take(collection(feature("West", EAST)), later)
    assert outcome.imported == ["West"]
    old, new = session.scalars(select(Grid).where(Grid.name == "West").order_by(Grid.version))
    assert (old.valid_to, new.valid_from, new.valid_to) == (later, later, None)
    assert (new.version, new.team_id, new.zone) == (2, old.team_id, "town")
    (warning,) = outcome.warnings
    assert {warning.values["a"], warning.values["b"]} == {"West", "East"}


def test_a_name_in_chinese_is_a_change(session, now):
    take(collection(feature("West", WEST)), now)
    outcome = take(collection(feature("West", WEST, name_zh="西")), now + timedelta(days=1))
    assert outcome.imported == ["West"]


def test_the_only_team_takes_grids_that_name_none(session, now):
    with transaction():
        team = make_team()
    take(CITY, now)
    assert {grid.team_id for grid in session.scalars(select(Grid))} == {team.id}


def test_without_a_team_or_with_two_a_grid_is_nobody_s(session, now):
    with transaction():
        make_team("A")
        make_team("B")
    take(CITY, now)
    assert {grid.team_id for grid in session.scalars(select(Grid))} == {None}


def test_repairs_and_what_was_dropped_are_told(session, now):
    ring = [[113.0, 28.0], [113.1, 28.0], [113.0, 28.0], [113.0, 28.0]]
    drawn = {"type": "MultiPolygon", "coordinates": [[WEST], [ring]]}
    bad = {"type": "Feature", "properties": {"name": "Two"}, "geometry": drawn}
    outcome = take(collection(feature("Bow", BOW_TIE), bad), now)
    assert outcome.repaired == ["Bow", "Two"]
    assert "“Two”: Parts without an inside" in str(outcome.warnings[0])


def test_a_gap_between_grids_is_no_warning(session, now):
    hole = [[112.93, 28.13], [112.97, 28.13], [112.97, 28.17], [112.93, 28.17], [112.93, 28.13]]
    ring = {"type": "Polygon", "coordinates": [WEST, hole]}
    outcome = take(
        collection({"type": "Feature", "properties": {"name": "Ring"}, "geometry": ring}), now
    )
    assert outcome.warnings == []


def test_an_overlap_that_was_there_before_is_not_told_again(session, now):
    moved = [[lon + 0.05, lat] for lon, lat in WEST]
    assert take(collection(feature("A", WEST), feature("B", moved)), now).warnings
    far = [[lon + 5, lat] for lon, lat in WEST]
    assert not take(collection(feature("C", far)), now).warnings


def test_a_version_that_begins_later_is_not_overtaken(session, now):
    take(CITY, now + timedelta(days=1))
    with pytest.raises(Invalid, match="begins at"):
        take(CITY, now)
    assert len(session.scalars(select(Grid)).all()) == 2


def test_many_grids_may_take_longer_than_a_request(session, now, monkeypatch):
    limits = []

    def measured(grids, changed):
        if session.connection().dialect.name == "postgresql":
            limits.append(session.scalar(text("SHOW idle_in_transaction_session_timeout")))
        return []

    monkeypatch.setattr(grid_import, "_overlaps", measured)
    take(CITY, now)
    assert set(limits) <= {"0"}
