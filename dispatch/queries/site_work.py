"""What did crews write down on site, and which items of their lists did they leave open?"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dispatch.domain.site_record import (
    NOTHING,
    SITE_KINDS,
    SiteFact,
    SiteRecord,
    is_other_value,
    is_same_field,
    site_record,
)
from dispatch.models.base import db
from dispatch.models.tickets import Report, TicketEvent
from dispatch.queries.checklists import checklists_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from dispatch.domain.checklists import ListItem, TickList
    from dispatch.domain.ticket_state import EventKind
    from dispatch.models.tickets import Ticket, Visit

_KINDS = [str(kind) for kind in SITE_KINDS]


def site_records(ticket_ids: Iterable[int]) -> dict[int, SiteRecord]:
    """Return what was written down on site for each ticket that has something."""
    found: dict[int, list[SiteFact]] = defaultdict(list)
    rows = db.session.execute(
        select(
            TicketEvent.ticket_id,
            TicketEvent.visit_id,
            TicketEvent.kind,
            TicketEvent.facts,
            TicketEvent.effective_at,
            TicketEvent.id,
        )
        .where(TicketEvent.ticket_id.in_(sorted(set(ticket_ids))), TicketEvent.kind.in_(_KINDS))
        .order_by(TicketEvent.id)
    )
    for ticket_id, *columns in rows:
        found[ticket_id].append(SiteFact(*columns))
    return {ticket_id: site_record(facts) for ticket_id, facts in found.items()}


def other_value(
    ticket_id: int,
    visit_id: int | None,
    kind: EventKind,
    facts: dict[str, Any],
    since: datetime | int,
) -> TicketEvent | None:
    """Return what else was written into the same field of a visit meanwhile, if it differs.

    `since` is the last event that was seen, or an instant where that is not known. The last word on
    the field counts: None where it says the same.
    """
    if not is_same_field(kind, facts, facts):
        return None
    is_unseen = (
        TicketEvent.id > since if isinstance(since, int) else TicketEvent.recorded_at > since
    )
    rows = db.session.scalars(
        select(TicketEvent)
        .where(
            TicketEvent.ticket_id == ticket_id,
            TicketEvent.kind == str(kind),
            TicketEvent.visit_id.is_not_distinct_from(visit_id),
            is_unseen,
        )
        .order_by(TicketEvent.id.desc())
    )
    last = next((row for row in rows if is_same_field(kind, row.facts, facts)), None)
    return last if last is not None and is_other_value(kind, last.facts, facts) else None


def tokens_of(ticket_id: int) -> Sequence[str]:
    """Return the tokens of the track pages of a ticket, one for each report."""
    asked = select(Report.token).where(Report.ticket_id == ticket_id).order_by(Report.id)
    return db.session.scalars(asked).all()


def unticked_items(ticket: Ticket, visit: Visit, tick_list: TickList) -> list[ListItem]:
    """Return the items that must be ticked on a visit and are not, in their order."""
    record = site_records([ticket.id]).get(ticket.id, NOTHING)
    items = checklists_for(ticket.category, visit.dispatched_at).of(tick_list)
    return [
        each
        for each in items
        if each.is_required and not record.is_ticked(visit.id, tick_list, each.key)
    ]
