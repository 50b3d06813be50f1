"""Which parts did visits use, on which tickets, crews and pipes?"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dispatch.domain.site_record import SiteFact, site_record
from dispatch.domain.ticket_state import EventKind, ticket_number
from dispatch.models.base import db
from dispatch.models.people import Crew, Team
from dispatch.models.tickets import KIT_EVENTS, Ticket, TicketEvent, Visit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

PART_COLUMNS = ("number", "category", "pipe_mm", "team", "crew", "item", "count", "used_at")


def exported_parts(from_at: datetime | None, to_at: datetime | None) -> Iterator[dict[str, Any]]:
    """Yield a row of `PART_COLUMNS` for each part that a visit used, by ticket and time.

    Only what was written down from `from_at` and before `to_at`, by when it happened; the last
    word on a part counts, and one that was taken back is left out.
    """
    told = _told(from_at, to_at)
    tickets = _tickets(sorted(told))
    crews = _crews(sorted({each.visit for facts in told.values() for each in facts if each.visit}))
    for ticket_id, facts in sorted(told.items()):
        for part in site_record(facts).parts:
            yield tickets[ticket_id] | {
                "number": ticket_number(ticket_id),
                "crew": crews.get(part.visit or 0),
                "item": part.item,
                "count": part.number,
                "used_at": part.at,
            }


def _told(from_at: datetime | None, to_at: datetime | None) -> dict[int, list[SiteFact]]:
    asked = (
        select(
            TicketEvent.ticket_id,
            TicketEvent.visit_id,
            TicketEvent.facts,
            TicketEvent.effective_at,
            TicketEvent.id,
        )
        .where(KIT_EVENTS, TicketEvent.kind == str(EventKind.PARTS_USED))
        .order_by(TicketEvent.id)
    )
    if from_at is not None:
        asked = asked.where(TicketEvent.effective_at >= from_at)
    if to_at is not None:
        asked = asked.where(TicketEvent.effective_at < to_at)
    found: dict[int, list[SiteFact]] = defaultdict(list)
    for ticket_id, visit, facts, at, order in db.session.execute(asked):
        found[ticket_id].append(SiteFact(visit, str(EventKind.PARTS_USED), facts, at, order))
    return found


def _tickets(ids: list[int]) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for part in _chunks(ids):
        rows = db.session.execute(
            select(Ticket.id, Ticket.category, Ticket.pipe_mm, Team.name)
            .outerjoin(Team, Team.id == Ticket.team_id)
            .where(Ticket.id.in_(part))
        )
        for key, category, pipe_mm, team in rows:
            found[key] = {"category": category, "pipe_mm": pipe_mm, "team": team}
    return found


def _crews(visits: list[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for part in _chunks(visits):
        asked = select(Visit.id, Crew.name).join(Crew, Crew.id == Visit.crew_id)
        found.update(
            (key, name) for key, name in db.session.execute(asked.where(Visit.id.in_(part)))
        )
    return found


def _chunks(ids: list[int], size: int = 500) -> Iterator[list[int]]:
    for begin in range(0, len(ids), size):
        yield ids[begin : begin + size]
