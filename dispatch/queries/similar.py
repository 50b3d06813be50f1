"""What happened before near a fault or at its household, and what was complained of?"""

from __future__ import annotations

import math
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select

from dispatch.domain.categories import category_rule
from dispatch.domain.place import Point, metres_between
from dispatch.domain.ticket_state import is_open, state_name, ticket_number
from dispatch.domain.visit_state import CAUSE_NAMES, Cause
from dispatch.models.base import db
from dispatch.models.follow_ups import FollowUp
from dispatch.models.tickets import Ticket, Visit
from dispatch.queries.scoping import in_scope

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, RowMapping

    from dispatch.domain.permissions import Scope

NEAR_METRES = 150.0
LOOK_BACK = timedelta(days=365)
MOST = 8
BAD_SCORE = 2
"""Of 1 to 5: what a reporter gives who is not content."""

_METRES_A_DEGREE = 110_000
_COLUMNS: tuple[Any, ...] = (
    Ticket.id, Ticket.category, Ticket.level, Ticket.state, Ticket.received_at, Ticket.completed_at,
    Ticket.lat, Ticket.lon, Ticket.address, Ticket.household_id, Ticket.reopenings, Ticket.imported,
)  # fmt: skip
_OWN = ("level", "state", "received_at", "completed_at", "address", "reopenings", "imported")


def similar_tickets(ticket: Ticket, scope: Scope, *, now: datetime) -> list[dict[str, Any]]:
    """Return up to eight tickets of a year: its household's first, open before past, newest first.

    Each with its outcome: state, how many visits arrived, why the last one could not fix it.
    """
    here = _or_none(ticket.lat, ticket.lon)
    near = _near(here) if here else None
    own = Ticket.household_id == ticket.household_id if ticket.household_id else None
    either = [each for each in (near, own) if each is not None]
    if not either:
        return []
    asked = select(*_COLUMNS).where(
        Ticket.id != ticket.id, Ticket.received_at >= now - LOOK_BACK, or_(*either)
    )
    rows = [
        _similar(row, ticket, here) for row in db.session.execute(in_scope(asked, scope)).mappings()
    ]
    found = [row for row in rows if row["same_household"] or (row["metres"] or 0) <= NEAR_METRES]
    found.sort(key=lambda row: row["received_at"], reverse=True)
    found.sort(key=lambda row: (not row["same_household"], not row["open"]))
    return _with_visits(found[:MOST])


def complaints(ticket: Ticket, scope: Scope) -> list[dict[str, Any]]:
    """Return what reporters of the household, else of the ticket, were not content with.

    The newest first: a repair that was not fixed, or a score of 1 or 2 for how it went or for the
    result. What was said in free words stays with the follow-up.
    """
    about = (
        Ticket.household_id == ticket.household_id
        if ticket.household_id
        else Ticket.id == ticket.id
    )
    return complaints_about(about, scope)


def complaints_about(tickets: ColumnElement[bool], scope: Scope) -> list[dict[str, Any]]:
    """Return what reporters of some tickets were not content with, the newest first."""
    asked = (
        select(FollowUp, Ticket.id)
        .join(Ticket, Ticket.id == FollowUp.ticket_id)
        .where(
            tickets,
            FollowUp.answered_at.is_not(None),
            or_(
                FollowUp.fixed == "not_fixed",
                FollowUp.process <= BAD_SCORE,
                FollowUp.result <= BAD_SCORE,
            ),
        )
        .order_by(FollowUp.answered_at.desc(), FollowUp.id.desc())
        .limit(MOST)
    )
    return [
        {
            "number": ticket_number(ticket_id),
            "answered_at": row.answered_at,
            "not_fixed": row.fixed == "not_fixed",
            "process": row.process,
            "result": row.result,
        }
        for row, ticket_id in db.session.execute(in_scope(asked, scope))
    ]


def _near(here: Point) -> Any:
    high = NEAR_METRES / _METRES_A_DEGREE
    wide = high / max(0.05, math.cos(math.radians(here.lat)))
    return and_(
        Ticket.lat.between(here.lat - high, here.lat + high),
        Ticket.lon.between(here.lon - wide, here.lon + wide),
    )


def _similar(row: RowMapping, ticket: Ticket, here: Point | None) -> dict[str, Any]:
    there = _or_none(row["lat"], row["lon"])
    return {
        "id": row["id"],
        "number": ticket_number(row["id"]),
        **{name: row[name] for name in _OWN},
        "category_name": category_rule(row["category"]).name,
        "state_name": state_name(row["state"], imported=row["imported"]),
        "open": is_open(row["state"], imported=row["imported"]),
        "same_household": ticket.household_id is not None
        and row["household_id"] == ticket.household_id,
        "metres": metres_between(here, there) if here and there else None,
    }


def _or_none(lat: float | None, lon: float | None) -> Point | None:
    return None if lat is None or lon is None else Point(lat, lon)


def _with_visits(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add how many visits arrived and why the last that failed did."""
    visits = db.session.execute(
        select(Visit.ticket_id, Visit.arrived_at, Visit.cause)
        .where(Visit.ticket_id.in_([row["id"] for row in found]))
        .order_by(Visit.ticket_id, Visit.id)
    ).all()
    arrived = Counter(visit.ticket_id for visit in visits if visit.arrived_at)
    causes = {visit.ticket_id: visit.cause for visit in visits if visit.cause}
    for row in found:
        cause = causes.get(row["id"])
        row["visits"] = arrived[row["id"]]
        row["cause_name"] = CAUSE_NAMES[Cause(cause)] if cause else None
        del row["id"]
    return found
