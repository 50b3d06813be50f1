"""How does somebody sign in, and how is it undone?"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, select, update

from dispatch.domain.accounts import tidy_sign_in_name
from dispatch.domain.errors import NotSignedIn, TooMany
from dispatch.domain.kept_secrets import secret_hash as hash_of
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.messages import PushSubscription
from dispatch.models.people import SignInTry, User, UserSession
from dispatch.queries.sessions import failed_tries_since, open_sessions_for, user_named

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

# OWASP's second choice for Argon2id: 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _hasher.hash(secrets.token_hex(8))

MOST_TRIES = 10
MOST_TRIES_OF_AN_ADDRESS = 100
LONGEST_ADDRESS = 64
TRIES_WINDOW = timedelta(minutes=5)
LINK_LIFETIME = timedelta(hours=24)
TOKEN_LIFETIME = timedelta(days=365)


def hash_password(password: str) -> str:
    """Return the Argon2id hash of a password."""
    return _hasher.hash(password)


def begin_try(sign_in_name: str, address: str, now: datetime) -> int:
    """Count a try before the password is looked at, and return its number.

    Counted first, a hundred tries at the same moment, in any number of processes, are ten tries.
    An address may try more often than a name: a whole control room sits behind one.

    Raises:
        TooMany: after ten wrong tries for a name or a hundred from an address in five minutes.
    """
    name = tidy_sign_in_name(sign_in_name)
    take_turns(name)
    by_name, by_address = failed_tries_since(now - TRIES_WINDOW, sign_in_name=name, address=address)
    if by_name >= MOST_TRIES or by_address >= MOST_TRIES_OF_AN_ADDRESS:
        raise TooMany(say("Too many wrong tries. Wait five minutes, then try again."))
    return count_try(name, address, now)


def take_turns(name: str) -> None:
    """Let those who try the same name wait for each other until they commit."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def count_try(name: str, address: str, now: datetime) -> int:
    """Write a try down and return its number."""
    one = SignInTry(sign_in_name=name, address=address[:LONGEST_ADDRESS], tried_at=now)
    db.session.add(one)
    db.session.flush()
    return one.id


def forget_try(try_id: int) -> None:
    """Take back a try whose password was right."""
    db.session.execute(delete(SignInTry).where(SignInTry.id == try_id))


def check_password(sign_in_name: str, password: str) -> User:
    """Return the account whose name and password fit.

    A name that does not exist, a paused account and one without a password all take as long as a
    wrong password and get the same answer.

    Raises:
        NotSignedIn: when they do not fit.
    """
    user = user_named(sign_in_name)
    stored = user.password_hash if user is not None and user.active else None
    if not fits(stored, password) or user is None:
        raise NotSignedIn(say("Name and password do not fit together. Check both and try again."))
    return user


def fits(stored_hash: str | None, secret: str) -> bool:
    """Tell whether a password or PIN is the stored one; none there takes as long as a wrong one."""
    try:
        _hasher.verify(stored_hash or _NOBODY, secret)
    except (VerificationError, InvalidHashError):
        return False
    return stored_hash is not None


def open_session(
    user: User,
    *,
    now: datetime,
    lifetime: timedelta,
    kind: str = "browser",
    address: str | None = None,
    agent: str | None = None,
    device_id: int | None = None,
) -> str:
    """Open a session and return its secret; only the hash is stored.

    `device_id` is the crew's phone that it is opened on.
    """
    secret = secrets.token_urlsafe(32)
    db.session.add(
        UserSession(
            user_id=user.id,
            kind=kind,
            secret_hash=hash_of(secret),
            created_at=now,
            last_seen_at=now,
            expires_at=now + lifetime,
            address=(address or "")[:LONGEST_ADDRESS] or None,
            agent=(agent or "")[:200] or None,
            device_id=device_id,
        )
    )
    return secret


def use_link(secret_hash: str, now: datetime) -> User | None:
    """Spend a one-time sign-in link; a spent or expired one, or a paused account, gives None."""
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
    user = db.session.get(User, spent) if spent is not None else None
    return user if user is not None and user.active else None


def revoke_session(secret_hash: str, now: datetime) -> None:
    """End one session by its stored hash, and the pushes to the device that it was used on."""
    own = select(UserSession.id).where(UserSession.secret_hash == secret_hash)
    db.session.execute(delete(PushSubscription).where(PushSubscription.session_id.in_(own)))
    db.session.execute(
        update(UserSession)
        .where(UserSession.secret_hash == secret_hash, UserSession.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def revoke_sessions_of(user_id: int, now: datetime) -> int:
    """End every session of an account and all its pushes; return how many sessions there were."""
    db.session.execute(delete(PushSubscription).where(PushSubscription.user_id == user_id))
    ended = db.session.execute(
        update(UserSession)
        .where(UserSession.user_id == user_id, UserSession.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    return int(getattr(ended, "rowcount", 0))


def revoke_sessions_on(device_id: int, now: datetime) -> int:
    """End every session on a crew's phone with its pushes; return how many there were."""
    return _revoke(UserSession.device_id == device_id, now)


def revoke_sessions_on_phones(user_id: int, now: datetime, *, but: str = "") -> int:
    """End a person's sessions on phones of crews, but one by its hash; return how many."""
    of_phones = UserSession.device_id.is_not(None) & (UserSession.secret_hash != but)
    return _revoke((UserSession.user_id == user_id) & of_phones, now)


def _revoke(which: ColumnElement[bool], now: datetime) -> int:
    live = which & UserSession.revoked_at.is_(None)
    gone = PushSubscription.session_id.in_(select(UserSession.id).where(live))
    db.session.execute(delete(PushSubscription).where(gone))
    ended = db.session.execute(update(UserSession).where(live).values(revoked_at=now))
    return int(getattr(ended, "rowcount", 0))


def revoke_session_of(user_id: int, session_id: int, now: datetime) -> bool:
    """End one session of an account with its pushes; False when it has no such open session."""
    if session_id not in [each.id for each in open_sessions_for(user_id, now)]:
        return False
    db.session.execute(delete(PushSubscription).where(PushSubscription.session_id == session_id))
    db.session.execute(
        update(UserSession).where(UserSession.id == session_id).values(revoked_at=now)
    )
    return True
