"""Which tables are there?"""

from dispatch.models import clockwork, people, places, tickets

__all__ = ["clockwork", "people", "places", "tickets"]
