"""Which of two values that two people wrote into one field counts from now on?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dispatch.actions.steps import take_step
from dispatch.domain.errors import NotAllowed
from dispatch.domain.permissions import Permission
from dispatch.domain.sentences import say
from dispatch.domain.site_record import as_arguments
from dispatch.domain.ticket_state import EventKind, ticket_number
from dispatch.queries.tickets import ticket_for_change
from dispatch.queries.two_values import FACT_STEPS, open_choice

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor


def choose_value(event_id: int, *, takes_other: bool, actor: Actor, now: datetime) -> None:
    """Write the value that counts down once more on its visit; both stay in the story.

    Raises:
        NotAllowed: when the asker may not act for a crew.
        NotFound: when there are no such two values that the asker sees.
        Forbidden: when somebody chose before.
    """
    if not actor.can(Permission.ACT_FOR_CREW):
        raise NotAllowed(say("Your role may not take this step. Ask a dispatcher."))
    event = open_choice(event_id, actor.scope)
    ticket = ticket_for_change(ticket_number(event.ticket_id), actor.scope)
    # Two desks may choose at once: the second finds the choice of the first.
    event = open_choice(event_id, actor.scope)
    kind = EventKind(event.kind)
    args = event.facts["other"]["args"] if takes_other else as_arguments(kind, event.facts)
    take_step(ticket, FACT_STEPS[kind], args | {"visit_id": event.visit_id}, actor=actor, now=now)
