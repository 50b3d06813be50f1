"""Which past tickets do the tests of the circle look at?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from dispatch.models.base import db
from dispatch.models.tickets import Ticket
from tests.factories import EAST, WEST, make_crew, make_grid, make_team

if TYPE_CHECKING:
    from collections.abc import Sequence

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, tzinfo=ZONE)
DAYS = "from=2026-03-02&to=2026-03-08"
QUICK = (1, 2, 3, 20)
SLOW_TO_SEND = (25, 26, 27, 44)
SLOW_ON_THE_ROAD = (1, 2, 3, 48)
STEPS = ("dispatched_at", "acknowledged_at", "en_route_at", "arrived_at")


def past_ticket(received: datetime, minutes: Sequence[float], **columns: Any) -> None:
    """Add a closed ticket with a promise of 30 minutes; its steps came so many minutes after."""
    ends = received + timedelta(minutes=minutes[-1] + 60)
    facts = {
        "state": "closed", "category": "burst", "level": 1, "flags": [], "received_at": received,
        "arrive_due_at": received + timedelta(minutes=30), "completed_at": ends,
        "closed_at": ends, "changed_at": ends,
    }  # fmt: skip
    facts |= {
        name: received + timedelta(minutes=after)
        for name, after in zip(STEPS, minutes, strict=True)
    }
    db.session.execute(insert(Ticket), facts | columns)


def last_week(now: datetime) -> datetime:
    """Return the Monday with which the last whole week before an instant begins."""
    today = now.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=today.weekday() + 7)


def a_week_of_tickets(monday: datetime = MONDAY) -> None:
    """Add two grids: the east waits to be sent on weekday evenings, the west drives on Saturday."""
    west, east = (
        make_team("West Team", name_zh="西片区队"),
        make_team("East Team", name_zh="东片区队"),
    )
    make_crew("E1", team=east)
    found = {
        "west": make_grid("West", WEST, team=west, now=monday, name_zh="西区"),
        "east": make_grid("East", EAST, team=east, now=monday, name_zh="东区"),
    }
    for day in range(5):
        for hour, quick, slow in ((10, 6, 0), (18, 2, 3)):
            at = monday + timedelta(days=day, hours=hour)
            for number in range(quick + slow):
                steps = SLOW_TO_SEND if number >= quick else QUICK
                add(found["east"], at + timedelta(minutes=number), steps)
            for number in range(5):
                add(found["west"], at + timedelta(minutes=number), QUICK)
    for number in range(22):
        steps = SLOW_ON_THE_ROAD if number < 20 else QUICK
        add(found["west"], monday + timedelta(days=5, hours=11, minutes=number), steps)


def add(grid: Any, received: datetime, steps: Sequence[float]) -> None:
    """Add a past ticket of a grid and its team."""
    past_ticket(received, steps, grid_id=grid.id, team_id=grid.team_id)
