"""Do the crews of a table come on duty as it says, known by their names?"""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select

from dispatch.actions.crew_import import import_crews
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.crew_rows import read_crew_rows
from dispatch.domain.errors import Invalid
from dispatch.models.people import Crew, CrewSkill, SettingsEvent, Shift, Skill, Team
from tests.factories import DESK, make_grid, make_team
from tests.past_files import CREWS


def take(text: str, now):
    drafts = read_crew_rows(io.BytesIO(text.encode()), "crews.csv")
    with transaction():
        return import_crews(drafts, file="crews.csv", actor=DESK, now=now)


def test_crews_teams_and_skills_are_made_once(session, now):
    first = take(CREWS, now)
    assert first.imported == ["West 1", "West 2", "East 1"]
    assert first.teams == ["West Team", "East Team"]
    assert set(session.scalars(select(Skill.key))) == {"general", "mains", "divers"}
    assert len(session.scalars(select(Shift)).all()) == 3
    again = take(CREWS, now)
    assert again.already_there == first.imported
    assert len(session.scalars(select(SettingsEvent)).all()) == 1


def test_a_changed_row_changes_its_crew_and_no_other(session, now):
    take(CREWS, now)
    changed = CREWS.replace("West 1,West Team,general;mains", "West 1,East Team,quality")
    assert take(changed, now).changed == ["West 1"]
    crew = session.scalars(select(Crew).where(Crew.name == "West 1")).one()
    assert session.get(Team, crew.team_id).name == "East Team"
    skills = select(CrewSkill.skill_key).where(CrewSkill.crew_id == crew.id)
    assert session.scalars(skills).all() == ["quality"]


def test_a_crew_off_the_list_is_active_again(session, now):
    take(CREWS, now)
    with transaction():
        session.scalars(select(Crew).where(Crew.name == "West 2")).one().active = False
    assert take(CREWS, now).changed == ["West 2"]
    assert all(crew.active for crew in session.scalars(select(Crew)))


MORE = CREWS.splitlines()[0] + ",vehicle_class,carries,contractor,area\n"
ROW = "West 1,West Team,general,,,08:00,20:00,Van 1"


def test_vehicle_parts_and_area_are_kept_and_stay_where_a_table_has_no_column(session, now):
    make_grid("West", team=make_team("West Team"), now=now)
    session.commit()
    text = f"{MORE}{ROW},truck,clamps_300;valves,Blue Pipe,West\n"
    assert take(text, now).imported == ["West 1"]
    assert take(text, now).already_there == ["West 1"]

    def kept():
        crew = session.scalars(select(Crew)).one()
        return crew.vehicle_class, crew.carries, crew.contractor, crew.area

    assert kept() == ("truck", ["clamps_300", "valves"], "Blue Pipe", ["West"])
    short = CREWS.splitlines()[0] + f"\n{ROW.replace('Van 1', 'Van 2')}\n"
    assert take(short, now).changed == ["West 1"]
    assert kept()[0] == "truck"
    assert take(f"{MORE}{ROW},,nothing,,\n", now).changed == ["West 1"]
    assert kept() == (None, [], None, None)


def test_an_area_without_its_grid_is_refused_and_nothing_changes(session, now):
    with pytest.raises(Invalid, match=r"crews\.csv, line 2, area: “West” is no grid"):
        take(f"{MORE}{ROW},,,,West\n", now)
    assert session.scalars(select(Crew)).all() == []


def test_a_chinese_name_is_kept_and_stays_where_a_table_has_no_column(session, now):
    header = CREWS.splitlines()[0]
    assert take(f"{header},name_zh\n{ROW},西区一组\n", now).imported == ["West 1"]
    assert take(f"{header}\n{ROW}\n", now).already_there == ["West 1"]
    assert session.scalars(select(Crew)).one().name_zh == "西区一组"
