"""Which problems are common in a view, and is somebody putting them right already?"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import and_, select

from dispatch.domain.common_problems import (
    Repeated,
    repeated,
    repeated_numbers,
    repeated_words,
)
from dispatch.domain.exclusions import Exclusion
from dispatch.domain.facts import EXCLUSIONS, number_of
from dispatch.domain.microseconds import micros
from dispatch.domain.permissions import RULE
from dispatch.domain.rectification import ItemState
from dispatch.domain.said_words import Told
from dispatch.domain.ticket_state import ticket_number
from dispatch.domain.typed_address import places_of
from dispatch.models.base import current_connection, db
from dispatch.models.places import Grid, Household
from dispatch.models.rectification import Rectification
from dispatch.models.tickets import Report, Ticket
from dispatch.queries.facts import facts_for, is_among
from dispatch.queries.figure_looks import last_event
from dispatch.queries.kept_answers import kept_when_large
from dispatch.queries.stories import ROWS_AT_ONCE, end_reading, narrowed, without_collecting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from dispatch.domain.facts import Facts
    from dispatch.domain.periods import Period
    from dispatch.domain.permissions import Scope
    from dispatch.queries.stories import FigureFilters

    Ints = NDArray[np.int64]

MOST_TEXTS = 20_000
"""The newest tickets of a period whose texts are read."""
MOST_SHOWN = 50
MANY_TEXTS = 10_000
"""So many tickets take a quarter of a second, most of it for their texts."""
_HOW_SPARSE = 2
"""Where fewer than one ticket in so many is asked for, the reports of the others are not read."""
_NOT_ANOTHER = [EXCLUSIONS.index(why) for why in (Exclusion.DUPLICATE, Exclusion.CANCELLED)]


_COLUMNS = frozenset({"ticket", "category", "grid", "household"})


class ProblemKind(StrEnum):
    """What the tickets of a common problem share."""

    CLUSTER = "cluster"
    STREET = "street"
    BUILDING = "building"
    GRID = "grid"
    CATEGORY = "category"
    WORD = "word"
    HOUSEHOLD = "household"


_BY_COLUMN = (ProblemKind.GRID, ProblemKind.CATEGORY, ProblemKind.HOUSEHOLD)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One common problem: how many tickets it has, and how many there were before.

    `name` is what they share as it is written down, `key` how an address of the page names it.
    `callers` is how many different people told of it, None where that is not looked at. `category`
    and `usual` belong to a cluster. `find` gives the tickets; most are never asked for.
    """

    kind: ProblemKind
    key: str
    name: str | None
    n: int
    before: int
    find: Callable[[], Ints] = field(repr=False, compare=False)
    callers: int | None = None
    category: str | None = None
    usual: float | None = None

    @cached_property
    def tickets(self) -> Ints:
        """Return its tickets, the newest first."""
        return np.sort(self.find())[::-1]

    def among(self, tickets: Iterable[int]) -> list[int]:
        """Return which of some tickets it has."""
        asked = np.array(list(tickets), dtype=np.int64)
        found: list[int] = asked[is_among(asked, self.tickets[::-1])].tolist() if asked.size else []
        return found


@dataclass(frozen=True, slots=True)
class Problems:
    """The common problems of a view by kind; `unread` counts tickets whose texts were not read."""

    as_of: datetime
    event: int
    n: int
    before: int
    by_kind: dict[ProblemKind, tuple[Problem, ...]]
    unread: int
    calls: Facts = field(compare=False)

    def calls_of(self, problem: Problem) -> Ints:
        """Return the tickets of a problem, the newest call first."""
        mine = np.flatnonzero(is_among(self.calls["ticket"], problem.tickets[::-1]))
        tickets = self.calls["ticket"][mine]
        order = np.lexsort((tickets, self.calls["received_at"][mine]))
        newest: Ints = tickets[order[::-1]]
        return newest


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """An item that a person opened for a ticket and nobody has signed off yet."""

    item: int
    ticket: int
    due_at: datetime
    responsible: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemTicket:
    """A ticket of a common problem, without anybody's personal data."""

    id: int
    number: str
    received_at: datetime
    category: str
    state: str
    level: int
    grid: str | None


