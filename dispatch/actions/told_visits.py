"""Which visit of a crew does something belong to that was told late?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dispatch.domain.errors import Forbidden
from dispatch.domain.offline_time import TimeQuality
from dispatch.domain.sentences import say
from dispatch.domain.visit_state import ACTIVE, VISIT_STATE_NAMES, VisitState
from dispatch.queries.field_sync import visit_at
from dispatch.queries.visits import active_visits_of

if TYPE_CHECKING:
    from dispatch.actions.ticket_log import Told
    from dispatch.models.tickets import Ticket, Visit


def visit_told(ticket: Ticket, crew_id: int, told: Told) -> Visit | None:
    """Return the visit of its own time, or that its page showed; the newest where no clock tells.

    None when the crew never had one.
    """
    is_trusted = told.time_quality != TimeQuality.OFFLINE_SKEWED
    return visit_at(ticket.id, crew_id, told.effective_at if is_trusted else None, told.seen)


def check_not_another_visit(ticket: Ticket, visit: Visit | None) -> None:
    """Refuse a step of a visit that ended, where its crew is on the ticket again.

    Raises:
        Forbidden: saying when that visit ended and how.
    """
    if visit is None or visit.state in ACTIVE:
        return
    if any(each.crew_id == visit.crew_id for each in active_visits_of(ticket.id)):
        raise Forbidden(
            say(
                "This step belongs to the visit that ended at %(at)s (%(how)s). "
                "It was not taken for the visit after it.",
                at=visit.ended_at,
                how=VISIT_STATE_NAMES[VisitState(visit.state)],
            )
        )
