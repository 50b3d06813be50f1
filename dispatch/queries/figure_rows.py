"""Which rows stand behind a figure, written so that a spreadsheet opens them safely?"""

from __future__ import annotations

import csv
import io
from dataclasses import fields
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from sqlalchemy import and_, func, select

from dispatch.domain.attainment import (
    Attainment,
    Promise,
    attainment,
    attainment_30,
    circle_attainment,
)
from dispatch.domain.figures import REPEAT_DAYS
from dispatch.domain.first_time_fix import first_time_fix
from dispatch.domain.five_ones import FiveOnes, five_ones
from dispatch.domain.microseconds import instant
from dispatch.domain.same_place import repeat_rate
from dispatch.domain.spreadsheet import safe_cell
from dispatch.domain.stories import TicketStory
from dispatch.domain.ticket_state import ticket_number
from dispatch.models.base import db
from dispatch.models.tickets import Ticket
from dispatch.queries.facts import facts_for
from dispatch.queries.stories import ROWS_AT_ONCE, end_reading, narrowed, stories_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from sqlalchemy import ColumnElement

    from dispatch.domain.periods import Period
    from dispatch.domain.permissions import Scope
    from dispatch.queries.stories import FigureFilters

    Followers: TypeAlias = Mapping[str, datetime]

BYTE_ORDER_MARK = "\ufeff"
"""Tells a spreadsheet that the file is UTF-8."""

TICKETS_AT_ONCE = 1_000
"""Stories that are in memory at once."""

_VERDICTS = (
    "first_time_fix",
    "first_time_fix_confirmed",
    *(f"repeat_{days}_days" for days in REPEAT_DAYS),
    *(one.name for one in fields(FiveOnes)),
)
_TIMES = tuple(name for name in TicketStory.TIMES if name not in {"rang_at", "answered_at"})
COLUMNS = (
    "number",
    "kind",
    "category",
    "level",
    "grid",
    "team",
    *_TIMES,
    "held_seconds",
    "circle",
    "left_out",
    "returns",
    "dispatches",
    "reopened",
    "visits",
    "asked",
    "answered",
    "said_fixed",
    "said_not_fixed",
    "outcome",
    "evidence",
    "flags",
    "imported",
    "storm",
    "within_30",
    "call_back",
    "repair",
    "satisfied_process",
    "satisfied_result",
    *_VERDICTS,
)


def count_of(period: Period, scope: Scope, filters: FigureFilters) -> int:
    """Count the tickets that the figures of a period are worked out from.

    With hours of the week it is at most so many: those are told apart one by one.
    """
    found = db.session.scalar(narrowed(select(func.count()).where(_in(period)), scope, filters))
    return found or 0


def ids_of(period: Period, scope: Scope, filters: FigureFilters) -> list[int]:
    """Return the ids of those tickets in the order of the calls."""
    asked = narrowed(select(Ticket.id, Ticket.received_at).where(_in(period)), scope, filters)
    rows = db.session.execute(
        asked.order_by(Ticket.received_at, Ticket.id).execution_options(yield_per=ROWS_AT_ONCE)
    )
    part = filters.part_of_week
    found = [row.id for row in rows if part is None or part.holds(row.received_at)]
    end_reading()
    return found


def _in(period: Period) -> ColumnElement[bool]:
    return and_(Ticket.received_at >= period.from_at, Ticket.received_at < period.to_at)


def stories_in_turn(
    tickets: Sequence[int], now: datetime, tell: Callable[[int], None] | None = None
) -> Iterator[TicketStory]:
    """Yield the stories of tickets in their order, some at a time; `tell` is told how many.

    A ticket that is gone meanwhile has none.
    """
    for start in range(0, len(tickets), TICKETS_AT_ONCE):
        some = tickets[start : start + TICKETS_AT_ONCE]
        places = {ticket_number(ticket): place for place, ticket in enumerate(some)}
        found = stories_of(some, now=now)
        end_reading()
        yield from sorted(found, key=lambda story: places[story.number])
        if tell is not None:
            tell(start + len(some))


def followers_in(
    period: Period, scope: Scope, filters: FigureFilters, *, now: datetime
) -> Followers:
    """Return when the next ticket of its category came to the place of each of a view.

    It may be outside the view. Keys are ticket numbers, as in `next_at_same_place`.
    """
    facts = facts_for(period.from_at, period.to_at, scope, filters, now=now)
    end_reading()
    followed = facts[~np.isnan(facts["followed_at"])]
    pairs = zip(followed["ticket"].tolist(), followed["followed_at"].tolist(), strict=True)
    return {ticket_number(ticket): instant(at) for ticket, at in pairs}


def csv_of(
    stories: Iterable[TicketStory], followers: Followers, zone: ZoneInfo, now: datetime
) -> Iterator[str]:
    """Yield the lines of a CSV file: a head, then one line a ticket, nobody's personal data.

    Instants are in the utility's zone with their offset. `circle` says how the promise of 30
    minutes fared, `left_out` why the ticket takes no part in it; `within_30`, `call_back` and
    `repair` how the ticket fared there, empty where it takes no part. First-time fix, repeats and
    the five ones are 1 for yes and 0 for no, so that their sum over their count is the figure;
    empty where the ticket takes no part. `followers` is the answer of `followers_in`.
    """
    yield BYTE_ORDER_MARK + _line(COLUMNS)
    for story in stories:
        yield _line(cells_of(story, followers, zone, now))


def cells_of(
    story: TicketStory, followers: Followers, zone: ZoneInfo, now: datetime
) -> list[object]:
    """Return the cells of a ticket in the order of `COLUMNS`."""
    verdict, left_out = _verdict(circle_attainment([story], now))
    times = [getattr(story, name) for name in _TIMES]
    return [
        story.number,
        story.kind,
        story.category,
        story.level,
        story.grid,
        story.team,
        *(at and at.astimezone(zone).isoformat(sep=" ") for at in times),
        round(story.held_seconds),
        verdict,
        left_out,
        story.returns,
        story.dispatches,
        story.reopened,
        len(story.visits),
        len(story.answers),
        sum(each.answered_at is not None for each in story.answers),
        sum(each.fixed is True for each in story.answers),
        sum(each.fixed is False for each in story.answers),
        story.outcome,
        story.evidence,
        " ".join(sorted(story.flags)),
        int(story.imported),
        int(story.storm),
        _verdict(attainment_30([story], now))[0],
        _verdict(attainment([story], Promise.CALL_BACK, now))[0],
        _verdict(attainment([story], Promise.REPAIR, now))[0],
        sum(each.process_satisfied is True for each in story.answers),
        sum(each.result_satisfied is True for each in story.answers),
        *_verdicts(story, followers, now),
    ]


def _verdicts(story: TicketStory, followers: Followers, now: datetime) -> list[int | None]:
    """Return what the figures that look at what followed say of one ticket, as `_VERDICTS`."""
    fix = first_time_fix([story], now, followers)
    ones = five_ones([story], now, followers)
    shares = [
        fix.share,
        fix.confirmed,
        *(repeat_rate([story], days, now, followers).share for days in REPEAT_DAYS),
        *(getattr(ones, one.name) for one in fields(ones)),
    ]
    return [share.hits if share.n else None for share in shares]


def _verdict(found: Attainment) -> tuple[str, str]:
    for name in ("met", "late", "open_overdue", "not_due"):
        if getattr(found, name):
            return name, ""
    return "", ", ".join(str(reason) for reason in found.excluded)


def _line(cells: Iterable[object]) -> str:
    file = io.StringIO()
    csv.writer(file).writerow([safe_cell(cell) for cell in cells])
    return file.getvalue()
