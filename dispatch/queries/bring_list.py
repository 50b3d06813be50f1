"""What should the crews of some tickets load, by what earlier visits used and lacked?"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from dispatch.domain.bring_list import (
    LEARNED_FROM,
    MOST_RECORDS,
    Experience,
    PlacePast,
    bring_list,
    past_visits,
)
from dispatch.domain.next_visit import need_name
from dispatch.domain.site_record import NOTHING
from dispatch.models.base import db
from dispatch.models.tickets import KIT_EVENTS, Ticket, TicketEvent
from dispatch.queries.crew_ticket import tickets_there
from dispatch.queries.return_visits import site_fact, site_facts_asked
from dispatch.queries.site_work import site_records

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from dispatch.domain.bring_list import BringLine
    from dispatch.domain.sentences import Sentence
    from dispatch.domain.site_record import SiteFact, SiteRecord

PLACES_LOOKED_AT = 5


@dataclass(frozen=True, slots=True)
class Bring:
    """What to load for a ticket, and what else its last visit said must be there."""

    lines: tuple[BringLine, ...]
    needs: tuple[Sentence, ...]


def bring_lists(
    tickets: Sequence[Ticket], now: datetime, *, with_place: bool = True
) -> dict[int, Bring]:
    """Return the bring list of each ticket, by its row id.

    Earlier tickets at the place are searched for one by one, so a page that is asked for often
    does without them.
    """
    past = _past({ticket.category for ticket in tickets}, now) if tickets else {}
    around = {
        ticket.id: tickets_there(ticket)[:PLACES_LOOKED_AT] if with_place else ()
        for ticket in tickets
    }
    ids = {each.id for found in around.values() for each in found} | around.keys()
    records = site_records(ids)
    return {
        ticket.id: _bring(
            ticket, past.get(ticket.category, Experience()), around[ticket.id], records
        )
        for ticket in tickets
    }


def _bring(
    ticket: Ticket,
    past: Experience,
    there: Sequence[Ticket],
    records: Mapping[int, SiteRecord],
) -> Bring:
    own = records.get(ticket.id, NOTHING)
    before = [records[each.id] for each in there if each.id in records]
    here = PlacePast(
        lacked_last=own.lacked_last(),
        lacked_here=[item for each in before for item in each.lacked_last()],
        used_here=[part.item for each in before for part in each.parts],
    )
    asked = own.needs[-1].facts.get("needs", ()) if own.needs else ()
    return Bring(
        bring_list(ticket.category, ticket.pipe_mm, past, here),
        tuple(need_name(each) for each in asked),
    )


def _past(categories: Iterable[str], now: datetime) -> dict[str, Experience]:
    """Return the earlier visits of some categories that wrote down what they used or lacked."""
    newest = (
        site_facts_asked()
        .where(KIT_EVENTS)
        .order_by(TicketEvent.recorded_at.desc(), TicketEvent.id.desc())
        .limit(MOST_RECORDS)
        .subquery()
    )
    rows = db.session.execute(
        select(Ticket.category, Ticket.pipe_mm, newest)
        .join(newest, newest.c.ticket_id == Ticket.id)
        .where(Ticket.category.in_(sorted(categories)))
        .where(newest.c.effective_at >= now - LEARNED_FROM)
        .order_by(newest.c.id)
    )
    of_ticket: dict[tuple[str, int | None, int], list[SiteFact]] = defaultdict(list)
    for row in rows:
        of_ticket[row.category, row.pipe_mm, row.ticket_id].append(site_fact(row))
    found: dict[str, Experience] = defaultdict(Experience)
    for (category, pipe_mm, _), told in of_ticket.items():
        for visit in past_visits(pipe_mm, told):
            found[category].learn(visit)
    return found
