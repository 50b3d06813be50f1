"""Where is the fault, and so whose is it?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dispatch.actions.arrivals import judge_arrival
from dispatch.actions.promises import make_promises, rearm
from dispatch.actions.storms import mark_storm
from dispatch.actions.ticket_log import (
    JUST_NOW,
    Told,
    check_version,
    dated,
    move_ticket,
    record_event,
    set_held_from,
)
from dispatch.domain.errors import Forbidden, Invalid
from dispatch.domain.place import Datum, Point, check_point, to_wgs84
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import ENDED, REACHED, EventKind, TicketState
from dispatch.queries.grids import grid_map
from dispatch.queries.policies import policy_of
from dispatch.queries.visits import visits_of

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.models.tickets import Ticket
    from dispatch.queries.grids import GridFacts


@dataclass(frozen=True)
class GivenPlace:
    """A place as it was told: degrees in its own datum, where it came from, how exact it is."""

    lat: float
    lon: float
    datum: str = "wgs84"
    source: str = "pin"
    accuracy_metres: float | None = None


def put_in_grid(ticket: Ticket, place: GivenPlace, *, now: datetime) -> str | None:
    """Set the point of a ticket and the grid, team and zone that follow; return the grid's name.

    A point outside every grid, or near a border, still gets a team at once.

    Raises:
        Invalid: when the coordinates are none, naming lat or lon.
    """
    if place.datum not in set(Datum):
        fault = say("Choose a datum from the list: %(datums)s.", datums=", ".join(Datum))
        raise Invalid(fault, fields={"datum": fault})
    given = check_point(place.lat, place.lon)
    point = to_wgs84(given, Datum(place.datum))
    ticket.lat, ticket.lon = point.lat, point.lon
    ticket.given_lat, ticket.given_lon, ticket.given_datum = given.lat, given.lon, place.datum
    ticket.place_source = place.source
    ticket.accuracy_metres = place.accuracy_metres
    return _own(ticket, point, now)


def _own(ticket: Ticket, point: Point, now: datetime) -> str | None:
    grids = grid_map(now)
    found = grids.index.find_grid(point)
    grid = grids.facts[found.key] if found.key is not None else None
    give_to(ticket, found.standing, grid)
    return grid.name if grid else None


def give_to(ticket: Ticket, standing: str, grid: GridFacts | None) -> None:
    """Set the grid of a ticket and what follows from it, or that no grid is near."""
    ticket.place_standing = standing
    if grid is None:
        ticket.grid_id = ticket.team_id = None
        return
    ticket.grid_id, ticket.team_id = grid.id, grid.team_id
    ticket.zone, ticket.in_circle = grid.zone, grid.in_circle


def place_facts(ticket: Ticket) -> dict[str, Any]:
    """Return where a ticket stands now, for its story."""
    return {
        "lat": ticket.lat,
        "lon": ticket.lon,
        "grid_id": ticket.grid_id,
        "standing": ticket.place_standing,
    }


def place_ticket(
    ticket: Ticket,
    place: GivenPlace,
    *,
    actor: Actor,
    now: datetime,
    address: str | None = None,
    told: Told = JUST_NOW,
    seen_version: int | None = None,
) -> None:
    """Place a ticket, or move it to where it really is; the promises follow from the receipt.

    Raises:
        Forbidden: when the ticket has ended, or a crew has already arrived.
        Invalid: when the coordinates are none.
        Stale: when somebody changed the ticket in between.
    """
    check_version(ticket, seen_version)
    state = TicketState(ticket.state)
    if state in ENDED or state in REACHED:
        raise Forbidden(
            say("A crew has been there or the ticket has ended, so its place stays as it is.")
        )
    was = place_facts(ticket)
    if address is not None:
        ticket.address = address
    mark_storm(ticket, grid=put_in_grid(ticket, place, now=now))
    make_promises(ticket, policy_of(ticket.policy_id))
    told = dated(told, now, ticket.received_at)
    told = replace(told, facts={"was": was} | place_facts(ticket))
    if state is TicketState.RECEIVED:
        move_ticket(ticket, TicketState.ACCEPTED, EventKind.PLACED, actor=actor, now=now, told=told)
    else:
        record_event(ticket, EventKind.PLACED, actor=actor, now=now, told=told)
    if ticket.held_from == TicketState.RECEIVED:
        set_held_from(ticket, str(TicketState.ACCEPTED))
    if state is not TicketState.ON_HOLD:
        rearm(ticket, visits_of(ticket.id))
    _look_again(ticket, now)


def _look_again(ticket: Ticket, now: datetime) -> None:
    """Forget that a phone came to the former place, unless it is at the new one too."""
    for visit in visits_of(ticket.id):
        if visit.arrival_evidence is not None and visit.arrived_at is None:
            judge_arrival(ticket, visit, now=now)
