"""In whose hands did the tickets of a view break their promise, wait and change hands?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import select

from dispatch.domain.broken_facts import ROAD_COLUMNS, road_facts
from dispatch.domain.facts import NONE, holder_of
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
from dispatch.models.base import current_connection, db
from dispatch.models.people import Team
from dispatch.models.places import Grid
from dispatch.models.rectification import Rectification
from dispatch.models.tickets import Hold, Ticket, TicketEvent
from dispatch.queries.facts import facts_for, is_among
from dispatch.queries.figure_looks import last_event
from dispatch.queries.kept_answers import kept_when_large
from dispatch.queries.responsibility import named_holders
from dispatch.queries.stories import ROWS_AT_ONCE, end_reading, without_collecting

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from dispatch.domain.facts import Facts
    from dispatch.domain.periods import Period
    from dispatch.domain.permissions import Scope
    from dispatch.domain.responsibility import Holder
    from dispatch.domain.responsibility_figures import HoldRow, Items, Returned
    from dispatch.queries.stories import FigureFilters


_COLUMNS = ROAD_COLUMNS | {"returns", "teams", "crews", "holder", "holder_kind"}


_A_KIND = 1 << 32
"""So far from one another are the codes of two kinds of holders; a number has 32 bits."""


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
    event: int
    tickets: int
    broken: Share
    holders: list[tuple[str, dict[str, Any] | None, int]]
    holds: list[HoldRow]
    returned: Returned
    teams: Hops
    crews: Hops
    items: Items


@dataclass(frozen=True, slots=True)
class _Held:
    """The `tickets` that broke the promise, of `due` ones, and whose each was.

    `whose` is its place among the `holders`, of whom several may be None.
    """

    tickets: NDArray[np.int64]
    whose: NDArray[np.int64]
    holders: list[Holder | None]
    due: int


@dataclass(frozen=True, slots=True)
class _View:
    """What is read of a view: the facts of its tickets, and rows of other tables around these."""

    facts: Facts
    now: datetime

    @classmethod
    def read(cls, period: Period, scope: Scope, filters: FigureFilters, now: datetime) -> _View:
        facts = facts_for(period.from_at, period.to_at, scope, filters, now=now, names=_COLUMNS)
        facts = facts[facts["received_at"] >= micros([period.from_at])]
        return cls(facts, now)

    def holders(self) -> _Held:
        """Return the tickets that broke the promise, and who held each."""
        found = road_facts(self.facts, self.now)
        rows = found.rows[found.late]
        codes = rows["holder_kind"].astype(np.int64) * _A_KIND + rows["holder"] - NONE
        numbers, of_each = np.unique(codes, return_inverse=True)
        kinds, keys = np.divmod(numbers, _A_KIND)
        pairs = zip(kinds.tolist(), (keys + NONE).tolist(), strict=True)
        return _Held(
            rows["ticket"], of_each.ravel(), [holder_of(*pair) for pair in pairs], found.rows.size
        )

    def holds(self) -> list[TicketHold]:
        columns = (Hold.ticket_id, Hold.reason, Hold.from_at, Hold.to_at)
        return [TicketHold._make(row) for row in self._of_tickets(columns, Hold.id)]

    def items(self) -> list[TicketItem]:
        columns = (Rectification.ticket_id, Rectification.state, Rectification.due_at)
        return [TicketItem._make(row) for row in self._of_tickets(columns, Rectification.id)]

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
        if not self.facts.size:
            return []
        tickets = np.sort(self.facts["ticket"])
        table = columns[0].class_
        # Numbers follow the calls, all but: to ask each ticket when it came would take far longer.
        is_near = table.ticket_id.between(int(tickets[0]), int(tickets[-1]))
        asked = select(*columns).where(is_near).order_by(order)
        rows = current_connection().execute(asked).all()
        mine = is_among(np.array([row[0] for row in rows], dtype=np.int64), tickets)
        return [row for row, is_mine in zip(rows, mine.tolist(), strict=True) if is_mine]


@kept_when_large(lambda found: found.tickets)
def responsibility_in(
    period: Period, scope: Scope, filters: FigureFilters, *, now: datetime
) -> Responsibility:
    """Return who held broken promises, why tickets waited, went back and changed hands."""
    event = last_event()
    view = _View.read(period, scope, filters, now)
    held = view.holders()
    counts = broken_by_holder(zip(held.holders, np.bincount(held.whose).tolist(), strict=True))
    named = named_holders({holder for holder in held.holders if holder is not None})
    with without_collecting():
        holds, items, returns = view.holds(), view.items(), view.returns()
    end_reading()
    return Responsibility(
        as_of=now,
        event=event,
        tickets=view.facts.size,
        broken=Share(held.tickets.size, held.due),
        holders=[
            (_key(holder), named[holder] if holder else None, count) for holder, count in counts
        ],
        holds=hold_reasons(holds, now),
        returned=returned(returns, view.facts.size),
        teams=hops(view.facts["teams"]),
        crews=hops(view.facts["crews"]),
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
    held = view.holders()
    asked = [place for place, holder in enumerate(held.holders) if _key(holder) == key]
    return [(ticket, "") for ticket in held.tickets[np.isin(held.whose, asked)].tolist()]


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
