"""How do tests let two people write different things into one field of a visit?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dispatch.actions.site_facts import add_fact
from dispatch.actions.steps import take_step
from dispatch.actions.ticket_log import Told
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Scope
from dispatch.domain.ticket_state import ticket_number
from dispatch.queries.tickets import ticket_for_change
from tests.factories import DESK
from tests.trips import steward

if TYPE_CHECKING:
    from tests.cases import Case

ALL = Scope(everything=True)
CLAMPS = {"item": "clamps_150"}


def write_two(case: Case, *, tapped_at: float = 20) -> int:
    """Let the desk write 3 clamps at minute 21, and 2 of the crew come late; return their event."""
    case.send(at=1)
    crew_id = case.crews[0].id
    with transaction():
        ticket = ticket_for_change(ticket_number(case.id), ALL)
        args = CLAMPS | {"count": 3, "crew_id": crew_id}
        take_step(ticket, "parts", args, actor=DESK, now=case.minute(21))
    with transaction():
        ticket = ticket_for_change(ticket_number(case.id), ALL)
        told = Told(effective_at=case.minute(tapped_at), seen=0)
        by: dict[str, Any] = {"actor": steward(crew_id), "now": case.minute(40)}
        add_fact(ticket, "parts", CLAMPS | {"count": 2}, told=told, **by)
    return int(case.last_event().id)
