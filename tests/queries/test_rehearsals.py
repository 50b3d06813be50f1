"""Does a rehearsal start from the asker's own located tickets, crews and shifts?"""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select

from dispatch.actions.rehearsals import ask_for_rehearsal
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import NotFound
from dispatch.domain.permissions import Role, Scope
from dispatch.models.base import db
from dispatch.models.people import Shift
from dispatch.models.tickets import Ticket
from dispatch.queries.rehearsals import (
    ahead_of,
    any_waiting,
    count_for,
    crew_count,
    csv_of_result,
    grid_shapes,
    material_for,
    rehearsal_for,
    rehearsals_for,
    team_names,
)
from dispatch.rehearsal.own_material import Material
from tests.factories import make_account, make_crew
from tests.own_days import make_days, past_ticket, wish

ZONE = ZoneInfo("Asia/Shanghai")
ALL = Scope(everything=True)


@pytest.fixture
def city(session, now):
    with transaction():
        city = make_days(now)
        for left_out in (
            {"state": "duplicate"},
            {"level": 4},
            {"lat": None, "lon": None, "place_standing": "not_located"},
            {"kind": "inspection"},
        ):
            db.session.execute(insert(Ticket), past_ticket(3, **left_out))
        db.session.execute(insert(Ticket), past_ticket(49, imported=True))
    return city


def test_tickets_are_counted_as_they_are_replayed(city, now):
    assert count_for(ALL, wish().period(ZONE)).located == 24
    assert count_for(ALL).located == 25
    assert count_for(Scope(team_id=city.west.id)).located == 12
    material, _life = material_for(wish(), ZONE, None, now)
    assert len(material["tickets"]) == 24
    assert material["received"] == 28
    empty = count_for(Scope(team_id=99))
    assert (empty.located, empty.first, empty.last) == (0, None, None)


def test_material_is_what_the_rehearsal_reads(city, now):
    material, _life = material_for(wish(), ZONE, None, now)
    read = Material.from_json(material)
    assert read.tickets[0].grid == "West"
    assert read.tickets[1].team == "East Team"
    assert [crew.team for crew in read.crews] == ["West Team", "West Team", "East Team"]
    assert read.crews[2].base == (28.15, 113.05)
    assert read.crews[0].skills == ("general", "mains", "meter", "quality")
    assert read.crews[0].shifts == ((0, 0, 127),)
    assert (read.crews[0].vehicle, read.crews[0].carries, read.crews[0].area) == (None, None, None)


def test_pipes_vehicles_parts_and_areas_are_read(city, now):
    with transaction():
        crew = db.session.merge(city.crews[0])
        crew.vehicle_class, crew.carries, crew.contractor = "truck", ["valves"], "Pipes Ltd"
        for ticket in db.session.scalars(select(Ticket)):
            ticket.pipe_mm = 200
    material, _life = material_for(wish(), ZONE, None, now)
    read = Material.from_json(material)
    assert {ticket.pipe_mm for ticket in read.tickets} == {200}
    assert (read.crews[0].vehicle, read.crews[0].carries) == ("truck", ("valves",))
    assert [crew.area for crew in read.crews] == [(), None, None]


def test_a_team_starts_from_its_own(city, now):
    material, life = material_for(wish(), ZONE, city.east.id, now)
    assert {each["team"] for each in material["tickets"]} == {"East Team"}
    assert len(material["crews"]) == crew_count(Scope(team_id=city.east.id)) == 1
    assert [each["key"] for each in life["by_team"]] == ["East Team"]


def test_only_todays_shifts_and_active_crews_count(city, now):
    with transaction():
        gone = make_crew("Gone", team=city.west)
        gone.active = False
        old = {"valid_to": now - timedelta(days=1)}
        new = {"valid_from": now + timedelta(days=1)}
        for limits in (old, new):
            db.session.add(
                Shift(
                    crew_id=city.crews[0].id, start_minute=1, end_minute=2, weekdays=127, **limits
                )
            )
    material, _life = material_for(wish(), ZONE, None, now)
    assert len(material["crews"]) == crew_count(ALL) == 3
    assert material["crews"][0]["shifts"] == [(0, 0, 127)]


def test_a_crew_without_a_base_has_none(city, now):
    with transaction():
        db.session.merge(city.crews[0]).base_lat = None
    material, _life = material_for(wish(), ZONE, None, now)
    assert material["crews"][0]["base"] is None


def test_life_is_of_the_same_tickets_with_the_promise_asked_for(city, now):
    _material, life = material_for(wish(), ZONE, None, now)
    assert (life["total"]["hits"], life["total"]["n"]) == (12, 24)
    assert life["total"]["minutes"]["max"] == 40
    by_grid = {each["key"]: each["rate"] for each in life["by_grid"]}
    assert by_grid == {"West": 1.0, "East": 0.0}
    assert [each["key"] for each in life["by_level"]] == [1, 2]
    _material, longer = material_for(wish(promise_minutes=40), ZONE, None, now)
    assert longer["total"]["rate"] == 1.0


def test_life_of_the_changed_hours_is_told_apart(city, now):
    _material, life = material_for(wish(frost=2.0, frost_hours=4), ZONE, None, now)
    assert (life["in_hours"]["n"], life["in_hours"]["hits"]) == (3, 2)
    _material, life = material_for(wish(), ZONE, None, now)
    assert life["in_hours"] is None


def ask(actor, now):
    with transaction():
        return ask_for_rehearsal(wish(), actor=actor, now=now)


def test_a_team_leader_sees_those_of_the_own_team_alone(city, now):
    with transaction():
        chief = make_account(Role.MANAGER, now)
        leader = make_account(Role.TEAM_LEADER, now, team_id=city.west.id)
    assert not any_waiting()
    whole, own = ask(chief, now), ask(leader, now)
    assert any_waiting()
    assert [row.key for row in rehearsals_for(ALL)] == [own.key, whole.key]
    assert [row.key for row in rehearsals_for(leader.scope)] == [own.key]
    assert rehearsal_for(own.key, ALL).id == own.id
    assert ahead_of(own) == 1
    for key in (whole.key, "nothing"):
        with pytest.raises(NotFound):
            rehearsal_for(key, leader.scope)
    assert rehearsals_for(Scope(team_id=city.east.id)) == []


def test_teams_and_grids_have_their_names(city, now):
    assert team_names(ALL) == [("East Team", None), ("West Team", None)]
    assert team_names(Scope(team_id=city.west.id)) == [("West Team", None)]
    assert set(grid_shapes()) == {"West", "East"}


def test_the_tables_are_written_beside_life_and_safe(city, now):
    with transaction():
        chief = make_account(Role.MANAGER, now)
    row = ask(chief, now)
    assert len("".join(csv_of_result(row)).splitlines()) == 1
    _material, life = material_for(wish(), ZONE, None, now)
    formula = {"key": "=1+1", "n": 1, "hits": 1, "rate": 1.0, "minutes": None}
    row.result = life | {"life": life, "by_team": [formula]}
    lines = list(csv.DictReader(io.StringIO("".join(csv_of_result(row)).removeprefix("\ufeff"))))
    assert lines[0]["by"] == "total"
    assert (lines[0]["rate"], lines[0]["life_rate"], lines[0]["p50_minutes"]) == (
        "0.5",
        "0.5",
        "30.0",
    )
    unlike = next(line for line in lines if line["by"] == "team")
    assert (unlike["key"], unlike["life_n"]) == ("'=1+1", "")
