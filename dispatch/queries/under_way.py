"""Which crews are under way, from where to where, and since when?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, text

from dispatch.domain.place import Point
from dispatch.models.base import db
from dispatch.models.people import Crew, Position
from dispatch.models.tickets import Ticket, Visit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from sqlalchemy import Row

# The words of the partial index, so that both databases use it.
_IS_ACTIVE = text("visit.state IN ('dispatched', 'acknowledged', 'en_route', 'arrived', 'working')")

_TRIPS = (
    select(
        Visit.id, Visit.ticket_id, Visit.crew_id, Crew.name, Visit.state, Ticket.category,
        Ticket.restored_at, Ticket.state.label("ticket_state"), Visit.dispatched_at,
        Visit.acknowledged_at, Visit.en_route_at, Visit.arrived_at, Visit.working_at,
        Ticket.lat, Ticket.lon, Position.lat.label("at_lat"), Position.lon.label("at_lon"),
        Crew.base_lat, Crew.base_lon,
    )
    .join(Ticket, Ticket.id == Visit.ticket_id)
    .join(Crew, Crew.id == Visit.crew_id)
    .outerjoin(Position, Position.crew_id == Visit.crew_id)
    .where(_IS_ACTIVE)
    .order_by(Visit.id)
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """One visit under way: its times so far, where it goes, and where its crew is or is based."""

    visit_id: int
    ticket_id: int
    crew_id: int
    crew: str
    state: str
    category: str
    is_restored: bool
    is_held: bool
    dispatched_at: datetime
    acknowledged_at: datetime | None
    en_route_at: datetime | None
    arrived_at: datetime | None
    working_at: datetime | None
    goal: Point | None
    place: Point | None


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a crew was last, or its base, when that was measured (None for a base), its base."""

    crew_id: int
    place: Point
    measured_at: datetime | None
    base: Point | None = None


def trips(but: Collection[int] = ()) -> list[Trip]:
    """Return every visit under way, oldest first, except those of some crews."""
    return [
        _trip(row) for row in db.session.execute(_TRIPS.where(Visit.crew_id.not_in(tuple(but))))
    ]


def trip_of(visit_id: int) -> Trip | None:
    """Return one visit while it is under way."""
    row = db.session.execute(_TRIPS.where(Visit.id == visit_id)).one_or_none()
    return None if row is None else _trip(row)


def _trip(row: Row[*tuple[Any, ...]]) -> Trip:
    return Trip(
        visit_id=row.id,
        ticket_id=row.ticket_id,
        crew_id=row.crew_id,
        crew=row.name,
        state=row.state,
        category=row.category,
        is_restored=row.restored_at is not None,
        is_held=row.ticket_state == "on_hold",
        dispatched_at=row.dispatched_at,
        acknowledged_at=row.acknowledged_at,
        en_route_at=row.en_route_at,
        arrived_at=row.arrived_at,
        working_at=row.working_at,
        goal=_point(row.lat, row.lon),
        place=_point(row.at_lat, row.at_lon) or _point(row.base_lat, row.base_lon),
    )


def whereabouts() -> Iterator[Whereabouts]:
    """Return where each active crew is, by id; one without position and base is left out."""
    rows = db.session.execute(
        select(
            Crew.id, Position.lat, Position.lon, Position.measured_at, Crew.base_lat, Crew.base_lon
        )
        .outerjoin(Position, Position.crew_id == Crew.id)
        .where(Crew.active)
        .order_by(Crew.id)
    )
    for row in rows:
        base = _point(row.base_lat, row.base_lon)
        place = _point(row.lat, row.lon) or base
        if place is not None:
            yield Whereabouts(row.id, place, row.measured_at, base)


def _point(lat: float | None, lon: float | None) -> Point | None:
    return None if lat is None or lon is None else Point(lat, lon)
