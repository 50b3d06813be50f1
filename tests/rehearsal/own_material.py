"""Which small week of our own do the tests rehearse?"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dispatch.domain.rehearsal_wish import Wish
from dispatch.rehearsal.city import HOUR
from dispatch.rehearsal.own_material import Material, OwnCrew, OwnTicket

ZONE = "Asia/Shanghai"
FIRST, LAST = date(2026, 3, 2), date(2026, 3, 8)
BEGINS = datetime(2026, 3, 2, tzinfo=ZoneInfo(ZONE)).timestamp()
FRIDAY = date(2026, 3, 6)
DAY = 24 * HOUR


def ticket(hours, **given: Any) -> OwnTicket:
    facts = {"lat": 28.15, "lon": 112.95, "level": 2, "category": "leak"}
    named = {"grid": "West", "team": "W"}
    return OwnTicket(received=BEGINS + hours * HOUR, **(facts | named | given))


def crew(**given: Any) -> OwnCrew:
    facts = {"team": "W", "base": (28.15, 112.9), "skills": ("mains",), "shifts": ((0, 0, 127),)}
    return OwnCrew(**(facts | given))


def material(**given: Any) -> Material:
    facts = {
        "zone": ZONE,
        "received": 30,
        "tickets": tuple(ticket(number * 5.0) for number in range(30)),
        "crews": (crew(), crew(base=None)),
        "speed_kmh": 32.0,
        "detour": 1.3,
        "spread": 0.3,
        "repair_mean": 2_700.0,
        "repair_sigma": 0.6,
    }
    return Material(**(facts | given))


def wish(**changes: Any) -> Wish:
    return Wish(**({"first": FIRST, "last": LAST} | changes))
