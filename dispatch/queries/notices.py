"""Which interruptions are announced, which of them explain a fault, and who is in their area?"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import shapely
from shapely.geometry import shape
from sqlalchemy import or_, select

from dispatch.domain.errors import NotFound
from dispatch.domain.notices import (
    KIND_NAMES,
    NEAR_METRES,
    NOTICE_STATE_NAMES,
    Notice,
    NoticeKind,
    NoticeState,
    NoticeTimes,
    affected,
    covering,
    metres_to,
    words_for_caller,
)
from dispatch.domain.sentences import LocalName, say
from dispatch.domain.ticket_state import ENDED, ticket_number
from dispatch.models.base import db
from dispatch.models.notices import NoticeEvent, NoticeRow
from dispatch.models.places import Household
from dispatch.models.tickets import Ticket

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy import ColumnElement

    from dispatch.domain.place import Point

ENDED_SHOWN = timedelta(days=30)
"""So long a notice stays on the desk's list after its end."""

_ENDED = tuple(sorted(str(state) for state in ENDED))
_IS_OPEN = (Ticket.state.not_in(_ENDED), ~Ticket.imported)
_PLAIN = (
    "id", "version", "kind", "categories", "area", "area_zh", "text", "text_zh", "grids",
    "begins_at", "ends_at", "published_at", "ended_at",
)  # fmt: skip
_PUBLIC = ("id", "kind", "categories", "area", "area_zh", "text", "text_zh", "begins_at", "ends_at")


def times_of(row: NoticeRow) -> NoticeTimes:
    """Return the times of a notice as the rules read them."""
    return NoticeTimes(
        begins_at=row.begins_at,
        ends_at=row.ends_at,
        published_at=row.published_at,
        ended_at=row.ended_at,
    )


def notice_of(row: NoticeRow) -> Notice:
    """Return a notice as the rules read it."""
    return Notice(
        id=row.id,
        kind=NoticeKind(row.kind),
        area=LocalName(row.area, row.area_zh),
        categories=frozenset(row.categories),
        shape=shape(row.geometry),
        times=times_of(row),
        ticket_id=row.ticket_id,
    )


def announced(now: datetime) -> list[NoticeRow]:
    """Return the notices in force and coming, the earliest first."""
    return list(
        db.session.scalars(
            select(NoticeRow)
            .where(
                NoticeRow.published_at.is_not(None),
                NoticeRow.ended_at.is_(None),
                NoticeRow.ends_at > now,
            )
            .order_by(NoticeRow.begins_at, NoticeRow.id)
        )
    )


def notices_explaining(point: Point, category: str | None, now: datetime) -> list[Notice]:
    """Return the notices in force that explain a fault at a point, the most telling first."""
    return covering([notice_of(row) for row in announced(now)], point, category, now)


def suggested_notices(point: Point, category: str | None, now: datetime) -> list[dict[str, Any]]:
    """Return the notices that explain what a caller tells, with what to say to the caller."""
    found = notices_explaining(point, category, now)
    tickets = open_tickets_of(found)
    return [_suggested(each, tickets) for each in found]


def _suggested(notice: Notice, tickets: dict[int, Ticket]) -> dict[str, Any]:
    ticket = tickets.get(notice.ticket_id or 0)
    number = ticket_number(ticket.id) if ticket else None
    return {
        "id": notice.id,
        "kind": str(notice.kind),
        "kind_name": KIND_NAMES[notice.kind],
        "area": str(notice.area),
        "area_zh": notice.area.chinese,
        "categories": sorted(notice.categories),
        "ends_at": notice.times.ends_at,
        "ticket": number,
        "reports": ticket.report_count if ticket else None,
        "tell": words_for_caller(notice, number),
    }


def open_tickets_of(notices: Sequence[Notice]) -> dict[int, Ticket]:
    """Return the open tickets that notices name, by id."""
    ids = [each.ticket_id for each in notices if each.ticket_id is not None]
    if not ids:
        return {}
    rows = db.session.scalars(select(Ticket).where(Ticket.id.in_(ids), *_IS_OPEN))
    return {ticket.id: ticket for ticket in rows}


