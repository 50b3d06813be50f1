"""Which way did a crew take, and what did it do on it?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, or_, select

from dispatch.domain.errors import NotFound
from dispatch.domain.sentences import say
from dispatch.domain.shifts import ShiftRule, duties_between, duty_at
from dispatch.domain.ticket_state import ticket_number
from dispatch.domain.tracks import stretch_of, unpack
from dispatch.models.base import db
from dispatch.models.people import Crew, CrewTrack, Shift
from dispatch.models.tickets import Ticket, Visit
from dispatch.queries.policies import policy_in_force
from dispatch.queries.scoping import in_scope

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from dispatch.domain.permissions import Scope
    from dispatch.domain.tracks import Fix

_MARKS = (
    ("set_off", Visit.en_route_at),
    ("arrived", Visit.arrived_at),
    ("ended", Visit.ended_at),
)


class Watch(NamedTuple):
    """Whether positions of a crew are wanted now, and until when as far as that is in sight."""

    wanted: bool
    until: datetime | None


NOT_WATCHED = Watch(wanted=False, until=None)


def watch_of(crew_id: int, now: datetime) -> Watch:
    """Tell whether a crew's phone may say where it is: on shift, or on a ticket that it took."""
    duty = duty_at(_rules(crew_id), _zone(), now)
    if duty is not None:
        return Watch(wanted=True, until=duty.ends_at)
    spans = _trips(crew_id, now, now)
    return Watch(wanted=bool(spans), until=None)


def watched_spans(
    crew_id: int, from_at: datetime, to_at: datetime
) -> list[tuple[datetime, datetime]]:
    """Return when, between two instants, a crew was on shift or on a ticket that it took."""
    end = to_at + timedelta(microseconds=1)
    duties = duties_between(_rules(crew_id), _zone(), from_at, end)
    return sorted(duties + _trips(crew_id, from_at, end))


def _rules(crew_id: int) -> list[ShiftRule]:
    shifts = db.session.execute(
        select(
            Shift.start_minute, Shift.end_minute, Shift.weekdays, Shift.valid_from, Shift.valid_to
        )
        .where(Shift.crew_id == crew_id)
        .order_by(Shift.id)
    )
    return [ShiftRule(*row) for row in shifts]


def _zone() -> ZoneInfo:
    return policy_in_force().policy.calendar.zone


def _trips(crew_id: int, from_at: datetime, to_at: datetime) -> list[tuple[datetime, datetime]]:
    taken = func.coalesce(Visit.acknowledged_at, Visit.en_route_at, Visit.arrived_at)
    rows = db.session.execute(
        select(taken.label("begun"), Visit.ended_at)
        .where(
            Visit.crew_id == crew_id,
            Visit.dispatched_at <= to_at,
            taken <= to_at,
            or_(Visit.ended_at.is_(None), Visit.ended_at >= from_at),
        )
        .order_by(Visit.id)
    )
    return [(row.begun, row.ended_at or to_at) for row in rows]


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
    fixes = fixes_between(crew_id, from_at, to_at)
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


def fixes_between(crew_id: int, from_at: datetime, to_at: datetime) -> list[Fix]:
    """Return the kept positions of a crew between two instants, in order."""
    rows = db.session.execute(
        select(CrewTrack.begins_at, CrewTrack.points)
        .where(
            CrewTrack.crew_id == crew_id,
            CrewTrack.begins_at >= stretch_of(from_at),
            CrewTrack.begins_at <= to_at,
        )
        .order_by(CrewTrack.begins_at)
    )
    found = [fix for row in rows for fix in unpack(row.begins_at, row.points)]
    return [fix for fix in found if from_at <= fix.at <= to_at]


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
