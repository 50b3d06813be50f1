"""Are today's bases and the middles of the grids the places to choose from?"""

from __future__ import annotations

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.queries import sites
from dispatch.queries.sites import Site, bases, candidate_sites
from tests.factories import EAST, IN_EAST, make_city, make_crew, make_ticket


@pytest.fixture
def city(session, now):
    with transaction():
        return make_city(now)


def test_a_base_of_several_crews_stands_once_under_its_teams(city):
    with transaction():
        make_crew("E2", team=city.east)
        make_crew("E3", team=city.east, base=(28.0, 113.0)).active = False
        db.session.get_one(Crew, city.crews[1].id).base_lat = None
        city.west.name_zh = "西片区队"
    assert bases() == [
        Site("West Team, East Team", "base", 28.15, 112.95, "西片区队、East Team"),
        Site("East Team", "base", 28.15, 113.05, "East Team"),
    ]


def test_candidates_are_the_bases_and_the_busiest_grids(city, now, monkeypatch):
    with transaction():
        make_ticket(now, place=IN_EAST)
    monkeypatch.setattr(sites, "MOST_GRIDS", 1)
    *known, grid = candidate_sites(now)
    assert known == bases()
    west, south, east, north = EAST
    assert (grid.name, grid.kind) == ("East", "grid")
    assert south < grid.lat < north
    assert west < grid.lon < east


def test_an_empty_city_has_no_candidates(session, now):
    assert candidate_sites(now) == []