def notice_rows(now: datetime) -> list[dict[str, Any]]:
    """Return the notices of the desk's list: open ones, drafts, and those that ended lately."""
    rows = db.session.scalars(
        select(NoticeRow)
        .where(
            or_(
                NoticeRow.published_at.is_not(None) & (NoticeRow.ends_at > now - ENDED_SHOWN),
                NoticeRow.published_at.is_(None) & NoticeRow.ended_at.is_(None),
            )
        )
        .order_by(NoticeRow.begins_at.desc(), NoticeRow.id.desc())
    ).all()
    order = [NoticeState.IN_FORCE, NoticeState.COMING, NoticeState.DRAFT, NoticeState.ENDED]
    shown = [notice_shape(row, now) for row in rows]
    return sorted(shown, key=lambda each: order.index(NoticeState(each["state"])))


def notice_shape(row: NoticeRow, now: datetime) -> dict[str, Any]:
    """Return a notice as the desk and programs read it."""
    state = times_of(row).state(now)
    return {
        **{name: getattr(row, name) for name in _PLAIN},
        "kind_name": KIND_NAMES[NoticeKind(row.kind)],
        "state": str(state),
        "state_name": NOTICE_STATE_NAMES[state],
        "ticket": ticket_number(row.ticket_id) if row.ticket_id is not None else None,
        "geometry": row.geometry,
    }


def notice_seen(notice_id: int) -> NoticeRow:
    """Return a notice.

    Raises:
        NotFound: when there is none with this id.
    """
    row = db.session.get(NoticeRow, notice_id)
    if row is None:
        raise NotFound(say("There is no such notice of interruption."))
    return row


def story_of(notice_id: int) -> list[NoticeEvent]:
    """Return what was done to a notice, the oldest first."""
    asked = select(NoticeEvent).where(NoticeEvent.notice_id == notice_id)
    return list(db.session.scalars(asked.order_by(NoticeEvent.id)))


def people_affected(area: BaseGeometry) -> dict[str, int]:
    """Count the open tickets and the households in an area."""
    tickets = select(Ticket.lat, Ticket.lon).where(*_IS_OPEN, _within(Ticket, area))
    homes = select(Household.lat, Household.lon).where(_within(Household, area))
    return {
        "tickets": affected(area, _places(tickets)),
        "households": affected(area, _places(homes)),
    }


def _within(table: Any, area: BaseGeometry) -> ColumnElement[bool]:
    west, south, east, north = shapely.bounds(area).tolist()
    inside: ColumnElement[bool] = table.lat.between(south, north) & table.lon.between(west, east)
    return inside


def _places(asked: Any) -> list[tuple[float, float]]:
    return [(row[0], row[1]) for row in db.session.execute(asked)]


def public_notices(now: datetime, *, near: Point | None = None) -> list[dict[str, Any]]:
    """Return what everybody may read of the notices in force and coming; nobody is named.

    With `near` only those that hold the point or are within 500 m of it, and which of both.
    """
    found = []
    for row in announced(now):
        metres = metres_to(notice_of(row), near) if near else 0.0
        if metres <= NEAR_METRES:
            found.append(public_notice(row, now) | ({"here": metres == 0.0} if near else {}))
    return found


def public_notice(row: NoticeRow, now: datetime) -> dict[str, Any]:
    """Return what everybody may read of one notice; nobody is named."""
    state = times_of(row).state(now)
    return {
        **{name: getattr(row, name) for name in _PUBLIC},
        "kind_name": KIND_NAMES[NoticeKind(row.kind)],
        "state": str(state),
        "state_name": NOTICE_STATE_NAMES[state],
    }


def notice_told(notice_id: int | None, now: datetime) -> dict[str, Any] | None:
    """Return what a reporter may read of the notice that explained their report."""
    row = db.session.get(NoticeRow, notice_id) if notice_id is not None else None
    return public_notice(row, now) if row else None


def stamp_of(now: datetime) -> str:
    """Return a stamp that changes with whatever the public reads of the notices."""
    facts = [
        (row.id, row.version, str(times_of(row).state(now)))
        for row in sorted(announced(now), key=lambda each: each.id)
    ]
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def notice_features(
    now: datetime, *, unless: Collection[str] = ()
) -> tuple[list[dict[str, Any]] | None, str]:
    """Return the notices in force as GeoJSON features, and a stamp that changes with them.

    The features are None when the stamp is one of `unless`: the asker has them already.
    """
    stamp = stamp_of(now)
    if stamp in unless:
        return None, stamp
    rows = [row for row in announced(now) if times_of(row).state(now) is NoticeState.IN_FORCE]
    return [
        {
            "type": "Feature",
            "id": row.id,
            "geometry": row.geometry,
            "properties": {
                name: value for name, value in public_notice(row, now).items() if name != "id"
            },
        }
        for row in rows
    ], stamp
