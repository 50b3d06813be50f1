"""How does a phone come into the hands of a crew, and how is it taken out of them?"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import update

from dispatch.actions.sessions import (
    TRIES_WINDOW,
    count_try,
    revoke_sessions_on,
    take_turns,
)
from dispatch.actions.settings_log import record_setting
from dispatch.domain.errors import Forbidden, Invalid, TooMany
from dispatch.domain.kept_secrets import secret_hash as hash_of
from dispatch.domain.permissions import RESIDENT, Role
from dispatch.domain.phones import (
    CODE_ALPHABET,
    CODE_LENGTH,
    CODE_LIFETIME,
    MOST_CODE_TRIES,
    MOST_OWN_PHONES,
    tidy_code,
)
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.field import PhoneCode, PhonePerson
from dispatch.models.people import Crew, Device, UserSession
from dispatch.queries.phones import code_for_change, phone_known, phones_since
from dispatch.queries.sessions import failed_tries_since
from dispatch.queries.visits import crew_for_change

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.domain.sentences import Sentence

LONGEST_PHONE_NAME = 80
LONGEST_REASON = 300
SEEN_EVERY = timedelta(minutes=1)


def new_phone_secret() -> str:
    """Return a secret that is told to the phone once."""
    return secrets.token_urlsafe(32)


def make_code(crew_id: int, name: str, *, actor: Actor, now: datetime) -> str:
    """Return a new code that enrols one phone of a crew once, within ten minutes.

    Raises:
        NotFound: when there is no such crew, or it is not the asker's.
        Invalid: when the phone has no name.
    """
    crew = crew_for_change(crew_id, actor.scope)
    name = _name(name)
    code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
    db.session.add(
        PhoneCode(
            code_hash=hash_of(code),
            crew_id=crew.id,
            name=name,
            made_by_id=actor.user_id,
            made_by=actor.name,
            made_at=now,
            expires_at=now + CODE_LIFETIME,
        )
    )
    record_setting("phone", name, None, {"code": "given", "crew": crew.name}, actor=actor, now=now)
    return code


def begin_code_try(address: str, now: datetime) -> int:
    """Count a try to enrol from an address before the code is looked at; return its number.

    Raises:
        TooMany: after ten wrong codes from there in five minutes.
    """
    # No sign-in name holds this character, so nobody's tries are counted here.
    name = f"code\x1f{address}"[:64]
    take_turns(name)
    wrong, _ = failed_tries_since(now - TRIES_WINDOW, sign_in_name=name, address="")
    if wrong >= MOST_CODE_TRIES:
        raise TooMany(say("Too many wrong codes. Wait five minutes, then try again."))
    return count_try(name, address, now)


def join_by_code(typed: str, *, present_hash: str, new_hash: str, now: datetime) -> Device:
    """Spend a code and return the phone that it enrols.

    A phone of the same crew that is known already, by `present_hash`, stays the one it is, with
    its numbers; any other is new and known by `new_hash` from then on.

    Raises:
        Invalid: when the code is unknown, used, too old, or its crew is no more.
    """
    row = code_for_change(hash_of(tidy_code(typed)))
    if row is None:
        raise _no_code(say("Nobody knows this code. Compare each character with the desk's."))
    if row.used_at is not None:
        raise _no_code(say("This code was used before. Each enrols one phone; ask for a new one."))
    if row.expires_at <= now:
        raise _no_code(say("This code is too old. Ask the desk for a new one."))
    crew = db.session.get_one(Crew, row.crew_id)
    if not crew.active:
        raise _no_code(say("The crew of this code is no more. Ask the desk for another code."))
    row.used_at = now
    giver = replace(RESIDENT, name=row.made_by, user_id=row.made_by_id)
    known = phone_known(present_hash)
    if known is not None and known.revoked_at is None and known.crew_id == crew.id:
        known.name = row.name
        return known
    return _enrol(crew, row.name, new_hash, actor=giver, now=now)


def enrol_phone(name: str, *, actor: Actor, now: datetime, secret_hash: str) -> Device:
    """Keep a phone of the asker's crew; its commands are numbered from 1.

    Raises:
        Invalid: when the phone has no name, or the account has no crew.
        TooMany: when the crew had twenty new ones within a day: the desk's code adds more.
    """
    if actor.crew_id is None:
        raise Invalid(say("Your account belongs to no crew. Ask an administrator."))
    crew = db.session.get_one(Crew, actor.crew_id)
    take_turns(f"enrol\x1f{crew.id}")
    if phones_since(crew.id, now - timedelta(days=1)) >= MOST_OWN_PHONES:
        raise TooMany(say("Your crew has many new phones today. Ask the desk for a code."))
    device = _enrol(crew, _name(name), secret_hash, actor=actor, now=now)
    note_person(device, actor, now)
    return device


def _enrol(crew: Crew, name: str, secret_hash: str, *, actor: Actor, now: datetime) -> Device:
    device = Device(
        crew_id=crew.id, name=name, secret_hash=secret_hash, last_sequence=0, enrolled_at=now
    )
    db.session.add(device)
    db.session.flush()
    told = {"enrolled": True, "crew": crew.name, "number": device.id}
    record_setting("phone", name, None, told, actor=actor, now=now)
    return device


def revoke_phone(device: Device, reason: str, *, actor: Actor, now: datetime) -> None:
    """Take a phone out of use: who signed in on it is out, what it still sends is held.

    Raises:
        Invalid: when no reason is given.
        Forbidden: when it was revoked before.
    """
    reason = given_reason(reason)
    if device.revoked_at is not None:
        raise Forbidden(say("This phone was revoked before. A new code enrols it again."))
    device.revoked_at, device.revoked_by, device.revoked_reason = now, actor.name, reason
    ended = revoke_sessions_on(device.id, now)
    told = {"revoked": True, "reason": reason, "number": device.id, "sessions_ended": ended}
    record_setting("phone", device.name, None, told, actor=actor, now=now)


def given_reason(reason: str) -> str:
    """Return a reason as it is stored.

    Raises:
        Invalid: when there is none.
    """
    reason = " ".join(reason.replace("\0", " ").split())[:LONGEST_REASON]
    if not reason:
        fault = say("Give a reason.")
        raise Invalid(fault, fields={"reason": fault})
    return reason


def note_person(device: Device, actor: Actor, now: datetime) -> None:
    """Remember that a person of its crew uses a phone, and when."""
    if not _is_of_its_crew(device, actor):
        return
    device.last_seen_at, device.last_user_id = now, actor.user_id
    row = db.session.get(PhonePerson, (device.id, actor.user_id))
    if row is None:
        row = PhonePerson(device_id=device.id, user_id=actor.user_id, first_at=now)
        db.session.add(row)
    row.last_at = now
    db.session.flush()


def _is_of_its_crew(device: Device, actor: Actor) -> bool:
    known = actor.user_id is not None and actor.role is Role.CREW
    return known and actor.crew_id == device.crew_id


def tie_session(session_hash: str, device_id: int) -> None:
    """Let a session end with the phone that it was opened on."""
    db.session.execute(
        update(UserSession)
        .where(UserSession.secret_hash == session_hash, UserSession.kind == "browser")
        .values(device_id=device_id)
    )


def is_news(
    device: Device, actor: Actor, waiting: int | None, app: str | None, now: datetime
) -> bool:
    """Tell whether what a phone says of itself is worth a write: at most once a minute, else."""
    seen = device.last_seen_at
    # Who is of another crew is not remembered with the phone, and so would be news each time.
    by_another = _is_of_its_crew(device, actor) and actor.user_id != device.last_user_id
    told, known = (waiting, app or device.app_version), (device.waiting, device.app_version)
    return seen is None or now - seen >= SEEN_EVERY or by_another or told != known


def note_seen(
    device: Device, actor: Actor, *, waiting: int | None, app: str | None, now: datetime
) -> None:
    """Remember when a phone was there, who held it, and how much it still keeps."""
    device.last_seen_at, device.waiting = now, waiting
    device.app_version = app or device.app_version
    note_person(device, actor, now)


def _name(name: str) -> str:
    name = " ".join(name.replace("\0", " ").split())[:LONGEST_PHONE_NAME]
    if not name:
        fault = say("Give the phone a name.")
        raise Invalid(fault, fields={"name": fault})
    return name


def _no_code(sentence: Sentence) -> Invalid:
    return Invalid(sentence, fields={"code": sentence})
