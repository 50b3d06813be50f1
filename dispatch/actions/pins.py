"""How does a person sign in on a crew's phone with six digits, and who stops a guesser?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from dispatch.actions.sessions import (
    count_try,
    fits,
    hash_password,
    revoke_sessions_on_phones,
    take_turns,
)
from dispatch.actions.settings_log import record_setting
from dispatch.domain.errors import Forbidden, Invalid, NotSignedIn, TooMany
from dispatch.domain.permissions import Role
from dispatch.domain.phones import FREE_TRIES, lock_minutes, pin_fault, tidy_pin
from dispatch.domain.phones import FREE_TRIES_ANYWHERE as FREE_ANYWHERE
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.people import SignInTry
from dispatch.queries.phones import people_of_phone

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.models.people import Device, User

REMEMBERED = timedelta(days=1)
"""So long a wrong PIN counts, unless a right one comes first."""


def set_pin(user: User, typed: str, *, actor: Actor, now: datetime, but: str = "") -> None:
    """Give a water steward a PIN; sessions on phones end, but the one with the hash `but`.

    Raises:
        Invalid: when it has no six digits or is easy to guess, or the account is no steward's.
    """
    if user.role != str(Role.CREW):
        raise Invalid(say("Only water stewards sign in with a PIN."))
    pin = tidy_pin(typed)
    if fault := pin_fault(pin):
        raise Invalid(fault, fields={"pin": fault})
    user.pin_hash = hash_password(pin)
    ended = revoke_sessions_on_phones(user.id, now, but=but)
    told = {"pin": "changed", "sessions_ended": ended}
    record_setting("user", user.sign_in_name, None, told, actor=actor, now=now)


def begin_pin_try(device_id: int | None, user_id: int, address: str, now: datetime) -> str:
    """Count a try before the PIN is looked at; return the name that it is counted under.

    Five wrong tries for a person on a phone lock for a minute, each further one for twice as
    long, an hour at most; so do fifteen for a person on all phones together. Counted first, fifty
    tries at once are five in any number of processes.

    Raises:
        TooMany: while it is locked, saying until when.
    """
    # No sign-in name holds this character, so nobody's tries are counted here.
    name = f"pin\x1f{device_id or 0}\x1f{user_id}"
    anywhere = f"pin\x1fany\x1f{user_id}"
    take_turns(anywhere)
    until = max(_locked_until(name, FREE_TRIES, now), _locked_until(anywhere, FREE_ANYWHERE, now))
    if now < until:
        raise TooMany(
            say("Too many wrong tries. Wait until %(at)s, then try again.", at=until),
            facts={"until": until.isoformat()},
        )
    count_try(name, address, now)
    # In place of the address stands the phone, whose tries a right PIN takes back.
    count_try(anywhere, name, now)
    return name


def _locked_until(name: str, free: int, now: datetime) -> datetime:
    wrong, last = db.session.execute(
        select(func.count(), func.max(SignInTry.tried_at)).where(
            SignInTry.sign_in_name == name, SignInTry.tried_at >= now - REMEMBERED
        )
    ).one()
    return now if last is None else last + timedelta(minutes=lock_minutes(wrong, free))


def forget_pin_tries(name: str) -> None:
    """Take back the tries of a person on a phone, and no others: the right PIN came there."""
    on_phone = (SignInTry.sign_in_name == name) | (SignInTry.address == name)
    db.session.execute(delete(SignInTry).where(on_phone))


def check_pin(device: Device, user_id: int, typed: str) -> User:
    """Return the person of a phone's crew whose PIN fits.

    Somebody of another crew, a paused account and one without a PIN take as long as a wrong PIN
    and get the same answer.

    Raises:
        Forbidden: when the phone was revoked.
        NotSignedIn: when they do not fit.
    """
    if device.revoked_at is not None:
        raise Forbidden(say("This phone was revoked. Ask the desk for a new code."))
    found = [each for each in people_of_phone(device) if each.id == user_id]
    stored = found[0].pin_hash if found else None
    if not fits(stored, tidy_pin(typed)) or not found:
        raise NotSignedIn(say("Name and PIN do not fit together. Check both and try again."))
    return found[0]


def check_own_pin(user: User, typed: str) -> None:
    """Refuse to go on unless this is the PIN of an account.

    Raises:
        Invalid: when it is another.
    """
    if not fits(user.pin_hash, tidy_pin(typed)):
        fault = say("This is not your PIN.")
        raise Invalid(fault, fields={"current": fault})
