"""Does a new installation get what it needs once, and does each change of promises stay?"""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from dispatch.actions.accounts import Account, account_of, add_user, change_user
from dispatch.actions.administration import differences, seed_first, store_policy
from dispatch.actions.sessions import use_link
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.categories import SKILLS
from dispatch.domain.errors import Invalid, Stale
from dispatch.domain.kept_secrets import secret_hash
from dispatch.domain.permissions import Actor
from dispatch.domain.service_policy import DEFAULT_POLICY
from dispatch.models.base import db
from dispatch.models.people import ServicePolicyVersion, SettingsEvent, Skill, User
from dispatch.queries.policies import policy_in_force, policy_of

BOSS = Actor(name="boss")
ZONE = ZoneInfo("America/New_York")
FIFTY = replace(DEFAULT_POLICY, circle_minutes=50)
SIXTY = replace(DEFAULT_POLICY, circle_minutes=60)


def seeded(now, name="admin"):
    with transaction():
        return seed_first(ZONE, name, actor=BOSS, now=now)


def stored(policy, reason, now, seen=None):
    with transaction():
        return store_policy(policy, reason, actor=BOSS, now=now, seen_version=seen)


def rows_of(table):
    return db.session.scalar(select(func.count()).select_from(table))


def test_the_first_start_adds_promises_skills_and_an_administrator(session, now):
    first = seeded(now, " Li.Wei ")
    assert (first.policy_version, first.skills, first.administrator) == (1, len(SKILLS), "li.wei")
    assert policy_in_force().policy.calendar.zone == ZONE
    assert set(db.session.scalars(select(Skill.key))) == set(SKILLS)
    with transaction():
        assert use_link(secret_hash(first.link_secret), now).role == "administrator"
    assert first.link_secret not in str(
        [event.now for event in db.session.scalars(select(SettingsEvent))]
    )


def test_a_second_start_adds_nothing(session, now):
    assert seeded(now).added_anything
    before = [rows_of(table) for table in (ServicePolicyVersion, Skill, User, SettingsEvent)]
    again = seeded(now, "somebody.else")
    assert not again.added_anything
    assert again.link_secret is None
    after = [rows_of(table) for table in (ServicePolicyVersion, Skill, User, SettingsEvent)]
    assert after == before


def test_where_every_administrator_is_paused_a_new_one_is_added(session, now):
    with transaction():
        user = add_user(Account("old", "Old", "administrator"), None, actor=BOSS, now=now)
        user.active = False
    assert seeded(now).administrator == "admin"
    with transaction():
        change_user(user, replace(account_of(user), active=True), actor=BOSS, now=now)
    assert not seeded(now).added_anything


def test_a_name_that_cannot_be_used_adds_nothing_at_all(session, now):
    with pytest.raises(Invalid):
        seeded(now, "a b")
    assert rows_of(ServicePolicyVersion) == rows_of(Skill) == 0


def test_new_promises_are_a_new_version_and_the_old_one_stays(session, now):
    first = stored(FIFTY, " a trial\nin the west ", now)
    second = stored(SIXTY, "back", now, seen=1)
    assert [row.version for row in (first, second)] == [1, 2]
    assert policy_in_force().policy == SIXTY
    assert policy_of(first.id).policy == FIFTY
    events = list(db.session.scalars(select(SettingsEvent).order_by(SettingsEvent.id)))
    assert (events[0].was, events[0].now["reason"]) == (None, "a trial in the west")
    assert events[1].was == {"circle_minutes": 50}
    assert events[1].now == {"circle_minutes": 60, "reason": "back"}


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "a\0b"])
def test_promises_need_a_reason(session, now, reason):
    with pytest.raises(Invalid) as refusal:
        stored(FIFTY, reason, now)
    assert set(refusal.value.fields) == {"reason"}


def test_the_same_promises_again_are_refused(session, now):
    stored(DEFAULT_POLICY, "begin", now)
    with pytest.raises(Invalid) as refusal:
        stored(DEFAULT_POLICY, "again", now)
    assert set(refusal.value.fields) == {"policy"}


def test_promises_seen_before_a_change_are_refused(session, now):
    stored(FIFTY, "begin", now, seen=0)
    with pytest.raises(Stale) as refusal:
        stored(SIXTY, "late", now, seen=0)
    assert refusal.value.facts == {"version": 1, "seen_version": 0}


def test_differences_name_the_field():
    assert differences(FIFTY, SIXTY) == ({"circle_minutes": 50}, {"circle_minutes": 60})
    assert differences(FIFTY, FIFTY) == ({}, {})
    was, now_is = differences(None, FIFTY)
    assert set(was.values()) == {None}
    assert now_is["levels.1.dispatch.minutes"] == 5
