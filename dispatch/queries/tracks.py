"""Which way did a crew take, and what did it do on it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dispatch.domain.errors import NotFound
from dispatch.domain.sentences import say
from dispatch.domain.shifts import ShiftRule, duty_at
from dispatch.domain.ticket_state import ticket_number
from dispatch.domain.tracks import stretch_of, unpack
from dispatch.models.base import db
from dispatch.models.people import Crew, CrewTrack, Shift
from dispatch.models.tickets import Ticket, Visit
from dispatch.queries.policies import policy_in_force
from dispatch.queries.scoping import in_scope

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Scope
    from dispatch.domain.tracks import Fix

_MARKS = (
    ("set_off", Visit.en_route_at),
    ("arrived", Visit.arrived_at),
    ("ended", Visit.ended_at),
)


def is_on_duty(crew_id: int, at: datetime) -> bool:
    """Tell whether a crew is on duty by its shifts at an instant."""
    shifts = db.session.execute(
        select(
            Shift.start_minute, Shift.end_minute, Shift.weekdays, Shift.valid_from, Shift.valid_to
        ).where(Shift.crew_id == crew_id)
    )
    rules = [ShiftRule(*row) for row in shifts]
    return duty_at(rules, policy_in_force().policy.calendar.zone, at) is not None


def track_of(crew_id: int, scope: Scope, from_at: datetime, to_at: datetime) -> dict[str, Any]:
    """Return a crew's names, its kept positions and its marks between two instants, in order.

    A mark is a set-off, an arrival or an end of a visit, with the number and place of its ticket.

    Raises:
        NotFound: when there is no such crew in the asker's scope.
    """
    asked = select(Crew.id, Crew.name, Crew.name_zh).where(Crew.id == crew_id)
    crew = db.session.execute(in_scope(asked, scope, crew=Crew)).mappings().one_or_none()
    if crew is None:
        raise NotFound(say("There is no such crew."))
    fixes = [fix for fix in _fixes(crew_id, from_at, to_at) if from_at <= fix.at <= to_at]
    points = [
        {
            "at": fix.at,
            "lat": fix.point.lat,
            "lon": fix.point.lon,
            "accuracy_metres": fix.accuracy_metres,
        }
        for fix in fixes
    ]
    return {"crew": dict(crew), "points": points, "marks": _marks(crew_id, from_at, to_at)}


def _fixes(crew_id: int, from_at: datetime, to_at: datetime) -> list[Fix]:
    rows = db.session.execute(
        select(CrewTrack.begins_at, CrewTrack.points)
        .where(
            CrewTrack.crew_id == crew_id,
            CrewTrack.begins_at >= stretch_of(from_at),
            CrewTrack.begins_at <= to_at,
        )
        .order_by(CrewTrack.begins_at)
    )
    return [fix for row in rows for fix in unpack(row.begins_at, row.points)]


def _marks(crew_id: int, from_at: datetime, to_at: datetime) -> list[dict[str, Any]]:
    found = []
    for kind, column in _MARKS:
        rows = db.session.execute(
            select(Visit.id, Visit.ticket_id, Ticket.lat, Ticket.lon, column.label("at"))
            .join(Ticket, Ticket.id == Visit.ticket_id)
            .where(Visit.crew_id == crew_id, column >= from_at, column <= to_at)
            .order_by(Visit.id)
        )
        found += [
            {
                "kind": kind,
                "at": row.at,
                "ticket": ticket_number(row.ticket_id),
                "lat": row.lat,
                "lon": row.lon,
            }
            for row in rows
        ]
    return sorted(found, key=lambda mark: mark["at"])
