"""Which phones have the crews, who used them, and what of theirs waits for the desk?"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select

from dispatch.domain.attachments import KIND_NAMES as PHOTO_KINDS
from dispatch.domain.attachments import AttachmentKind, may_see
from dispatch.domain.categories import category_rule
from dispatch.domain.errors import Invalid, NotAllowed, NotFound
from dispatch.domain.field_commands import PHOTO, ROUND_STEPS, FieldOutcome
from dispatch.domain.permissions import Role
from dispatch.domain.rounds import stop_named
from dispatch.domain.sentences import LocalName, Sentence, say
from dispatch.domain.site_words import site_detail
from dispatch.domain.ticket_state import EVENT_NAMES, EventKind, ticket_number
from dispatch.domain.visit_state import CAUSE_NAMES, Cause
from dispatch.models.base import db
from dispatch.models.field import FieldEntry, PhoneCode, PhonePerson
from dispatch.models.people import Crew, Device, User
from dispatch.queries.events import ROUND_STEP_NAMES
from dispatch.queries.rounds import address_of_stop
from dispatch.queries.scoping import in_scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dispatch.domain.permissions import Scope

MOST_SHOWN = 100
KIND_NAMES: dict[str, Sentence] = {
    "acknowledge": EVENT_NAMES[EventKind.ACKNOWLEDGED],
    "set-off": EVENT_NAMES[EventKind.SET_OFF],
    "arrive": EVENT_NAMES[EventKind.ARRIVED],
    "start": EVENT_NAMES[EventKind.STARTED],
    "restore": EVENT_NAMES[EventKind.RESTORED],
    "complete": EVENT_NAMES[EventKind.COMPLETED],
    "cannot-complete": EVENT_NAMES[EventKind.CANNOT_COMPLETE],
    "decline": EVENT_NAMES[EventKind.DECLINED],
    "return": EVENT_NAMES[EventKind.RETURNED],
    "hand-over": EVENT_NAMES[EventKind.RELIEF_ASKED],
    "take-back": EVENT_NAMES[EventKind.RELIEF_TAKEN_BACK],
    "take-over": EVENT_NAMES[EventKind.HANDED_OVER],
    "refuse-hand-over": EVENT_NAMES[EventKind.RELIEF_DECLINED],
    "note": EVENT_NAMES[EventKind.NOTE_ADDED],
    "code": EVENT_NAMES[EventKind.RESIDENT_CODE],
}
"""What each command says that it did."""
_AS_SENT: tuple[Any, ...] = (FieldEntry.sequence.is_(None), FieldEntry.sequence, FieldEntry.id)
"""Photos have no number and come last."""
SITE_KINDS = {
    "reading": EventKind.READING_TAKEN,
    "parts": EventKind.PARTS_USED,
    "tick": EventKind.TICKED,
    "needs": EventKind.NEXT_VISIT_NEEDS,
    "time-left": EventKind.TIME_LEFT,
}
KIND_NAMES |= {name: EVENT_NAMES[kind] for name, kind in SITE_KINDS.items()}
KIND_NAMES |= ROUND_STEP_NAMES | {PHOTO: EVENT_NAMES[EventKind.PHOTO_ADDED]}


class PhoneRow(NamedTuple):
    """One phone as the desk lists it; `held` commands wait for the desk's word."""

    id: int
    name: str
    crew: LocalName
    crew_active: bool
    enrolled_at: datetime
    last_seen_at: datetime | None
    last_person: str | None
    waiting: int | None
    revoked_at: datetime | None
    revoked_by: str | None
    revoked_reason: str | None
    held: int
    strangers: int


class HeldRow(NamedTuple):
    """One held command or photo: what, when, on which ticket, by whom, and why it was held.

    `photo` is what it shows, as the kinds of photos are called, and `taken_at` when the phone says
    that it was taken.
    `round_place` is where a tap on a round was, empty on the way; None for what is of a ticket.
    """

    id: int
    kind: str
    kind_name: Sentence | None
    ticket: str
    is_known_ticket: bool
    round_place: str | None
    phone: str
    crew: LocalName
    person: str | None
    received_at: datetime
    effective_at: datetime | None
    time_quality: str | None
    words: list[str | Sentence]
    reason: Sentence | None
    photo: str | None
    taken_at: datetime | None


