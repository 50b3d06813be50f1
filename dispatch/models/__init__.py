"""Which tables are there?"""

from dispatch.models import (
    clockwork,
    follow_ups,
    housekeeping,
    people,
    places,
    rectification,
    tickets,
)

__all__ = [
    "clockwork",
    "follow_ups",
    "housekeeping",
    "people",
    "places",
    "rectification",
    "tickets",
]
