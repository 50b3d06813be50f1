"""Is only that deleted which is old enough?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from dispatch.actions.clockwork import beat
from dispatch.actions.retention import (
    forget_ended_sessions,
    forget_old_beats,
    forget_old_keys,
    forget_old_tries,
)
from dispatch.actions.sessions import open_session, revoke_session
from dispatch.actions.unit_of_work import transaction
from dispatch.models.clockwork import Heartbeat, Idempotency
from dispatch.models.people import SignInTry, User, UserSession


def left(session, table):
    return session.scalar(select(func.count()).select_from(table))


def test_answers_are_kept_for_thirty_days(session, now):
    for days in (29, 30, 31):
        at = now - timedelta(days=days)
        session.add(Idempotency(scope="report", key=str(days), fingerprint="x", created_at=at))
    session.commit()
    with transaction():
        assert forget_old_keys(now) == 1
    assert left(session, Idempotency) == 2


def test_wrong_tries_are_kept_for_a_day(session, now):
    for hours in (1, 24, 25):
        at = now - timedelta(hours=hours)
        session.add(SignInTry(sign_in_name="ann", address="127.0.0.1", tried_at=at))
    session.commit()
    with transaction():
        assert forget_old_tries(now) == 1
    assert left(session, SignInTry) == 2


def test_sessions_are_kept_a_week_after_their_end(session, now):
    user = User(sign_in_name="ann", name="Ann", role="dispatcher", created_at=now)
    session.add(user)
    session.flush()
    long_ago = now - timedelta(days=30)
    open_session(user, now=long_ago, lifetime=timedelta(days=60))
    open_session(user, now=long_ago, lifetime=timedelta(days=24))
    open_session(user, now=long_ago, lifetime=timedelta(days=22))
    open_session(user, now=long_ago, lifetime=timedelta(days=60))
    session.flush()
    last = session.scalars(select(UserSession.secret_hash).order_by(UserSession.id.desc())).first()
    revoke_session(last, now - timedelta(days=8))
    session.commit()
    with transaction():
        assert forget_ended_sessions(now) == 2
    assert left(session, UserSession) == 2


@pytest.mark.parametrize(("hours", "kept"), [(23, 1), (25, 0)])
def test_the_beats_of_a_runner_that_is_gone_are_kept_for_a_day(session, now, hours, kept):
    at = now - timedelta(hours=hours)
    with transaction():
        beat("timers", "there/1", now=at, started_at=at, took_ms=1)
        forget_old_beats(now)
    assert left(session, Heartbeat) == kept
