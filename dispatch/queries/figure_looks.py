"""What did a person see of a view of past days, and what was written down since?"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import and_, func, or_, select

from dispatch.domain.facts import DAY
from dispatch.domain.figure_looks import Reading, Said, Watched, can_move
from dispatch.domain.first_time_fix import CONFIRMED_AFTER_DAYS
from dispatch.domain.microseconds import instant, micros
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.stages import Stage
from dispatch.domain.ticket_state import EVENT_NAMES, EventKind, ticket_number
from dispatch.domain.wall_clock import falls_into
from dispatch.models.base import db
from dispatch.models.figure_looks import FigureLook
from dispatch.models.people import Team
from dispatch.models.places import Grid
from dispatch.models.tickets import Ticket, TicketEvent
from dispatch.queries.stories import narrowed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from dispatch.domain.facts import Facts
    from dispatch.domain.periods import Period
    from dispatch.domain.permissions import Scope
    from dispatch.queries.figures import CircleFigures
    from dispatch.queries.stories import FigureFilters

MOST_EVENTS = 2_000
LATE = timedelta(minutes=5)
"""An event that was heard of this much later than it happened is shown with both times."""


@dataclass(frozen=True, slots=True)
class Look:
    """What changes are told against: values by figure, since when, and after which event."""

    seen: dict[str, Any]
    at: datetime
    event: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedAt:
    """A view as it stands at `as_of`; its facts may hold tickets of other days as well."""

    period: Period
    scope: Scope
    filters: FigureFilters
    facts: Facts
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Cause:
    """What can have moved a figure: a ticket, what was written down, when it was heard of.

    `happened_at` is given where that was earlier.
    """

    number: str
    what: Sentence
    at: datetime
    happened_at: datetime | None = None


def look_of(user_id: int, view: str) -> Look | None:
    """Return what a person saw of a view, None when it was never looked at."""
    row = db.session.execute(
        select(FigureLook.seen, FigureLook.seen_at, FigureLook.seen_event).where(
            FigureLook.user_id == user_id, FigureLook.view == view
        )
    ).one_or_none()
    return None if row is None else Look(*row)


def last_event() -> int:
    """Return the number of the newest event, 0 without any."""
    return db.session.scalar(select(func.max(TicketEvent.id))) or 0


def readings_of(figures: CircleFigures) -> dict[Watched, Reading]:
    """Return the figures that are watched on the overview, as a view shows them."""
    circle, spread = figures.total.circle, figures.total.stages[Stage.RESPONSE]
    found = {
        Watched.CIRCLE: Reading(circle.rate, circle.n),
        Watched.CIRCLE_ADJUSTED: Reading(circle.adjusted_rate, circle.adjusted_n),
        Watched.RESPONSE_P90: (
            Reading(spread.p90, spread.n, figures.within) if spread else Reading(None, 0)
        ),
        Watched.REPAIR: Reading(figures.repair.rate, figures.repair.n),
        Watched.CALL_BACK: Reading(figures.call_back.rate, figures.call_back.n),
    }
    shares = {Watched(f"repeat_{each.days}"): each.share for each in figures.repeats}
    shares[Watched.FIRST_TIME_FIX] = figures.total.first_time_fix.share
    shares[Watched.SOLVED] = figures.said.solved
    return found | {name: Reading.of(share) for name, share in shares.items()}


def causes_since(
    look: Look, figures: Collection[Watched], view: LookedAt
) -> dict[Watched, list[Cause]]:
    """Return for each figure what can have moved it since a look, the newest first.

    What was written down on tickets of the view, or took them out of it; and what followed from
    time alone: a promise that fell due, another ticket that came to the place of one.
    """
    found: dict[Watched, list[Cause]] = defaultdict(list)
    begin, end = micros([view.period.from_at, view.period.to_at])
    received = view.facts["received_at"]
    rows = view.facts[(received >= begin) & (received < end)]
    where = {int(ticket): place for place, ticket in enumerate(rows["ticket"])}
    for event in _events(look, view):
        place = where.get(event.ticket_id)
        if place is None and not _has_left(event, view):
            continue
        said = _said(event, None if place is None else rows[place], view.filters)
        cause = _cause(event)
        for figure in figures:
            if can_move(figure, said):
                found[figure].append(cause)
    for figure in figures:
        found[figure] += _by_time(figure, rows, look, view.as_of)
        found[figure].sort(key=lambda one: (one.at, one.number), reverse=True)
    return found


def _events(look: Look, view: LookedAt) -> Any:
    """Read what was written down since, of tickets of the view and of those that may have left."""
    filters, kind = view.filters, TicketEvent.kind

    def within(**changed: Any) -> Any:
        inside = and_(
            Ticket.received_at >= view.period.from_at, Ticket.received_at < view.period.to_at
        )
        asked = select(Ticket.id).where(inside)
        return Ticket.id.in_(narrowed(asked, view.scope, replace(filters, **changed)))

    asked = [
        within(),
        and_(kind == EventKind.LEVEL_CHANGED, within(level=None)),
        and_(kind == EventKind.DETAILS_CHANGED, within(category=None)),
        and_(kind == EventKind.PLACED, within(grid=None, team=None)),
    ]
    mine = narrowed(select(Ticket.id), view.scope, filters)
    asked.append(and_(kind == EventKind.TIME_CORRECTED, Ticket.id.in_(mine)))
    return db.session.execute(
        select(
            TicketEvent.ticket_id,
            kind,
            TicketEvent.from_state,
            TicketEvent.to_state,
            TicketEvent.recorded_at,
            TicketEvent.effective_at,
            TicketEvent.facts,
            Ticket.received_at,
        )
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .where(TicketEvent.id > look.event, or_(*asked))
        .order_by(TicketEvent.id.desc())
        .limit(MOST_EVENTS)
    ).all()


def _has_left(event: Any, view: LookedAt) -> bool:
    """Tell whether a ticket that is not in the view was in it before this event."""
    facts, filters = event.facts or {}, view.filters
    if event.kind == EventKind.TIME_CORRECTED:
        if facts.get("step") != "received":
            return False
        was = datetime.fromisoformat(facts["was"])
        return view.period.from_at <= was < view.period.to_at
    part = filters.part_of_week
    if part is not None and not falls_into(np.array(micros([event.received_at])), part)[0]:
        return False
    if event.kind == EventKind.LEVEL_CHANGED:
        return filters.level is not None and facts.get("was") == filters.level
    if event.kind == EventKind.DETAILS_CHANGED:
        was_of: Any = facts.get("category") or {}
        return filters.category is not None and was_of.get("was") == filters.category
    return _was_there((facts.get("was") or {}).get("grid_id"), filters)


def _was_there(grid_id: int | None, filters: FigureFilters) -> bool:
    if grid_id is None or (filters.grid is None and filters.team is None):
        return False
    asked = select(Grid.id).outerjoin(Team, Team.id == Grid.team_id).where(Grid.id == grid_id)
    if filters.grid is not None:
        asked = asked.where(Grid.name == filters.grid)
    if filters.team is not None:
        asked = asked.where(Team.name == filters.team)
    return db.session.scalar(asked) is not None


def _said(event: Any, row: Any, filters: FigureFilters) -> Said:
    """Return an event with what the ticket is now; one without a row has left the view."""
    kind = EventKind(event.kind)
    narrows = {
        EventKind.LEVEL_CHANGED: filters.level is not None,
        EventKind.DETAILS_CHANGED: filters.category is not None,
        EventKind.PLACED: filters.grid is not None or filters.team is not None,
    }
    known = Said(
        kind=kind,
        step=(event.facts or {}).get("step"),
        from_state=event.from_state,
        to_state=event.to_state,
        has_moved=row is None or narrows.get(kind, False),
    )
    if row is None:
        return known
    happened, arrived = micros([event.effective_at])[0], row["arrived_at"]
    return replace(
        known,
        is_first_arrival=bool(happened <= arrived),
        is_before_arrival=bool(np.isnan(arrived) or happened < arrived),
        has_arrived=bool(not np.isnan(arrived)),
        has_completed=bool(not np.isnan(row["completed_at"])),
        is_closed=bool(row["closed_repair"] or not np.isnan(row["fixed_at"])),
    )


def _cause(event: Any) -> Cause:
    is_late = event.recorded_at - event.effective_at >= LATE
    return Cause(
        ticket_number(event.ticket_id),
        EVENT_NAMES[EventKind(event.kind)],
        event.recorded_at,
        event.effective_at if is_late else None,
    )


_DUE = {
    Watched.CIRCLE: ("arrive_due_at", "arrived_at", "circle"),
    Watched.CIRCLE_ADJUSTED: ("arrive_due_at", "arrived_at", "circle"),
    Watched.BROKEN: ("arrive_due_at", "arrived_at", "circle"),
    Watched.REPAIR: ("repair_due_at", "completed_at", "repair"),
    Watched.CALL_BACK: ("call_back_due_at", "reached_at", "call_back"),
}
_AGAIN = {
    Watched.FIRST_TIME_FIX: CONFIRMED_AFTER_DAYS,
    Watched.REPEAT_7: 7,
    Watched.REPEAT_30: 30,
    Watched.REPEAT_90: 90,
}


def _by_time(figure: Watched, rows: Facts, look: Look, now: datetime) -> Iterator[Cause]:
    since, until = micros([look.at, now])
    if figure in _DUE:
        due, end, takes_part = (rows[name] for name in _DUE[figure])
        fell = (due > since) & (due <= until) & ~(end <= due) & (takes_part == 0)
        for ticket, at in zip(rows["ticket"][fell], due[fell], strict=True):
            yield Cause(ticket_number(int(ticket)), say("Its promise fell due"), instant(at))
    if figure in _AGAIN:
        came = rows["followed_at"]
        again = (came > since) & (came <= rows["fixed_at"] + _AGAIN[figure] * DAY)
        if figure is Watched.FIRST_TIME_FIX:
            again &= rows["closed_repair"]
        for ticket, at in zip(rows["ticket"][again], came[again], strict=True):
            yield Cause(
                ticket_number(int(ticket)), say("Another ticket came to its place"), instant(at)
            )