@kept_when_large(lambda found: found.n, least=MANY_TEXTS)
def problems_in(period: Period, scope: Scope, filters: FigureFilters, *, now: datetime) -> Problems:
    """Return the common problems of a view, each kind the most frequent first; no clusters.

    `circle_clusters.clusters_in` finds those.
    """
    event = last_event()
    inside, outside = calls_of(period, scope, filters, _COLUMNS, now=now)
    with without_collecting():
        told = [_told(part, span, scope, filters) for part, span in _spans(inside, outside, period)]
        end_reading()
        found = {**_places(told), ProblemKind.WORD: _words(told)}
        del told
    found |= {kind: _column(kind, inside, outside) for kind in _BY_COLUMN}
    unread = max(0, inside.size - MOST_TEXTS)
    return Problems(now, event, inside.size, outside.size, found, unread, inside)


def calls_of(
    period: Period, scope: Scope, filters: FigureFilters, names: frozenset[str], *, now: datetime
) -> tuple[Facts, Facts]:
    """Return some columns of the tickets of a view, and of those of as many days before.

    In: open ones too. Out: duplicates and cancelled ones.
    """
    earlier = period.before
    asked = names | {"received_at", "outcome"}
    facts = facts_for(earlier.from_at, period.to_at, scope, filters, now=now, names=asked)
    first, start = micros([earlier.from_at, period.from_at])
    received = facts["received_at"]
    is_counted = ~np.isin(facts["outcome"], _NOT_ANOTHER) & (received >= first)
    inside, outside = (facts[is_counted & part] for part in (received >= start, received < start))
    return inside, outside


def items_of(problems: Iterable[Problem]) -> dict[int, OpenItem]:
    """Return the items that people opened for tickets of these problems, by ticket."""
    rows = db.session.scalars(
        select(Rectification)
        .where(Rectification.state != ItemState.SIGNED_OFF, Rectification.opened_by != RULE.name)
        .order_by(Rectification.id)
    )
    found = {
        row.ticket_id: OpenItem(
            item=row.id, ticket=row.ticket_id, due_at=row.due_at, responsible=row.responsible
        )
        for row in rows
    }
    wanted = {ticket for problem in problems for ticket in problem.among(found)}
    return {ticket: item for ticket, item in found.items() if ticket in wanted}


def problem_tickets(tickets: Sequence[int]) -> list[ProblemTicket]:
    """Return some tickets of a problem, a page of them, the newest call first."""
    rows = db.session.execute(
        select(
            Ticket.id,
            Ticket.received_at,
            Ticket.category,
            Ticket.state,
            Ticket.level,
            Grid.name,
        )
        .outerjoin(Grid, Grid.id == Ticket.grid_id)
        .where(Ticket.id.in_(tickets))
        .order_by(Ticket.received_at.desc(), Ticket.id.desc())
    )
    return [
        ProblemTicket(
            id=row.id,
            number=ticket_number(row.id),
            received_at=row.received_at,
            category=row.category,
            state=row.state,
            level=row.level,
            grid=row.name,
        )
        for row in rows
    ]


def households_named(problems: Iterable[Problem]) -> dict[str, tuple[str, str]]:
    """Return account and address of households; only for those who may see personal data."""
    wanted = [int(each.key) for each in problems]
    rows = db.session.execute(
        select(Household.id, Household.account, Household.address).where(Household.id.in_(wanted))
    )
    return {str(row.id): (row.account, row.address) for row in rows}


def _spans(inside: Facts, outside: Facts, period: Period) -> list[tuple[Facts, Period]]:
    return [(inside, period), (outside, period.before)]


def _told(
    part: Facts, period: Period, scope: Scope, filters: FigureFilters
) -> list[tuple[Told, str]]:
    """Return texts and address of the newest tickets of a period, the oldest of them first."""
    newest = np.sort(part["ticket"])[-MOST_TEXTS:].tolist()
    if not newest:
        return []
    asked, first, last = set(newest), newest[0], newest[-1]
    is_meant = and_(
        Ticket.id.between(first, last),
        Ticket.received_at >= period.from_at,
        Ticket.received_at < period.to_at,
    )
    tickets = select(Ticket.id, Ticket.address, Ticket.description, Ticket.household_id)
    rows = _read(narrowed(tickets.where(is_meant), scope, filters).order_by(Ticket.id))
    reports = select(Report.ticket_id, Report.description, Report.name, Report.phone)
    if last - first < _HOW_SPARSE * len(newest):
        reports = reports.where(Report.ticket_id.between(first, last))
    else:
        joined = reports.join(Ticket, Ticket.id == Report.ticket_id).where(is_meant)
        reports = narrowed(joined, scope, filters)
    around: dict[int, list[Any]] = {}
    for report in _read(reports.order_by(Report.ticket_id, Report.id)):
        around.setdefault(report[0], []).append(report)
    households = _households({row[3] for row in rows if row[3] is not None})
    return [
        (_one_told(row, around.get(row[0], []), households), row[1])
        for row in rows
        if row[0] in asked
    ]


