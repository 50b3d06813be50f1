"""Why were repairs of a view not fixed the first time, and what would a bring list have saved?"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import select

from dispatch.domain.bring_savings import ReturnVisit, Savings, is_saved, savings
from dispatch.domain.fact_figures import Columns, Tally
from dispatch.domain.facts import NONE, number_of
from dispatch.domain.figures import By
from dispatch.domain.microseconds import micros
from dispatch.domain.return_visits import FIX_COLUMNS, WHYS, fix_rows, is_judged, whys_of
from dispatch.domain.ticket_state import ticket_number
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.models.places import Grid
from dispatch.models.tickets import Ticket
from dispatch.queries.fact_groups import names_in
from dispatch.queries.facts import Moment, facts_for
from dispatch.queries.figure_looks import last_event
from dispatch.queries.kept_answers import kept_when_large
from dispatch.queries.return_visits import among, return_visits_among
from dispatch.queries.stories import end_reading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from numpy.typing import NDArray

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
        savings=savings(view.returns),
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
    missing = _missing(view.returns)
    found = [
        ReturnTicket(
            number=ticket_number(row.id),
            received_at=row.received_at,
            category=row.category,
            pipe_mm=row.pipe_mm,
            grid=row.name,
            crew=crews.get(crew_of.get(row.id, NONE)),
            why=WHYS[why.get(row.id, 0)],
            lacked=tuple(sorted(missing[row.id].lacked)) if row.id in missing else (),
            seconds=missing[row.id].seconds if row.id in missing else None,
        )
        for row in _ticket_rows(ids)
    ]
    found.sort(key=lambda one: (one.received_at, one.number), reverse=True)
    return found


@dataclass(slots=True)
class _Missing:
    """What the visits of a ticket lacked, and how long the return visits that have ended took."""

    lacked: set[tuple[str, bool]] = field(default_factory=set)
    seconds: float | None = None


def _missing(returns: list[ReturnVisit]) -> dict[int, _Missing]:
    found: dict[int, _Missing] = {}
    for one in returns:
        mine = found.setdefault(one.ticket, _Missing())
        mine.lacked |= {(item, item in one.named) for item in one.lacked}
        if one.seconds is not None:
            mine.seconds = (mine.seconds or 0.0) + one.seconds
    return found


def _asked(view: _View, behind: Behind, key: str) -> set[int]:
    """Return the tickets that one row counts as not fixed the first time."""
    if behind is Behind.PART:
        return {one.ticket for one in view.returns if key in one.lacked}
    if behind is Behind.LIST:
        return {one.ticket for one in view.returns if _of_list(one) == key}
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


def _of_list(one: ReturnVisit) -> OfList:
    if not one.lacked:
        return OfList.UNWRITTEN
    return OfList.NAMED if is_saved(one) else OfList.NOT_NAMED


def _read(period: Period, scope: Scope, filters: FigureFilters, now: datetime) -> _View:
    names, moment = FIX_COLUMNS | {"pipe", "crew"}, Moment(now)
    facts = facts_for(
        period.from_at, period.to_at, scope, filters, now=now, moment=moment, names=names
    )
    facts = facts[facts["received_at"] >= micros([period.from_at])]
    judged = facts[is_judged(facts)]
    returns = return_visits_among(facts["ticket"], moment.ahead.tickets)
    return _View(facts, judged, whys_of(judged), returns)


def _rows(column: Any, whys: Ints, words: dict[int, str] | None = None) -> list[FixRow]:
    values = np.unique(column)
    known: list[Any] = [None if value == NONE else value for value in values.tolist()]
    keys = known if words is None else [words.get(value) for value in values.tolist()]
    return fix_rows(keys, np.searchsorted(values, column), whys)


def _crew_names() -> dict[int, tuple[str, str | None]]:
    rows = db.session.execute(select(Crew.id, Crew.name, Crew.name_zh).order_by(Crew.id))
    return {row.id: (row.name, row.name_zh) for row in rows}


def _ticket_rows(ids: list[int]) -> Iterator[Any]:
    for is_one in among(Ticket.id, ids):
        yield from db.session.execute(
            select(Ticket.id, Ticket.received_at, Ticket.category, Ticket.pipe_mm, Grid.name)
            .outerjoin(Grid, Grid.id == Ticket.grid_id)
            .where(is_one)
            .order_by(Ticket.id)
        )
