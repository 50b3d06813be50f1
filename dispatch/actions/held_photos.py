"""What becomes of a photo that a revoked phone still sends?"""

from __future__ import annotations

import uuid
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dispatch.actions.attachments import NewPhoto, add_photo, reused
from dispatch.actions.field_sync import (
    REVOKED,
    UNKNOWN_PERSON,
    check_room_for_held,
    person_behind,
)
from dispatch.domain.attachments import AttachmentKind, taken_by_then
from dispatch.domain.errors import NotFound, TooMany
from dispatch.domain.field_commands import PHOTO, FieldOutcome
from dispatch.domain.permissions import Scope
from dispatch.domain.place import Point
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.field import FieldEntry
from dispatch.models.people import User
from dispatch.queries.attachments import sent_before
from dispatch.queries.field_sync import device_for_change, entry_of
from dispatch.queries.phones import held_of
from dispatch.queries.tickets import ticket_seen

if TYPE_CHECKING:
    from dispatch.actions.field_sync import Sent
    from dispatch.actions.ticket_log import Told
    from dispatch.domain.permissions import Actor
    from dispatch.models.tickets import Ticket

MOST_HELD_PHOTOS = 100
"""So many photos of a phone may wait for the desk; it keeps what it has beyond them."""
LONGEST_NUMBER = 40


def is_photo_known(name: str | None, device_id: int, sent_sha256: str) -> bool:
    """Tell whether the desk has this very file already, held or on its ticket, under its name.

    Raises:
        Reused: when another file has the name, or another phone sent it.
    """
    if name is None:
        return False
    photo, entry = sent_before(name), entry_of(name)
    if photo is None and entry is None:
        return False
    if photo is not None:
        is_same = photo.sent_sha256 == sent_sha256
    else:
        kept = (entry.device_id, (entry.args or {}).get("sent_sha256")) if entry else None
        is_same = kept == (device_id, sent_sha256)
    if not is_same:
        raise reused()
    return True


def check_room_for_photo(device_id: int) -> None:
    """Refuse a photo more than the desk can look through, before anybody draws it anew.

    Raises:
        TooMany: when so many photos of this phone, or so much else, wait for the desk.
    """
    if held_of(device_id, photos=True) >= MOST_HELD_PHOTOS:
        most = MOST_HELD_PHOTOS
        raise TooMany(
            say("The desk has %(n)s photos of this phone to decide on. Keep the rest.", n=most)
        )
    check_room_for_held(device_id)


def hold_photo(number: str, new: NewPhoto, *, person_id: int | None, sent: Sent) -> None:
    """Keep a photo for the desk, whose file is kept already; the same one again changes nothing.

    Nothing about the ticket is told: one that there is not is held like any other.

    Raises:
        NotFound: when nobody knows this phone.
        Reused: when its name is that of another photo.
        TooMany: when so many photos of this phone wait for the desk.
    """
    device = device_for_change(sent.device_hash)
    if is_photo_known(new.uuid, device.id, new.sent_sha256):
        return
    check_room_for_photo(device.id)
    who = person_behind(person_id, device, sent.actor)
    entry = FieldEntry(
        uuid=new.uuid or str(uuid.uuid4()),
        device_id=device.id,
        user_id=(who or sent.actor).user_id,
        sent_by_id=sent.actor.user_id,
        flag=None if who else UNKNOWN_PERSON,
        kind=PHOTO,
        args=_stored(replace(new, taken_at=taken_by_then(new.taken_at, sent.now))),
        photo_sha256=new.sha256,
        received_at=sent.now,
        outcome=str(FieldOutcome.HELD),
        reason=REVOKED.as_json(),
        told={"ticket": _storable(number)},
    )
    with suppress(NotFound):
        entry.ticket_id = ticket_seen(number, Scope(everything=True)).id
    db.session.add(entry)
    db.session.flush()


def add_held_photo(
    ticket: Ticket, entry: FieldEntry, *, actor: Actor, now: datetime, told: Told
) -> None:
    """Put a held photo on its ticket for `actor`; the photo stays that of the person who took it.

    Raises:
        Reused: when the ticket has another photo under its name.
        Invalid: when the ticket has too many already.
    """
    is_new = sent_before(entry.uuid) is None
    told = replace(told, effective_at=entry.received_at)
    photo = add_photo(ticket, _read(entry), actor=actor, now=now, most=0, told=told)
    if is_new:
        taker = db.session.get(User, entry.user_id) if entry.user_id and not entry.flag else None
        photo.received_at = entry.received_at
        if taker is not None:
            photo.actor, photo.user_id = taker.name, taker.id


def _storable(number: str) -> str:
    """Return what somebody wrote as the number of a ticket, short, of signs that can be shown."""
    return "".join(each if each.isprintable() else "\ufffd" for each in number[:LONGEST_NUMBER])


def _stored(new: NewPhoto) -> dict[str, Any]:
    kept = asdict(new) | {"kind": str(new.kind)}
    del kept["uuid"], kept["sha256"]
    if new.taken_at is not None:
        kept["taken_at"] = new.taken_at.isoformat()
    return kept


def _read(entry: FieldEntry) -> NewPhoto:
    kept = dict(entry.args or {})
    taken_at, place = kept.pop("taken_at"), kept.pop("place")
    return NewPhoto(
        **kept | {"kind": AttachmentKind(kept["kind"])},
        uuid=entry.uuid,
        sha256=entry.photo_sha256 or "",
        taken_at=datetime.fromisoformat(taken_at) if taken_at else None,
        place=Point(**place) if place else None,
    )
