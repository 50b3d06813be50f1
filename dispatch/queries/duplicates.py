"""Which open tickets may be about the same fault, and what would a caller be told of each?"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from dispatch.domain.categories import category_rule
from dispatch.domain.duplicates import DEFAULT_RADIUS_METRES, RADIUS_METRES, Reported, suggestions
from dispatch.domain.phone_numbers import phone_key
from dispatch.domain.place import Point
from dispatch.domain.ticket_state import ENDED, STATE_NAMES, TicketState, ticket_number
from dispatch.models.base import db
from dispatch.models.tickets import Report, Ticket
from dispatch.queries.attachments import first_photos
from dispatch.queries.known_faults import crews_on
from dispatch.queries.scoping import in_scope

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, RowMapping

    from dispatch.domain.duplicates import Likeness
    from dispatch.domain.permissions import Scope
    from dispatch.queries.known_faults import CrewOnIt

_ENDED = tuple(sorted(str(state) for state in ENDED))
_IS_OPEN = (Ticket.state.not_in(_ENDED), ~Ticket.imported)
_COLUMNS: tuple[Any, ...] = (
    Ticket.id, Ticket.category, Ticket.level, Ticket.received_at, Ticket.lat, Ticket.lon,
    Ticket.address, Ticket.description, Ticket.household_id, Ticket.state, Ticket.report_count,
    Ticket.arrive_due_at, Ticket.arrived_at, Ticket.restore_due_at,
)  # fmt: skip
_AS_THEY_ARE = (
    "category", "level", "state", "address", "received_at", "arrive_due_at", "arrived_at",
    "restore_due_at",
)  # fmt: skip
_WIDEST_METRES = max(DEFAULT_RADIUS_METRES, *RADIUS_METRES.values())
_METRES_A_DEGREE = 110_000
"""A little less than a degree of latitude anywhere, so that the box is never too small."""
_LAST_DIGITS = 4
_HOUSE_NUMBER = re.compile(r"[0-9]+")


def likely_duplicates(new: Reported, scope: Scope, *, now: datetime) -> list[dict[str, Any]]:
    """Return the open tickets that may be the same fault, the likeliest first.

    Each with the reasons as sentences, a score from 0 to 1, its promise, the count of its callers,
    and its crew: where it is, how long ago it was seen there, and when it is expected.
    """
    called = _called_before(new)
    rows = {
        row["id"]: row
        for row in db.session.execute(
            in_scope(select(*_COLUMNS).where(*_IS_OPEN, _within_reach(new, called)), scope)
        ).mappings()
    }
    found = suggestions(new, [_reported(row, called) for row in rows.values()], now=now)
    likely = [each.ticket_id for each in found if each.ticket_id is not None]
    crews, photos = crews_on(likely, now), first_photos(likely)
    return [
        _suggestion(each, rows[each.ticket_id], crews.get(each.ticket_id))
        | {"photo": photos.get(each.ticket_id)}
        for each in found
        if each.ticket_id is not None
    ]


def _called_before(new: Reported) -> dict[int, frozenset[str]]:
    """Return the numbers of this caller by open ticket; they may be written differently."""
    found: dict[int, set[str]] = defaultdict(set)
    for key in new.phones:
        asked = (
            select(Report.ticket_id, Report.phone)
            .join(Ticket, Ticket.id == Report.ticket_id)
            .where(*_IS_OPEN, Report.phone.endswith(key[-_LAST_DIGITS:]))
        )
        for ticket_id, phone in db.session.execute(asked):
            if phone_key(phone) == key:
                found[ticket_id].add(key)
    return {ticket_id: frozenset(keys) for ticket_id, keys in found.items()}


def _within_reach(new: Reported, called: dict[int, frozenset[str]]) -> ColumnElement[bool]:
    """Narrow the open tickets to those that can match: near, at the address, or the caller's own.

    Words alone are compared only where one of the two has no point yet; over a whole city they
    bring mostly strangers.
    """
    own = Ticket.id.in_(called) | (Ticket.household_id == (new.household_id or 0))
    within: list[ColumnElement[bool]] = [own, Ticket.lat.is_(None)]
    if new.point is not None:
        high = _WIDEST_METRES / _METRES_A_DEGREE
        wide = high / max(0.05, math.cos(math.radians(new.point.lat)))
        lat, lon = new.point.lat, new.point.lon
        within.append(
            Ticket.lat.between(lat - high, lat + high) & Ticket.lon.between(lon - wide, lon + wide)
        )
    elif (number := _HOUSE_NUMBER.search(new.address)) is not None:
        within.append(Ticket.address.contains(number[0]))
    return or_(*within)


def _reported(row: RowMapping, called: dict[int, frozenset[str]]) -> Reported:
    placed = row["lat"] is not None and row["lon"] is not None
    return Reported(
        category=row["category"],
        received_at=row["received_at"],
        ticket_id=row["id"],
        point=Point(row["lat"], row["lon"]) if placed else None,
        text=row["description"],
        address=row["address"],
        household_id=row["household_id"],
        phones=called.get(row["id"], frozenset()),
    )


def _suggestion(found: Likeness, row: RowMapping, crew: CrewOnIt | None) -> dict[str, Any]:
    return {
        "number": ticket_number(row["id"]),
        "score": round(found.score, 3),
        "metres": found.metres,
        "reasons": list(found.reasons),
        **{name: row[name] for name in _AS_THEY_ARE},
        "category_name": category_rule(row["category"]).name,
        "state_name": STATE_NAMES[TicketState(row["state"])],
        "reports": row["report_count"],
        "crew": crew._asdict() if crew else None,
    }
