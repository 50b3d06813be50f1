"""Which problems are common in a view, and is somebody putting them right already?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import and_, select

from dispatch.domain.common_problems import (
    Repeated,
    Told,
    clusters,
    repeated,
    repeated_words,
)
from dispatch.domain.exclusions import Exclusion
from dispatch.domain.facts import EXCLUSIONS, NONE, number_of
from dispatch.domain.microseconds import micros
from dispatch.domain.nearby_calls import Spots
from dispatch.domain.permissions import RULE
from dispatch.domain.rectification import ItemState
from dispatch.domain.ticket_state import ticket_number
from dispatch.domain.typed_address import building_of, read_address, street_of
from dispatch.models.base import db
from dispatch.models.places import Grid, Household
from dispatch.models.rectification import Rectification
from dispatch.models.tickets import Report, Ticket
from dispatch.queries.facts import facts_for
from dispatch.queries.stories import ROWS_AT_ONCE, end_reading, narrowed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from dispatch.domain.facts import Facts
    from dispatch.domain.periods import Period
    from dispatch.domain.permissions import Scope
    from dispatch.queries.stories import FigureFilters

MOST_TEXTS = 20_000
"""The newest tickets of a period whose texts are read."""
MOST_SHOWN = 50
_NOT_ANOTHER = [EXCLUSIONS.index(why) for why in (Exclusion.DUPLICATE, Exclusion.CANCELLED)]


class ProblemKind(StrEnum):
    """What the tickets of a common problem share."""

    CLUSTER = "cluster"
    STREET = "street"
    BUILDING = "building"
    GRID = "grid"
    CATEGORY = "category"
    WORD = "word"
    HOUSEHOLD = "household"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One common problem: its tickets, the newest first, and how many there were before.

    `name` is what they share as it is written down, `key` how an address of the page names it.
    `callers` is how many different people told of it, None where that is not looked at. `category`
    and `usual` belong to a cluster.
    """

    kind: ProblemKind
    key: str
    name: str | None
    tickets: tuple[int, ...]
    before: int
    callers: int | None = None
    category: str | None = None
    usual: float | None = None

    @property
    def n(self) -> int:
        """Return how many tickets it has."""
        return len(self.tickets)


@dataclass(frozen=True, slots=True)
class Problems:
    """The common problems of a view by kind; `unread` counts tickets whose texts were not read."""

    as_of: datetime
    n: int
    before: int
    by_kind: dict[ProblemKind, tuple[Problem, ...]]
    unread: int


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


def problems_in(period: Period, scope: Scope, filters: FigureFilters, *, now: datetime) -> Problems:
    """Return the common problems of a view, each kind the most frequent first."""
    earlier = period.before
    facts = facts_for(earlier.from_at, period.to_at, scope, filters, now=now)
    facts = facts[~np.isin(facts["outcome"], _NOT_ANOTHER)]
    first, start = micros([earlier.from_at, period.from_at])
    inside = facts[facts["received_at"] >= start]
    outside = facts[(facts["received_at"] >= first) & (facts["received_at"] < start)]
    told = [_told(part, span, scope, filters) for part, span in _spans(inside, outside, period)]
    names = _names()
    end_reading()
    return Problems(
        now,
        inside.size,
        outside.size,
        {
            ProblemKind.CLUSTER: _clusters(inside, outside, period.days, names),
            **_places(told),
            ProblemKind.GRID: _column(ProblemKind.GRID, inside, outside, names),
            ProblemKind.CATEGORY: _column(ProblemKind.CATEGORY, inside, outside, names),
            ProblemKind.WORD: _words(told),
            ProblemKind.HOUSEHOLD: _column(ProblemKind.HOUSEHOLD, inside, outside, names),
        },
        max(0, inside.size - MOST_TEXTS),
    )


def items_of(problems: Iterable[Problem]) -> dict[int, OpenItem]:
    """Return the items that people opened for tickets of these problems, by ticket."""
    wanted = {ticket for each in problems for ticket in each.tickets}
    rows = db.session.scalars(
        select(Rectification)
        .where(Rectification.state != ItemState.SIGNED_OFF, Rectification.opened_by != RULE.name)
        .order_by(Rectification.id)
    )
    return {
        row.ticket_id: OpenItem(
            item=row.id, ticket=row.ticket_id, due_at=row.due_at, responsible=row.responsible
        )
        for row in rows
        if row.ticket_id in wanted
    }


