"""May each role do what its work needs, and nothing more?"""

import pytest

from dispatch.domain.permissions import (
    GRANTS,
    RESIDENT,
    ROLE_NAMES,
    RULE,
    Actor,
    Permission,
    Role,
    Scope,
)

P = Permission


def person(role, **columns: object):
    return Actor(name="somebody", role=role, user_id=7, **columns)


def test_every_role_has_a_name_and_grants():
    assert set(ROLE_NAMES) == set(GRANTS) == set(Role)


def test_a_stranger_may_do_what_is_public_only():
    assert [each for each in P if RESIDENT.can(each)] == [P.PUBLIC]
    assert not RESIDENT.is_signed_in
    assert RESIDENT.scope == RULE.scope == Scope()


@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_do_exactly_what_it_is_granted(role):
    someone = person(role)
    may = {each for each in P if someone.can(each)}
    assert may == GRANTS[role] | {P.PUBLIC, P.SIGNED_IN}


@pytest.mark.parametrize("permission", [P.ADMINISTER, P.IMPORT])
def test_only_an_administrator_changes_the_house(permission):
    assert [role for role in Role if permission in GRANTS[role]] == [Role.ADMINISTRATOR]


def test_only_a_crew_works_in_the_field_and_the_desk_acts_for_it():
    assert [role for role in Role if P.DO_FIELD_WORK in GRANTS[role]] == [Role.CREW]
    acting = {role for role in Role if P.ACT_FOR_CREW in GRANTS[role]}
    assert acting == {Role.DISPATCHER, Role.TEAM_LEADER}


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMINISTRATOR, Role.AUDITOR])
def test_who_runs_the_house_sees_no_personal_data(role):
    assert P.SEE_PERSONAL not in GRANTS[role]


@pytest.mark.parametrize(
    ("someone", "scope"),
    [
        (person(Role.CREW, crew_id=3, team_id=2), Scope(crew_id=3, user_id=7)),
        (person(Role.CREW), Scope(crew_id=0, user_id=7)),
        (person(Role.TEAM_LEADER, team_id=2), Scope(team_id=2, user_id=7)),
        (person(Role.TEAM_LEADER), Scope(team_id=0, user_id=7)),
        (person(Role.DISPATCHER, team_id=2), Scope(everything=True)),
        (person(Role.AUDITOR), Scope(everything=True)),
    ],
)
def test_a_person_sees_their_own(someone, scope):
    assert someone.scope == scope
