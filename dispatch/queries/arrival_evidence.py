"""What is known of a crew's arrival: its tap, where its phone was, photos, a signature?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from dispatch.domain.arrival_evidence import Photo, Tap, Witnesses
from dispatch.domain.attachments import AttachmentKind
from dispatch.domain.place import Point
from dispatch.domain.site_record import NOTHING
from dispatch.domain.ticket_state import EventKind, ticket_id_of
from dispatch.domain.visit_state import ACTIVE
from dispatch.models.attachments import Attachment
from dispatch.models.base import db
from dispatch.models.tickets import Ticket, TicketEvent, Visit
from dispatch.queries.site_work import site_records
from dispatch.queries.tracks import fixes_between

if TYPE_CHECKING:
    from collections.abc import Sequence
BEFORE = timedelta(hours=1)
"""So long before the ticket was given a phone may have stood there already."""
AFTER = timedelta(hours=12)
"""A visit that nobody ended is looked at for so long after the ticket was given."""


def witnesses_of(visit: Visit) -> Witnesses:
    """Return everything that may prove the arrival of a visit."""
    until = max(visit.dispatched_at, visit.arrived_at or visit.dispatched_at)
    until = visit.ended_at or until + AFTER
    photos = db.session.scalars(
        select(Attachment)
        .where(Attachment.visit_id == visit.id, Attachment.deleted_at.is_(None))
        .order_by(Attachment.id)
    ).all()
    return Witnesses(
        offered_at=visit.dispatched_at,
        tap=_tap(visit),
        fixes=fixes_between(visit.crew_id, visit.dispatched_at - BEFORE, until),
        photos=[
            Photo(each.taken_at, _point(each.lat, each.lon), each.accuracy_metres)
            for each in photos
            if each.kind != AttachmentKind.SIGNATURE
        ],
        signed=_has_code(visit) or any(each.kind == AttachmentKind.SIGNATURE for each in photos),
    )


def visits_around(
    crew_id: int, from_at: datetime, to_at: datetime
) -> Sequence[tuple[Visit, Ticket]]:
    """Return the visits of a crew that positions of a stretch of time may say something about."""
    rows = db.session.execute(
        select(Visit, Ticket)
        .join(Ticket, Ticket.id == Visit.ticket_id)
        .where(
            Visit.crew_id == crew_id,
            Visit.dispatched_at <= to_at + BEFORE,
            Visit.dispatched_at >= from_at - timedelta(days=2),
            or_(Visit.ended_at.is_(None), Visit.ended_at >= from_at),
            Ticket.lat.is_not(None),
        )
        .order_by(Visit.id)
    )
    return [(visit, ticket) for visit, ticket in rows]


def locked_for_change(visit_id: int) -> tuple[Ticket, Visit]:
    """Return a visit with its ticket, locked like for a step, as they are stored now."""
    row = db.session.execute(
        select(Ticket, Visit)
        .join(Visit, Visit.ticket_id == Ticket.id)
        .where(Visit.id == visit_id)
        .with_for_update(of=Ticket)
        .execution_options(populate_existing=True)
    ).one()
    return row[0], row[1]


def there_since(number: str, crew_id: int | None) -> datetime | None:
    """Return since when a crew's phone is at a ticket that it has not tapped its arrival on."""
    kept = db.session.scalars(
        select(Visit.arrival_evidence)
        .where(
            Visit.ticket_id == ticket_id_of(number),
            Visit.crew_id == crew_id,
            Visit.state.in_(sorted(map(str, ACTIVE))),
            Visit.arrived_at.is_(None),
        )
        .order_by(Visit.id.desc())
        .limit(1)
    ).one_or_none()
    since = (kept or {}).get("since")
    return datetime.fromisoformat(since) if since else None


def _has_code(visit: Visit) -> bool:
    record = site_records([visit.ticket_id]).get(visit.ticket_id, NOTHING)
    return record.has_code(visit.id)


def _tap(visit: Visit) -> Tap | None:
    if visit.arrived_at is None:
        return None
    event = db.session.scalars(
        select(TicketEvent)
        .where(TicketEvent.visit_id == visit.id, TicketEvent.kind == str(EventKind.ARRIVED))
        .order_by(TicketEvent.id.desc())
        .limit(1)
    ).one_or_none()
    if event is None:
        return Tap(visit.arrived_at)
    skew = 0.0
    if event.device_at is not None:
        skew = (event.device_at - event.effective_at).total_seconds()
    return Tap(
        at=event.effective_at,
        point=_point(event.lat, event.lon),
        accuracy_metres=event.accuracy_metres,
        mocked=bool(event.facts.get("mocked")),
        skew_seconds=skew,
        by_desk=event.acting_for_crew_id is not None,
    )


def _point(lat: float | None, lon: float | None) -> Point | None:
    return None if lat is None or lon is None else Point(lat, lon)
