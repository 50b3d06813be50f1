"""Which of a crew's stops, its base and the borders of grids lie around a ticket?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from dispatch.domain.place import Point
from dispatch.domain.surroundings import Landmark, Surroundings, surroundings
from dispatch.domain.ticket_state import ticket_number
from dispatch.domain.visit_state import ACTIVE
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.models.tickets import Ticket, Visit
from dispatch.queries.grids import valid_grids

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.surroundings import StreetsIn

_ACTIVE = tuple(sorted(str(state) for state in ACTIVE))


def around(
    fault: Point,
    crew_id: int | None,
    now: datetime,
    *,
    but: str = "",
    streets_in: StreetsIn | None = None,
) -> Surroundings:
    """Return the sheet around a fault for one crew: its other stops by number, and its base.

    `but` is the number of the ticket in the middle; streets are drawn where a road map is known.
    """
    marks = []
    crew = db.session.get(Crew, crew_id) if crew_id else None
    if crew is not None:
        rows = db.session.execute(
            select(Ticket.id, Ticket.lat, Ticket.lon)
            .join(Visit, Visit.ticket_id == Ticket.id)
            .where(Visit.crew_id == crew.id, Visit.state.in_(_ACTIVE))
            .order_by(Visit.id)
        )
        marks = [
            Landmark("stop", ticket_number(key), Point(lat, lon))
            for key, lat, lon in rows
            if lat is not None and lon is not None and ticket_number(key) != but
        ]
    if crew is not None and crew.base_lat is not None and crew.base_lon is not None:
        marks.append(Landmark("base", crew.name, Point(crew.base_lat, crew.base_lon)))
    return surroundings(fault, marks, [grid.geometry for grid in valid_grids(now)], streets_in)
