"""How is an account added, changed, and given a way to sign in?"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any
from zlib import crc32

from sqlalchemy import func, select

from dispatch.actions.sessions import (
    LINK_LIFETIME,
    TOKEN_LIFETIME,
    hash_password,
    open_session,
    revoke_session_of,
    revoke_sessions_of,
)
from dispatch.actions.settings_log import record_setting
from dispatch.domain.accounts import (
    contact_faults,
    name_fault,
    password_fault,
    post_faults,
    sign_in_name_fault,
    tidy_sign_in_name,
)
from dispatch.domain.errors import Invalid, NotFound, Stale
from dispatch.domain.permissions import Role
from dispatch.domain.sentences import Sentence, say
from dispatch.models.base import db
from dispatch.models.people import Crew, Team, User
from dispatch.queries.sessions import user_named

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from dispatch.domain.permissions import Actor

LANGUAGES = ("en", "zh-CN")
PERSONAL = ("phone", "email")
FREE = frozenset({"name", "language", "alert_channel", *PERSONAL})
"""What may change without ending the sessions of the person."""


@dataclass(frozen=True)
class Account:
    """What an account says of its person; team and crew are row ids.

    `alert_channel` is the way by which alerts reach the person beside the console.
    """

    sign_in_name: str
    name: str
    role: str
    team_id: int | None = None
    crew_id: int | None = None
    language: str | None = None
    active: bool = True
    phone: str | None = None
    email: str | None = None
    alert_channel: str | None = None


def add_user(wanted: Account, password: str | None, *, actor: Actor, now: datetime) -> User:
    """Add an account; without a password it signs in by a link or a token.

    Raises:
        Invalid: naming every wrong field.
    """
    account = _tidied(wanted)
    faults = _faults_of(account)
    if fault := sign_in_name_fault(account.sign_in_name):
        faults["sign_in_name"] = fault
    elif user_named(account.sign_in_name) is not None:
        faults["sign_in_name"] = say(
            "There is an account “%(name)s” already. Choose another sign-in name.",
            name=account.sign_in_name,
        )
    if password is not None and (fault := password_fault(password, account.sign_in_name)):
        faults["password"] = fault
    _refuse(faults)
    user = User(
        **asdict(account),
        password_hash=hash_password(password) if password is not None else None,
        created_at=now,
    )
    db.session.add(user)
    db.session.flush()
    record_setting("user", user.sign_in_name, None, _facts_of(account), actor=actor, now=now)
    return user


def change_user(
    user: User, wanted: Account, *, actor: Actor, now: datetime, seen_version: int | None = None
) -> User:
    """Change an account; another role, post or a pause ends its sessions. The sign-in name stays.

    Raises:
        Invalid: naming every wrong field, also when this would leave no administrator.
        Stale: when somebody changed the account since it was seen.
    """
    _check_seen(user, seen_version)
    before = account_of(user)
    account = replace(_tidied(wanted), sign_in_name=user.sign_in_name)
    faults = _faults_of(account)
    if _is_administrator(before) and not _is_administrator(account) and is_last_one(user):
        faults["role"] = say("This is the last administrator. Make somebody else one first.")
    _refuse(faults)
    if account == before:
        return user
    for column, value in asdict(account).items():
        setattr(user, column, value)
    was, now_is = _facts_of(before), _facts_of(account)
    changed = [name for name in now_is if was[name] != now_is[name]]
    if set(changed) - FREE:
        revoke_sessions_of(user.id, now)
    record_setting(
        "user",
        user.sign_in_name,
        {name: was[name] for name in changed},
        {name: now_is[name] for name in changed},
        actor=actor,
        now=now,
    )
    return user


def set_password(user: User, password: str, *, actor: Actor, now: datetime) -> None:
    """Give an account a new password and end its sessions.

    Raises:
        Invalid: when the password is too weak.
    """
    if fault := password_fault(password, user.sign_in_name):
        _refuse({"password": fault})
    user.password_hash = hash_password(password)
    ended = revoke_sessions_of(user.id, now)
    _record(user, {"password": "changed", "sessions_ended": ended}, actor=actor, now=now)


def give_link(user: User, *, actor: Actor, now: datetime) -> str:
    """End the sessions of an account, forget its password, and return a one-time link's secret.

    Raises:
        Invalid: when the account is paused.
    """
    _check_active(user)
    user.password_hash = None
    ended = revoke_sessions_of(user.id, now)
    secret = open_session(user, now=now, lifetime=LINK_LIFETIME, kind="link")
    _record(user, {"sign_in_link": "given", "sessions_ended": ended}, actor=actor, now=now)
    return secret


def give_token(
    user: User, *, actor: Actor, now: datetime, lifetime: timedelta = TOKEN_LIFETIME
) -> str:
    """Return the secret of a new token, with which a program signs in as this account.

    Raises:
        Invalid: when the account is paused.
    """
    _check_active(user)
    secret = open_session(user, now=now, lifetime=lifetime, kind="token")
    until = (now + lifetime).isoformat()
    _record(user, {"token": "given", "expires_at": until}, actor=actor, now=now)
    return secret


def end_sessions(user: User, *, actor: Actor, now: datetime) -> int:
    """End every session, link and token of an account and return how many there were."""
    ended = revoke_sessions_of(user.id, now)
    if ended:
        _record(user, {"sessions_ended": ended}, actor=actor, now=now)
    return ended


def end_session(user: User, session_id: int, *, actor: Actor, now: datetime) -> None:
    """End one session of an account.

    Raises:
        NotFound: when the account has no such open session.
    """
    if not revoke_session_of(user.id, session_id, now):
        raise NotFound(say("This session has ended already, or it is somebody else's."))
    _record(user, {"sessions_ended": 1}, actor=actor, now=now)


def choose_language(user: User, language: str) -> None:
    """Remember the language that a person reads; it is no setting of the installation."""
    if language in LANGUAGES:
        user.language = language


def account_of(user: User) -> Account:
    """Return what an account says now."""
    return Account(
        sign_in_name=user.sign_in_name,
        name=user.name,
        role=user.role,
        team_id=user.team_id,
        crew_id=user.crew_id,
        language=user.language,
        active=user.active,
        phone=user.phone,
        email=user.email,
        alert_channel=user.alert_channel,
    )


def is_last_one(user: User) -> bool:
    """Tell whether no other account is an active administrator."""
    others = select(func.count()).where(
        User.role == Role.ADMINISTRATOR, User.active, User.id != user.id
    )
    return not db.session.scalar(others)


def _tidied(account: Account) -> Account:
    """Drop a team or crew that the role does not have, and tidy the names."""
    return replace(
        account,
        sign_in_name=tidy_sign_in_name(account.sign_in_name),
        name=account.name.strip(),
        team_id=account.team_id if account.role == Role.TEAM_LEADER else None,
        crew_id=account.crew_id if account.role == Role.CREW else None,
        language=account.language or None,
        phone=(account.phone or "").strip() or None,
        email=(account.email or "").strip() or None,
        alert_channel=account.alert_channel or None,
    )


def _faults_of(account: Account) -> dict[str, Sentence]:
    faults = dict(post_faults(account.role, account.team_id, account.crew_id))
    faults |= contact_faults(account.phone, account.email, account.alert_channel)
    if fault := name_fault(account.name):
        faults["name"] = fault
    if account.language not in {None, *LANGUAGES}:
        faults["language"] = say("Choose English or Chinese.")
    if account.team_id is not None and db.session.get(Team, account.team_id) is None:
        faults["team_id"] = say("There is no such team.")
    if account.crew_id is not None and db.session.get(Crew, account.crew_id) is None:
        faults["crew_id"] = say("There is no such crew.")
    return faults


def _facts_of(account: Account) -> dict[str, Any]:
    """Return what the story of the settings may hold: of number and address only their digest.

    Nobody can take a line out of that story, and a person may ask to be forgotten.
    """
    told = {name: value for name, value in asdict(account).items() if name != "sign_in_name"}
    return told | {name: _digest(told[name]) for name in PERSONAL}


def _digest(value: str | None) -> str | None:
    return None if value is None else f"({crc32(value.encode()):08x})"


def _is_administrator(account: Account) -> bool:
    return account.active and account.role == Role.ADMINISTRATOR


def _check_active(user: User) -> None:
    if not user.active:
        _refuse({"active": say("This account is paused. Let it in again first.")})


def _check_seen(user: User, seen_version: int | None) -> None:
    if seen_version not in {None, user.version}:
        raise Stale(
            say(
                "Somebody else changed this account since you opened it. "
                "Look at it again before you change it."
            ),
            facts={"version": user.version, "seen_version": seen_version},
        )


def _record(user: User, now_is: dict[str, Any], *, actor: Actor, now: datetime) -> None:
    record_setting("user", user.sign_in_name, None, now_is, actor=actor, now=now)


def _refuse(faults: dict[str, Sentence]) -> None:
    if faults:
        raise Invalid(next(iter(faults.values())), fields=faults)
