"""Which visits were needed for want of a part, and had a bring list named it?"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import and_, bindparam, select

from dispatch.domain.bring_list import MOST_RECORDS
from dispatch.domain.bring_savings import ReturnVisit, Trip, Written, named_before, return_visits
from dispatch.domain.site_record import SiteFact, site_record
from dispatch.domain.ticket_state import EventKind
from dispatch.domain.visit_state import Cause, VisitState
from dispatch.models.base import current_connection
from dispatch.models.facts import ReturnVisitFact
from dispatch.models.tickets import KIT_EVENTS, LACKED_A_PART, Ticket, TicketEvent, Visit
from dispatch.queries.facts import is_among
from dispatch.queries.stories import OUTCOMES, ROWS_AT_ONCE, without_collecting

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from numpy.typing import NDArray
    from sqlalchemy import ColumnElement

    Ints = NDArray[np.int64]


def return_visits_among(tickets: Ints, due: Ints) -> list[ReturnVisit]:
    """Return the return visits for want of a part of some tickets, in the order of the visits.

    They are read as they are stored; those of the tickets that are `due` are worked out now.
    """
    if not tickets.size:
        return []
    # Almost in order already, which this kind of sort profits from.
    asked = np.sort(tickets, kind="stable")
    with without_collecting():
        stored = _stored(int(asked[0]), int(asked[-1]))
        of_ticket = np.array([ticket for _, ticket, _, _, _ in stored], dtype=np.int64)
        is_meant = is_among(of_ticket, asked) & ~is_among(of_ticket, due)
        items = cache(_items)
        found = [
            ReturnVisit(visit, ticket, items(lacked), items(named), seconds)
            for (visit, ticket, lacked, named, seconds), is_one in zip(
                stored, is_meant.tolist(), strict=True
            )
            if is_one
        ]
        found += return_visits_now(due[is_among(due, asked)])
        found.sort()
    return found


def _stored(first: int, last: int) -> list[tuple[int, int, str, str, float | None]]:
    """Return the rows of a range of tickets as the driver hands them over."""
    of_range = select(
        ReturnVisitFact.visit_id,
        ReturnVisitFact.ticket_id,
        ReturnVisitFact.lacked,
        ReturnVisitFact.named,
        ReturnVisitFact.seconds,
    ).where(ReturnVisitFact.ticket_id.between(first, last))
    done: Any = current_connection().execute(of_range)
    return list(done.cursor.fetchall())


def return_visits_now(tickets: Ints) -> list[ReturnVisit]:
    """Return the return visits for want of a part of some tickets, as the tables have them now.

    Those of a ticket that is no repair, or was not carried through, do not count.
    """
    short = select(Visit.ticket_id).where(LACKED_A_PART).distinct()
    lacking = sorted(
        row.ticket_id
        for is_theirs in among(Visit.ticket_id, tickets.tolist())
        for row in _read(short.where(is_theirs))
    )
    trips = _trips(lacking)
    pairs = [pair for ticket, visits in trips.items() for pair in return_visits(*ticket, visits)]
    told = [pair for pair in pairs if pair[0].lacked]
    named = named_before([asked for _, asked in told], _written)
    found = [one for one, _ in pairs if not one.lacked]
    found += [one._replace(named=items) for (one, _), items in zip(told, named, strict=True)]
    return sorted(found)


def _items(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _trips(tickets: list[int]) -> dict[tuple[int, str, int | None], list[Trip]]:
    """Return the visits of the repairs among some tickets, by ticket, category and pipe."""
    lacked = _lacked(tickets)
    found: dict[tuple[int, str, int | None], list[Trip]] = defaultdict(list)
    is_short = and_(Visit.cause == Cause.PART_MISSING, Visit.state == VisitState.CANNOT_COMPLETE)
    asked = (
        select(
            Visit.ticket_id, Visit.id, Visit.dispatched_at, Visit.en_route_at, Visit.arrived_at,
            Visit.ended_at, is_short.label("is_short"), Ticket.category, Ticket.pipe_mm,
        )
        .join(Ticket, Ticket.id == Visit.ticket_id)
        .where(Ticket.kind == "repair", Ticket.state.not_in(sorted(OUTCOMES)))
        .order_by(Visit.ticket_id, Visit.id)
    )  # fmt: skip
    for is_theirs in among(Visit.ticket_id, tickets):
        for row in _read(asked.where(is_theirs)):
            trip = Trip(
                row.id,
                row.dispatched_at,
                row.en_route_at,
                row.arrived_at,
                row.ended_at,
                lacked.get(row.id, frozenset()) if row.is_short else None,
            )
            found[row.ticket_id, row.category, row.pipe_mm].append(trip)
    return found


def _lacked(tickets: list[int]) -> dict[int | None, frozenset[str]]:
    """Return what visits wrote down that the next one needs, by visit."""
    told: dict[int, list[SiteFact]] = defaultdict(list)
    needed = site_facts_asked().where(TicketEvent.kind == EventKind.NEXT_VISIT_NEEDS)
    for is_theirs in among(TicketEvent.ticket_id, tickets):
        for row in _read(needed.where(is_theirs)):
            told[row.ticket_id].append(site_fact(row))
    needs = [each for facts in told.values() for each in site_record(facts).needs]
    return {each.visit: frozenset(each.facts.get("parts", ())) for each in needs}


def _written(since: datetime | None, before: datetime) -> list[Written]:
    """Return the newest records that bring lists learn from of a time, in their order."""
    newest = (
        site_facts_asked(TicketEvent.recorded_at)
        .where(KIT_EVENTS, TicketEvent.recorded_at < before)
        .order_by(TicketEvent.recorded_at.desc(), TicketEvent.id.desc())
        .limit(MOST_RECORDS)
    )
    if since is not None:
        newest = newest.where(TicketEvent.recorded_at >= since)
    part = newest.subquery()
    rows = _read(
        select(part, Ticket.category, Ticket.pipe_mm)
        .join(Ticket, Ticket.id == part.c.ticket_id)
        .order_by(part.c.recorded_at, part.c.id)
    )
    return [
        Written(row.ticket_id, row.category, row.pipe_mm, site_fact(row), row.recorded_at)
        for row in rows
    ]


def site_facts_asked(*columns: Any) -> Any:
    """Ask for what `site_fact` reads of an event, and for some columns beside it."""
    return select(
        TicketEvent.id,
        TicketEvent.ticket_id,
        TicketEvent.visit_id,
        TicketEvent.kind,
        TicketEvent.facts,
        TicketEvent.effective_at,
        *columns,
    )


def site_fact(row: Any) -> SiteFact:
    """Return what an event told of the place."""
    return SiteFact(row.visit_id, row.kind, row.facts, row.effective_at, row.id)


def _read(statement: Any) -> Sequence[Any]:
    """Read rows without the objects of a session."""
    return current_connection().execute(statement).all()


def among(column: Any, values: list[int]) -> Iterator[ColumnElement[bool]]:
    """Yield conditions that name all values, thousands at a time, as numbers in the statement."""
    for start in range(0, len(values), ROWS_AT_ONCE):
        some = values[start : start + ROWS_AT_ONCE]
        yield column.in_(bindparam("some", some, expanding=True, literal_execute=True))
