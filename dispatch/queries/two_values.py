"""Which fields did two people fill in differently, where nobody has chosen between them yet?"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from dispatch.domain.errors import Forbidden, NotFound
from dispatch.domain.sentences import LocalName, Sentence, say
from dispatch.domain.site_record import is_same_field
from dispatch.domain.site_words import site_detail
from dispatch.domain.ticket_state import EVENT_NAMES, EventKind, ticket_number
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.models.tickets import Ticket, TicketEvent, Visit
from dispatch.queries.events import other_in_words
from dispatch.queries.scoping import in_scope

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from dispatch.domain.permissions import Scope

FACT_STEPS = {EventKind.READING_TAKEN: "reading", EventKind.PARTS_USED: "parts"}
"""Which step writes each kind of field down once more."""
LOOKED_BACK = timedelta(days=30)
"""Values on a ticket that nothing changed for so long are listed no more; its story keeps them."""
MOST_SHOWN = 100
_KINDS = sorted(map(str, FACT_STEPS))


class Value(NamedTuple):
    """What one person wrote, and when it was so."""

    by: str
    at: datetime
    words: Sentence | str


class TwoValues(NamedTuple):
    """One field with two values: the later counts until somebody chooses. `id` is its event."""

    id: int
    kind_name: Sentence
    ticket: str
    crew: LocalName | None
    received_at: datetime
    later: Value
    other: Value


def two_values(scope: Scope, now: datetime, most: int = MOST_SHOWN) -> list[TwoValues]:
    """Return the fields with two values on tickets that changed of late, oldest first.

    `most` is how many at most.
    """
    asked = (
        select(TicketEvent, Crew)
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .outerjoin(Visit, Visit.id == TicketEvent.visit_id)
        .outerjoin(Crew, Crew.id == Visit.crew_id)
        .where(Ticket.changed_at > now - LOOKED_BACK, TicketEvent.kind.in_(_KINDS))
        .where(TicketEvent.facts["other"].as_string().is_not(None))
        .order_by(TicketEvent.id)
    )
    rows = db.session.execute(in_scope(asked, scope)).all()
    later = _events_on({event.ticket_id for event, _crew in rows})
    left = [each for each in rows if not _is_chosen(each[0], later[each[0].ticket_id])]
    return [_shown(event, crew) for event, crew in left[:most]]


def open_choice(event_id: int, scope: Scope) -> tuple[TicketEvent, int | None]:
    """Return the event of a field with two values, and the crew whose visit it is of.

    Raises:
        NotFound: when there is none that the asker sees.
        Forbidden: when somebody chose before.
    """
    asked = (
        select(TicketEvent, Visit.crew_id)
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .outerjoin(Visit, Visit.id == TicketEvent.visit_id)
        .where(TicketEvent.id == event_id, TicketEvent.kind.in_(_KINDS))
    )
    found = db.session.execute(in_scope(asked, scope)).one_or_none()
    if found is None or "other" not in found[0].facts:
        raise NotFound(say("There are no such two values, or their ticket is not yours."))
    event = found[0]
    if _is_chosen(event, _events_on([event.ticket_id])[event.ticket_id]):
        raise Forbidden(say("Somebody chose between these values before. Nothing is left to do."))
    return event, found[1]


def _events_on(ticket_ids: Iterable[int]) -> dict[int, list[TicketEvent]]:
    found: dict[int, list[TicketEvent]] = defaultdict(list)
    rows = db.session.scalars(
        select(TicketEvent)
        .where(TicketEvent.ticket_id.in_(sorted(ticket_ids)), TicketEvent.kind.in_(_KINDS))
        .order_by(TicketEvent.id)
    )
    for row in rows:
        found[row.ticket_id].append(row)
    return found


def _is_chosen(event: TicketEvent, others: list[TicketEvent]) -> bool:
    """Tell whether the field was written down once more since."""
    kind = EventKind(event.kind)
    return any(
        each.id > event.id
        and (each.kind, each.visit_id) == (event.kind, event.visit_id)
        and is_same_field(kind, each.facts, event.facts)
        for each in others
    )


def _shown(event: TicketEvent, crew: Crew | None) -> TwoValues:
    other: dict[str, Any] = other_in_words(event.kind, event.facts) or {}
    return TwoValues(
        id=event.id,
        kind_name=EVENT_NAMES[EventKind(event.kind)],
        ticket=ticket_number(event.ticket_id),
        crew=None if crew is None else LocalName(crew.name, crew.name_zh),
        received_at=event.recorded_at,
        later=Value(event.actor, event.effective_at, site_detail(event.kind, event.facts) or "–"),
        other=Value(other["by"], other["at"], other["words"] or "–"),
    )
