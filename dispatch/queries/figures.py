"""What do the figures of a period say, in all and by team, grid, hour and evidence?

Rows are read once and every formula is the domain's; nothing is computed in SQL.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from dispatch.domain.attainment import (
    Attainment,
    Promise,
    attainment,
    attainment_30,
    circle_attainment,
)
from dispatch.domain.figures import REPEAT_DAYS, By, figures_for, group_by
from dispatch.domain.first_time_fix import FirstTimeFix, first_time_fix, return_visit_causes
from dispatch.domain.five_ones import FiveOnes, five_ones
from dispatch.domain.flow import Flow, flow, is_overdue
from dispatch.domain.permissions import Scope
from dispatch.domain.same_place import Repeat, next_at_same_place, repeat_rate
from dispatch.domain.samples import Percentiles, percentiles
from dispatch.domain.satisfaction import Satisfaction, satisfaction
from dispatch.domain.stages import Stage, durations
from dispatch.models.base import db
from dispatch.models.people import Team
from dispatch.models.places import Grid
from dispatch.models.tickets import Ticket
from dispatch.queries.figure_memory import KeptFigures, keep, kept, next_change, stamp_of
from dispatch.queries.scoping import in_scope
from dispatch.queries.stories import (
    ALL_TICKETS,
    FigureFilters,
    carried_over,
    end_reading,
    open_stories,
    stories_for,
    without_collecting,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from dispatch.domain.figures import FigureRow, GroupKey
    from dispatch.domain.periods import Period
    from dispatch.domain.stories import TicketStory

EVERYTHING = Scope(everything=True)
EVERYTHING_LATER = timedelta(days=max(REPEAT_DAYS))


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """The figures of one group of tickets that a dashboard shows in a row."""

    key: GroupKey
    n: int
    circle: Attainment
    within_30: Attainment
    stages: dict[Stage, Percentiles | None]
    first_time_fix: FirstTimeFix


@dataclass(frozen=True, slots=True, kw_only=True)
class CircleFigures:
    """Everything the circle shows about a period, as it stood at `as_of`."""

    as_of: datetime
    total: GroupFigures
    before: GroupFigures | None
    repair: Attainment
    call_back: Attainment
    causes: dict[str, int]
    repeats: tuple[Repeat, ...]
    five_ones: FiveOnes
    said: Satisfaction
    flow: Flow
    by_team: list[GroupFigures]
    by_grid: list[GroupFigures]
    by_hour: list[GroupFigures]
    by_level: list[GroupFigures]
    by_storm: list[GroupFigures]
    by_evidence: list[GroupFigures]


@dataclass(frozen=True, slots=True)
class OpenNow:
    """The tickets that are open at this moment, and those of them past a promise."""

    open: int
    overdue: list[TicketStory]


def figure_rows(period: Period, scope: Scope, *, by: By | None, now: datetime) -> list[FigureRow]:
    """Return every figure for each group of the tickets received in a period."""
    stories = stories_for(period.from_at, period.to_at, scope, now=now)
    later = _later(period, scope, ALL_TICKETS, stories, now)
    end_reading()
    with without_collecting():
        return figures_for(stories, by=by, zone=period.zone, now=now, later=later)


def circle_figures(
    period: Period,
    scope: Scope,
    filters: FigureFilters = ALL_TICKETS,
    *,
    compare: bool = True,
    now: datetime,
) -> CircleFigures:
    """Return what the circle shows about a period.

    An answer is kept while no ticket changed and no instant passed that could change a figure; one
    about very many tickets is kept for a minute in any case, and says so by its `as_of`.
    """
    question = (period, scope.shared, filters, compare)
    earliest = period.before.from_at if compare else period.from_at
    stamp = stamp_of(earliest, period.to_at + EVERYTHING_LATER)
    found = kept(question, stamp, now)
    if found is not None:
        figures: CircleFigures = found.figures
        return figures if found.is_aged else replace(figures, as_of=now)
    with without_collecting():
        figures, changes_at, rows = _work_out(period, scope, filters, compare=compare, now=now)
    keep(question, KeptFigures(stamp, figures, now, changes_at, rows))
    return figures


def open_now(scope: Scope, filters: FigureFilters = ALL_TICKETS, *, now: datetime) -> OpenNow:
    """Return how many tickets are open, and those past a promise, the most urgent first."""
    waiting = open_stories(scope, filters, now=now)
    overdue = [story for story in waiting if is_overdue(story, now)]
    overdue.sort(key=lambda story: (story.level or 0, _due_at(story)))
    return OpenNow(len(waiting), overdue)


def history_span(scope: Scope) -> tuple[datetime, datetime] | None:
    """Return when the first and the last ticket was received, None without any ticket."""
    ends: Any = select(func.min(Ticket.received_at), func.max(Ticket.received_at))
    first, last = db.session.execute(in_scope(ends, scope.shared)).one()
    return None if first is None else (first, last)


def chinese_names() -> dict[str, dict[str, str]]:
    """Return the Chinese names of teams and of grids that have one, by their own name."""
    return {
        kind: {name: chinese for name, chinese in found.items() if chinese}
        for kind, found in local_names().items()
    }


def local_names(scope: Scope = EVERYTHING) -> dict[str, dict[str, str | None]]:
    """Return the teams and grids that a person may ask for, with their Chinese names, by name."""
    found = {}
    for kind, table, owner in (("team", Team, Team.id), ("grid", Grid, Grid.team_id)):
        asked = select(table.name, table.name_zh).order_by(table.name, table.id)
        if not scope.everything:
            asked = asked.where(owner == scope.team_id)
        found[kind] = {row.name: row.name_zh for row in db.session.execute(asked)}
    return found


def _work_out(
    period: Period, scope: Scope, filters: FigureFilters, *, compare: bool, now: datetime
) -> tuple[CircleFigures, datetime | None, int]:
    stories = stories_for(period.from_at, period.to_at, scope, filters, now=now)
    earlier = _stories_before(period, scope, filters, now) if compare else []
    later = _later(period, scope, filters, [*earlier, *stories], now)
    waiting = carried_over(period.from_at, scope, filters, now=now)
    end_reading()
    followers = next_at_same_place(stories, later)

    def groups(by: By) -> list[GroupFigures]:
        found = group_by(stories, by, period.zone)
        return [_group(key, members, now, followers) for key, members in found.items()]

    figures = CircleFigures(
        as_of=now,
        total=_group(None, stories, now, followers),
        before=_before(earlier, [*stories, *later], now) if compare else None,
        repair=attainment(stories, Promise.REPAIR, now),
        call_back=attainment(stories, Promise.CALL_BACK, now),
        causes=return_visit_causes(stories),
        repeats=tuple(repeat_rate(stories, days, now, followers) for days in REPEAT_DAYS),
        five_ones=five_ones(stories, now, followers),
        said=satisfaction(stories),
        flow=flow([*waiting, *stories], now, since=period.from_at, before=period.to_at),
        by_team=groups(By.TEAM),
        by_grid=groups(By.GRID),
        by_hour=groups(By.HOUR),
        by_level=groups(By.LEVEL),
        by_storm=groups(By.STORM),
        by_evidence=groups(By.EVIDENCE),
    )
    edges = [period.from_at, period.to_at]
    changes_at = next_change([*earlier, *waiting, *stories], edges, now)
    return figures, changes_at, len(stories) + len(earlier) + len(waiting)


def _group(
    key: GroupKey,
    stories: Sequence[TicketStory],
    now: datetime,
    followers: Mapping[str, datetime],
) -> GroupFigures:
    return GroupFigures(
        key=key,
        n=len(stories),
        circle=circle_attainment(stories, now),
        within_30=attainment_30(stories, now),
        stages={stage: percentiles(seconds) for stage, seconds in durations(stories).items()},
        first_time_fix=first_time_fix(stories, now, followers),
    )


def _stories_before(
    period: Period, scope: Scope, filters: FigureFilters, now: datetime
) -> list[TicketStory]:
    before = period.before
    return stories_for(before.from_at, before.to_at, scope, filters, now=now)


def _before(
    earlier: Sequence[TicketStory], later: Sequence[TicketStory], now: datetime
) -> GroupFigures:
    return _group(None, earlier, now, next_at_same_place(earlier, later))


def _later(
    period: Period,
    scope: Scope,
    filters: FigureFilters,
    stories: Sequence[TicketStory],
    now: datetime,
) -> list[TicketStory]:
    """Return the tickets not asked for that may show that a fault came back.

    They may lie outside the asker's scope or filter; no figure tells more of them than that.
    """
    is_whole = scope.everything and not filters
    from_at = period.to_at if is_whole else period.before.from_at
    until = period.to_at + EVERYTHING_LATER
    known = {story.number for story in stories}
    found = stories_for(from_at, until, EVERYTHING, now=now)
    return [story for story in found if story.number not in known]


def _due_at(story: TicketStory) -> datetime:
    promises = [story.arrive_due_at] if story.arrived_at is None else []
    promises.append(story.repair_due_at)
    return min((due for due in promises if due is not None), default=story.received_at)
