"""Which photos does a ticket have, and which files does no photo need any more?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select

from dispatch.domain.attachments import KIND_NAMES, AttachmentKind, may_see
from dispatch.domain.errors import NotFound
from dispatch.domain.sentences import say
from dispatch.models.attachments import Attachment
from dispatch.models.base import db
from dispatch.models.field import FieldEntry
from dispatch.models.people import User
from dispatch.models.tickets import Report

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement

    from dispatch.models.tickets import Ticket

AT_ONCE = 500
_FILES: tuple[Any, ...] = (Attachment.sha256, Attachment.covered_sha256)


def photos_of(ticket: Ticket, *, personal: bool) -> list[dict[str, Any]]:
    """Return the photos of a ticket, oldest first; a removed one says by whom and why.

    A photo of a report is with the ticket that the report is about now. Without the right to see
    reporters, theirs are named with `hidden` and cannot be opened.
    """
    rows = db.session.execute(
        select(Attachment, User.role)
        .outerjoin(User, User.id == Attachment.user_id)
        .where(_of_ticket(ticket.id))
        .order_by(Attachment.id)
    )
    return [photo_row(row, role, personal=personal) for row, role in rows]


def photo_row(row: Attachment, role: str | None, *, personal: bool) -> dict[str, Any]:
    """Return one photo in the shape that everybody reads."""
    hidden = not may_see(row.kind, personal=personal)
    placed = row.lat is not None and not hidden
    return {
        "id": row.public_id,
        "uuid": row.uuid,
        "kind": row.kind,
        "kind_name": KIND_NAMES[AttachmentKind(row.kind)],
        "name": "" if hidden else row.name,
        "by": row.actor,
        "role": role,
        "source": row.source,
        "signer": None if hidden else row.signer,
        "report": row.report_id,
        "visit": row.visit_id,
        "taken_at": row.taken_at,
        "received_at": row.received_at,
        "width": row.width,
        "height": row.height,
        "bytes": row.bytes,
        "sha256": row.covered_sha256 or row.sha256,
        "lat": row.lat if placed else None,
        "lon": row.lon if placed else None,
        "accuracy_metres": row.accuracy_metres if placed else None,
        "hidden": hidden,
        "covered_at": row.covered_at,
        "covered_by": row.covered_by,
        "deleted_at": row.deleted_at,
        "deleted_by": row.deleted_by,
        "deleted_reason": row.deleted_reason,
    }


def photo_for(ticket: Ticket, public_id: str) -> Attachment:
    """Return a photo of a ticket, a removed one too.

    Raises:
        NotFound: when this ticket has no such photo.
    """
    found = _one(_of_ticket(ticket.id), public_id)
    if found is None:
        raise NotFound(say("This ticket has no such photo."))
    return found


def photo_of_reporter(report: Report, ticket: Ticket, public_id: str, *, after: bool) -> Attachment:
    """Return a photo that a reporter may see: an own one, or with `after` one of the repair.

    Raises:
        NotFound: when there is none, or it was removed.
    """
    shown = _shown_to(report, ticket, after=after)
    found = _one(shown & Attachment.deleted_at.is_(None), public_id)
    if found is None:
        raise NotFound(say("There is no such photo, or it was removed."))
    return found


def photos_of_reporter(report: Report, ticket: Ticket, *, after: bool) -> list[dict[str, Any]]:
    """Return the photos that a reporter may see, oldest first."""
    rows = db.session.scalars(
        select(Attachment)
        .where(_shown_to(report, ticket, after=after), Attachment.deleted_at.is_(None))
        .order_by(Attachment.id)
    )
    return [
        photo_row(row, None, personal=True) | {"own": row.report_id == report.id} for row in rows
    ]


def sent_before(uuid: str) -> Attachment | None:
    """Return the photo that its sender named so, None where it is new."""
    return db.session.scalars(select(Attachment).where(Attachment.uuid == uuid)).one_or_none()


def count_for(ticket_id: int, report_id: int | None) -> int:
    """Count the photos of a report, else those of a ticket without a report."""
    which = (
        Attachment.report_id == report_id
        if report_id is not None
        else (Attachment.ticket_id == ticket_id) & Attachment.report_id.is_(None)
    )
    asked = select(func.count()).select_from(Attachment)
    return db.session.scalar(asked.where(which, Attachment.deleted_at.is_(None))) or 0


def first_photos(ticket_ids: Iterable[int]) -> dict[int, str]:
    """Return the oldest photo of each ticket that has one, by the number of its row."""
    wanted = sorted(set(ticket_ids))
    at = func.coalesce(Report.ticket_id, Attachment.ticket_id)
    rows = db.session.execute(
        select(at, Attachment.public_id)
        .outerjoin(Report, Report.id == Attachment.report_id)
        .where(
            or_(Attachment.ticket_id.in_(wanted), Report.ticket_id.in_(wanted)),
            Attachment.deleted_at.is_(None),
        )
        .order_by(Attachment.id.desc())
    )
    return {ticket_id: public_id for ticket_id, public_id in rows if ticket_id in wanted}


def names_needed(names: Sequence[str]) -> set[str]:
    """Return which of these files a photo needs that was not removed, or is held for the desk."""
    found: set[str] = set()
    for begin in range(0, len(names), AT_ONCE):
        some = names[begin : begin + AT_ONCE]
        for column in _FILES:
            needed = select(column).where(column.in_(some), Attachment.deleted_at.is_(None))
            found |= set(db.session.scalars(needed))
        held = select(FieldEntry.photo_sha256).where(FieldEntry.photo_sha256.in_(some))
        found |= {name for name in db.session.scalars(held) if name}
    return found


def kept_names() -> list[str]:
    """Return the names of all files that there must be."""
    found: set[str] = set()
    for column in _FILES:
        named = select(column).where(column.is_not(None), Attachment.deleted_at.is_(None))
        found |= set(db.session.scalars(named.distinct()))
    held = select(FieldEntry.photo_sha256).where(FieldEntry.photo_sha256.is_not(None))
    return sorted(found | {name for name in db.session.scalars(held) if name})


def _one(which: ColumnElement[bool], public_id: str) -> Attachment | None:
    asked = (
        select(Attachment)
        .where(which, Attachment.public_id == public_id)
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(asked).one_or_none()


def _of_ticket(ticket_id: int) -> ColumnElement[bool]:
    told = select(Report.id).where(Report.ticket_id == ticket_id)
    stays = (Attachment.ticket_id == ticket_id) & Attachment.report_id.is_(None)
    return or_(stays, Attachment.report_id.in_(told))


def _shown_to(report: Report, ticket: Ticket, *, after: bool) -> ColumnElement[bool]:
    own = Attachment.report_id == report.id
    repaired = (Attachment.ticket_id == ticket.id) & (Attachment.kind == str(AttachmentKind.AFTER))
    return or_(own, repaired) if after and ticket.completed_at is not None else own
