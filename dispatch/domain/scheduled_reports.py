"""When is a report of the figures due, of which days, and what does its mail say?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from dispatch.domain.periods import Period
from dispatch.domain.samples import shown_percent
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.stages import STAGE_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from dispatch.domain.broken_promises import BrokenPromises
    from dispatch.domain.samples import Share
    from dispatch.domain.stages import Stage

SENT_AT = time(7)
"""The local time, on the day after the last of a period, at which its report is due."""

LATE_AFTER = timedelta(hours=1)
"""A report that comes later than this after its time says so."""


class Every(StrEnum):
    """How often a report is sent: of each week from Monday on, or of each month."""

    WEEK = "week"
    MONTH = "month"


EVERY_NAMES: dict[Every, Sentence] = {
    Every.WEEK: say("every week, on Monday"),
    Every.MONTH: say("every month, on the first day"),
}


def last_whole(every: Every, day: date, zone: ZoneInfo) -> Period:
    """Return the last week or month that ended before a day."""
    if every is Every.WEEK:
        until = day - timedelta(days=day.weekday())
        return Period(until - timedelta(days=7), until, zone)
    until = day.replace(day=1)
    return Period((until - timedelta(days=1)).replace(day=1), until, zone)


def due_of(period: Period) -> datetime:
    """Return when the report of a period is due, in UTC."""
    return datetime.combine(period.until, SENT_AT, period.zone).astimezone(UTC)


def last_due(every: Every, now: datetime, zone: ZoneInfo) -> Period:
    """Return the newest period whose report is due at an instant."""
    found = last_whole(every, now.astimezone(zone).date(), zone)
    return found if due_of(found) <= now else last_whole(every, found.last, zone)


def next_due_at(every: Every, now: datetime, zone: ZoneInfo) -> datetime:
    """Return when the first report after an instant is due, in UTC."""
    return due_of(_after(every, last_due(every, now, zone)))


def missed(every: Every, due_at: datetime, newest: Period) -> list[Period]:
    """Return the periods from the one due at `due_at` up to the newest, which is not in it.

    Nobody gets their reports: a server that stood still for a month does not send four at once.
    """
    return list(_until(every, last_due(every, due_at, newest.zone), newest))


def _until(every: Every, first: Period, newest: Period) -> Iterator[Period]:
    while first.first < newest.first:
        yield first
        first = _after(every, first)


def _after(every: Every, period: Period) -> Period:
    """Return the period that begins where one ends."""
    some_day_after = period.until + timedelta(days=7 if every is Every.WEEK else 31)
    return last_whole(every, some_day_after, period.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a report says at a glance; `worst_grid` with the share of its promises broken."""

    kept: Share
    before: Share
    worst_stage: Stage | None = None
    worst_share: float | None = None
    worst_grid: str | None = None
    grid_broken: Share | None = None


def summary_of(kept: Share, before: Share, broken: BrokenPromises) -> Summary:
    """Sum a period up; `broken` is split by grid, and a grid with too few tickets is never named.

    Formula: attainment = promises of 30 minutes kept ÷ those due; the worst stage is the one with
    the most time beyond the usual, the worst grid the one with the largest share broken.
    """
    lost = broken.total.lost
    grids = [row for row in broken.rows if row.key is not None and row.lost.broken.hits]
    named = next((row for row in grids if not row.lost.broken.greyed), None)
    return Summary(
        kept=kept,
        before=before,
        worst_stage=lost.worst,
        worst_share=lost.worst_share,
        worst_grid=None if named is None else str(named.key),
        grid_broken=None if named is None else named.lost.broken,
    )


def summary_lines(found: Summary, days: int) -> list[Sentence]:
    """Say a summary in sentences, each number with its n; `days` are those of the period."""
    lines = [
        say(
            "The promise of 30 minutes was kept: %(now)s. The %(days)s days before: %(before)s.",
            now=_said(found.kept),
            days=days,
            before=_said(found.before),
        )
    ]
    if found.worst_stage is not None and found.worst_share is not None:
        lines.append(
            say(
                "Most time was lost in the stage “%(stage)s”: %(share)s %% of what late tickets "
                "took longer than usual.",
                stage=STAGE_NAMES[found.worst_stage],
                share=_percent(found.worst_share),
            )
        )
    if found.worst_grid is not None and found.grid_broken is not None:
        lines.append(
            say(
                "Worst grid: %(grid)s, where %(hits)s of %(n)s promises were broken.",
                grid=found.worst_grid,
                hits=found.grid_broken.hits,
                n=found.grid_broken.n,
            )
        )
    return lines


def standing_lines(period: Period, gone: list[Period], now: datetime) -> list[Sentence]:
    """Say that a report comes late and which were never sent; nothing when all is in time."""
    lines = []
    if now - due_of(period) > LATE_AFTER:
        lines.append(say("This report comes late: it was due at %(when)s.", when=due_of(period)))
    lines += [
        say(
            "The report of %(first)s to %(last)s was not sent, because nothing ran then.",
            first=str(each.first),
            last=str(each.last),
        )
        for each in gone
    ]
    return lines


def _said(share: Share) -> Sentence:
    if share.rate is None:
        return say("no data")
    percent = _percent(share.rate)
    if share.greyed:
        return say("%(percent)s %% of n = %(n)s, too few to judge", percent=percent, n=share.n)
    return say("%(percent)s %% of n = %(n)s", percent=percent, n=share.n)


def _percent(rate: float) -> str:
    return f"{shown_percent(rate):.1f}"
