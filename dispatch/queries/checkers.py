"""Which crews are not to be offered a ticket, the one whose repair is to be checked among them?"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from dispatch.domain.candidates import is_able
from dispatch.domain.ticket_state import EventKind
from dispatch.domain.visit_state import VisitState
from dispatch.models.base import db
from dispatch.models.tickets import Ticket, TicketEvent, Visit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dispatch.domain.candidates import CrewOption
    from dispatch.queries.candidates import Waiting


class Offer(NamedTuple):
    """A ticket that waits, and the crews that are not to be offered it."""

    waiting: Waiting
    refused: frozenset[int]


def offers_of(
    waiting: Sequence[Waiting],
    crews: Iterable[CrewOption],
    refused: Mapping[int, frozenset[int]],
) -> list[Offer]:
    """Return each ticket with the crews that it is not to be offered to.

    To those that left it (`refused`, by ticket) come the crews that completed a ticket which was
    reopened, as long as another one on duty can do it: nobody checks their own work, but a
    resident never waits for want of a second crew.
    """
    repaired = _repaired_by([each.need.ticket_id for each in waiting])
    on_duty = [crew for crew in crews if crew.on_shift]
    return [
        _offer(each, refused[each.need.ticket_id], repaired[each.need.ticket_id], on_duty)
        for each in waiting
    ]


def _offer(
    waiting: Waiting, refused: frozenset[int], repaired: frozenset[int], on_duty: list[CrewOption]
) -> Offer:
    need = waiting.need
    others = (crew for crew in on_duty if crew.crew_id not in refused | repaired)
    if not repaired or not any(is_able(crew, need) for crew in others):
        return Offer(waiting, refused)
    checked = replace(waiting, need=replace(need, repaired_by=repaired))
    return Offer(checked, refused | repaired)


def refused_by(ticket_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """Return the crews that are not to be offered a ticket again, by ticket.

    They declined it, or handed it over or were called back from it last: a second offer would come
    at once. A crew that the planner turned to another ticket on its way may be asked again.
    """
    ids = list(ticket_ids)
    rows = db.session.execute(
        select(Visit.ticket_id, Visit.crew_id, Visit.id, Visit.state)
        .where(Visit.ticket_id.in_(ids))
        .order_by(Visit.id)
    )
    declined: dict[int, set[int]] = defaultdict(set)
    last: dict[tuple[int, int], tuple[int, str]] = {}
    for ticket_id, crew_id, visit_id, state in rows:
        last[ticket_id, crew_id] = (visit_id, state)
        if state == VisitState.DECLINED:
            declined[ticket_id].add(crew_id)
    turned = _turned_away([key for key, visit in last.items() if visit[1] == VisitState.WITHDRAWN])
    for (ticket_id, crew_id), (visit_id, state) in last.items():
        called_back = state == VisitState.WITHDRAWN and visit_id not in turned
        if called_back or state == VisitState.HANDED_OVER:
            declined[ticket_id].add(crew_id)
    return {ticket_id: frozenset(declined[ticket_id]) for ticket_id in ids}


def _turned_away(pairs: list[tuple[int, int]]) -> set[int]:
    """Return the visits, of tickets and crews, that the planner ended for another ticket."""
    if not pairs:
        return set()
    withdrawn = db.session.execute(
        select(TicketEvent.visit_id, TicketEvent.facts).where(
            TicketEvent.ticket_id.in_({ticket_id for ticket_id, _ in pairs}),
            TicketEvent.kind == EventKind.WITHDRAWN,
        )
    )
    return {visit_id for visit_id, facts in withdrawn if "turned_to" in facts}


def _repaired_by(ticket_ids: list[int]) -> dict[int, frozenset[int]]:
    """Return the crews that completed a visit of a ticket which was reopened, by ticket."""
    rows = db.session.execute(
        select(Visit.ticket_id, Visit.crew_id)
        .join(Ticket, Ticket.id == Visit.ticket_id)
        .where(
            Ticket.id.in_(ticket_ids),
            Ticket.reopenings > 0,
            Visit.state == str(VisitState.COMPLETED),
        )
    )
    found: dict[int, set[int]] = defaultdict(set)
    for ticket_id, crew_id in rows:
        found[ticket_id].add(crew_id)
    return {ticket_id: frozenset(found[ticket_id]) for ticket_id in ticket_ids}
