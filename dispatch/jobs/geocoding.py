"""Which addresses can be turned into places by the configured geocoder?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dispatch.actions.placing import GivenPlace, place_ticket
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Refused
from dispatch.domain.permissions import RULE, Scope
from dispatch.domain.ticket_state import ticket_number
from dispatch.queries.tickets import ticket_for_change
from dispatch.queries.unplaced import unplaced_tickets

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.adapters.geocoding import Geocode


def run(now: datetime, geocode: Geocode, asked: set[tuple[int, str]]) -> int:
    """Place the tickets whose address is found; return how many.

    `asked` remembers what was asked before, so that an address nobody knows is asked once and
    then left to the desk. The network is used outside any transaction.
    """
    placed = 0
    for ticket_id, address in unplaced_tickets():
        if (ticket_id, address) in asked:
            continue
        asked.add((ticket_id, address))
        found = geocode(address)
        if found is None:
            continue
        place = GivenPlace(found.lat, found.lon, found.datum, found.source)
        try:
            with transaction():
                ticket = ticket_for_change(ticket_number(ticket_id), Scope(everything=True))
                place_ticket(ticket, place, actor=RULE, now=now)
        except Refused:
            continue  # A person was quicker, or the answer lies outside the world: the desk has it.
        placed += 1
    return placed
