"""How long did our own crews really drive, and how far?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sqlalchemy import and_, select

from dispatch.domain.arrival import ArrivalGrade
from dispatch.domain.ticket_state import EventKind
from dispatch.domain.travel import great_circle_pairs
from dispatch.domain.travel_fit import TravelFit, fit_drives
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.models.tickets import Ticket, TicketEvent, Visit
from dispatch.queries.kept_answers import KeptAnswers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from numpy.typing import NDArray

LOOK_BACK = timedelta(days=90)
MOST_VISITS = 50_000

#: A crew that left its last place longer ago than this is taken to have gone back to its base.
STILL_NEAR_LAST_PLACE = timedelta(hours=2)

_OLDEST = timedelta(hours=1)


class PastDrives(NamedTuple):
    """Straight-line metres, seconds and local hour of setting off, arrays of equal length."""

    metres: NDArray[np.float64]
    seconds: NDArray[np.float64]
    hours: NDArray[np.int64]


_kept: KeptAnswers[TravelFit | None] = KeptAnswers(_OLDEST)


def travel_fit(zone: ZoneInfo, *, now: datetime) -> TravelFit | None:
    """Return what the drives of the last 90 days say, at most an hour old; None for too few."""
    return _kept.get(str(zone), now, lambda: fit_drives(*past_drives(now - LOOK_BACK, now, zone)))


def past_drives(since: datetime, until: datetime, zone: ZoneInfo) -> PastDrives:
    """Return the drives of visits sent in a stretch of time, from set-off to arrival.

    Imported tickets are left out, and arrivals that are disputed. A drive begins where the phone
    was at the set-off, else at the place of the crew's visit before, else at its base.
    """
    starts, ends, seconds, hours = [], [], [], []
    for start, row in _with_starts(_visits(since, until)):
        is_driven = row.en_route_at is not None and row.arrived_at is not None
        if start is None or not is_driven or row.arrival_grade == ArrivalGrade.DISPUTED:
            continue
        starts.append(start)
        ends.append((row.lat, row.lon))
        seconds.append((row.arrived_at - row.en_route_at).total_seconds())
        hours.append(row.en_route_at.astimezone(zone).hour)
    places = np.array(starts).reshape(-1, 2), np.array(ends).reshape(-1, 2)
    return PastDrives(
        great_circle_pairs(*places), np.array(seconds, dtype=float), np.array(hours, dtype=np.int64)
    )


def _visits(since: datetime, until: datetime) -> Sequence[Any]:
    set_off = and_(
        TicketEvent.ticket_id == Visit.ticket_id,
        TicketEvent.visit_id == Visit.id,
        TicketEvent.kind == EventKind.SET_OFF,
        TicketEvent.lat.is_not(None),
    )
    newest = (
        select(
            Visit.id,
            Visit.crew_id,
            Visit.dispatched_at,
            Visit.en_route_at,
            Visit.arrived_at,
            Visit.ended_at,
            Visit.arrival_grade,
            Ticket.lat,
            Ticket.lon,
            Crew.base_lat,
            Crew.base_lon,
            TicketEvent.lat.label("phone_lat"),
            TicketEvent.lon.label("phone_lon"),
        )
        .join(Ticket, Ticket.id == Visit.ticket_id)
        .join(Crew, Crew.id == Visit.crew_id)
        .outerjoin(TicketEvent, set_off)
        .where(
            Visit.dispatched_at >= since,
            Visit.dispatched_at < until,
            Visit.arrived_at.is_not(None),
            Ticket.lat.is_not(None),
            ~Ticket.imported,
        )
        .order_by(Visit.dispatched_at.desc(), Visit.id.desc())
        .limit(MOST_VISITS)
    )
    return db.session.execute(newest).all()[::-1]


def _with_starts(rows: Iterable[Any]) -> Iterable[tuple[tuple[float, float] | None, Any]]:
    """Yield each visit, in the order they were sent, with the place it set off from."""
    before: dict[int, Any] = {}
    for row in rows:
        yield _start(row, before.get(row.crew_id)), row
        before[row.crew_id] = row


def _start(row: Any, last: Any) -> tuple[float, float] | None:
    if row.phone_lat is not None:
        return row.phone_lat, row.phone_lon
    set_off = row.en_route_at or row.dispatched_at
    left = last.ended_at if last is not None else None
    if left is not None and left <= set_off <= left + STILL_NEAR_LAST_PLACE:
        return last.lat, last.lon
    return None if row.base_lat is None else (row.base_lat, row.base_lon)
