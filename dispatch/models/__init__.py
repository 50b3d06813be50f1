"""Which tables are there?"""

from dispatch.models import (
    attachments,
    calls,
    clockwork,
    disputes,
    field,
    follow_ups,
    handovers,
    housekeeping,
    notices,
    people,
    places,
    rectification,
    saved_views,
    storms,
    tickets,
    viewing,
)

__all__ = [
    "attachments",
    "calls",
    "clockwork",
    "disputes",
    "field",
    "follow_ups",
    "handovers",
    "housekeeping",
    "notices",
    "people",
    "places",
    "rectification",
    "saved_views",
    "storms",
    "tickets",
    "viewing",
]
