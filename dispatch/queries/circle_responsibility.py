"""In whose hands did the tickets of a view break their promise, wait and change hands?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import select

from dispatch.domain.broken_facts import road_facts
from dispatch.domain.facts import holder_of
from dispatch.domain.microseconds import micros
from dispatch.domain.rectification import UNSETTLED, ItemState
from dispatch.domain.responsibility_figures import (
    MOST_HOPS,
    Hops,
    TicketHold,
    TicketItem,
    TicketReturn,
    broken_by_holder,
    hold_reasons,
    hops,
    item_figures,
    returned,
)
from dispatch.domain.samples import Share
from dispatch.domain.ticket_state import EventKind, ticket_number
from dispatch.models.base import db
from dispatch.models.people import Team
from dispatch.models.places import Grid
from dispatch.models.rectification import Rectification
from dispatch.models.tickets import Hold, Ticket, TicketEvent
from dispatch.queries.facts import facts_for
from dispatch.queries.responsibility import named_holders
from dispatch.queries.stories import ROWS_AT_ONCE, end_reading, narrowed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dispatch.domain.facts import Facts
    from dispatch.domain.periods import Period
    from dispatch.domain.permissions import Scope
    from dispatch.domain.responsibility import Holder
    from dispatch.domain.responsibility_figures import HoldRow, Items, Returned
    from dispatch.queries.stories import FigureFilters


class About(StrEnum):
    """What a list of tickets is about."""

    HOLDER = "holder"
    HOLD = "hold"
    RETURN = "return"
    TEAMS = "teams"
    CREWS = "crews"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class Responsibility:
    """The figures of a view; `holders` have the broken promises of each, and how it is called."""

    as_of: datetime
    tickets: int
    broken: Share
    holders: list[tuple[str, dict[str, Any] | None, int]]
    holds: list[HoldRow]
    returned: Returned
    teams: Hops
    crews: Hops
    items: Items


@dataclass(frozen=True, slots=True)
class _View:
    """What is read of a view: its facts, and how to narrow other tables to it."""

    period: Period
    scope: Scope
    filters: FigureFilters
    facts: Facts
    now: datetime

    @classmethod
    def read(cls, period: Period, scope: Scope, filters: FigureFilters, now: datetime) -> _View:
        facts = facts_for(period.from_at, period.to_at, scope, filters, now=now)
        facts = facts[facts["received_at"] >= micros([period.from_at])]
        return cls(period, scope, filters, facts, now)

    def holders(self) -> tuple[list[int], list[Holder | None], int]:
        """Return the tickets that broke the promise, who held each, and how many were due."""
        found = road_facts(self.facts, self.now)
        rows = found.rows[found.late]
        codes = zip(rows["holder_kind"].tolist(), rows["holder"].tolist(), strict=True)
        return rows["ticket"].tolist(), [holder_of(*code) for code in codes], found.rows.size

    def holds(self) -> list[TicketHold]:
        columns = (Hold.ticket_id, Hold.reason, Hold.from_at, Hold.to_at)
        return [TicketHold(*row) for row in self._of_tickets(columns, Hold.id)]

    def items(self) -> list[TicketItem]:
        columns = (Rectification.ticket_id, Rectification.state, Rectification.due_at)
        return [TicketItem(*row) for row in self._of_tickets(columns, Rectification.id)]

    def returns(self) -> list[TicketReturn]:
        tickets = self.facts["ticket"][self.facts["returns"] > 0].tolist()
        found: list[TicketReturn] = []
        for start in range(0, len(tickets), ROWS_AT_ONCE):
            some = TicketEvent.ticket_id.in_(tickets[start : start + ROWS_AT_ONCE])
            asked = select(TicketEvent.ticket_id, TicketEvent.note).where(
                some, TicketEvent.kind == EventKind.RETURNED
            )
            rows = db.session.execute(asked.order_by(TicketEvent.ticket_id, TicketEvent.id))
            found += [TicketReturn(ticket, (note or "").strip()) for ticket, note in rows]
        return found

    def _of_tickets(self, columns: tuple[Any, ...], order: Any) -> list[Any]:
        """Return rows of a table around the tickets of the view, in their order."""
        table = columns[0].class_
        asked = (
            select(*columns)
            .join(Ticket, Ticket.id == table.ticket_id)
            .where(
                Ticket.received_at >= self.period.from_at, Ticket.received_at < self.period.to_at
            )
            .order_by(order)
        )
        rows = db.session.execute(narrowed(asked, self.scope, self.filters)).all()
        mine = np.isin([row[0] for row in rows], self.facts["ticket"])
        return [row for row, is_mine in zip(rows, mine.tolist(), strict=True) if is_mine]


def responsibility_in(
    period: Period, scope: Scope, filters: FigureFilters, *, now: datetime
) -> Responsibility:
    """Return who held broken promises, why tickets waited, went back and changed hands."""
    view = _View.read(period, scope, filters, now)
    broken, holders, due = view.holders()
    counts = broken_by_holder(holders)
    named = named_holders({holder for holder in holders if holder is not None})
    holds, items, returns = view.holds(), view.items(), view.returns()
    end_reading()
    return Responsibility(
        as_of=now,
        tickets=view.facts.size,
        broken=Share(len(broken), due),
        holders=[
            (_key(holder), named[holder] if holder else None, count) for holder, count in counts
        ],
        holds=hold_reasons(holds, now),
        returned=returned(returns, view.facts.size),
        teams=hops(view.facts["teams"].tolist()),
        crews=hops(view.facts["crews"].tolist()),
        items=item_figures(items, now),
    )


def tickets_about(
    period: Period,
    scope: Scope,
    filters: FigureFilters,
    about: About,
    key: str,
    *,
    now: datetime,
) -> list[tuple[int, str]]:
    """Return the tickets behind a number, each with what it is listed for.

    That is the reason of a return, and the seconds of a hold as a whole number; else nothing.
    """
    view = _View.read(period, scope, filters, now)
    found: list[tuple[int, str]] = _LISTS[about](view, key)
    end_reading()
    return found


def shown_rows(tickets: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return what a list shows of some tickets, by their ids."""
    asked = (
        select(
            Ticket.id, Ticket.received_at, Ticket.category, Ticket.level,
            Grid.name.label("grid"), Team.name.label("team"),
        )
        .outerjoin(Grid, Grid.id == Ticket.grid_id)
        .outerjoin(Team, Team.id == Ticket.team_id)
        .where(Ticket.id.in_(tickets))
    )  # fmt: skip
    return {
        row["id"]: {**row, "number": ticket_number(row["id"])}
        for row in db.session.execute(asked).mappings()
    }


