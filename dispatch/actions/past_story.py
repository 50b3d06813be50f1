"""How does an old ticket get the sealed story that its own records tell?"""

from __future__ import annotations

import uuid
from types import MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

from dispatch.actions.bulk_rows import write_rows
from dispatch.domain.event_chain import GENESIS, seal, sealed_content
from dispatch.models.tickets import TicketEvent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.domain.ticket_state import EventKind, TicketState


class PastStep(NamedTuple):
    """One thing that old records say about a ticket: what, when, and the state it led to."""

    kind: EventKind
    at: datetime
    from_state: TicketState | None = None
    to_state: TicketState | None = None
    facts: Mapping[str, Any] = MappingProxyType({})


def seal_past(
    ticket_id: int, steps: Iterable[PastStep], *, actor: Actor, now: datetime
) -> list[dict[str, Any]]:
    """Return the rows of an imported ticket's story, sealed one to the other, for `write_past`."""
    rows: list[dict[str, Any]] = []
    previous = GENESIS
    for step in steps:
        row = {
            "uuid": str(uuid.uuid4()),
            "ticket_id": ticket_id,
            "visit_id": None,
            "kind": str(step.kind),
            "from_state": step.from_state and str(step.from_state),
            "to_state": step.to_state and str(step.to_state),
            "actor": actor.name,
            "user_id": actor.user_id,
            "acting_for_crew_id": None,
            "source": actor.source,
            "recorded_at": now,
            "effective_at": step.at,
            "time_quality": "imported",
            "reason": None,
            "note": None,
            "facts": dict(step.facts),
            "previous_hash": previous,
        }
        previous = row["hash"] = seal(previous, sealed_content(SimpleNamespace(**row)))
        rows.append(row)
    return rows


def write_past(rows: list[dict[str, Any]]) -> None:
    """Write rows of `seal_past`, of many tickets at once."""
    write_rows(TicketEvent, rows)
