"""Are contractors bound to the grids of their contract, in every version of them?"""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

from dispatch.domain.crew_fit import Area
from dispatch.models.tickets import Ticket
from dispatch.queries.candidates import candidates_for, crew_board
from dispatch.queries.crew_areas import area_in_force, areas_of
from tests.factories import IN_EAST, make_city, make_grid, make_team, make_ticket


def crew(crew_id, contractor=None, area=None):
    return SimpleNamespace(id=crew_id, contractor=contractor, area=area)


def test_own_crews_are_bound_to_nothing(session, now):
    assert areas_of([crew(1), crew(2)]) == {}


def test_a_grid_counts_in_all_its_versions(session, now):
    team = make_team()
    old = make_grid("North", team=team, now=now, valid_to=now - timedelta(days=1))
    new = make_grid("North", team=team, now=now, version=2)
    make_grid("South", team=team, now=now)
    found = areas_of(
        [crew(1, "Blue Pipe", ["North", "Gone"]), crew(2, "Blue Pipe"), crew(3, None, [])]
    )
    assert found == {
        1: Area("Blue Pipe", frozenset({old.id, new.id}), ("North", "Gone")),
        2: Area("Blue Pipe"),
        3: Area(),
    }


def test_a_contractor_without_grids_works_in_those_of_its_team():
    assert area_in_force("Blue Pipe", None) == {"contractor": "Blue Pipe", "area": []}
    assert area_in_force("Blue Pipe", ["West"])["area"] == ["West"]
    assert area_in_force(None, None)["area"] is None


def test_elsewhere_a_contractor_is_excluded_with_its_reason(session, now):
    city = make_city(now)
    city.crews[0].contractor = "Blue Pipe"
    city.crews[1].area = ["East"]
    home, away = make_ticket(now).ticket, make_ticket(now, place=IN_EAST).ticket
    session.commit()
    assert [one.area is None for one in crew_board(now).crews] == [False, False, True]

    def excluded(ticket):
        found = candidates_for(session.get(Ticket, ticket.id), now)
        return {one.name: one.excluded_by for one in found}

    assert excluded(home) == {"W1": None, "W2": "area", "E1": None}
    assert excluded(away) == {"W1": "area", "W2": None, "E1": None}
