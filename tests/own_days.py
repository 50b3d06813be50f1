"""Which past week do the tests of our own rehearsals replay?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from dispatch.domain.rehearsal_wish import Wish
from dispatch.models.base import db
from dispatch.models.tickets import Ticket
from tests.factories import City, make_city

BEGINS = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)
"""Midnight of Monday, 2 March 2026, in Shanghai."""

FIRST, LAST = date(2026, 3, 2), date(2026, 3, 3)
TICKETS = 24


def past_ticket(hours: float, *, arrives: float | None = 20, **columns: Any) -> dict[str, Any]:
    """Return the row of a burst in the west, reached after so many minutes."""
    received = BEGINS + timedelta(hours=hours)
    row = {
        "state": "closed", "kind": "repair", "category": "burst", "level": 1,
        "received_at": received, "changed_at": received, "flags": [], "place_standing": "inside",
        "lat": 28.15, "lon": 112.95, "arrive_due_at": received + timedelta(minutes=30),
    }  # fmt: skip
    if arrives is not None:
        at = received + timedelta(minutes=arrives)
        row |= {"arrived_at": at, "completed_at": at + timedelta(hours=1)}
        row |= {"closed_at": at + timedelta(hours=2)}
    return row | columns


def make_days(now: datetime, tickets: int = TICKETS) -> City:
    """Add two teams and so many tickets, every second one in the east and reached late."""
    city = make_city(now)
    for number in range(tickets):
        is_east = number % 2
        team = city.east if is_east else city.west
        row = past_ticket(
            number * 1.9,
            arrives=40 if is_east else 20,
            lon=113.05 if is_east else 112.95,
            level=1 + is_east,
            team_id=team.id,
            grid_id=2 if is_east else 1,
        )
        db.session.execute(insert(Ticket), row)
    return city


def wish(**changes: Any) -> Wish:
    """Return a wish for the two days."""
    return Wish(**({"first": FIRST, "last": LAST} | changes))
