"""Do crews wait where a rehearsal puts them, each moved as little as can be?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dispatch.domain.errors import Invalid
from dispatch.rehearsal.own_city import own_city, rehearse_own
from dispatch.rehearsal.own_material import OwnSite
from tests.rehearsal.own_material import crew, material, ticket, wish

WEST, EAST = (28.15, 112.9), (28.15, 113.1)
SITES = tuple(
    OwnSite(name, kind, *place, name_zh=None)
    for name, kind, place in (
        ("West", "base", WEST),
        ("East", "grid", EAST),
        ("Far", "grid", (29, 114)),
    )
)
TICKETS = tuple(ticket(n * 5.0, lon=112.9 if n % 2 else 113.1) for n in range(30))


def given(**changes: Any):
    crews = (crew(team="E", base=WEST), crew(base=WEST), crew(base=(28.15, 112.95)))
    return material(**({"tickets": TICKETS, "crews": crews, "sites": SITES} | changes))


def test_one_team_starts_in_a_grid():
    city, _demand, sited = own_city(given(), wish(base_team="E", base_grid="East"))
    assert sited is None
    assert [tuple(base) for base in city.staff.base.tolist()] == [EAST, WEST, (28.15, 112.95)]


def test_a_team_without_crews_moves_nobody():
    city, _demand, _sited = own_city(given(), wish(base_team="Z", base_grid="East"))
    assert EAST not in [tuple(base) for base in city.staff.base.tolist()]


def test_crews_on_top_move_with_their_team():
    asked = wish(base_team="E", base_grid="East", extra_crews=1, extra_team="E")
    city, _demand, _sited = own_city(given(), asked)
    assert tuple(city.staff.base[3].tolist()) == EAST


def test_all_crews_share_the_best_places():
    city, _demand, sited = own_city(given(), wish(sites=2))
    assert sited.places == (0, 1)
    assert (sited.share, sited.proven) == (1.0, True)
    # The one that waited nearest to the east goes there.
    assert [tuple(base) for base in city.staff.base.tolist()] == [WEST, WEST, EAST]
    found = rehearse_own(given(), wish(sites=2))
    assert [each["name"] for each in found["sites"]["chosen"]] == ["West", "East"]
    assert found["unchanged"]["sites"] is None


def test_a_shorter_drive_tells_places_apart_where_one_would_do():
    _city, _demand, sited = own_city(given(), wish(sites=2, promise_minutes=120))
    assert sited.places == (0, 1)
    assert sited.share == 1.0


def test_around_the_clock_crews_are_sited_too():
    asked = wish(sites=1, staffing="around_the_clock", crews=2)
    city, _demand, _sited = own_city(given(), asked)
    assert len(np.unique(city.staff.base, axis=0)) == 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"base_team": "E", "base_grid": "North"}, "There is no grid"),
        ({"sites": 4}, "only 3 places"),
    ],
)
def test_what_cannot_be_is_refused(changes, says):
    with pytest.raises(Invalid, match=says):
        own_city(given(), wish(**changes))
