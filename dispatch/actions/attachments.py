"""How does a photo come to a ticket, and how is one taken away?"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from dispatch.actions.arrivals import judge_arrival
from dispatch.actions.merged_news import record_told
from dispatch.actions.ticket_log import JUST_NOW, Told, record_aside
from dispatch.domain.attachments import (
    MOST_WITHOUT_REPORT,
    PERSONAL,
    AttachmentKind,
    check_room,
    taken_by_then,
)
from dispatch.domain.errors import Forbidden, Invalid, Reused
from dispatch.domain.permissions import RULE, Role
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import ENDED, EventKind
from dispatch.models.attachments import Attachment
from dispatch.models.base import db
from dispatch.models.tickets import Ticket, Visit
from dispatch.queries.attachments import count_for, sent_before
from dispatch.queries.field_sync import visit_at

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.domain.place import Point
    from dispatch.models.tickets import Report


PHOTOS_KEPT = timedelta(days=365)
"""After the end of a ticket: photos that show a resident's home or hand. Others stay with it."""
AT_ONCE = 1_000


@dataclass(frozen=True)
class NewPhoto:
    """A photo whose files are kept already; hashes are SHA-256, of the kept and of the sent file.

    `uuid` is the sender's own name of it, `taken_at` and `place` (WGS-84) what the sender said;
    `signer` is who signed a signature.
    """

    kind: AttachmentKind
    name: str
    sha256: str
    sent_sha256: str
    width: int
    height: int
    bytes: int
    uuid: str | None = None
    taken_at: datetime | None = None
    place: Point | None = None
    accuracy_metres: float | None = None
    signer: str | None = None


def reused() -> Reused:
    """Return what is said where the name of a photo is that of another one."""
    return Reused(say("This photo's UUID was used for another photo. Use a new one."))


def add_photo(
    ticket: Ticket,
    new: NewPhoto,
    *,
    actor: Actor,
    now: datetime,
    most: int,
    report: Report | None = None,
    told: Told = JUST_NOW,
) -> Attachment:
    """Add a photo to a ticket in whatever state it is; the same one sent again is the same row.

    `most` is how many photos a report may have, `told` how we came to know of a late one.

    Raises:
        Reused: when the sender gave this name to another photo.
        Invalid: when there are too many already.
    """
    known = sent_before(new.uuid) if new.uuid else None
    if known is not None:
        report_id = report.id if report else None
        if (known.sent_sha256, known.report_id) != (new.sent_sha256, report_id) or (
            report is None and known.ticket_id != ticket.id
        ):
            raise reused()
        return known
    check_room(
        count_for(ticket.id, report.id if report else None),
        most if report else MOST_WITHOUT_REPORT,
    )
    row = _row(ticket, new, actor, now, report)
    row.visit_id = _visit_of(ticket, row, actor, told)
    db.session.add(row)
    db.session.flush()
    facts = {"photo": row.public_id, "kind": row.kind, "sha256": row.sha256}
    record_told(
        ticket, EventKind.PHOTO_ADDED, actor=actor, now=now, told=replace(told, facts=facts)
    )
    _judge(ticket, row, now)
    return row


def _row(
    ticket: Ticket, new: NewPhoto, actor: Actor, now: datetime, report: Report | None
) -> Attachment:
    return Attachment(
        public_id=secrets.token_urlsafe(12),
        uuid=new.uuid,
        ticket_id=ticket.id,
        report_id=report.id if report else None,
        kind=str(new.kind),
        name=new.name,
        actor=actor.name,
        user_id=actor.user_id,
        source=actor.source,
        taken_at=taken_by_then(new.taken_at, now),
        received_at=now,
        width=new.width,
        height=new.height,
        bytes=new.bytes,
        sha256=new.sha256,
        sent_sha256=new.sent_sha256,
        lat=new.place.lat if new.place else None,
        lon=new.place.lon if new.place else None,
        accuracy_metres=new.accuracy_metres,
        signer=new.signer if new.kind is AttachmentKind.SIGNATURE else None,
    )


def _visit_of(ticket: Ticket, photo: Attachment, actor: Actor, told: Told) -> int | None:
    """Return the crew's visit of when a photo was taken, else told; the newest without either."""
    if actor.role is not Role.CREW or actor.crew_id is None:
        return None
    visit = visit_at(ticket.id, actor.crew_id, photo.taken_at or told.effective_at)
    return visit.id if visit else None


def remove_photo(
    ticket: Ticket, photo: Attachment, *, reason: str, actor: Actor, now: datetime
) -> None:
    """Take a photo away: its row says by whom and why, and its file may be removed afterwards.

    Raises:
        Invalid: when no reason is given.
        Forbidden: when it was taken away before.
    """
    if not reason.strip():
        fault = say("Say why the photo is removed.")
        raise Invalid(fault, fields={"reason": fault})
    if photo.deleted_at is not None:
        raise Forbidden(say("This photo was removed before."))
    photo.deleted_at, photo.deleted_by = now, actor.name
    photo.deleted_reason, photo.signer = reason.strip(), None
    told = Told(note=reason.strip(), facts={"photo": photo.public_id, "kind": photo.kind})
    record_aside(ticket, EventKind.PHOTO_REMOVED, actor=actor, now=now, told=told)
    _judge(ticket, photo, now)


def _judge(ticket: Ticket, photo: Attachment, now: datetime) -> None:
    """Let a photo of a visit speak for its arrival, or no longer."""
    visit = db.session.get(Visit, photo.visit_id) if photo.visit_id else None
    if visit is not None:
        judge_arrival(ticket, visit, now=now)


def forget_old_photos(now: datetime) -> int:
    """Take away what residents sent for tickets that ended a year ago; return how many photos.

    The rows stay; the files go with the next look for files that no photo needs.
    """
    ended_at = func.coalesce(Ticket.closed_at, Ticket.changed_at)
    old = (
        select(Attachment.id)
        .join(Ticket, Ticket.id == Attachment.ticket_id)
        .where(
            Attachment.kind.in_(sorted(map(str, PERSONAL))),
            Attachment.deleted_at.is_(None),
            Ticket.state.in_(sorted(map(str, ENDED))),
            ended_at < now - PHOTOS_KEPT,
        )
        .order_by(Attachment.id)
        .limit(AT_ONCE)
    )
    done = db.session.execute(
        update(Attachment)
        .where(Attachment.id.in_(old))
        .values(deleted_at=now, deleted_by=RULE.name, deleted_reason="", signer=None)
        .returning(Attachment.id),
        execution_options={"synchronize_session": False},
    )
    return len(done.all())
