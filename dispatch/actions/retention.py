"""What is kept no longer than it is needed?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete

from dispatch.models.base import db
from dispatch.models.clockwork import Heartbeat, Idempotency
from dispatch.models.people import SignInTry, UserSession

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import DeclarativeBase

KEYS_KEPT = timedelta(days=30)
TRIES_KEPT = timedelta(days=1)
SESSIONS_KEPT = timedelta(days=7)
"""An ended session stays a week, so that an administrator sees who was signed in."""
BEATS_KEPT = timedelta(days=1)


def forget_old_keys(now: datetime) -> int:
    """Delete the answers to requests of 30 days ago; return how many."""
    return _delete(Idempotency, Idempotency.created_at < now - KEYS_KEPT)


def forget_ended_sessions(now: datetime) -> int:
    """Delete the sessions that ended over a week ago; return how many."""
    before = now - SESSIONS_KEPT
    return _delete(
        UserSession, (UserSession.expires_at < before) | (UserSession.revoked_at < before)
    )


def forget_old_tries(now: datetime) -> int:
    """Delete the wrong sign-ins of over a day ago; return how many."""
    return _delete(SignInTry, SignInTry.tried_at < now - TRIES_KEPT)


def forget_old_beats(now: datetime) -> int:
    """Delete the heartbeats of runners that stopped over a day ago; return how many."""
    return _delete(Heartbeat, Heartbeat.beat_at < now - BEATS_KEPT)


def _delete(table: type[DeclarativeBase], old: ColumnElement[bool]) -> int:
    done = db.session.execute(
        delete(table).where(old), execution_options={"synchronize_session": False}
    )
    return int(getattr(done, "rowcount", 0))
