"""Why were repairs of a view not fixed the first time, and what would a bring list have saved?"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import and_, bindparam, select

from dispatch.domain.bring_list import MOST_RECORDS
from dispatch.domain.bring_savings import (
    ReturnVisit,
    Savings,
    Trip,
    Written,
    is_saved,
    named_before,
    return_visits,
    savings,
)
from dispatch.domain.fact_figures import Columns, Tally
from dispatch.domain.facts import NONE, number_of
from dispatch.domain.figures import By
from dispatch.domain.microseconds import micros
from dispatch.domain.return_visits import FIX_COLUMNS, WHYS, fix_rows, is_judged, whys_of
from dispatch.domain.site_record import SiteFact, site_record
from dispatch.domain.ticket_state import EventKind, ticket_number
from dispatch.domain.visit_state import Cause, VisitState
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.models.places import Grid
from dispatch.models.tickets import KIT_EVENTS, LACKED_A_PART, Ticket, TicketEvent, Visit
from dispatch.queries.fact_groups import names_in
from dispatch.queries.facts import facts_for, is_among
from dispatch.queries.figure_looks import last_event
from dispatch.queries.kept_answers import kept_when_large
from dispatch.queries.stories import OUTCOMES, ROWS_AT_ONCE, end_reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from numpy.typing import NDArray
    from sqlalchemy import ColumnElement

    from dispatch.domain.facts import Facts
    from dispatch.domain.first_time_fix import FirstTimeFix
    from dispatch.domain.periods import Period
    from dispatch.domain.permissions import Scope
    from dispatch.domain.return_visits import FixRow
    from dispatch.queries.stories import FigureFilters

    Ints = NDArray[np.int64]


class Behind(StrEnum):
    """What a list of return visits is about."""

    WHY = "why"
    CATEGORY = "category"
    PIPE = "pipe"
    CREW = "crew"
    PART = "part"
    LIST = "list"


class OfList(StrEnum):
    """What a bring list would have done for a return visit."""

    NAMED = "named"
    NOT_NAMED = "not_named"
    UNWRITTEN = "unwritten"


@dataclass(frozen=True, slots=True, kw_only=True)
class Returns:
    """Everything the page shows; `crews` are the names of the crews by the keys of their rows."""

    as_of: datetime
    event: int
    total: FixRow
    fix: FirstTimeFix
    by_category: list[FixRow]
    by_pipe: list[FixRow]
    by_crew: list[FixRow]
    crews: dict[int, tuple[str, str | None]]
    savings: Savings


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnTicket:
    """A ticket behind a row: why it was not fixed the first time, and its return visits for parts.

    `lacked` are its missing parts, each with whether the bring list had named it.
    """

    number: str
    received_at: datetime
    category: str
    pipe_mm: int | None
    grid: str | None
    crew: tuple[str, str | None] | None
    why: str | None
    lacked: tuple[tuple[str, bool], ...]
    seconds: float | None


@dataclass(frozen=True, slots=True)
class _View:
    """The judged repairs of a view, and the return visits for want of a part of all its repairs."""

    facts: Facts
    judged: Facts
    whys: Ints
    returns: list[ReturnVisit]
    named: list[frozenset[str]]


@kept_when_large(lambda found: found.total.fixed.n)
def returns_in(period: Period, scope: Scope, filters: FigureFilters, *, now: datetime) -> Returns:
    """Return first-time fixes of a view by category, pipe and crew, and what was missing."""
    event = last_event()
    view = _read(period, scope, filters, now)
    words = names_in(view.judged, By.CATEGORY)[By.CATEGORY]
    crews = _crew_names()
    end_reading()
    one = np.zeros(view.judged.size, dtype=np.int64)
    everything = Tally(Columns(view.facts), np.zeros(view.facts.size, dtype=np.int64), 1, now)
    return Returns(
        as_of=now,
        event=event,
        total=fix_rows([None], one, view.whys)[0],
        fix=everything.first_time_fix()[0],
        by_category=_rows(view.judged["category"], view.whys, words),
        by_pipe=_rows(view.judged["pipe"], view.whys),
        by_crew=_rows(view.judged["crew"], view.whys),
        crews=crews,
        savings=savings(view.returns, view.named),
    )


def tickets_again(
    period: Period,
    scope: Scope,
    filters: FigureFilters,
    behind: tuple[Behind, str],
    *,
    now: datetime,
) -> list[ReturnTicket]:
    """Return the tickets behind one row that needed a second visit, the newest call first."""
    view = _read(period, scope, filters, now)
    ids = sorted(_asked(view, *behind), reverse=True)
    why = dict(zip(view.judged["ticket"].tolist(), view.whys.tolist(), strict=True))
    crew_of = dict(zip(view.judged["ticket"].tolist(), view.judged["crew"].tolist(), strict=True))
    crews = _crew_names()
    found = [
        ReturnTicket(
            number=ticket_number(row.id),
            received_at=row.received_at,
            category=row.category,
            pipe_mm=row.pipe_mm,
            grid=row.name,
            crew=crews.get(crew_of.get(row.id, NONE)),
            why=WHYS[why.get(row.id, 0)],
            **_missing(view, row.id),
        )
        for row in _ticket_rows(ids)
    ]
    found.sort(key=lambda one: (one.received_at, one.number), reverse=True)
    return found


def _missing(view: _View, ticket: int) -> dict[str, Any]:
    mine = [pair for pair in zip(view.returns, view.named, strict=True) if pair[0].ticket == ticket]
    known = [one.seconds for one, _ in mine if one.seconds is not None]
    lacked = {(item, item in named) for one, named in mine for item in one.lacked}
    return {"lacked": tuple(sorted(lacked)), "seconds": sum(known) if known else None}


def _asked(view: _View, behind: Behind, key: str) -> set[int]:
    """Return the tickets that one row counts as not fixed the first time."""
    pairs = list(zip(view.returns, view.named, strict=True))
    if behind is Behind.PART:
        return {one.ticket for one, _ in pairs if key in one.lacked}
    if behind is Behind.LIST:
        return {one.ticket for one, named in pairs if _of_list(one, named) == key}
    columns = {
        Behind.CATEGORY: (view.judged["category"], number_of(key)),
        Behind.PIPE: (view.judged["pipe"], _number(key)),
        Behind.CREW: (view.judged["crew"], _number(key)),
        Behind.WHY: (view.whys, WHYS.index(key) if key in WHYS else NONE),
    }
    column, wanted = columns[behind]
    again = (view.whys > 0) & (column == wanted)
    return set(view.judged["ticket"][again].tolist())


def _number(key: str) -> int:
    return int(key) if key.isascii() and key.isdigit() else NONE


def _of_list(one: ReturnVisit, named: frozenset[str]) -> OfList:
    if not one.lacked:
        return OfList.UNWRITTEN
    return OfList.NAMED if is_saved(one, named) else OfList.NOT_NAMED


def _read(period: Period, scope: Scope, filters: FigureFilters, now: datetime) -> _View:
    names = FIX_COLUMNS | {"pipe", "crew"}
    facts = facts_for(period.from_at, period.to_at, scope, filters, now=now, names=names)
    facts = facts[facts["received_at"] >= micros([period.from_at])]
    judged = facts[is_judged(facts)]
    returns = _returns(facts)
    return _View(
        facts,
        judged,
        whys_of(judged),
        returns,
        named_before(returns, _written(returns)) if returns else [],
    )


def _rows(column: Any, whys: Ints, words: dict[int, str] | None = None) -> list[FixRow]:
    values = np.unique(column)
    known: list[Any] = [None if value == NONE else value for value in values.tolist()]
    keys = known if words is None else [words.get(value) for value in values.tolist()]
    return fix_rows(keys, np.searchsorted(values, column), whys)


def _returns(facts: Facts) -> list[ReturnVisit]:
    """Return the visits that were needed for want of a part, of the repairs among these."""
    lacking = select(Visit.ticket_id).where(LACKED_A_PART).distinct()
    known = np.array(sorted(db.session.scalars(lacking)), dtype=np.int64)
    tickets = np.sort(facts["ticket"][is_among(facts["ticket"], known)]).tolist()
    lacked = _lacked(tickets)
    trips: dict[tuple[int, str, int | None], list[Trip]] = defaultdict(list)
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
    for is_theirs in _among(Visit.ticket_id, tickets):
        for row in db.session.execute(asked.where(is_theirs)):
            trip = Trip(
                row.id,
                row.dispatched_at,
                row.en_route_at,
                row.arrived_at,
                row.ended_at,
                lacked.get(row.id, frozenset()) if row.is_short else None,
            )
            trips[row.ticket_id, row.category, row.pipe_mm].append(trip)
    return [one for key, visits in trips.items() for one in return_visits(*key, visits)]


def _lacked(tickets: list[int]) -> dict[int | None, frozenset[str]]:
    """Return what visits wrote down that the next one needs, by visit."""
    told: dict[int, list[SiteFact]] = defaultdict(list)
    needed = _records().where(TicketEvent.kind == EventKind.NEXT_VISIT_NEEDS)
    for is_theirs in _among(TicketEvent.ticket_id, tickets):
        for row in db.session.execute(needed.where(is_theirs)):
            told[row.ticket_id].append(_fact(row))
    needs = [each for facts in told.values() for each in site_record(facts).needs]
    return {each.visit: frozenset(each.facts.get("parts", ())) for each in needs}


def _written(returns: Sequence[ReturnVisit]) -> list[Written]:
    """Return the records that any bring list of these instants could read, in their order."""
    asked = [one.asked_at for one in returns]
    newest = select(TicketEvent.id).where(KIT_EVENTS).order_by(TicketEvent.id.desc())
    oldest_read = db.session.scalar(
        newest.where(TicketEvent.recorded_at < min(asked)).offset(MOST_RECORDS - 1).limit(1)
    )
    read = select(TicketEvent.id).where(
        KIT_EVENTS, TicketEvent.id >= (oldest_read or 0), TicketEvent.recorded_at < max(asked)
    )
    rows = db.session.execute(
        _records(Ticket.category, Ticket.pipe_mm, TicketEvent.recorded_at)
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .where(TicketEvent.id.in_(read))
    )
    return [
        Written(row.ticket_id, row.category, row.pipe_mm, _fact(row), row.recorded_at)
        for row in rows
    ]


def _records(*columns: Any) -> Any:
    return select(
        TicketEvent.id,
        TicketEvent.ticket_id,
        TicketEvent.visit_id,
        TicketEvent.kind,
        TicketEvent.facts,
        TicketEvent.effective_at,
        *columns,
    ).order_by(TicketEvent.id)


def _fact(row: Any) -> SiteFact:
    return SiteFact(row.visit_id, row.kind, row.facts, row.effective_at, row.id)


def _crew_names() -> dict[int, tuple[str, str | None]]:
    rows = db.session.execute(select(Crew.id, Crew.name, Crew.name_zh).order_by(Crew.id))
    return {row.id: (row.name, row.name_zh) for row in rows}


def _ticket_rows(ids: list[int]) -> Iterator[Any]:
    for is_one in _among(Ticket.id, ids):
        yield from db.session.execute(
            select(Ticket.id, Ticket.received_at, Ticket.category, Ticket.pipe_mm, Grid.name)
            .outerjoin(Grid, Grid.id == Ticket.grid_id)
            .where(is_one)
            .order_by(Ticket.id)
        )


def _among(column: Any, values: list[int]) -> Iterator[ColumnElement[bool]]:
    """Yield conditions that name all values, thousands at a time, as numbers in the statement."""
    for start in range(0, len(values), ROWS_AT_ONCE):
        some = values[start : start + ROWS_AT_ONCE]
        yield column.in_(bindparam("some", some, expanding=True, literal_execute=True))
