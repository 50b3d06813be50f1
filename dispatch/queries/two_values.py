"""Which fields did two people fill in differently, where nobody has chosen between them yet?"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from dispatch.domain.errors import Forbidden, NotFound
from dispatch.domain.sentences import LocalName, Sentence, say
from dispatch.domain.site_record import (
    FIELD_NAMES,
    SiteFact,
    is_other_value,
    is_same_field,
    last_word,
)
from dispatch.domain.site_words import site_detail
from dispatch.domain.ticket_state import EVENT_NAMES, EventKind, ticket_number
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.models.tickets import OTHER_NAMED, Ticket, TicketEvent, Visit
from dispatch.queries.events import other_in_words
from dispatch.queries.scoping import in_scope

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from dispatch.domain.permissions import Scope

FACT_STEPS = {EventKind.READING_TAKEN: "reading", EventKind.PARTS_USED: "parts"}
"""Which step writes each kind of field down once more."""
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


def two_values(scope: Scope, most: int = MOST_SHOWN) -> tuple[list[TwoValues], bool]:
    """Return the oldest `most` fields with two values, and whether there are more."""
    named = select(TicketEvent.id).where(OTHER_NAMED[db.engine.dialect.name])
    asked = (
        select(TicketEvent, Crew)
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .outerjoin(Visit, Visit.id == TicketEvent.visit_id)
        .outerjoin(Crew, Crew.id == Visit.crew_id)
        .where(TicketEvent.id.in_(named), TicketEvent.kind.in_(_KINDS), ~_is_chosen())
        .order_by(TicketEvent.id)
        .limit(most + 1)
    )
    rows = db.session.execute(in_scope(asked, scope)).all()
    on = _events_on({event.ticket_id for event, _crew in rows[:most]})
    shown = [
        _shown(event, crew, _of_field(event, on[event.ticket_id])) for event, crew in rows[:most]
    ]
    return shown, len(rows) > most


def open_choice(event_id: int, scope: Scope) -> TicketEvent:
    """Return the event of a field with two values.

    Raises:
        NotFound: when there is none that the asker sees.
        Forbidden: when somebody chose before.
    """
    asked = (
        select(TicketEvent, _is_chosen())
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .where(TicketEvent.id == event_id, TicketEvent.kind.in_(_KINDS))
    )
    found = db.session.execute(in_scope(asked, scope)).one_or_none()
    if found is None or "other" not in found[0].facts:
        raise NotFound(say("There are no such two values, or their ticket is not yours."))
    event: TicketEvent = found[0]
    if found[1]:
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


def _is_chosen() -> Any:
    """Tell of an event whether its field was written down once more since."""
    later = aliased(TicketEvent)
    return exists().where(
        later.ticket_id == TicketEvent.ticket_id,
        later.id > TicketEvent.id,
        later.kind == TicketEvent.kind,
        later.visit_id.is_not_distinct_from(TicketEvent.visit_id),
        *(
            later.facts[name].as_string().is_not_distinct_from(TicketEvent.facts[name].as_string())
            for name in FIELD_NAMES
        ),
    )


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
