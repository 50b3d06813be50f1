"""Who is on a ticket, how far away, and what is a caller told who asks about it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from dispatch.domain.errors import NotFound
from dispatch.domain.known_fault import KnownFault
from dispatch.domain.place import Point, metres_between
from dispatch.domain.sentences import LocalName, say
from dispatch.domain.ticket_state import TicketState, ticket_number
from dispatch.domain.visit_state import ACTIVE, ROAD, VISIT_STATE_NAMES, VisitState
from dispatch.domain.whereabouts import POSITION_LIFETIME
from dispatch.models.base import db
from dispatch.models.people import Crew, Position
from dispatch.models.tickets import Hold, Report, Ticket, Visit

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import RowMapping

    from dispatch.domain.sentences import Sentence

_LONGEST_ID = 18
_ACTIVE = tuple(sorted(str(state) for state in ACTIVE))


class CrewOnIt(NamedTuple):
    """The crew that leads on a ticket, and how far it was from the place when it was seen last.

    `metres` and `seen_seconds` are None for a position that is missing or older than two hours.
    """

    id: int
    name: str
    name_zh: str | None
    state: str
    state_name: Sentence
    eta_at: datetime | None
    arrived_at: datetime | None
    metres: int | None
    seen_seconds: int | None


def crews_on(ticket_ids: Collection[int], now: datetime) -> dict[int, CrewOnIt]:
    """Return the crew that leads on each of some tickets, by ticket id."""
    if not ticket_ids:
        return {}
    asked = (
        select(
            *(Visit.ticket_id, Visit.state, Visit.eta_at, Visit.arrived_at),
            *(Ticket.lat, Ticket.lon, Crew.id, Crew.name, Crew.name_zh, Position.measured_at),
            Position.lat.label("crew_lat"),
            Position.lon.label("crew_lon"),
        )
        .join(Ticket, Ticket.id == Visit.ticket_id)
        .join(Crew, Crew.id == Visit.crew_id)
        .outerjoin(Position, Position.crew_id == Crew.id)
        .where(Visit.ticket_id.in_(ticket_ids), Visit.crew_role == "lead")
        .where(Visit.state.in_(_ACTIVE))
    )
    rows = db.session.execute(asked).mappings()
    return {row["ticket_id"]: _crew(row, now) for row in rows}


def known_fault(ticket: Ticket, now: datetime) -> KnownFault:
    """Gather what somebody who calls about an open ticket may be told."""
    crew = crews_on([ticket.id], now).get(ticket.id)
    state = TicketState(ticket.state)
    until = None
    if state is TicketState.ON_HOLD:
        lasting = select(Hold.until_at).where(Hold.ticket_id == ticket.id, Hold.to_at.is_(None))
        until = db.session.scalars(lasting.order_by(Hold.id.desc()).limit(1)).first()
    return KnownFault(
        number=ticket_number(ticket.id),
        callers=ticket.report_count,
        state=state,
        promised_at=ticket.arrive_due_at,
        crew=LocalName(crew.name, crew.name_zh) if crew else None,
        is_moving=crew is not None and crew.state == VisitState.EN_ROUTE,
        arrived_at=crew.arrived_at if crew else None,
        expected_at=crew.eta_at if crew else None,
        metres=crew.metres if crew else None,
        until_at=until,
    )


def report_on(ticket: Ticket, report_id: str) -> Report:
    """Return a report that is on a ticket.

    Raises:
        NotFound: when there is none with this id.
    """
    is_number = report_id.isascii() and report_id.isdigit() and len(report_id) <= _LONGEST_ID
    report = db.session.get(Report, int(report_id)) if is_number else None
    if report is None or report.ticket_id != ticket.id:
        raise NotFound(say("This caller was not attached to that ticket, or is not any more."))
    return report


def _crew(row: RowMapping, now: datetime) -> CrewOnIt:
    state = VisitState(row["state"])
    is_seen = row["measured_at"] is not None and now - row["measured_at"] <= POSITION_LIFETIME
    age = max(0, int((now - row["measured_at"]).total_seconds())) if is_seen else None
    metres = None
    if is_seen:
        here, there = Point(row["crew_lat"], row["crew_lon"]), Point(row["lat"], row["lon"])
        metres = round(metres_between(here, there))
    return CrewOnIt(
        id=row["id"],
        name=row["name"],
        name_zh=row["name_zh"],
        state=str(state),
        state_name=VISIT_STATE_NAMES[state],
        eta_at=row["eta_at"] if ROAD.index(state) < ROAD.index(VisitState.ARRIVED) else None,
        arrived_at=row["arrived_at"],
        metres=metres,
        seen_seconds=age,
    )
