"""What do the tickets of a range add to the figures, to the moment and without reading each story?

The table of facts is brought up to date by a job. What has changed since is worked out here while
it is read, so that an answer is never older than its question.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import and_, func, literal, select, text, union_all

from dispatch.domain.fact_columns import BLOCK_US, FactColumns, Part
from dispatch.domain.facts import NONE, facts_of, number_of, received_or_waiting, with_followers
from dispatch.domain.microseconds import micros
from dispatch.domain.same_place import are_near, cells_in_reach
from dispatch.domain.wall_clock import falls_into
from dispatch.models.base import AS_BYTES, current_connection, db
from dispatch.models.facts import WAITED_LONG, FactDue, TicketFact
from dispatch.models.people import Team
from dispatch.models.places import Grid
from dispatch.models.tickets import Ticket
from dispatch.queries.fact_blocks import IS_LOOSE, IS_ROW, Lines, blocks_of, said_of, spans_of
from dispatch.queries.scoping import in_scope
from dispatch.queries.stories import ALL_TICKETS, ROWS_AT_ONCE, facts_now

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from numpy.typing import NDArray

    from dispatch.domain.fact_columns import Block
    from dispatch.domain.facts import Rows
    from dispatch.domain.permissions import Scope
    from dispatch.queries.fact_blocks import Span
    from dispatch.queries.stories import FigureFilters


NARROWED_BY = frozenset({"ticket", "received_at", "team", "grid", "category", "level", "storm"})
"""The columns that a range and its filters look at."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What the tables say and the facts do not yet.

    `seen` are the numbers of the changes that were looked at, `tickets` those they were made to,
    `facts` their rows, and those of tickets to whose place they came, as they must be from now on.
    """

    seen: list[int]
    tickets: NDArray[np.int64]
    facts: Rows


@dataclass(frozen=True)
class Moment:
    """When a question is asked; what facts do not say yet is read once for all of it."""

    now: datetime

    @cached_property
    def ahead(self) -> Ahead:
        """Return what the tables say and the facts do not yet."""
        return facts_ahead(self.now, is_asking=True)

    @cached_property
    def replaced(self) -> NDArray[np.int64]:
        """Return the tickets whose stored facts are not asked."""
        return np.union1d(self.ahead.tickets, self.ahead.facts["ticket"])


def facts_for(
    from_at: datetime,
    to_at: datetime,
    scope: Scope,
    filters: FigureFilters = ALL_TICKETS,
    *,
    now: datetime,
    moment: Moment | None = None,
    names: frozenset[str] = frozenset(),
) -> FactColumns:
    """Return the facts of tickets received from `from_at` and before `to_at`, or waiting by then.

    Besides those received in the range these are the tickets received before it that were not
    closed when it began; past tickets that were imported without a close are not work that waits.
    `moment` is given where more is asked at once, `names` where few columns are looked at besides
    those that facts are narrowed by.
    """
    begin, end = (int(at) for at in micros([from_at, to_at]).tolist())
    moment = moment or Moment(now)
    ahead, replaced = moment.ahead, moment.replaced
    asked = _asked_for(scope, filters)
    fresh = ahead.facts[received_or_waiting(ahead.facts, begin, end)]
    parts = [_narrowed(fresh, np.ones(fresh.size, dtype=np.bool_), asked)]
    for source, is_meant in _stored(begin, end, names and names | NARROWED_BY):
        is_stored = is_meant & ~is_among(source["ticket"], replaced)
        parts.append(_narrowed(source, is_stored, asked))
    found = FactColumns(parts)
    part = filters.part_of_week
    return found if part is None else found[falls_into(found["received_at"], part)]


def _asked_for(scope: Scope, filters: FigureFilters) -> dict[str, NDArray[Any]]:
    """Return which values a fact may have, by column, to be asked for and be seen."""
    found: dict[str, Any] = {}
    for name, table in (("team", Team), ("grid", Grid)):
        if (word := getattr(filters, name)) is not None:
            found[name] = list(db.session.scalars(select(table.id).where(table.name == word)))
    if filters.category is not None:
        found["category"] = [number_of(filters.category)]
    if filters.level is not None:
        found["level"] = [filters.level]
    if filters.storm is not None:
        found["storm"] = [filters.storm]
    if not scope.everything:
        found["ticket"] = list(db.session.scalars(in_scope(select(Ticket.id), scope.shared)))
    return {name: np.unique(np.array(each)) for name, each in found.items()}


def _narrowed(source: Any, is_meant: NDArray[np.bool_], asked: dict[str, NDArray[Any]]) -> Part:
    for name, values in asked.items():
        is_meant &= is_among(source[name], values)
    return Part(source, None, int(source.size)).narrowed(is_meant)


def is_among(column: NDArray[Any], values: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell which numbers are among a few; `values` are in order."""
    if not values.size:
        return np.zeros(column.size, dtype=np.bool_)
    places = np.minimum(np.searchsorted(values, column), values.size - 1)
    found: NDArray[np.bool_] = values[places] == column
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


def facts_received(begin: int, end: int) -> Rows:
    """Return the stored facts of tickets received from `begin` and before `end`."""
    is_asked = and_(TicketFact.received_us >= begin, TicketFact.received_us < end)
    return facts_of(_packed(select(TicketFact.fact).where(is_asked)))


def facts_waiting() -> int:
    """Count the changes that the table of facts does not hold yet."""
    return db.session.scalar(select(func.count()).select_from(FactDue)) or 0


