"""Whose session is this, and which sessions are open?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from dispatch.domain.accounts import tidy_sign_in_name
from dispatch.domain.permissions import Actor, Role
from dispatch.models.base import db
from dispatch.models.people import SignInTry, User, UserSession

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


def signed_in_actor_for(secret_hash: str, now: datetime) -> Actor | None:
    """Return who holds a live session, or None for an unknown, ended or revoked one."""
    row = db.session.execute(
        select(User, UserSession.kind)
        .join(UserSession, UserSession.user_id == User.id)
        .where(
            UserSession.secret_hash == secret_hash,
            UserSession.kind.in_(("browser", "token")),
            UserSession.revoked_at.is_(None),
            UserSession.expires_at > now,
            User.active,
        )
    ).first()
    if row is None:
        return None
    user, kind = row
    return actor_of(user, is_program=kind == "token")


def actor_of(user: User, *, is_program: bool = False) -> Actor:
    """Return an account as the one who asks."""
    return Actor(
        name=user.name,
        role=Role(user.role),
        user_id=user.id,
        team_id=user.team_id,
        crew_id=user.crew_id,
        source="api" if is_program else "mobile" if user.role == Role.CREW else "desk",
    )


def session_id_of(secret_hash: str) -> int | None:
    """Return the row id of a session by its stored hash."""
    return db.session.scalar(select(UserSession.id).where(UserSession.secret_hash == secret_hash))


def is_on_phone(secret_hash: str) -> bool:
    """Tell whether a session was opened on a phone of a crew."""
    asked = select(UserSession.device_id).where(UserSession.secret_hash == secret_hash)
    return db.session.scalar(asked) is not None


def open_sessions_for(user_id: int, now: datetime) -> Sequence[UserSession]:
    """Return the live sessions of one account, newest first."""
    return db.session.scalars(
        select(UserSession)
        .where(
            UserSession.user_id == user_id,
            UserSession.revoked_at.is_(None),
            UserSession.expires_at > now,
        )
        .order_by(UserSession.created_at.desc())
    ).all()


def failed_tries_since(since: datetime, *, sign_in_name: str, address: str) -> tuple[int, int]:
    """Count failed tries for a name and from an address, across all web processes."""
    by_name, by_address = db.session.execute(
        select(
            func.count().filter(SignInTry.sign_in_name == sign_in_name),
            func.count().filter(SignInTry.address == address),
        ).where(SignInTry.tried_at >= since)
    ).one()
    return by_name, by_address


def user_named(sign_in_name: str) -> User | None:
    """Return the account with a sign-in name, active or not."""
    return db.session.scalars(
        select(User).where(User.sign_in_name == tidy_sign_in_name(sign_in_name))
    ).one_or_none()