def problem_tickets(problem: Problem) -> list[ProblemTicket]:
    """Return the tickets of a problem, the newest call first."""
    found = []
    for some in _parts(list(problem.tickets)):
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
            .where(Ticket.id.in_(some))
        )
        found += [
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
    return sorted(found, key=lambda one: (one.received_at, one.id), reverse=True)


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
    newest = np.sort(part["ticket"])[-MOST_TEXTS:]
    asked = set(newest.tolist())
    if not asked:
        return []
    mine = narrowed(
        select(Ticket.id).where(
            Ticket.id >= min(asked),
            and_(Ticket.received_at >= period.from_at, Ticket.received_at < period.to_at),
        ),
        scope,
        filters,
    )
    around = _reports(mine)
    rows = db.session.execute(
        select(
            Ticket.id, Ticket.address, Ticket.description, Ticket.household_id,
            Household.name, Household.address,
        )
        .outerjoin(Household, Household.id == Ticket.household_id)
        .where(Ticket.id.in_(mine))
        .order_by(Ticket.id)
    )  # fmt: skip
    found = []
    for ticket, address, description, household, name, other_address in rows:
        if ticket not in asked:
            continue
        reports = around.get(ticket, [])
        texts = (description, *(text for text, _, _ in reports))
        private = (address, name, other_address, *(who for _, who, _ in reports))
        people = frozenset(phone for _, _, phone in reports if phone)
        nobody = ("household", household) if household else ("ticket", ticket)
        callers: frozenset[Any] = people or frozenset({nobody})
        told = Told(ticket, texts, tuple(each for each in private if each), callers)
        found.append((told, address))
    return found


def _reports(mine: Any) -> dict[int, list[tuple[str, str | None, str | None]]]:
    rows = db.session.execute(
        select(Report.ticket_id, Report.description, Report.name, Report.phone)
        .where(Report.ticket_id.in_(mine))
        .order_by(Report.ticket_id, Report.id)
    )
    found: dict[int, list[tuple[str, str | None, str | None]]] = {}
    for ticket, description, name, phone in rows:
        found.setdefault(ticket, []).append((description, name, phone))
    return found


def _places(
    told: Sequence[Sequence[tuple[Told, str]]],
) -> dict[ProblemKind, tuple[Problem, ...]]:
    """Return the streets and the buildings that come again; differently written ones are one."""
    callers = {one.ticket: one.callers for one, _ in told[0]}
    found = {}
    for kind, written in ((ProblemKind.STREET, street_of), (ProblemKind.BUILDING, building_of)):
        names: dict[str, str] = {}
        keyed: list[list[tuple[str, int]]] = [[], []]
        for pairs, part in zip(keyed, told, strict=True):
            for one, address in part:
                name = written(address)
                if not name:
                    continue
                typed = read_address(name)
                key = "-".join((typed.compact, *typed.numbers[:1]))
                names.setdefault(key, name)
                pairs.append((key, one.ticket))
        rows = repeated(keyed[0], (key for key, _ in keyed[1]), callers)
        found[kind] = tuple(
            _problem(kind, row, names[str(row.key)]) for row in rows[:MOST_SHOWN] if row.key
        )
    return found


def _words(told: Sequence[Sequence[tuple[Told, str]]]) -> tuple[Problem, ...]:
    now, before = ([one for one, _ in part] for part in told)
    rows = repeated_words(now, before)[:MOST_SHOWN]
    return tuple(_problem(ProblemKind.WORD, row, str(row.key)) for row in rows)


def _column(
    kind: ProblemKind, inside: Facts, outside: Facts, names: dict[ProblemKind, dict[int, str]]
) -> tuple[Problem, ...]:
    """Return what comes again in one column of the facts."""
    column = str(kind)
    known = inside[inside[column] != NONE]
    pairs = zip(known[column].tolist(), known["ticket"].tolist(), strict=True)
    rows = repeated(pairs, outside[column].tolist())[:MOST_SHOWN]
    called = names.get(kind, {})
    return tuple(
        _problem(kind, row, called.get(int(str(row.key))), is_category=kind is ProblemKind.CATEGORY)
        for row in rows
    )


def _problem(
    kind: ProblemKind, row: Repeated, name: str | None, *, is_category: bool = False
) -> Problem:
    return Problem(
        kind=kind,
        key=(name or "") if is_category else str(row.key),
        name=name,
        tickets=row.tickets,
        before=row.before,
        callers=row.callers,
    )


def _clusters(
    inside: Facts, outside: Facts, days: int, names: dict[ProblemKind, dict[int, str]]
) -> tuple[Problem, ...]:
    found = clusters(_spots(inside), _spots(outside), max(days, 1), most=MOST_SHOWN)
    words = names[ProblemKind.CATEGORY]
    return tuple(
        Problem(
            kind=ProblemKind.CLUSTER,
            key=ticket_number(one.first),
            name=ticket_number(one.first),
            tickets=one.tickets,
            before=one.before,
            category=words.get(one.category),
            usual=one.usual,
        )
        for one in found
    )


def _spots(facts: Facts) -> Spots:
    placed = facts[~np.isnan(facts["lat"])]
    names = ("ticket", "category", "lat", "lon", "received_at")
    return Spots(*(placed[name] for name in names))


def _names() -> dict[ProblemKind, dict[int, str]]:
    grids = db.session.execute(select(Grid.id, Grid.name).order_by(Grid.id))
    words = db.session.scalars(select(Ticket.category).distinct())
    return {
        ProblemKind.GRID: {row.id: row.name for row in grids},
        ProblemKind.CATEGORY: {number_of(word): word for word in words},
    }


def _parts(values: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(values), ROWS_AT_ONCE):
        yield values[start : start + ROWS_AT_ONCE]
