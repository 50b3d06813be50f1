"""In which city do the tests of coverage look, and how fast do crews move there?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from dispatch.domain.permissions import Scope
from dispatch.domain.travel import StraightLine
from tests.factories import IN_EAST, IN_WEST, City, make_city, make_ticket

if TYPE_CHECKING:
    from datetime import datetime

EVERYTHING = Scope(everything=True)
HOUR = timedelta(hours=1)
#: So slow that a crew of one grid is late in the other, and exact.
ON_FOOT = replace(StraightLine(), speed_kmh=14.0, spread=0.0)


def make_called_city(now: datetime) -> City:
    """Add the city, where an hour ago two calls came from the west and one from the east."""
    city = make_city(now)
    for place in (IN_WEST, IN_WEST, IN_EAST):
        make_ticket(now - HOUR, place=place)
    return city
