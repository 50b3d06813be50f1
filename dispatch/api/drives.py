"""How long would each crew drive to a ticket, by the source that the settings name?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from flask import current_app

from dispatch.adapters.road_times.kept import KEPT, KeptTravel
from dispatch.domain.place import Point
from dispatch.domain.travel import Leg, legs_of
from dispatch.domain.visit_state import BEFORE_ARRIVAL
from dispatch.queries.candidates import crew_board
from dispatch.queries.stories import end_reading
from dispatch.queries.tickets import ticket_seen
from dispatch.queries.visits import active_visits_of
from dispatch.queries.workload import usual_travel

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.config import Settings
    from dispatch.domain.permissions import Scope
    from dispatch.domain.sentences import Sentence
    from dispatch.domain.travel import Floats, TravelTimes


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
    travel = _travel(now)
    end_reading()
    if not places:
        return Drives({})
    answer = travel.answer(
        np.array([(at.lat, at.lon) for at in places.values()]),
        np.array([(to.lat, to.lon)]),
        now.astimezone(_settings().zone).hour,
    )
    return Drives(legs_of(answer, to, places), answer.note)


class Road(NamedTuple):
    """Where the crew of a ticket drives: its (k, 2) places, None where no source gives them."""

    crew_id: int
    source: str
    places: Floats | None


def road_to(number: str, scope: Scope, now: datetime) -> Road | None:
    """Ask the configured source for the streets between a ticket and the crew that drives to it.

    None while nobody drives there or a place is missing. To be called outside of write
    transactions, as `drives_to`.

    Raises:
        NotFound: when the asker sees no such ticket.
    """
    ticket = ticket_seen(number, scope)
    if ticket.lat is None or ticket.lon is None:
        return None
    driving = {each.crew_id for each in active_visits_of(ticket.id) if each.state in BEFORE_ARRIVAL}
    crews = [each for each in crew_board(now).crews if each.crew_id in driving]
    travel = _travel(now)
    end_reading()
    for crew in crews:
        if crew.position is not None:
            places = travel.way(crew.position, Point(ticket.lat, ticket.lon))
            return Road(crew.crew_id, travel.source, places)
    return None


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _travel(now: datetime) -> TravelTimes:
    kept = current_app.extensions.setdefault(KEPT, KeptTravel(_settings()))
    travel: TravelTimes = kept.within_budget(usual_travel(now))
    return travel
