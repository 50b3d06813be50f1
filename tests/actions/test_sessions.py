"""Is a sign-in opened, guarded against guessing, and ended as it should be?"""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from dispatch.actions.sessions import (
    LINK_LIFETIME,
    MOST_TRIES,
    MOST_TRIES_OF_AN_ADDRESS,
    TRIES_WINDOW,
    begin_try,
    check_password,
    forget_try,
    hash_password,
    open_session,
    revoke_session,
    revoke_session_of,
    revoke_sessions_of,
    use_link,
)
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import NotSignedIn, TooMany
from dispatch.domain.kept_secrets import secret_hash
from dispatch.models.base import db
from dispatch.models.people import SignInTry, User, UserSession
from dispatch.queries.sessions import open_sessions_for, signed_in_actor_for

HOUR = timedelta(hours=1)


def add_ann(now, **columns: Any):
    with transaction():
        user = User(
            **{"sign_in_name": "ann", "name": "Ann", "role": "dispatcher", "created_at": now}
            | {"password_hash": hash_password("correct horse"), "active": True}
            | columns
        )
        db.session.add(user)
    return user


def opened(user, now, **named: Any):
    with transaction():
        return open_session(user, now=now, lifetime=HOUR, **named)


def test_name_and_password_that_fit_give_the_account(session, now):
    user = add_ann(now)
    assert check_password("  ANN ", "correct horse") is user


@pytest.mark.parametrize(
    ("name", "password", "columns"),
    [
        ("ann", "wrong horse", {}),
        ("nobody", "correct horse", {}),
        ("an\0n\0x", "correct horse", {}),
        ("", "", {}),
        ("ann", "correct horse", {"active": False}),
        ("ann", "correct horse", {"password_hash": None}),
        ("ann", "correct horse", {"password_hash": "broken"}),
    ],
)
def test_everything_else_gets_one_and_the_same_answer(session, now, name, password, columns):
    add_ann(now, **columns)
    with pytest.raises(NotSignedIn) as refusal:
        check_password(name, password)
    assert str(refusal.value) == (
        "Name and password do not fit together. Check both and try again."
    )


def test_an_unknown_name_costs_as_much_as_a_known_one(session, now, monkeypatch):
    add_ann(now)
    costs = []

    class Counting:
        def verify(self, stored, _password):
            costs.append(stored.split("$")[:4])
            return True

    monkeypatch.setattr("dispatch.actions.sessions._hasher", Counting())
    check_password("ann", "x")
    with pytest.raises(NotSignedIn):
        check_password("nobody", "x")
    assert costs[0] == costs[1]


def test_the_eleventh_wrong_try_for_a_name_waits_five_minutes(session, now):
    for number in range(MOST_TRIES):
        with transaction():
            begin_try(" Ann" if number % 2 else "ann", f"10.0.0.{number}", now)
    with pytest.raises(TooMany), transaction():
        begin_try("ANN", "10.0.0.99", now)
    with transaction():
        begin_try("ben", "10.0.0.99", now)
        begin_try("ann", "10.0.0.99", now + TRIES_WINDOW + timedelta(seconds=1))


def test_a_long_name_is_counted_like_any_other(session, now):
    for _ in range(MOST_TRIES):
        with transaction():
            begin_try("x" * 500, "10.0.0.1", now)
    with pytest.raises(TooMany), transaction():
        begin_try("x" * 500, "10.0.0.1", now)


def test_a_control_room_behind_one_address_may_try_more_often(session, now):
    with transaction():
        for number in range(MOST_TRIES_OF_AN_ADDRESS):
            begin_try(f"person {number}", "10.0.0.1", now)
    with pytest.raises(TooMany), transaction():
        begin_try("somebody else", "10.0.0.1", now)


def test_a_right_password_takes_its_try_back(session, now):
    for _ in range(3 * MOST_TRIES):
        with transaction():
            forget_try(begin_try("ann", "10.0.0.1", now))
    assert db.session.scalar(select(func.count()).select_from(SignInTry)) == 0


def test_many_tries_at_the_same_moment_are_ten_tries(app, now):
    allowed, start = [], threading.Barrier(8)

    def guess():
        start.wait()
        for _ in range(4):
            with app.app_context():
                try:
                    with transaction():
                        allowed.append(begin_try("ann", "10.0.0.1", now))
                except TooMany:
                    pass

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(allowed) == MOST_TRIES


def test_only_the_hash_of_a_secret_is_stored(session, now):
    secret = opened(add_ann(now), now, address="1" * 100, agent="b" * 500)
    row = db.session.scalars(select(UserSession)).one()
    assert row.secret_hash == secret_hash(secret)
    assert secret not in str(vars(row))
    assert (len(row.address), len(row.agent)) == (64, 200)


def test_a_link_signs_in_once(session, now):
    user = add_ann(now)
    secret = opened(user, now, kind="link")
    with transaction():
        assert use_link(secret_hash(secret), now) is user
    with transaction():
        assert use_link(secret_hash(secret), now) is None


def test_an_old_link_a_wrong_one_and_that_of_a_paused_account_do_not(session, now):
    user = add_ann(now, active=False)
    secret = opened(user, now, kind="link")
    session_secret = opened(user, now)
    with transaction():
        assert use_link(secret_hash(secret), now + LINK_LIFETIME) is None
        assert use_link(secret_hash("made up"), now) is None
        assert use_link(secret_hash(session_secret), now) is None
        assert use_link(secret_hash(secret), now) is None


def test_a_session_ends_when_it_is_told_to(session, now):
    user = add_ann(now)
    first, second, third = (opened(user, now) for _ in range(3))
    with transaction():
        revoke_session(secret_hash(first), now)
    assert signed_in_actor_for(secret_hash(first), now) is None
    [newest, _] = open_sessions_for(user.id, now)
    with transaction():
        assert revoke_session_of(user.id, newest.id, now)
        assert not revoke_session_of(user.id, newest.id, now)
        assert not revoke_session_of(user.id + 1, newest.id - 1, now)
    with transaction():
        assert revoke_sessions_of(user.id, now) == 1
    assert not open_sessions_for(user.id, now)
    assert all(signed_in_actor_for(secret_hash(s), now) is None for s in (second, third))
