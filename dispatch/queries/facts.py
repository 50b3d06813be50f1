"""What do the tickets of a range add to the figures, to the moment and without reading each story?

The table of facts is brought up to date by a job. What has changed since is worked out here while
it is read, so that an answer is never older than its question.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import and_, func, select, union_all

from dispatch.domain.fact_figures import falls_into
from dispatch.domain.facts import NONE, facts_of, received_or_waiting, with_followers
from dispatch.domain.microseconds import micros
from dispatch.domain.same_place import cells_in_reach
from dispatch.models.base import current_connection, db
from dispatch.models.facts import FactDue, TicketFact
from dispatch.models.tickets import Ticket
from dispatch.queries.stories import ALL_TICKETS, ROWS_AT_ONCE, facts_now, narrowed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from numpy.typing import NDArray

    from dispatch.domain.facts import Facts
    from dispatch.domain.permissions import Scope
    from dispatch.queries.stories import FigureFilters


@dataclass(frozen=True, slots=True)
class Ahead:
    """What the tables say and the facts do not yet.

    `seen` are the numbers of the changes that were looked at, `tickets` those they were made to,
    `facts` their rows, and those of tickets to whose place they came, as they must be from now on.
    """

    seen: list[int]
    tickets: NDArray[np.int64]
    facts: Facts


def facts_for(
    from_at: datetime,
    to_at: datetime,
    scope: Scope,
    filters: FigureFilters = ALL_TICKETS,
    *,
    now: datetime,
) -> Facts:
    """Return the facts of tickets received from `from_at` and before `to_at`, or waiting by then.

    Besides those received in the range these are the tickets received before it that were not
    closed when it began; past tickets that were imported without a close are not work that waits.
    """
    begin, end = micros([from_at, to_at]).tolist()
    ahead = facts_ahead(now, is_asking=True)
    found = _stored(int(begin), int(end), scope, filters)
    if ahead.tickets.size:
        found = _brought_forward(found, ahead, (begin, end), scope, filters)
    part = filters.part_of_week
    return found if part is None else found[falls_into(found["received_at"], part)]


def _brought_forward(
    stored: Facts, ahead: Ahead, between: tuple[float, float], scope: Scope, filters: FigureFilters
) -> Facts:
    """Put what is ahead in the place of what is stored."""
    fresh = ahead.facts[received_or_waiting(ahead.facts, *between)]
    if not scope.everything or filters:
        fresh = fresh[np.isin(fresh["ticket"], _narrowed(fresh["ticket"], scope, filters))]
    replaced = np.isin(stored["ticket"], np.union1d(ahead.tickets, ahead.facts["ticket"]))
    found: Facts = np.concatenate([stored[~replaced], fresh])
    return found


def facts_ahead(now: datetime, *, most: int | None = None, is_asking: bool = False) -> Ahead:
    """Return what must be written into the facts, of at most so many changes, the oldest first.

    For whoever is asking a question now, tickets whose hold is counted up to now are among them.
    """
    due = db.session.execute(
        select(FactDue.id, FactDue.ticket_id).order_by(FactDue.id).limit(most)
    ).all()
    tickets = {row.ticket_id for row in due}
    if is_asking:
        tickets |= set(db.session.scalars(select(TicketFact.ticket_id).where(TicketFact.is_held)))
    numbers = np.array(sorted(tickets), dtype=np.int64)
    if not numbers.size:
        return Ahead([], numbers, facts_of([]))
    fresh = facts_now(numbers.tolist(), now=now)
    return Ahead([row.id for row in due], numbers, _with_neighbours(fresh, numbers))


def facts_waiting() -> int:
    """Count the changes that the table of facts does not hold yet."""
    return db.session.scalar(select(func.count()).select_from(FactDue)) or 0


def _stored(begin: int, end: int, scope: Scope, filters: FigureFilters) -> Facts:
    earlier = TicketFact.received_us < begin
    asked = [
        and_(TicketFact.received_us >= begin, TicketFact.received_us < end),
        and_(earlier, TicketFact.closed_us >= begin),
        and_(earlier, TicketFact.closed_us.is_(None), TicketFact.is_open),
    ]
    if not scope.everything or filters:
        mine = narrowed(select(Ticket.id), scope, filters)
        asked = [and_(each, TicketFact.ticket_id.in_(mine)) for each in asked]
    # One statement, so that a roll-up in between can neither hide a ticket nor show it twice.
    return facts_of(_packed(union_all(*(select(TicketFact.fact).where(each) for each in asked))))


def _narrowed(tickets: NDArray[np.int64], scope: Scope, filters: FigureFilters) -> list[int]:
    found: list[int] = []
    for some in _parts(tickets.tolist()):
        asked = select(Ticket.id).where(Ticket.id.in_(some))
        found += db.session.scalars(narrowed(asked, scope, filters))
    return found


def _with_neighbours(fresh: Facts, tickets: NDArray[np.int64]) -> Facts:
    """Return the changed facts, and those of tickets that are followed otherwise because of them.

    Where a ticket was before counts as well as where it is now: it may have moved, or be gone.
    """
    before = facts_of(_found(TicketFact.ticket_id, tickets.tolist()))

    def overlaid(stored: Facts) -> Facts:
        return np.concatenate([fresh, stored[~np.isin(stored["ticket"], tickets)]])

    asked = overlaid(_near(np.concatenate([before, fresh])))
    pool = overlaid(_near(asked[~np.isnan(asked["fixed_at"])]))
    found = with_followers(asked, pool)
    is_new = np.isin(found["ticket"], tickets)
    was, becomes = asked["followed_at"], found["followed_at"]
    changed: Facts = found[is_new | ((was != becomes) & ~(np.isnan(was) & np.isnan(becomes)))]
    return changed


def _near(facts: Facts) -> Facts:
    """Return the stored facts that may be at the same place as one of these."""
    placed = facts[~np.isnan(facts["lat"])]
    cells = cells_in_reach(placed["lat"], placed["lon"]).tolist()
    households = np.unique(facts["household"][facts["household"] != NONE]).tolist()
    found = facts_of(
        [*_found(TicketFact.cell, cells), *_found(TicketFact.household_id, households)]
    )
    _, firsts = np.unique(found["ticket"], return_index=True)
    once: Facts = found[firsts]
    return once


def _found(column: Any, values: list[int]) -> Iterator[bytes]:
    for some in _parts(values):
        yield from _packed(select(TicketFact.fact).where(column.in_(some)))


def _packed(statement: Any) -> Iterator[bytes]:
    """Return facts as the driver hands them over; SQLAlchemy's own objects double the time."""
    done: Any = current_connection().execute(statement)
    return chain.from_iterable(done.cursor.fetchall())


def _parts(values: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(values), ROWS_AT_ONCE):
        yield values[start : start + ROWS_AT_ONCE]
