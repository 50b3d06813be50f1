"""Does a session's secret lead to its person, and to nobody once it has ended?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.sessions import open_session
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.kept_secrets import secret_hash
from dispatch.models.base import db
from dispatch.models.people import SignInTry, User
from dispatch.queries.sessions import (
    failed_tries_since,
    open_sessions_for,
    signed_in_actor_for,
    user_named,
)

HOUR = timedelta(hours=1)


@pytest.fixture
def ann(session, now):
    with transaction():
        user = User(sign_in_name="ann", name="Ann", role="dispatcher", created_at=now)
        db.session.add(user)
    return user


def secret_of(user, now, kind="browser"):
    with transaction():
        return secret_hash(open_session(user, now=now, lifetime=HOUR, kind=kind))


@pytest.mark.parametrize(
    ("role", "kind", "source"),
    [("dispatcher", "browser", "desk"), ("crew", "browser", "mobile"), ("crew", "token", "api")],
)
def test_a_live_session_is_its_person(ann, now, role, kind, source):
    with transaction():
        ann.role = role
    actor = signed_in_actor_for(secret_of(ann, now, kind), now)
    assert (actor.name, str(actor.role), actor.user_id) == ("Ann", role, ann.id)
    assert actor.source == source


def test_a_link_is_no_session(ann, now):
    assert signed_in_actor_for(secret_of(ann, now, "link"), now) is None


def test_a_session_ends_at_its_hour_and_with_its_account(ann, now):
    secret = secret_of(ann, now)
    assert signed_in_actor_for(secret, now + HOUR - timedelta(seconds=1)) is not None
    assert signed_in_actor_for(secret, now + HOUR) is None
    with transaction():
        ann.active = False
    assert signed_in_actor_for(secret, now) is None
    assert signed_in_actor_for("made up", now) is None


def test_open_sessions_are_listed_newest_first(ann, now):
    secret_of(ann, now - HOUR)
    secret_of(ann, now - timedelta(minutes=30))
    secret_of(ann, now, "token")
    assert [each.kind for each in open_sessions_for(ann.id, now)] == ["token", "browser"]


def test_failed_tries_are_counted_by_name_and_by_address(session, now):
    with transaction():
        for name, address, minutes in (("ann", "a", 1), ("ann", "b", 2), ("ben", "a", 9)):
            at = now - timedelta(minutes=minutes)
            db.session.add(SignInTry(sign_in_name=name, address=address, tried_at=at))
    since = now - timedelta(minutes=5)
    assert failed_tries_since(since, sign_in_name="ann", address="a") == (2, 1)
    assert failed_tries_since(now - HOUR, sign_in_name="x", address="a") == (0, 2)


def test_an_account_is_found_however_its_name_is_typed(ann):
    assert user_named(" ANN\0 ") is ann
    assert user_named("annn") is None
