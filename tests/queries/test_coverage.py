"""Does a dispatcher see where nobody would be in time, and what a step would change?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pytest

from dispatch.actions.dispatching import dispatch_visit
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Scope
from dispatch.domain.travel import StraightLine
from dispatch.models.base import db
from dispatch.models.people import Crew, Shift
from dispatch.queries.coverage import coverage_for, losses_for
from dispatch.queries.waiting_place import better_wait_for
from tests.factories import (
    DESK,
    IN_EAST,
    make_city,
    make_crew,
    make_grid,
    make_team,
    make_ticket,
)
from tests.queries.coverage_city import EVERYTHING, ON_FOOT, make_called_city


@dataclass(frozen=True)
class NoWay(StraightLine):
    """A source that knows no way to anywhere."""

    def seconds(self, origins, goals, hour=None):
        del hour
        return np.full((len(origins), len(goals)), np.nan)


@pytest.fixture
def city(session, now):
    with transaction():
        return make_called_city(now)


def words(view):
    return [str(note) for note in view.notes]


def shares(view):
    return [None if each.share is None else round(each.share, 3) for each in view.hours]


def test_crews_on_duty_cover_their_grids(city, now):
    view = coverage_for(EVERYTHING, now, travel=ON_FOOT)
    assert [grid.name for grid in view.grids] == ["West", "East"]
    assert [each.hours for each in view.hours] == [0, 1, 2, 4]
    assert view.hours[0].by_grid.tolist() == [1, 1]
    assert (view.hours[0].on_duty, view.tickets) == (3, 3)
    # Two crews, each busy half of the time, cover the west and one the east.
    assert view.hours[1].by_grid.tolist() == [0.75, 0.5]
    assert shares(view)[:2] == [1.0, round((2 * 0.75 + 0.5) / 3, 3)]
    assert "counted from their base: 3" in words(view)[0]
    assert "Too few visits" in words(view)[1]


def test_a_busy_crew_counts_by_its_chance_to_end_in_time(city, now):
    with transaction():
        ticket = make_ticket(now, place=IN_EAST).ticket
        dispatch_visit(ticket, city.crews[2], actor=DESK, now=now)
    view = coverage_for(EVERYTHING, now + timedelta(minutes=20), travel=ON_FOOT)
    assert view.hours[0].by_grid[0] == 1
    assert 0 < view.hours[0].by_grid[1] < 0.5


def test_off_duty_covers_nothing_and_says_so(city, now):
    with transaction():
        for shift in db.session.query(Shift):
            shift.start_minute, shift.end_minute = 18 * 60, 19 * 60
    view = coverage_for(EVERYTHING, now, travel=ON_FOOT)
    assert shares(view)[0] == 0
    assert shares(view)[1] > 0
    assert [each.on_duty for each in view.hours] == [0, 3, 0, 0]
    assert "No crew is on duty now: nothing is covered." in words(view)
    assert losses_for(EVERYTHING, now, travel=ON_FOOT) == []
    assert better_wait_for(EVERYTHING, now, travel=ON_FOOT) is None


def test_a_city_without_crews_is_not_covered(session, now):
    with transaction():
        make_grid(team=make_team(), now=now)
    view = coverage_for(EVERYTHING, now)
    assert shares(view) == [0, 0, 0, 0]
    assert view.hours[0].by_grid.tolist() == [0]
    assert losses_for(EVERYTHING, now) == []
    assert better_wait_for(EVERYTHING, now) is None


def test_a_city_without_grids_is_no_data(session, now):
    with transaction():
        make_crew("West 1", team=make_team())
    view = coverage_for(EVERYTHING, now)
    assert (view.grids, shares(view)) == ((), [None] * 4)
    assert "No grid is in force: draw or import grids first." in words(view)
    assert losses_for(EVERYTHING, now) == []
    assert better_wait_for(EVERYTHING, now) is None


def test_without_tickets_every_grid_counts_alike(session, now):
    with transaction():
        city = make_city(now)
        for crew in city.crews[:2]:
            crew.active = False
    view = coverage_for(EVERYTHING, now, travel=ON_FOOT)
    assert shares(view)[0] == 0.5
    assert any("every grid counts alike" in note for note in words(view))


def test_a_crew_without_position_and_base_is_left_out_by_name(city, now):
    with transaction():
        db.session.get_one(Crew, city.crews[2].id).base_lon = None
    view = coverage_for(EVERYTHING, now, travel=ON_FOOT)
    assert view.hours[0].by_grid.tolist() == [1, 0]
    assert "Neither position nor base is known, left out: E1" in words(view)
    assert "Places that no crew can reach now: 1" in words(view)


def test_no_way_at_all_is_no_coverage(city, now):
    view = coverage_for(EVERYTHING, now, travel=NoWay())
    assert shares(view) == [0, 0, 0, 0]
    assert "Places that no crew can reach now: 3" in words(view)


def test_a_leader_sees_the_grids_of_the_team(city, now):
    view = coverage_for(Scope(team_id=city.east.id), now, travel=ON_FOOT)
    assert [grid.name for grid in view.grids] == ["East"]
    assert (view.tickets, view.hours[0].on_duty, shares(view)[0]) == (1, 3, 1.0)


def test_an_answer_holds_ten_seconds_or_until_a_visit_begins(city, now):
    first = coverage_for(EVERYTHING, now, travel=ON_FOOT)
    with transaction():
        db.session.get_one(Crew, city.crews[2].id).active = False
    soon = now + timedelta(seconds=9)
    assert coverage_for(EVERYTHING, soon, travel=ON_FOOT) is first
    with transaction():
        dispatch_visit(make_ticket(now).ticket, city.crews[0], actor=DESK, now=now)
    assert coverage_for(EVERYTHING, soon, travel=ON_FOOT).hours[0].by_grid[1] < 0.5


def test_the_grid_that_is_hit_hardest_is_named(city, now):
    found = losses_for(EVERYTHING, now, travel=ON_FOOT)
    assert [(loss.crew, loss.grid.name, loss.before, loss.after) for loss in found] == [
        ("E1", "East", 1.0, 0.0)
    ]
    assert losses_for(Scope(team_id=city.west.id), now, travel=ON_FOOT) == []
