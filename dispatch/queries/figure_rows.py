"""Which rows stand behind a figure, written so that a spreadsheet opens them safely?"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from dispatch.domain.attainment import Attainment, circle_attainment
from dispatch.domain.spreadsheet import safe_cell
from dispatch.domain.stories import TicketStory
from dispatch.queries.stories import end_reading, stories_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from dispatch.domain.periods import Period
    from dispatch.domain.permissions import Scope
    from dispatch.queries.stories import FigureFilters

BYTE_ORDER_MARK = "\ufeff"
"""Tells a spreadsheet that the file is UTF-8."""

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
)


def rows_behind(
    period: Period, scope: Scope, filters: FigureFilters, now: datetime
) -> list[TicketStory]:
    """Return the tickets that the figures of a period were worked out from."""
    stories = stories_for(period.from_at, period.to_at, scope, filters, now=now)
    end_reading()
    return stories


def csv_of(stories: Iterable[TicketStory], zone: ZoneInfo, now: datetime) -> Iterator[str]:
    """Yield the lines of a CSV file: a head, then one line a ticket, nobody's personal data.

    Instants are in the utility's zone with their offset. `circle` says how the promise of 30
    minutes fared, `left_out` why the ticket takes no part in it.
    """
    yield BYTE_ORDER_MARK + _line(COLUMNS)
    for story in stories:
        yield _line(cells_of(story, zone, now))


def cells_of(story: TicketStory, zone: ZoneInfo, now: datetime) -> list[object]:
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
    ]


def _verdict(found: Attainment) -> tuple[str, str]:
    for name in ("met", "late", "open_overdue", "not_due"):
        if getattr(found, name):
            return name, ""
    return "", ", ".join(str(reason) for reason in found.excluded)


def _line(cells: Iterable[object]) -> str:
    file = io.StringIO()
    csv.writer(file).writerow([safe_cell(cell) for cell in cells])
    return file.getvalue()
