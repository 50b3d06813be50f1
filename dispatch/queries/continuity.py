"""Which crew was last at the household of a ticket that waits?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from dispatch.models.base import db
from dispatch.models.tickets import Ticket, Visit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dispatch.queries.candidates import Waiting

KNOWN_MONTHS = 12
"""A household is known to a crew for so long after its visit, unless a setting says otherwise."""

_MONTH = timedelta(days=30)


def with_last_visits(
    waiting: Sequence[Waiting], now: datetime, months: int = KNOWN_MONTHS
) -> list[Waiting]:
    """Return the same tickets, with the crew that was last on site at each household, and when."""
    ids = {each.household_id for each in waiting if each.household_id is not None}
    if not (ids and months):
        return list(waiting)
    rows = db.session.execute(
        select(Ticket.household_id, Visit.crew_id, Visit.arrived_at)
        .join(Visit, Visit.ticket_id == Ticket.id)
        .where(
            Ticket.household_id.in_(sorted(ids)),
            Visit.arrived_at >= now - months * _MONTH,
            Visit.arrived_at <= now,
        )
        .order_by(Visit.arrived_at, Visit.id)
    )
    last = {household_id: (crew_id, at) for household_id, crew_id, at in rows}
    return [
        replace(each, need=replace(each.need, last_crew_id=crew_id, last_visit_at=at))
        for each in waiting
        for crew_id, at in [last.get(each.household_id, (None, None))]
    ]