def _one_told(row: Any, reports: list[Any], households: dict[int, tuple[str, str]]) -> Told:
    ticket, address, description, household = row
    texts, people = [description], set()
    private = [each for each in (address, *households.get(household, ())) if each]
    for _, text, name, phone in reports:
        texts.append(text)
        if name:
            private.append(name)
        if phone:
            people.add(phone)
    nobody = ("household", household) if household else ("ticket", ticket)
    return Told(ticket, tuple(texts), tuple(private), frozenset(people or {nobody}))


def _households(asked: set[int]) -> dict[int, tuple[str, str]]:
    """Return name and address of some households."""
    asking = select(Household.id, Household.name, Household.address)
    found: dict[int, tuple[str, str]] = {}
    wanted = sorted(asked)
    for start in range(0, len(wanted), ROWS_AT_ONCE):
        some = Household.id.in_(wanted[start : start + ROWS_AT_ONCE])
        found |= {number: (name, address) for number, name, address in _read(asking.where(some))}
    return found


def _read(statement: Any) -> list[Any]:
    """Read very many rows, without the objects of a session."""
    return list(current_connection().execute(statement).all())


def _places(
    told: Sequence[Sequence[tuple[Told, str]]],
) -> dict[ProblemKind, tuple[Problem, ...]]:
    """Return the streets and the buildings that come again; differently written ones are one."""
    callers = {one.ticket: one.callers for one, _ in told[0]}
    # Not kept beyond the question: addresses of people may be erased.
    read = cache(places_of)
    found = {}
    for at, kind in enumerate((ProblemKind.STREET, ProblemKind.BUILDING)):
        now, before = (
            [(place, one.ticket) for one, address in part if (place := read(address)[at])]
            for part in told
        )
        names: dict[str, str] = {}
        for place, _ in (*now, *before):
            names.setdefault(place.key, place.name)
        pairs = ((place.key, ticket) for place, ticket in now if place.key)
        rows = repeated(pairs, (place.key for place, _ in before), callers, most=MOST_SHOWN)
        found[kind] = tuple(_problem(kind, row, names[str(row.key)]) for row in rows)
    return found


def _words(told: Sequence[Sequence[tuple[Told, str]]]) -> tuple[Problem, ...]:
    now, before = ([one for one, _ in part] for part in told)
    rows = repeated_words(now, before, most=MOST_SHOWN)
    return tuple(_problem(ProblemKind.WORD, row, str(row.key)) for row in rows)


def _column(kind: ProblemKind, inside: Facts, outside: Facts) -> tuple[Problem, ...]:
    """Return what comes again in one column of the facts."""
    column: Ints = inside[str(kind)]
    rows = repeated_numbers(column, outside[str(kind)], MOST_SHOWN)
    called = _names(kind, inside, [number for number, _, _ in rows])
    return tuple(
        Problem(
            kind=kind,
            key=called.get(number, "") if kind is ProblemKind.CATEGORY else str(number),
            name=called.get(number),
            n=n,
            before=before,
            find=partial(_tickets_with, inside, kind, number),
        )
        for number, n, before in rows
    )


def _tickets_with(facts: Facts, kind: ProblemKind, number: int) -> Ints:
    found: Ints = facts["ticket"][facts[str(kind)] == number]
    return found


def _problem(kind: ProblemKind, row: Repeated, name: str) -> Problem:
    return Problem(
        kind=kind,
        key=str(row.key),
        name=name,
        n=row.n,
        before=row.before,
        callers=row.callers,
        find=partial(np.array, row.tickets, dtype=np.int64),
    )


def _names(kind: ProblemKind, facts: Facts, numbers: list[int]) -> dict[int, str]:
    """Return what grids or categories are called."""
    if kind is ProblemKind.GRID:
        grids = db.session.execute(select(Grid.id, Grid.name).where(Grid.id.in_(numbers)))
        return {row.id: row.name for row in grids}
    return category_words(facts, numbers) if kind is ProblemKind.CATEGORY else {}


def category_words(facts: Facts, numbers: list[int]) -> dict[int, str]:
    """Return the words of categories that facts tell as numbers; each is read from a ticket."""
    column, tickets = facts["category"], facts["ticket"]
    some = [int(tickets[np.argmax(column == number)]) for number in numbers]
    words = db.session.scalars(select(Ticket.category).where(Ticket.id.in_(some)).distinct())
    return {number_of(word): word for word in words}
