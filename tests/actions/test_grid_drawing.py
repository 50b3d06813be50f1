"""Do drawn grids come into force with the open tickets on them, and can each change be undone?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import shapely
from sqlalchemy import select

from dispatch.actions.grid_drawing import change_grids, restore_grids
from dispatch.actions.grid_plan import GridFields, GridWish, plan_grids
from dispatch.actions.placing import GivenPlace
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Invalid, NotFound, Stale
from dispatch.models.people import SettingsEvent, Team
from dispatch.models.places import Grid
from dispatch.models.tickets import Ticket, TicketEvent
from dispatch.queries.grids import valid_grids
from tests.factories import DESK, IN_EAST, IN_WEST, make_city, make_ticket

#: The grids of the city are 0.1 degrees wide; this is where the west is cut in two.
CUT = shapely.LineString([(112.94, 28.0), (112.94, 28.3)])
NORTH = shapely.box(112.90, 28.20, 113.00, 28.25)


@pytest.fixture
def city(session, now):
    with transaction():
        return make_city(now)


def grid_named(session, name: str) -> Grid:
    return session.scalars(
        select(Grid).where(Grid.name == name).order_by(Grid.version.desc()).limit(1)
    ).one()


def change(now, kind: str, fields: GridFields, *seen: Grid, **rest: Any):
    wish = GridWish(kind, fields, tuple(grid.id for grid in seen), **rest)
    with transaction():
        return change_grids(wish, actor=DESK, now=now)


def undo(session, now):
    event = session.scalars(select(SettingsEvent).order_by(SettingsEvent.id.desc())).first()
    with transaction():
        return restore_grids(event.id, actor=DESK, now=now)


def open_one(now, place) -> int:
    with transaction():
        return make_ticket(now, place=place).ticket.id


def owner(session, ticket_id: int) -> tuple[str | None, str | None]:
    ticket = session.get(Ticket, ticket_id)
    grid = session.get(Grid, ticket.grid_id) if ticket.grid_id else None
    team = session.get(Team, ticket.team_id) if ticket.team_id else None
    return (grid.name if grid else None, team.name if team else None)


def test_a_drawn_grid_takes_the_tickets_on_its_ground(session, city, now):
    ticket = open_one(now, GivenPlace(28.22, 112.95))
    later = now + timedelta(minutes=1)
    fields = GridFields("North", city.east.id, "北片", "suburb", in_circle=False)
    assert plan_grids(GridWish("draw", fields, outline=NORTH), later).moves[0].number == "W000001"
    done = change(later, "draw", fields, outline=NORTH)
    assert (done.made, done.ended, done.moved) == (["North"], [], 1)
    assert owner(session, ticket) == ("North", "East Team")
    moved = session.get(Ticket, ticket)
    assert (moved.zone, moved.in_circle, moved.place_standing) == ("suburb", False, "inside")
    told = session.scalars(select(TicketEvent).order_by(TicketEvent.id.desc())).first()
    assert (told.kind, told.facts["grid_id"]) == ("placed", moved.grid_id)
    assert told.facts["was"]["grid_id"] != moved.grid_id


def test_a_split_leaves_the_rest_and_undo_brings_it_back(session, city, now):
    west = grid_named(session, "West")
    ticket = open_one(now, GivenPlace(28.15, 112.93))
    kept = open_one(now, IN_WEST)
    later = now + timedelta(minutes=1)
    done = change(later, "split", GridFields("West B", city.east.id), west, outline=CUT)
    assert done.made == ["West", "West B"]
    assert owner(session, ticket) == ("West B", "East Team")
    assert owner(session, kept) == ("West", "West Team")
    assert west.valid_to == later
    back = undo(session, later + timedelta(minutes=1))
    assert (back.made, back.ended, back.moved) == (["West"], ["West B"], 1)
    assert owner(session, ticket) == ("West", "West Team")
    newest = grid_named(session, "West")
    assert (newest.version, newest.geometry) == (3, west.geometry)
    names = [grid.name for grid in valid_grids(later + timedelta(minutes=1))]
    assert names == ["East", "West"]
    again = undo(session, later + timedelta(minutes=2))
    assert sorted(again.made) == ["West", "West B"]


def test_two_become_one_under_either_name_or_a_new_one(session, city, now):
    west, east = grid_named(session, "West"), grid_named(session, "East")
    ticket = open_one(now, IN_EAST)
    later = now + timedelta(minutes=1)
    done = change(later, "merge", GridFields("West", city.west.id), west, east)
    assert (done.made, done.ended, done.moved) == (["West"], ["East"], 1)
    assert owner(session, ticket) == ("West", "West Team")
    undo(session, later + timedelta(minutes=1))
    assert owner(session, ticket) == ("East", "East Team")
    both = [grid_named(session, name) for name in ("West", "East")]
    done = change(later + timedelta(minutes=2), "merge", GridFields("City", None), *both)
    assert (done.made, done.ended) == (["City"], ["West", "East"])
    assert owner(session, ticket) == ("City", None)


def test_a_new_name_ends_the_old_one(session, city, now):
    west = grid_named(session, "West")
    outline = shapely.box(112.90, 28.10, 112.99, 28.20)
    done = change(now, "edit", GridFields("Old town", city.west.id), west, outline=outline)
    assert (done.made, done.ended) == (["Old town"], ["West"])


def test_a_later_change_moves_nothing_now_and_can_be_taken_out(session, city, now):
    west = grid_named(session, "West")
    ticket = open_one(now, GivenPlace(28.15, 112.93))
    begins = now + timedelta(days=3)
    fields = GridFields("West B", city.east.id)
    done = change(now, "split", fields, west, outline=CUT, begins=begins)
    assert (done.moved, done.begins) == (0, begins)
    assert owner(session, ticket) == ("West", "West Team")
    assert [grid.name for grid in valid_grids(now)] == ["East", "West"]
    assert [grid.name for grid in valid_grids(begins)] == ["East", "West", "West B"]
    with pytest.raises(Stale):
        change(now, "edit", fields, west, outline=NORTH)
    with pytest.raises(Invalid, match="already"):
        change(now, "draw", fields, outline=NORTH)
    out = undo(session, now + timedelta(days=1))
    assert (out.made, out.ended) == (["West"], ["West B"])
    assert [grid.name for grid in valid_grids(begins)] == ["East", "West"]
    assert west.valid_to is None


def test_a_ticket_that_a_crew_has_reached_or_a_person_gave_away_stays(session, city, now):
    given, reached = open_one(now, IN_WEST), open_one(now, IN_WEST)
    with transaction():
        session.get(Ticket, given).team_id = city.east.id
        session.get(Ticket, reached).state = "working"
    west, later = grid_named(session, "West"), now + timedelta(minutes=1)
    outline = shapely.box(112.90, 28.10, 113.00, 28.20)
    done = change(later, "edit", GridFields("West", None), west, outline=outline)
    assert done.moved == 0
    assert owner(session, given)[1] == "East Team"
    assert owner(session, reached)[1] == "West Team"


def test_a_held_ticket_and_one_that_lies_nowhere_move_too(session, city, now):
    held, lost = open_one(now, IN_WEST), open_one(now, IN_WEST)
    with transaction():
        session.get(Ticket, held).state = "on_hold"
    west, later = grid_named(session, "West"), now + timedelta(minutes=1)
    far = shapely.box(111.0, 28.10, 111.1, 28.20)
    east = grid_named(session, "East")
    change(later, "draw", GridFields("Far", None), outline=far)
    away = shapely.box(111.2, 28.10, 111.3, 28.20)
    again = later + timedelta(minutes=1)
    change(
        again, "edit", GridFields("East", None), east, outline=shapely.box(111.3, 28.1, 111.4, 28.2)
    )
    change(again, "edit", GridFields("West", None), west, outline=away)
    assert owner(session, lost) == owner(session, held) == (None, None)


def test_a_grid_that_others_changed_is_refused(session, city, now):
    west, later = grid_named(session, "West"), now + timedelta(minutes=1)
    change(later, "split", GridFields("West B", None), west, outline=CUT)
    with pytest.raises(Stale):
        change(later, "split", GridFields("West C", None), west, outline=CUT)


def test_a_change_whose_grids_were_changed_since_is_not_undone(session, city, now):
    west, later = grid_named(session, "West"), now + timedelta(minutes=1)
    change(later, "split", GridFields("West B", None), west, outline=CUT)
    first = session.scalars(select(SettingsEvent).order_by(SettingsEvent.id.desc())).first()
    again = later + timedelta(minutes=1)
    change(again, "edit", GridFields("West", None), grid_named(session, "West"), outline=NORTH)
    with pytest.raises(Stale), transaction():
        restore_grids(first.id, actor=DESK, now=again)
    with pytest.raises(NotFound), transaction():
        restore_grids(999, actor=DESK, now=again)


def test_a_drawn_grid_is_undone_once(session, city, now):
    change(now, "draw", GridFields("North", None), outline=NORTH)
    event = session.scalars(select(SettingsEvent).order_by(SettingsEvent.id.desc())).first()
    later = now + timedelta(minutes=1)
    assert undo(session, later).ended == ["North"]
    with pytest.raises(Stale), transaction():
        restore_grids(event.id, actor=DESK, now=later)


def test_an_ended_grid_is_not_drawn_on(session, city, now):
    west, east = grid_named(session, "West"), grid_named(session, "East")
    later = now + timedelta(minutes=1)
    change(later, "merge", GridFields("West", None), west, east)
    with pytest.raises(Invalid, match="has ended"):
        change(later, "split", GridFields("East B", None), east, outline=CUT)


@pytest.mark.parametrize(
    ("kind", "fields", "rest", "named"),
    [
        ("draw", GridFields("", None), {"outline": NORTH}, "name"),
        ("draw", GridFields("West", None), {"outline": NORTH}, "name"),
        ("draw", GridFields("N", 99), {"outline": NORTH}, "team_id"),
        ("draw", GridFields("N", None, zone="sea"), {"outline": NORTH}, "zone"),
        ("draw", GridFields("N", None), {}, "outline"),
        ("paint", GridFields("N", None), {"outline": NORTH}, "kind"),
        ("edit", GridFields("N", None), {"outline": NORTH}, "kind"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(city, now, kind, fields, rest, named):
    with pytest.raises(Invalid) as refusal:
        change(now, kind, fields, **rest)
    assert list(refusal.value.fields) == [named]


@pytest.mark.parametrize("days", [-1, 400])
def test_a_day_that_is_past_or_too_far_is_refused(city, now, days):
    begins = now + timedelta(days=days)
    with pytest.raises(Invalid) as refusal:
        change(now, "draw", GridFields("N", None), outline=NORTH, begins=begins)
    assert list(refusal.value.fields) == ["begins"]