def _key(holder: Holder | None) -> str:
    return f"{holder.kind}:{holder.key}" if holder else "none"


def _held(view: _View, key: str) -> list[tuple[int, str]]:
    tickets, holders, _ = view.holders()
    pairs = zip(tickets, holders, strict=True)
    return [(ticket, "") for ticket, holder in pairs if _key(holder) == key]


def _paused(view: _View, key: str) -> list[tuple[int, str]]:
    seconds: dict[int, float] = {}
    for one in view.holds():
        if one.reason == key:
            seconds[one.ticket] = seconds.get(one.ticket, 0.0) + one.seconds(view.now)
    longest = sorted(seconds.items(), key=lambda one: (-one[1], one[0]))
    return [(ticket, f"{lasted:.0f}") for ticket, lasted in longest]


def _returned(view: _View, key: str) -> list[tuple[int, str]]:
    found = [one for one in view.returns() if key == "all"]
    return [(one.ticket, one.reason) for one in sorted(found, key=lambda one: one[::-1])]


def _taken_on(column: str) -> Any:
    def found(view: _View, key: str) -> list[tuple[int, str]]:
        takers = np.minimum(view.facts[column], MOST_HOPS)
        chosen = view.facts["ticket"][(takers > 0) & (takers.astype(str) == key)]
        return [(ticket, "") for ticket in sorted(chosen.tolist())]

    return found


def _listed(view: _View, key: str) -> list[tuple[int, str]]:
    def is_asked(item: TicketItem) -> bool:
        if key == "overdue":
            return item.is_overdue(view.now)
        return item.state in UNSETTLED if key == ItemState.OPEN else item.state == key

    return [(item.ticket, "") for item in view.items() if is_asked(item)]


_LISTS: dict[About, Any] = {
    About.HOLDER: _held,
    About.HOLD: _paused,
    About.RETURN: _returned,
    About.TEAMS: _taken_on("teams"),
    About.CREWS: _taken_on("crews"),
    About.ITEM: _listed,
}
