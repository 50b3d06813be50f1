"""Is an idle crew told where it covers most, else where it is at the next call soonest?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.domain.idle_place import FEWEST_CALLS
from dispatch.domain.permissions import Scope
from dispatch.domain.travel import StraightLine
from dispatch.models.base import db
from dispatch.models.people import Position
from dispatch.models.places import Grid
from dispatch.models.tickets import Ticket
from dispatch.queries.waiting_place import better_wait_for
from tests.factories import IN_EAST, IN_WEST, make_city, make_grid, make_ticket
from tests.queries.coverage_city import EVERYTHING, HOUR, ON_FOOT, make_called_city
from tests.trips import send, step, steward, work

#: So quick that every crew is in time everywhere.
QUICK = replace(StraightLine(), speed_kmh=70.0, spread=0.0)


@pytest.fixture
def city(session, now):
    with transaction():
        return make_called_city(now)


def test_an_idle_crew_should_wait_where_nobody_is(city, now):
    with transaction():
        make_grid("North", (112.90, 28.40, 113.00, 28.50), team=city.west, now=now)
        make_ticket(now, place=replace(IN_WEST, lat=28.45))
    found = better_wait_for(EVERYTHING, now, travel=ON_FOOT)
    assert (found.crew, found.grid.name, found.base_of) == ("W1", "North", None)
    assert (found.lat, found.lon) == pytest.approx((28.45, 112.95))
    assert (found.before, found.after) == pytest.approx((0.75, 1.0))
    assert better_wait_for(Scope(team_id=city.east.id), now, travel=ON_FOOT) is None


def test_a_base_can_be_the_better_place(city, now):
    with transaction():
        for crew in city.crews[:2]:
            db.session.add(Position(crew_id=crew.id, lat=28.15, lon=113.2, measured_at=now))
    found = better_wait_for(EVERYTHING, now, travel=ON_FOOT)
    assert (found.crew, found.base_of, found.grid) == ("W1", "W1", None)


def test_a_city_without_tickets_or_grids_moves_nobody(session, now):
    with transaction():
        make_city(now)
        db.session.query(Grid).delete()
    assert better_wait_for(EVERYTHING, now) is None


def place_crew(crew, place, now):
    db.session.add(Position(crew_id=crew.id, lat=place.lat, lon=place.lon, measured_at=now))


@pytest.fixture
def all_in_east(city, now):
    """Let all calls come from the west, and all crews stand in the east."""
    with transaction():
        for _ in range(FEWEST_CALLS):
            make_ticket(now - HOUR, place=IN_WEST)
        for crew in city.crews:
            place_crew(crew, IN_EAST, now)
    return city


def test_where_all_are_in_time_a_crew_waits_where_the_next_call_comes_from(all_in_east, now):
    found = better_wait_for(EVERYTHING, now, travel=QUICK)
    assert (found.is_sooner, found.crew, found.base_of, found.grid) == (True, "W1", "W1", None)
    assert found.after < found.before < 30 * 60
    team = Scope(team_id=all_in_east.east.id)
    assert better_wait_for(team, now, travel=QUICK).crew == "E1"


def test_a_crew_that_is_nearly_done_there_leaves_less_to_win(all_in_east, now):
    alone = better_wait_for(EVERYTHING, now, travel=QUICK)
    ticket, crew = db.session.query(Ticket).first().id, all_in_east.crews[1].id
    send(ticket, crew, now - HOUR)
    work(ticket, crew, now - HOUR, until="start")
    step(ticket, "time-left", steward(crew), now, minutes=1)
    beside = better_wait_for(EVERYTHING, now, travel=QUICK)
    assert beside.before == pytest.approx(60, rel=0.1)
    assert beside.before < alone.before


def test_before_enough_calls_are_known_nobody_is_moved_for_them(city, now):
    with transaction():
        for crew in city.crews:
            place_crew(crew, IN_EAST, now)
    assert better_wait_for(EVERYTHING, now, travel=QUICK) is None