def phones_of(scope: Scope) -> list[PhoneRow]:
    """Return the phones of the asker's crews, those in use first, by crew and name."""
    asked = (
        select(Device, Crew, User.name, _count(held=True), _count(held=False))
        .join(Crew, Crew.id == Device.crew_id)
        .outerjoin(User, User.id == Device.last_user_id)
        .order_by(Device.revoked_at.is_not(None), Crew.name, Device.name, Device.id)
    )
    return [
        PhoneRow(
            id=device.id,
            name=device.name,
            crew=LocalName(crew.name, crew.name_zh),
            crew_active=crew.active,
            enrolled_at=device.enrolled_at,
            last_seen_at=device.last_seen_at,
            last_person=person,
            waiting=device.waiting,
            revoked_at=device.revoked_at,
            revoked_by=device.revoked_by,
            revoked_reason=device.revoked_reason,
            held=held,
            strangers=strangers,
        )
        for device, crew, person, held, strangers in db.session.execute(
            in_scope(asked, scope, crew=Crew)
        )
    ]


def _count(*, held: bool) -> Any:
    which = _undecided() if held else FieldEntry.flag.is_not(None)
    counted = select(func.count()).where(FieldEntry.device_id == Device.id, which)
    return counted.correlate(Device).scalar_subquery()


def _undecided() -> Any:
    return (FieldEntry.outcome == str(FieldOutcome.HELD)) & FieldEntry.decided_at.is_(None)


def held_commands(scope: Scope, most: int = MOST_SHOWN) -> list[HeldRow]:
    """Return what phones of the asker's crews sent and nobody decided on, in their order.

    At most so many rows; `PhoneRow.held` says how many there are of each phone.
    """
    asked = (
        select(FieldEntry, Device, Crew, User.name)
        .join(Device, Device.id == FieldEntry.device_id)
        .join(Crew, Crew.id == Device.crew_id)
        .outerjoin(User, User.id == FieldEntry.user_id)
        .where(_undecided())
        .order_by(FieldEntry.device_id, *_AS_SENT)
        .limit(most)
    )
    rows = db.session.execute(in_scope(asked, scope, crew=Crew))
    return [_held_row(entry, device, crew, person) for entry, device, crew, person in rows]


def _held_row(entry: FieldEntry, device: Device, crew: Crew, person: str | None) -> HeldRow:
    named, args = (entry.told or {}).get("ticket", "–"), entry.args or {}
    photo = entry.photo_sha256
    taken_at = args.get("taken_at") if photo else None
    return HeldRow(
        id=entry.id,
        kind=entry.kind,
        kind_name=KIND_NAMES.get(entry.kind),
        ticket=ticket_number(entry.ticket_id) if entry.ticket_id else str(named),
        is_known_ticket=entry.ticket_id is not None,
        round_place=_round_place(entry),
        phone=device.name,
        crew=LocalName(crew.name, crew.name_zh),
        person=person,
        received_at=entry.received_at,
        effective_at=entry.effective_at,
        time_quality=entry.time_quality,
        words=[PHOTO_KINDS[AttachmentKind(args["kind"])]] if photo else _words(entry.kind, args),
        reason=Sentence.from_json(entry.reason) if entry.reason else None,
        photo=args["kind"] if photo else None,
        taken_at=datetime.fromisoformat(taken_at) if taken_at else None,
    )


def _round_place(entry: FieldEntry) -> str | None:
    if entry.kind not in ROUND_STEPS:
        return None
    stop_id = stop_named(entry.args or {})
    return "" if stop_id is None else address_of_stop(stop_id)


def _words(kind: str, args: dict[str, Any]) -> list[str | Sentence]:
    """Return what was typed or chosen; a program may have sent anything at all."""
    if kind in SITE_KINDS:
        with suppress(KeyError, TypeError, ValueError):
            known = {"count": 1} | args | {"done": args.get("done", True) in (True, "yes")}
            if detail := site_detail(SITE_KINDS[kind], known):
                return [detail]
    known = {name: said for name, said in sorted(args.items()) if name != "stop"}
    return [_word(*each) for each in known.items() if each[1] not in (None, "")]


def _word(name: str, said: Any) -> str | Sentence:
    if name == "cause" and said in list(Cause):
        return CAUSE_NAMES[Cause(said)]
    if name == "category":
        with suppress(Invalid):
            return category_rule(str(said)).name
    return str(said)


def held_of(device_id: int, *, photos: bool = False) -> int:
    """Return how many commands and photos of a phone, or `photos` alone, wait for the desk."""
    asked = select(func.count(FieldEntry.id)).where(FieldEntry.device_id == device_id)
    if photos:
        asked = asked.where(FieldEntry.photo_sha256.is_not(None))
    return db.session.scalar(asked.where(_undecided())) or 0


