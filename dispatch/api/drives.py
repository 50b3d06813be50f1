"""How long would each crew drive to a ticket, by the source that the settings name?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from flask import current_app

from dispatch.adapters.road_times.kept import KeptTravel
from dispatch.domain.place import Point
from dispatch.domain.travel import Leg, legs_of
from dispatch.queries.candidates import crew_board
from dispatch.queries.stories import end_reading
from dispatch.queries.tickets import ticket_seen
from dispatch.queries.workload import usual_travel

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.config import Settings
    from dispatch.domain.permissions import Scope
    from dispatch.domain.sentences import Sentence

KEPT = "onevisit-travel"


class Drives(NamedTuple):
    """The drives by crew, and why they are not the configured source's; None when they are."""

    by_crew: dict[int, Leg]
    note: Sentence | None = None


def drives_to(number: str, scope: Scope, now: datetime) -> Drives:
    """Ask the configured source for the drive of every crew that has a place.

    To be called outside of write transactions: a road server may take its whole budget. What was
    read before is let go of, so that no database waits along.

    Raises:
        NotFound: when the asker sees no such ticket.
    """
    ticket = ticket_seen(number, scope)
    if ticket.lat is None or ticket.lon is None:
        return Drives({})
    to = Point(ticket.lat, ticket.lon)
    crews = crew_board(now).crews
    places = {each.crew_id: each.position for each in crews if each.position is not None}
    settings: Settings = current_app.config["SETTINGS"]
    kept = current_app.extensions.setdefault(KEPT, KeptTravel(settings))
    travel = kept.within_budget(usual_travel(now))
    end_reading()
    if not places:
        return Drives({})
    answer = travel.answer(
        np.array([(at.lat, at.lon) for at in places.values()]),
        np.array([(to.lat, to.lon)]),
        now.astimezone(settings.zone).hour,
    )
    return Drives(legs_of(answer, to, places), answer.note)
