"""How is what was written down about a fault mended, its place and level left alone?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dispatch.actions.promises import make_promises, rearm
from dispatch.actions.ticket_log import Told, check_version, record_event
from dispatch.domain.categories import category_rule
from dispatch.domain.errors import Forbidden, Invalid
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import ENDED, EventKind, TicketState
from dispatch.queries.policies import policy_of
from dispatch.queries.visits import visits_of

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.models.tickets import Ticket

MENDABLE = ("category", "description", "pipe_mm")


def change_details(
    ticket: Ticket,
    changes: dict[str, Any],
    *,
    actor: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> None:
    """Mend the category, the description or the pipe; a large main has a longer repair promise.

    Raises:
        Invalid: when nothing is given, or the category or the pipe cannot be meant.
        Forbidden: when the ticket has ended.
        Stale: when somebody changed the ticket in between.
    """
    check_version(ticket, seen_version)
    if TicketState(ticket.state) in ENDED:
        raise Forbidden(say("That ticket has ended. Open a new one, or reopen it."))
    _check(changes)
    changes = {name: value for name, value in changes.items() if getattr(ticket, name) != value}
    if not changes:
        raise Invalid(say("Nothing is different from before."))
    was = {name: getattr(ticket, name) for name in changes}
    for name, value in changes.items():
        setattr(ticket, name, value)
    # Free text may be personal, so the story says only that it was changed.
    facts = {
        name: {"was": was[name], "now": value}
        for name, value in changes.items()
        if name != "description"
    }
    told = Told(facts=facts | {"fields": sorted(changes)})
    record_event(ticket, EventKind.DETAILS_CHANGED, actor=actor, now=now, told=told)
    make_promises(ticket, policy_of(ticket.policy_id))
    if ticket.state != TicketState.ON_HOLD:
        rearm(ticket, visits_of(ticket.id))


def _check(changes: dict[str, Any]) -> None:
    unknown = set(changes) - set(MENDABLE)
    if unknown or not changes:
        fault = say("Give one of these to change: %(fields)s.", fields=", ".join(MENDABLE))
        raise Invalid(fault, fields=dict.fromkeys(sorted(unknown) or ["category"], fault))
    if "category" in changes:
        category_rule(str(changes["category"]))
    pipe = changes.get("pipe_mm")
    if pipe is not None and not (isinstance(pipe, int) and 1 <= pipe <= 5_000):  # noqa: PLR2004  mm
        fault = say("Give the pipe's diameter in millimetres, for example 100.")
        raise Invalid(fault, fields={"pipe_mm": fault})
