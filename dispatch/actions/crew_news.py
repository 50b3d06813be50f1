"""Which phones of a crew owe a sound because a ticket came or went?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dispatch.actions.new_rows import insert_rows
from dispatch.actions.outbox import BESIDE, ticket_facts, warning_row
from dispatch.domain.messages import Channel, Route
from dispatch.models.clockwork import Outbox
from dispatch.queries.push_devices import crew_with_devices

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.crew_news import CrewStep
    from dispatch.domain.permissions import Actor
    from dispatch.models.tickets import Ticket


def tell_crew(
    ticket: Ticket, crew_id: int, step: CrewStep, cause: str, *, actor: Actor, now: datetime
) -> None:
    """Queue one push to each person of a crew with a device; `cause` makes it once.

    A crew that took the step itself is told nothing. The push says number, kind of fault, level
    and promise: never an address or a name.
    """
    if actor.crew_id == crew_id:
        return
    rows = [
        warning_row(
            f"crew/{step}/{cause}/{person.id}{BESIDE}",
            Route(str(Channel.WEB_PUSH), f"user/{person.id}", person.id, person.language),
            (),
            ticket.id,
            str(step),
            ticket_facts(ticket),
            now=now,
        )
        for person in crew_with_devices(crew_id)
    ]
    insert_rows(Outbox, rows)
