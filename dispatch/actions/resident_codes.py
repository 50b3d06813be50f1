"""How does a code that a resident told the crew become evidence of its arrival?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dispatch.actions.arrivals import judge_arrival
from dispatch.actions.ticket_log import JUST_NOW, Told, record_aside
from dispatch.actions.told_visits import visit_told
from dispatch.domain.resident_code import MOST_TRIES, check_code, resident_code
from dispatch.domain.site_record import NOTHING
from dispatch.domain.ticket_state import EventKind
from dispatch.queries.site_work import site_records, tokens_of

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.models.tickets import Ticket


def add_code(
    ticket: Ticket, typed: object, *, actor: Actor, now: datetime, told: Told = JUST_NOW
) -> bool:
    """Keep whether a typed code is that of a reporter, never the code; a right one is a witness.

    A wrong one is kept too, so that after `MOST_TRIES` on a visit none counts. Returns whether it
    counts.

    Raises:
        Invalid: when it is no code.
    """
    code = check_code(typed)
    visit = visit_told(ticket, actor.crew_id or 0, told)
    record = site_records([ticket.id]).get(ticket.id, NOTHING)
    wrong = record.wrong_codes(visit.id if visit else None)
    is_right = wrong < MOST_TRIES and code in map(resident_code, tokens_of(ticket.id))
    facts: dict[str, Any] = {"right": is_right}
    told = replace(told, facts=told.facts | facts)
    record_aside(ticket, EventKind.RESIDENT_CODE, actor=actor, now=now, told=told, visit=visit)
    if is_right and visit is not None:
        judge_arrival(ticket, visit, now=now)
    return is_right
