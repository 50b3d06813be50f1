"""Which sources of places send crews beside them by one vector?"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, select

from dispatch.domain.datum_mixup import DATUM_NAMES, Miss, find_mix_up
from dispatch.domain.place import Datum, Point
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.ticket_state import EventKind, ticket_number
from dispatch.models.base import db
from dispatch.models.tickets import Ticket, TicketEvent, Visit

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Select

LOOK_BACK = timedelta(days=30)
MOST_ARRIVALS = 5_000
EXACT_METRES = 50.0
SHOWN = 5
SOURCE_NAMES: dict[str, Sentence] = {
    "pin": say("Pin on the map"),
    "account": say("Account of a household"),
    "household": say("Account of a household"),
    "geocoder": say("Online geocoder"),
    "gps": say("Position of a phone"),
    "vehicle": say("Position of a vehicle"),
    "import": say("Import"),
}


class MixUpLine(NamedTuple):
    """What was found about one source of places, and some tickets that show it."""

    words: Sentence
    numbers: tuple[str, ...]


def datum_mix_ups(now: datetime) -> list[MixUpLine]:
    """Return the mix-ups that the arrivals of the last 30 days show, by source and datum."""
    by_source: dict[tuple[str, str], list[Miss]] = defaultdict(list)
    for row in db.session.execute(_arrivals(now)):
        here, place = Point(row.tap_lat, row.tap_lon), Point(row.lat, row.lon)
        key = row.place_source or "", row.given_datum or str(Datum.WGS84)
        by_source[key].append(Miss(ticket_number(row.ticket_id), place, here))
    found = []
    for (source, datum), misses in sorted(by_source.items()):
        mix_up = find_mix_up(misses)
        if mix_up is not None:
            words = mix_up.in_words(_named(source, datum))
            found.append(MixUpLine(words, mix_up.numbers[:SHOWN]))
    return found


def _arrivals(now: datetime) -> Select[*tuple[Any, ...]]:
    told = and_(
        TicketEvent.ticket_id == Visit.ticket_id,
        TicketEvent.visit_id == Visit.id,
        TicketEvent.kind == str(EventKind.ARRIVED),
    )
    return (
        select(
            Visit.ticket_id,
            Ticket.lat,
            Ticket.lon,
            Ticket.place_source,
            Ticket.given_datum,
            TicketEvent.lat.label("tap_lat"),
            TicketEvent.lon.label("tap_lon"),
        )
        .join(Ticket, Ticket.id == Visit.ticket_id)
        .join(TicketEvent, told)
        .where(
            Visit.arrived_at >= now - LOOK_BACK,
            Ticket.lat.is_not(None),
            TicketEvent.lat.is_not(None),
            TicketEvent.accuracy_metres <= EXACT_METRES,
        )
        .order_by(Visit.id.desc())
        .limit(MOST_ARRIVALS)
    )


def _named(source: str, datum: str) -> Sentence:
    name = SOURCE_NAMES.get(source) or (Sentence(source) if source else say("Source unknown"))
    if datum == Datum.WGS84:
        return name
    return say("%(source)s, given as %(datum)s", source=name, datum=DATUM_NAMES[Datum(datum)])
