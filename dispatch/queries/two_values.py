"""Which fields did two people fill in differently, where nobody has chosen between them yet?"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from dispatch.domain.errors import Forbidden, NotFound
from dispatch.domain.sentences import LocalName, Sentence, say
from dispatch.domain.site_record import SiteFact, is_other_value, is_same_field, last_word
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
    """What one person wrote, when it was so, and whether it counts until somebody chooses."""

    by: str
    at: datetime
    words: Sentence | str
    counts: bool


class TwoValues(NamedTuple):
    """One field with two values: its event's `own`, and the `other` that its writer never saw.

    `id` is that event. Neither counts where a third one is later.
    """

    id: int
    kind_name: Sentence
    ticket: str
    crew: LocalName | None
    received_at: datetime
    own: Value
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
    on = _events_on({event.ticket_id for event, _crew in rows})
    found = [(event, crew, _of_field(event, on[event.ticket_id])) for event, crew in rows]
    left = [each for each in found if not _is_chosen(each[0], each[2])]
    return [_shown(*each) for each in left[:most]]


def open_choice(event_id: int, scope: Scope) -> TicketEvent:
    """Return the event of a field with two values.

    Raises:
        NotFound: when there is none that the asker sees.
        Forbidden: when somebody chose before.
    """
    asked = (
        select(TicketEvent)
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .where(TicketEvent.id == event_id, TicketEvent.kind.in_(_KINDS))
    )
    event = db.session.scalars(in_scope(asked, scope)).one_or_none()
    if event is None or "other" not in event.facts:
        raise NotFound(say("There are no such two values, or their ticket is not yours."))
    if _is_chosen(event, _of_field(event, _events_on([event.ticket_id])[event.ticket_id])):
        raise Forbidden(say("Somebody chose between these values before. Nothing is left to do."))
    return event


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


def _of_field(event: TicketEvent, others: list[TicketEvent]) -> list[TicketEvent]:
    """Return the events that write into the same field of the same visit, this one too."""
    kind = EventKind(event.kind)
    return [
        each
        for each in others
        if (each.kind, each.visit_id) == (event.kind, event.visit_id)
        and is_same_field(kind, each.facts, event.facts)
    ]


def _is_chosen(event: TicketEvent, of_field: list[TicketEvent]) -> bool:
    """Tell whether the field was written down once more since."""
    return any(each.id > event.id for each in of_field)


def _shown(event: TicketEvent, crew: Crew | None, of_field: list[TicketEvent]) -> TwoValues:
    other: dict[str, Any] = other_in_words(event.kind, event.facts) or {}
    last = last_word(
        SiteFact(each.visit_id, each.kind, each.facts, each.effective_at, each.id)
        for each in of_field
    )
    kind = EventKind(event.kind)
    own_counts, other_counts = (
        not is_other_value(kind, last.facts, facts) for facts in (event.facts, other["args"])
    )
    own_words = site_detail(event.kind, event.facts) or "–"
    return TwoValues(
        id=event.id,
        kind_name=EVENT_NAMES[kind],
        ticket=ticket_number(event.ticket_id),
        crew=None if crew is None else LocalName(crew.name, crew.name_zh),
        received_at=event.recorded_at,
        own=Value(event.actor, event.effective_at, own_words, own_counts),
        other=Value(other["by"], other["at"], other["words"] or "–", other_counts),
    )