def all_held_for_change(device_id: int) -> Sequence[FieldEntry]:
    """Return what waits for the desk of a phone, locked, in its order."""
    return db.session.scalars(
        select(FieldEntry)
        .where(FieldEntry.device_id == device_id, _undecided())
        .order_by(*_AS_SENT)
        .with_for_update()
    ).all()


def held_for_change(entry_id: int, scope: Scope) -> tuple[FieldEntry, Device]:
    """Return a command that was held, locked, with its phone.

    Raises:
        NotFound: when there is none of the asker's crews.
    """
    asked = (
        select(FieldEntry, Device)
        .join(Device, Device.id == FieldEntry.device_id)
        .join(Crew, Crew.id == Device.crew_id)
        .where(FieldEntry.id == entry_id, FieldEntry.outcome == str(FieldOutcome.HELD))
        .with_for_update(of=FieldEntry)
    )
    found = db.session.execute(in_scope(asked, scope, crew=Crew)).one_or_none()
    if found is None:
        raise NotFound(say("There is no such held command, or it is not your crew's."))
    return found[0], found[1]


def held_photo_for(entry_id: int, scope: Scope, *, personal: bool) -> str:
    """Return the name of the file of a photo that is held of the asker's crews.

    Raises:
        NotFound: when there is none, or it was decided on.
        NotAllowed: when it shows a hand or a home, and the asker may not see reporters.
    """
    asked = (
        select(FieldEntry)
        .join(Device, Device.id == FieldEntry.device_id)
        .join(Crew, Crew.id == Device.crew_id)
        .where(FieldEntry.id == entry_id, FieldEntry.photo_sha256.is_not(None), _undecided())
    )
    entry = db.session.scalars(in_scope(asked, scope, crew=Crew)).one_or_none()
    if entry is None:
        raise NotFound(say("There is no such photo, or it was decided on."))
    if not may_see((entry.args or {})["kind"], personal=personal):
        raise NotAllowed(say("Only those who may see reporters may open this photo."))
    return entry.photo_sha256 or ""


def phone_for_change(device_id: int, scope: Scope) -> Device:
    """Return a phone of the asker's crews, locked.

    Raises:
        NotFound: when there is none.
    """
    asked = (
        select(Device)
        .join(Crew, Crew.id == Device.crew_id)
        .where(Device.id == device_id)
        .with_for_update(of=Device)
    )
    device = db.session.scalars(in_scope(asked, scope, crew=Crew)).one_or_none()
    if device is None:
        raise NotFound(say("There is no such phone, or it is not your crew's."))
    return device


def phone_known(secret_hash: str) -> Device | None:
    """Return the phone with a secret, None when nobody knows it."""
    return db.session.scalars(select(Device).where(Device.secret_hash == secret_hash)).one_or_none()


def phone_in_use(secret_hash: str, crew_id: int | None) -> Device | None:
    """Return the phone with a secret, None when it was revoked or is another crew's."""
    found = phone_known(secret_hash)
    return found if found and found.revoked_at is None and found.crew_id == crew_id else None


def code_for_change(code_hash: str) -> PhoneCode | None:
    """Return a code that enrols a phone, locked, used or not."""
    return db.session.scalars(
        select(PhoneCode).where(PhoneCode.code_hash == code_hash).with_for_update()
    ).one_or_none()


def crews_to_equip(scope: Scope) -> Sequence[Crew]:
    """Return the crews whose phones the asker looks after, by name."""
    asked = select(Crew).where(Crew.active).order_by(Crew.name)
    return db.session.scalars(in_scope(asked, scope, crew=Crew)).all()


def crew_of_phone(device: Device) -> Crew:
    """Return the crew whose phone this is."""
    return db.session.get_one(Crew, device.crew_id)


def people_of_phone(device: Device) -> Sequence[User]:
    """Return who may sign in on a phone: the people of its crew, by name."""
    return db.session.scalars(
        select(User)
        .where(User.crew_id == device.crew_id, User.role == str(Role.CREW), User.active)
        .order_by(User.name, User.id)
    ).all()


def person_on_phone(device_id: int, user_id: int) -> User | None:
    """Return a person who has signed in on a phone, None for anybody else."""
    return db.session.scalars(
        select(User)
        .join(PhonePerson, PhonePerson.user_id == User.id)
        .where(PhonePerson.device_id == device_id, User.id == user_id)
    ).one_or_none()


def phones_since(crew_id: int, since: datetime) -> int:
    """Return how many phones of a crew were enrolled since an instant."""
    asked = select(func.count(Device.id)).where(
        Device.crew_id == crew_id, Device.enrolled_at >= since
    )
    return db.session.scalar(asked) or 0
