"""Is an account added, changed and let in as its rules say, each with a line in the story?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch.actions.accounts import (
    Account,
    account_of,
    add_user,
    change_user,
    choose_language,
    end_session,
    end_sessions,
    give_link,
    give_token,
    set_password,
)
from dispatch.actions.sessions import check_password, open_session, use_link
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Invalid, NotFound, NotSignedIn, Stale
from dispatch.domain.kept_secrets import secret_hash
from dispatch.domain.permissions import Actor, Role
from dispatch.models.base import db
from dispatch.models.people import Crew, SettingsEvent, Team, User
from dispatch.queries.sessions import open_sessions_for, signed_in_actor_for

PASSWORD = "correct horse battery"
BOSS = Actor(name="boss")
ANN = Account("ann", "Ann", "dispatcher")


def added(now, account=ANN, password=PASSWORD):
    with transaction():
        return add_user(account, password, actor=BOSS, now=now)


def changed(user, wanted, now, seen=None):
    with transaction():
        return change_user(user, wanted, actor=BOSS, now=now, seen_version=seen)


def signed_in(user, now):
    with transaction():
        return secret_hash(open_session(user, now=now, lifetime=timedelta(hours=1)))


def story():
    return list(db.session.scalars(select(SettingsEvent).order_by(SettingsEvent.id)))


@pytest.fixture
def yuelu(session):
    with transaction():
        team = Team(name="Yuelu")
        db.session.add(team)
        db.session.flush()
        db.session.add(Crew(name="Yuelu 1", team_id=team.id))
    return team


def test_a_new_account_can_sign_in_and_is_in_the_story(session, now):
    user = added(now, replace(ANN, sign_in_name=" ANN ", name=" Ann ", language="zh-CN"))
    assert check_password("ann", PASSWORD) is user
    assert (user.sign_in_name, user.name, user.created_at) == ("ann", "Ann", now)
    [event] = story()
    assert (event.subject, event.subject_key, event.was) == ("user", "ann", None)
    assert event.now["role"] == "dispatcher"
    assert "argon2" not in str(event.now)
    assert PASSWORD not in str(event.now)


@pytest.mark.parametrize(
    ("account", "password", "fields"),
    [
        (replace(ANN, sign_in_name="a b"), None, {"sign_in_name"}),
        (replace(ANN, name=" "), None, {"name"}),
        (replace(ANN, role="king"), None, {"role"}),
        (replace(ANN, role="crew"), None, {"crew_id"}),
        (replace(ANN, role="team_leader"), None, {"team_id"}),
        (replace(ANN, role="crew", crew_id=99), None, {"crew_id"}),
        (replace(ANN, role="team_leader", team_id=99), None, {"team_id"}),
        (replace(ANN, language="xx"), None, {"language"}),
        (ANN, "short", {"password"}),
        (Account("", "", ""), "", {"sign_in_name", "name", "role", "password"}),
    ],
)
def test_a_wrong_account_is_refused_by_field(session, now, account, password, fields):
    with pytest.raises(Invalid) as refusal:
        added(now, account, password)
    assert set(refusal.value.fields) == fields
    assert db.session.scalars(select(User)).all() == []
    assert story() == []


def test_a_name_that_is_taken_is_refused(session, now):
    added(now)
    with pytest.raises(Invalid) as refusal:
        added(now, replace(ANN, sign_in_name="Ann"))
    assert set(refusal.value.fields) == {"sign_in_name"}


def test_a_post_belongs_to_its_role(yuelu, now):
    leader = added(now, Account("li", "Li", "team_leader", team_id=yuelu.id, crew_id=1))
    steward = added(now, Account("wu", "Wu", "crew", team_id=yuelu.id, crew_id=1))
    clerk = added(now, Account("zhou", "Zhou", "call_taker", team_id=yuelu.id, crew_id=1))
    assert [(u.team_id, u.crew_id) for u in (leader, steward, clerk)] == [
        (yuelu.id, None),
        (None, 1),
        (None, None),
    ]


@pytest.mark.parametrize(
    ("wanted", "ends"),
    [
        (replace(ANN, name="Ann Wang"), False),
        (replace(ANN, language="en"), False),
        (replace(ANN, role="manager"), True),
        (replace(ANN, active=False), True),
        (replace(ANN, role="team_leader", team_id=1), True),
    ],
)
def test_another_role_or_a_pause_ends_the_sessions(yuelu, now, wanted, ends):
    user = added(now)
    secret = signed_in(user, now)
    changed(user, wanted, now)
    assert (signed_in_actor_for(secret, now) is None) is ends
    assert account_of(user) == wanted
    was, now_is = story()[-1].was, story()[-1].now
    assert set(was) == set(now_is)
    assert all(was[name] != now_is[name] for name in was)


def test_the_same_again_changes_nothing(session, now):
    user = added(now)
    version = user.version
    changed(user, replace(ANN, sign_in_name="other"), now)
    assert (user.sign_in_name, user.version, len(story())) == ("ann", version, 1)


def test_a_stale_change_is_refused(session, now):
    user = added(now)
    changed(user, replace(ANN, name="Ann Wang"), now, seen=1)
    with pytest.raises(Stale) as refusal:
        changed(user, replace(ANN, name="Ann Li"), now, seen=1)
    assert refusal.value.facts == {"version": 2, "seen_version": 1}


def test_the_last_administrator_stays(session, now):
    boss = added(now, Account("boss", "Boss", Role.ADMINISTRATOR))
    wanted = replace(account_of(boss), role="manager")
    for refused in (wanted, replace(account_of(boss), active=False)):
        with pytest.raises(Invalid) as refusal:
            changed(boss, refused, now)
        assert set(refusal.value.fields) == {"role"}
    added(now, Account("second", "Second", Role.ADMINISTRATOR))
    changed(boss, wanted, now)
    assert boss.role == "manager"


def test_a_new_password_ends_the_sessions(session, now):
    user = added(now)
    secret = signed_in(user, now)
    with transaction():
        set_password(user, "another horse battery", actor=BOSS, now=now)
    assert signed_in_actor_for(secret, now) is None
    assert check_password("ann", "another horse battery") is user
    assert story()[-1].now == {"password": "changed", "sessions_ended": 1}
    with pytest.raises(Invalid), transaction():
        set_password(user, "ann-ann-ann-ann", actor=BOSS, now=now)


def test_a_link_ends_the_password_and_the_links_before(session, now):
    user = added(now)
    with transaction():
        first = give_link(user, actor=BOSS, now=now)
    with transaction():
        second = give_link(user, actor=BOSS, now=now)
    with pytest.raises(NotSignedIn):
        check_password("ann", PASSWORD)
    with transaction():
        assert use_link(secret_hash(first), now) is None
        assert use_link(secret_hash(second), now) is user
    assert second not in str([event.now for event in story()])


def test_a_token_lets_a_program_in_until_it_ends(session, now):
    user = added(now, Account("robot", "Robot", "api_client"), None)
    with transaction():
        secret = give_token(user, actor=BOSS, now=now, lifetime=timedelta(days=2))
    assert signed_in_actor_for(secret_hash(secret), now).source == "api"
    assert signed_in_actor_for(secret_hash(secret), now + timedelta(days=2)) is None


def test_a_paused_account_gets_no_way_in(session, now):
    user = added(now)
    changed(user, replace(ANN, active=False), now)
    for give in (give_link, give_token):
        with pytest.raises(Invalid), transaction():
            give(user, actor=BOSS, now=now)


def test_sessions_are_ended_and_counted(session, now):
    user = added(now)
    signed_in(user, now)
    signed_in(user, now)
    [newest, _] = open_sessions_for(user.id, now)
    with transaction():
        end_session(user, newest.id, actor=BOSS, now=now)
    with pytest.raises(NotFound), transaction():
        end_session(user, newest.id, actor=BOSS, now=now)
    with transaction():
        assert end_sessions(user, actor=BOSS, now=now) == 1
    lines = len(story())
    with transaction():
        assert end_sessions(user, actor=BOSS, now=now) == 0
    assert len(story()) == lines


def test_a_language_is_chosen_from_the_two(session, now):
    user = added(now)
    with transaction():
        choose_language(user, "zh-CN")
        choose_language(user, "xx")
    assert user.language == "zh-CN"


def test_how_a_person_is_reached_is_kept_but_not_told_in_the_story(session, now):
    user = added(now)
    reached = {"phone": " 138 0000 5678 ", "email": "ann@water.example", "alert_channel": "sms"}
    with transaction():
        change_user(user, replace(ANN, **reached), actor=BOSS, now=now)
    session.expire_all()
    kept = account_of(session.get(User, user.id))
    assert (kept.phone, kept.email, kept.alert_channel) == (
        "138 0000 5678",
        "ann@water.example",
        "sms",
    )
    told = session.scalars(select(SettingsEvent).order_by(SettingsEvent.id)).all()[-1].now
    assert set(told) == {"phone", "email", "alert_channel"}
    assert "water" not in told["email"]
    with pytest.raises(Invalid) as refused, transaction():
        change_user(user, replace(ANN, alert_channel="sms"), actor=BOSS, now=now)
    assert list(refused.value.fields) == ["phone"]
