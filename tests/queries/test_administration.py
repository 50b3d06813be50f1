"""Does an administrator see people, crews, grids, promises and changes as they are?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.accounts import Account, add_user, give_link
from dispatch.actions.administration import seed_first, store_policy
from dispatch.actions.sessions import open_session
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import NotFound
from dispatch.domain.permissions import Actor
from dispatch.domain.service_policy import DEFAULT_POLICY
from dispatch.models.base import db
from dispatch.models.clockwork import Heartbeat
from dispatch.models.people import Crew, CrewSkill, Member, SettingsEvent, Shift, Skill, Team
from dispatch.models.places import Grid
from dispatch.queries.administration import (
    ROWS_A_PAGE,
    change_subjects,
    changes,
    counts,
    crew_choices,
    grid_versions,
    heartbeats,
    people,
    person_for_change,
    person_named,
    policy_history,
    policy_version,
    team_choices,
    teams,
)

BOSS = Actor(name="boss")
HOUR = timedelta(hours=1)


@pytest.fixture
def city(session, now):
    with transaction():
        yuelu, furong = Team(name="Yuelu", name_zh="岳麓"), Team(name="Furong")
        db.session.add_all([yuelu, furong, Skill(key="mains")])
        db.session.flush()
        crews = [
            Crew(name="Yuelu 2", team_id=yuelu.id, active=False),
            Crew(name="Yuelu 1", team_id=yuelu.id, vehicle="van", base_lat=28.2, base_lon=112.9),
        ]
        db.session.add_all(crews)
        db.session.flush()
        first = crews[1].id
        db.session.add_all(
            [
                CrewSkill(crew_id=first, skill_key="mains"),
                Shift(crew_id=first, start_minute=480, end_minute=1200),
                Member(crew_id=first, name="Wu"),
                Member(crew_id=first, name="Zhou", is_leader=True),
            ]
        )
        for name, version, team, begins, ends in (
            ("North", 1, yuelu.id, -2, -1),
            ("North", 2, yuelu.id, -1, None),
            ("South", 1, None, -1, None),
            ("East", 1, furong.id, 1, None),
        ):
            db.session.add(
                Grid(
                    name=name,
                    version=version,
                    team_id=team,
                    geometry={},
                    valid_from=now + begins * HOUR,
                    valid_to=None if ends is None else now + ends * HOUR,
                )
            )
    return yuelu


def test_an_empty_installation_counts_nothing(session, now):
    assert set(vars(counts(now)).values()) == {0}


def test_counts_are_of_what_is_in_force(city, now):
    with transaction():
        seed_first(DEFAULT_POLICY.calendar.zone, actor=BOSS, now=now)
        add_user(Account("ann", "Ann", "manager", active=False), None, actor=BOSS, now=now)
    found = counts(now)
    assert (found.users, found.administrators, found.policy_version) == (1, 1, 1)
    assert (found.teams, found.crews, found.crews_without_shift) == (2, 1, 0)
    assert (found.grids, found.grids_without_team, found.tickets) == (2, 1, 0)


def test_people_come_with_post_and_sessions_the_paused_last(city, now):
    with transaction():
        add_user(Account("zhou", "A Zhou", "manager", active=False), None, actor=BOSS, now=now)
        li = Account("li", "Li", "team_leader", team_id=city.id)
        leader = add_user(li, "correct horse battery", actor=BOSS, now=now)
        open_session(leader, now=now - HOUR, lifetime=2 * HOUR)
        open_session(leader, now=now - 2 * HOUR, lifetime=HOUR)
        steward = add_user(Account("wu", "Wu", "crew", crew_id=2), None, actor=BOSS, now=now)
        give_link(steward, actor=BOSS, now=now)
    rows = people(now)
    assert [row.name for row in rows] == ["Li", "Wu", "A Zhou"]
    assert (rows[0].team, rows[0].team_zh) == ("Yuelu", "岳麓")
    assert (rows[0].open_sessions, rows[0].has_password) == (1, True)
    assert rows[0].last_sign_in_at == now - HOUR
    assert (rows[1].crew, rows[1].open_sessions, rows[1].last_sign_in_at) == ("Yuelu 1", 0, None)


def test_a_person_is_found_by_number_and_by_name(session, now):
    with transaction():
        ann = add_user(Account("ann", "Ann", "manager"), None, actor=BOSS, now=now)
    assert person_for_change(ann.id) is ann
    assert person_named(" ANN ") is ann
    for missing in (0, ann.id + 1, 10**30):
        with pytest.raises(NotFound):
            person_for_change(missing)
    with pytest.raises(NotFound):
        person_named("nobody\0")


def test_choices_are_by_name_without_paused_crews(city):
    assert [names for _id, *names in team_choices()] == [["Furong", None], ["Yuelu", "岳麓"]]
    assert [name for _id, name in crew_choices()] == ["Yuelu 1"]


def test_teams_come_with_their_crews(city, now):
    furong, yuelu = teams(now)
    assert (furong.name, furong.grids, furong.crews) == ("Furong", 0, [])
    assert (yuelu.name_zh, yuelu.grids) == ("岳麓", 1)
    first, second = yuelu.crews
    assert (first.name, first.skills, first.members) == ("Yuelu 1", ["mains"], ["Zhou", "Wu"])
    assert [(shift.start_minute, shift.end_minute) for shift in first.shifts] == [(480, 1200)]
    assert (first.has_base, second.has_base, second.active) == (True, False, False)


def test_grids_are_those_in_force_with_their_versions(city, now):
    north, south = grid_versions(now)
    assert (north.name, north.version, north.versions, north.team) == ("North", 2, 2, "Yuelu")
    assert (south.name, south.team) == ("South", None)


def test_versions_of_the_promises_come_with_their_reason(session, now):
    from dataclasses import replace  # noqa: PLC0415

    for minutes, reason in ((40, "first"), (45, "second")):
        with transaction():
            policy = replace(DEFAULT_POLICY, circle_minutes=minutes)
            store_policy(policy, reason, actor=BOSS, now=now)
    newest, oldest = policy_history()
    assert (newest.version, newest.reason, newest.changes) == (2, "second", 1)
    assert (oldest.version, oldest.reason, oldest.created_by) == (1, "first", "boss")
    assert policy_version(1).policy.circle_minutes == 40
    for missing in (0, 3, 10**30):
        with pytest.raises(NotFound):
            policy_version(missing)


def test_changes_are_paged_newest_first(session, now):
    with transaction():
        for number in range(ROWS_A_PAGE + 5):
            db.session.add(
                SettingsEvent(
                    at=now + timedelta(minutes=number),
                    actor="boss",
                    subject="user" if number % 2 else "grids",
                    subject_key=str(number),
                )
            )
    first = changes(1)
    assert (first.pages, first.total, len(first.rows)) == (2, 55, 50)
    assert first.rows[0].subject_key == "54"
    assert [row.subject_key for row in changes(99).rows] == ["4", "3", "2", "1", "0"]
    assert changes(0).page == 1
    assert changes(1, "user").total == 27
    assert changes(1, "nothing").rows == []
    assert change_subjects() == ["grids", "user"]


def test_heartbeats_are_by_job_and_runner(session, now):
    with transaction():
        for job, runner in (("timers", "b"), ("planner", "a"), ("timers", "a")):
            db.session.add(Heartbeat(job=job, runner=runner, beat_at=now))
    found = [(beat.job, beat.runner) for beat in heartbeats()]
    assert found == [("planner", "a"), ("timers", "a"), ("timers", "b")]
