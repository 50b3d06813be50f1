"""What do the figures of a period say, in all and by team, grid, hour and evidence?

The facts of the tickets are read once, and every formula is the domain's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import func, select

from dispatch.domain.fact_figures import Columns, Tally, groups_of
from dispatch.domain.fact_sums import SHOWN_STAGES, SPLITS, SPLITS_OF_A_TEAM, regrouped
from dispatch.domain.facts import received_or_waiting
from dispatch.domain.figures import REPEAT_DAYS, By, FigureRow
from dispatch.domain.flow import is_overdue
from dispatch.domain.histograms import WITHIN
from dispatch.domain.microseconds import micros
from dispatch.domain.permissions import Scope
from dispatch.models.base import db
from dispatch.models.people import Team
from dispatch.models.places import Grid
from dispatch.models.tickets import Ticket
from dispatch.queries.fact_groups import grouped_facts, names_in, names_of, words_of
from dispatch.queries.fact_sums import sums_between
from dispatch.queries.facts import Moment, facts_for
from dispatch.queries.scoping import in_scope
from dispatch.queries.stories import ALL_TICKETS, FigureFilters, end_reading, open_stories

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from dispatch.domain.attainment import Attainment
    from dispatch.domain.counted_figures import CountedFigures
    from dispatch.domain.fact_sums import Summed, Sums
    from dispatch.domain.facts import Facts
    from dispatch.domain.figures import GroupKey
    from dispatch.domain.first_time_fix import FirstTimeFix
    from dispatch.domain.five_ones import FiveOnes
    from dispatch.domain.flow import Flow
    from dispatch.domain.periods import Period
    from dispatch.domain.same_place import Repeat
    from dispatch.domain.samples import Percentiles
    from dispatch.domain.satisfaction import Satisfaction
    from dispatch.domain.stages import Stage
    from dispatch.domain.stories import TicketStory
    from dispatch.queries.fact_groups import Names

EVERYTHING = Scope(everything=True)


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
    within: float = 0.0
    """How far percentiles may be from the exact ones, as a share of them."""


@dataclass(frozen=True, slots=True)
class OpenNow:
    """The tickets that are open at this moment, and those of them past a promise."""

    open: int
    overdue: list[TicketStory]


def figure_rows(period: Period, scope: Scope, *, by: By | None, now: datetime) -> list[FigureRow]:
    """Return every figure for each group of the tickets received in a period."""
    facts = facts_for(period.from_at, period.to_at, scope, now=now)
    names = names_in(facts, by)
    end_reading()
    facts = facts[facts["received_at"] >= micros([period.from_at])]
    keys, codes = grouped_facts(facts, by, period.zone, names)
    tally = Tally(Columns(facts), codes, len(keys), now)
    columns = {"key": keys, **tally.every_figure()}
    return [
        FigureRow(as_of=now, **dict(zip(columns, row, strict=True)))
        for row in zip(*columns.values(), strict=True)
    ]


def facts_of_view(
    period: Period,
    scope: Scope,
    filters: FigureFilters = ALL_TICKETS,
    *,
    compare: bool = True,
    now: datetime,
    moment: Moment | None = None,
    names: frozenset[str] = frozenset(),
) -> Facts:
    """Return what the circle of a period, and of the one it is compared with, is made of."""
    earliest = period.before if compare else period
    asked = (earliest.from_at, period.to_at, scope, filters)
    return facts_for(*asked, now=now, moment=moment, names=names)


def circle_figures(
    period: Period,
    scope: Scope,
    filters: FigureFilters = ALL_TICKETS,
    *,
    compare: bool = True,
    facts: Facts | None = None,
    now: datetime,
) -> CircleFigures:
    """Return what the circle shows about a period, as at `now`; `facts` where they are read."""
    if facts is None:
        moment = Moment(now)
        summed = summed_figures(period, scope, filters, compare=compare, moment=moment)
        if summed is not None:
            return summed
        facts = facts_of_view(period, scope, filters, compare=compare, now=now, moment=moment)
    received, names = facts["received_at"], names_in(facts, By.TEAM, By.GRID)
    end_reading()
    first, start, stop = micros([period.before.from_at, period.from_at, period.to_at])
    inside = Columns(facts[received >= start])
    total = _tally_of(inside, now)
    moving = Columns(facts[received_or_waiting(facts, start, stop)])
    [whole] = _group_figures(total, [None])
    return _circle(
        total,
        whole,
        replace(_tally_of(moving, now), since=period.from_at, before=period.to_at).flow()[0],
        _before(facts[(received >= first) & (received < start)], now) if compare else None,
        partial(_groups, inside, whole, period.zone, names, now),
        now,
    )


def summed_figures(
    period: Period,
    scope: Scope,
    filters: FigureFilters = ALL_TICKETS,
    *,
    compare: bool = True,
    moment: Moment,
) -> CircleFigures | None:
    """Return the circle of very many tickets out of their sums, as at a moment.

    Every count is exact, percentiles are so `within` a share of them. None where fewer tickets
    are asked for or not all: those are counted one by one.
    """
    if not scope.everything or replace(filters, team=None) != ALL_TICKETS:
        return None
    team = None if filters.team is None else _one_team(filters.team)
    if team is None and filters.team is not None:
        return None
    splits = SPLITS if team is None else SPLITS_OF_A_TEAM
    found = sums_between(period, splits, moment, team=team)
    if found is None or not found[None].codes.size:
        return None
    before = _summed_before(period.before, filters, team, moment) if compare else None
    names = names_of(By.TEAM, By.GRID)
    end_reading()
    total = _all_in_one(found[None])
    [whole] = _group_figures(total, [None])

    def groups(by: By) -> list[GroupFigures]:
        if by not in found:
            return [replace(whole, key=filters.team)] if whole.n else []
        return _summed_groups(found[by], by, names)

    circle = _circle(total, whole, total.flow()[0], before, groups, moment.now)
    return replace(circle, within=WITHIN)


def _one_team(name: str) -> int | None:
    """Return the id of the team of a name, None where there are several or none."""
    ids = db.session.scalars(select(Team.id).where(Team.name == name)).all()
    return ids[0] if len(ids) == 1 else None


def _summed_before(
    period: Period, filters: FigureFilters, team: int | None, moment: Moment
) -> GroupFigures:
    sums = sums_between(period, (None,), moment, team=team, with_flow=False)
    if sums is not None and sums[None].codes.size:
        return _group_figures(_all_in_one(sums[None]), [None])[0]
    asked = (period.from_at, period.to_at, EVERYTHING, filters)
    facts = facts_for(*asked, now=moment.now, moment=moment)
    return _before(facts[facts["received_at"] >= micros([period.from_at])], moment.now)


def _all_in_one(sums: Sums) -> Summed:
    return regrouped(sums, np.zeros(sums.codes.size, dtype=np.int64), 1)


def _summed_groups(sums: Sums, by: By, names: Names) -> list[GroupFigures]:
    codes = sums.codes
    words = words_of(by, int(codes.max(initial=-1)) + 1, names)
    keys, places = groups_of([words[code] for code in codes.tolist()], sums.tables["n"][:, 0])
    return _group_figures(regrouped(sums, places, len(keys)), keys)


def _circle(
    total: CountedFigures,
    whole: GroupFigures,
    flow: Flow,
    before: GroupFigures | None,
    groups: Callable[[By], list[GroupFigures]],
    now: datetime,
) -> CircleFigures:
    return CircleFigures(
        as_of=now,
        total=whole,
        before=before,
        repair=total.attainment("repair")[0],
        call_back=total.attainment("call_back")[0],
        causes=total.return_visit_causes()[0],
        repeats=tuple(total.repeat(days)[0] for days in REPEAT_DAYS),
        five_ones=total.five_ones()[0],
        said=total.satisfaction()[0],
        flow=flow,
        by_team=groups(By.TEAM),
        by_grid=groups(By.GRID),
        by_hour=groups(By.HOUR),
        by_level=groups(By.LEVEL),
        by_storm=groups(By.STORM),
        by_evidence=groups(By.EVIDENCE),
    )


def _groups(
    columns: Columns, whole: GroupFigures, zone: ZoneInfo, names: Names, now: datetime, by: By
) -> list[GroupFigures]:
    keys, codes = grouped_facts(columns.rows, by, zone, names)
    if len(keys) == 1:
        return [replace(whole, key=keys[0])]
    return _group_figures(Tally(columns, codes, len(keys), now), keys)


def _before(facts: Facts, now: datetime) -> GroupFigures:
    return _group_figures(_tally_of(Columns(facts), now), [None])[0]


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


def _group_figures(tally: CountedFigures, keys: Sequence[GroupKey]) -> list[GroupFigures]:
    columns = zip(
        keys,
        tally.n(),
        tally.attainment("circle"),
        tally.attainment("within_30"),
        tally.stages(SHOWN_STAGES),
        tally.first_time_fix(),
        strict=True,
    )
    return [GroupFigures(*each) for each in columns]


def _tally_of(columns: Columns, now: datetime) -> Tally:
    """Return the tally of all rows as one group."""
    return Tally(columns, np.zeros(columns.rows.size, dtype=np.int64), 1, now)


def _due_at(story: TicketStory) -> datetime:
    promises = [story.arrive_due_at] if story.arrived_at is None else []
    promises.append(story.repair_due_at)
    return min((due for due in promises if due is not None), default=story.received_at)
