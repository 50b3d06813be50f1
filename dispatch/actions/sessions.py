"""How does somebody sign in, and how is it undone?"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import update

from dispatch.domain.errors import NotSignedIn, TooMany
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.people import SignInTry, User, UserSession
from dispatch.queries.sessions import failed_tries_since, user_named

if TYPE_CHECKING:
    from dispatch.domain.errors import Refused

# OWASP's second choice for Argon2id: 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _hasher.hash(secrets.token_hex(8))

MOST_TRIES = 10
TRIES_WINDOW = timedelta(minutes=5)
LINK_LIFETIME = timedelta(hours=24)
TOKEN_LIFETIME = timedelta(days=365)


def hash_password(password: str) -> str:
    """Return the Argon2id hash of a password."""
    return _hasher.hash(password)


def check_tries(sign_in_name: str, address: str, now: datetime) -> None:
    """Refuse further tries for a name or from an address after too many wrong ones.

    Raises:
        TooMany: after ten wrong tries within five minutes.
    """
    since = now - TRIES_WINDOW
    tries = failed_tries_since(since, sign_in_name=sign_in_name.lower(), address=address)
    if max(tries) >= MOST_TRIES:
        raise TooMany(say("Too many wrong tries. Wait five minutes, then try again."))


def check_password(sign_in_name: str, password: str) -> User | None:
    """Return the account when name and password fit, else None; both take the same time."""
    user = user_named(sign_in_name)
    usable = user is not None and user.active and user.password_hash
    stored = user.password_hash if user is not None and usable else _NOBODY
    try:
        _hasher.verify(stored or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return None
    return user if usable else None


def record_wrong_try(sign_in_name: str, address: str, now: datetime) -> Refused:
    """Count a wrong try and return the refusal that tells the person."""
    db.session.add(
        SignInTry(sign_in_name=sign_in_name.strip().lower()[:64], address=address, tried_at=now)
    )
    return NotSignedIn(say("Name and password do not fit together. Check both and try again."))


def open_session(  # noqa: PLR0913  a session is made of exactly these
    user: User,
    *,
    now: datetime,
    lifetime: timedelta,
    kind: str = "browser",
    address: str | None = None,
    agent: str | None = None,
) -> str:
    """Open a session and return its secret; only the hash is stored."""
    secret = secrets.token_urlsafe(32)
    db.session.add(
        UserSession(
            user_id=user.id,
            kind=kind,
            secret_hash=hashlib.sha256(secret.encode()).hexdigest(),
            created_at=now,
            last_seen_at=now,
            expires_at=now + lifetime,
            address=address,
            agent=(agent or "")[:200] or None,
        )
    )
    return secret


def use_link(secret_hash: str, now: datetime) -> User | None:
    """Spend a one-time sign-in link; a spent or expired one gives None."""
    spent = db.session.execute(
        update(UserSession)
        .where(
            UserSession.secret_hash == secret_hash,
            UserSession.kind == "link",
            UserSession.revoked_at.is_(None),
            UserSession.expires_at > now,
        )
        .values(revoked_at=now)
        .returning(UserSession.user_id)
    ).scalar_one_or_none()
    return db.session.get(User, spent) if spent is not None else None


def revoke_session(secret_hash: str, now: datetime) -> None:
    """End one session by its stored hash."""
    db.session.execute(
        update(UserSession)
        .where(UserSession.secret_hash == secret_hash, UserSession.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def revoke_sessions_of(user_id: int, now: datetime) -> int:
    """End every session of an account and return how many there were."""
    ended = db.session.execute(
        update(UserSession)
        .where(UserSession.user_id == user_id, UserSession.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    return int(getattr(ended, "rowcount", 0))