def _stored(begin: int, end: int, names: frozenset[str]) -> Iterator[tuple[Any, NDArray[np.bool_]]]:
    """Yield what is stored of a range: rows and blocks, and which facts of each are meant."""
    spans, blocks, lines = _one_reading(begin, end, names)
    rows = lines.facts(IS_ROW, IS_LOOSE)
    yield rows, np.ones(rows.size, dtype=np.bool_)
    for span, block in zip(spans, blocks, strict=True):
        received = block["received_at"]
        is_right = ~is_among(block["ticket"], lines.loose(span.number))
        yield block, is_right & (received >= span.begin) & (received < span.end)


def _one_reading(
    begin: int, end: int, names: frozenset[str]
) -> tuple[list[Span], list[Block], Lines]:
    """Read blocks and rows of one moment; no blocks where they are written anew all the time."""
    for spans in (spans_of(begin, end), spans_of(begin, end), []):
        blocks = blocks_of(spans, names)
        # One statement, so that a roll-up in between can neither hide a ticket nor show it twice.
        done: Any = current_connection().execute(
            union_all(*all_at_once(begin, end, spans)), execution_options=AS_BYTES
        )
        lines = Lines(done.cursor.fetchall())
        if blocks is not None and lines.digests == {span.number: span.digest for span in spans}:
            break
    return spans, blocks or [], lines


def all_at_once(begin: int, end: int, spans: list[Span]) -> list[Any]:
    """Return what reads the facts of a range that are in no block of these, and what is loose."""
    received, closed = TicketFact.received_us, TicketFact.closed_us
    asked = [
        and_(received < begin, received >= begin - BLOCK_US, closed >= begin),
        # Few wait longer. The sum keeps their own index from being passed over for that of calls.
        and_(received + 0 < begin - BLOCK_US, closed >= begin, text(WAITED_LONG)),
        and_(received < begin, closed.is_(None), TicketFact.is_open),
    ]
    edges = [begin, *(edge for span in spans for edge in (span.begin, span.end)), end]
    asked += [
        and_(received >= start, received < stop)
        for start, stop in zip(edges[::2], edges[1::2], strict=True)
        if start < stop
    ]
    rows = select(literal(IS_ROW), literal(0), TicketFact.ticket_id, TicketFact.fact)
    return [*(rows.where(each) for each in asked), *said_of(spans)]


def _with_neighbours(fresh: Rows, tickets: NDArray[np.int64]) -> Rows:
    """Return the changed facts, and those of tickets that are followed otherwise because of them.

    Where a ticket was before counts as well as where it is now: it may have moved, or be gone.
    """
    before = facts_of(_found(TicketFact.ticket_id, tickets.tolist()))
    anchors = np.concatenate([before, fresh])
    around = _near(anchors)
    around = around[~np.isin(around["ticket"], tickets) & _is_with(around, anchors)]
    found = with_followers(fresh, np.concatenate([fresh, around]))
    sooner = with_followers(around, fresh)["followed_at"]
    # Whom a changed ticket followed may be followed by any other now; only for these few is it
    # worth while to look at what lies around each.
    is_lost = np.isin(around["followed_at"], before["received_at"])
    is_sooner = ~is_lost & ~(sooner >= around["followed_at"]) & ~np.isnan(sooner)
    earlier = around[is_sooner]
    earlier["followed_at"] = sooner[is_sooner]
    lost = around[is_lost]
    pool = _near(lost)
    anew = with_followers(lost, np.concatenate([fresh, pool[~np.isin(pool["ticket"], tickets)]]))
    is_other = _differ(lost["followed_at"], anew["followed_at"])
    return np.concatenate([found, earlier, anew[is_other]])


def _is_with(around: Rows, anchors: Rows) -> NDArray[np.bool_]:
    """Tell which of the tickets that were found by cell are at the place of one of the others."""
    households = anchors["household"][anchors["household"] != NONE]
    is_near = are_near(around["lat"], around["lon"], anchors["lat"], anchors["lon"])
    found: NDArray[np.bool_] = is_near | np.isin(around["household"], households)
    return found


def _differ(was: NDArray[np.float64], becomes: NDArray[np.float64]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (was != becomes) & ~(np.isnan(was) & np.isnan(becomes))
    return found


def _near(facts: Rows) -> Rows:
    """Return the stored facts that may be at the same place as one of these."""
    placed = facts[~np.isnan(facts["lat"])]
    cells = cells_in_reach(placed["lat"], placed["lon"]).tolist()
    households = np.unique(facts["household"][facts["household"] != NONE]).tolist()
    found = facts_of(
        [*_found(TicketFact.cell, cells), *_found(TicketFact.household_id, households)]
    )
    _, firsts = np.unique(found["ticket"], return_index=True)
    once: Rows = found[firsts]
    return once


def _found(column: Any, values: list[int]) -> Iterator[bytes]:
    for some in _parts(values):
        yield from _packed(select(TicketFact.fact).where(column.in_(some)))


def _packed(statement: Any) -> Iterator[bytes]:
    """Return facts as the driver hands them over; SQLAlchemy's own objects double the time."""
    done: Any = current_connection().execute(statement, execution_options=AS_BYTES)
    return chain.from_iterable(done.cursor.fetchall())


def _parts(values: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(values), ROWS_AT_ONCE):
        yield values[start : start + ROWS_AT_ONCE]
