"""Where was the promise of 30 minutes broken, by place, people and time?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dispatch.domain.errors import Invalid
from dispatch.domain.lost_minutes import (
    ROAD,
    LostMinutes,
    is_broken,
    lost_minutes,
    road_of,
    usual_road,
    worst_stage,
)
from dispatch.domain.part_of_week import SINGLE_DAYS
from dispatch.domain.samples import Percentiles, Share, percentiles
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from dispatch.domain.stages import Stage
    from dispatch.domain.stories import TicketStory, VisitStory

    SplitKey = str | int | None


class SplitBy(StrEnum):
    """What broken promises are told apart by."""

    GRID = "grid"
    TEAM = "team"
    CREW = "crew"
    HOUR = "hour"
    DAY = "day"
    LEVEL = "level"
    CATEGORY = "category"


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """One group: how many broke the promise, where they lost time, and how long they took.

    `road` is the spread of each stage over the broken tickets, in seconds.
    """

    key: SplitKey
    lost: LostMinutes
    road: dict[Stage, Percentiles]

    @property
    def medians(self) -> dict[Stage, float]:
        """Return the P50 in seconds of each stage that is on record."""
        return {stage: spread.p50 for stage, spread in self.road.items()}


@dataclass(frozen=True, slots=True)
class BrokenPromises:
    """The broken promises of a view as they stood at `as_of`; groups are in the order of harm.

    `week` is the share of broken promises by weekday (Monday 0) and hour of the call.
    """

    as_of: datetime
    usual: dict[Stage, float]
    total: BrokenRow
    rows: list[BrokenRow]
    week: dict[tuple[int, int], Share]


@dataclass(frozen=True, slots=True)
class BrokenTicket:
    """A ticket that took part, with its own stages; `late_by` is in seconds past the promise."""

    story: TicketStory
    is_broken: bool
    road: dict[Stage, float]
    unrecorded: float
    worst: Stage | None
    late_by: float


def broken_promises(
    stories: Sequence[TicketStory], by: SplitBy, zone: ZoneInfo, now: datetime
) -> BrokenPromises:
    """Tell broken promises apart by one thing, those that broke the largest share first.

    Groups with fewer than 20 tickets that were due stand after the others, by name.
    """
    usual = usual_road(stories, now)
    groups: dict[SplitKey, list[TicketStory]] = {}
    for story in stories:
        groups.setdefault(key_of(story, by, zone), []).append(story)
    rows = [_row(key, members, usual, now) for key, members in groups.items()]
    rows = [row for row in rows if row.lost.broken.n]
    rows.sort(key=by_harm)
    return BrokenPromises(
        as_of=now,
        usual=usual,
        total=_row(None, stories, usual, now),
        rows=rows,
        week=_week(stories, zone, now),
    )


def broken_tickets(
    stories: Iterable[TicketStory], usual: Mapping[Stage, float], now: datetime
) -> list[BrokenTicket]:
    """Return the tickets that took part, the latest against its promise first.

    `usual` is that of the whole view, as in its panel.
    """
    found = []
    for story in stories:
        verdict = is_broken(story, now)
        if verdict is not None:
            worst = worst_stage(story, usual, now) if verdict else None
            found.append(_ticket(story, worst, now, is_late=verdict))
    return sorted(found, key=lambda one: (-one.late_by, one.story.number))


def key_of(story: TicketStory, by: SplitBy, zone: ZoneInfo) -> SplitKey:
    """Return the group of a ticket; the crew is that of `visit_told_of`."""
    if by is SplitBy.HOUR:
        return story.received_at.astimezone(zone).hour
    if by is SplitBy.DAY:
        return SINGLE_DAYS[story.received_at.astimezone(zone).weekday()]
    if by is SplitBy.CREW:
        told_of = visit_told_of(story)
        return told_of.crew if told_of else None
    found: Any = getattr(story, by)
    return found if found is None or isinstance(found, int) else str(found)


def visit_told_of(story: TicketStory) -> VisitStory | None:
    """Return the visit whose crew a promise is told of, None when no crew has the ticket.

    It is the first that arrived, a lead before a support, else the last that was not given back.
    """
    arrived = [visit for visit in story.visits if visit.arrived_at is not None]
    if arrived:
        return min(arrived, key=lambda one: (one.arrived_at, one.role != "lead"))
    return next((one for one in reversed(story.visits) if not one.given_back), None)


def read_key(text: str | None, by: SplitBy) -> SplitKey:
    """Read the group that an address names; None and an empty text are the group without one.

    Raises:
        Invalid: when an hour or a level is not a number, or a day is unknown.
    """
    if not text:
        return None
    if by in {SplitBy.HOUR, SplitBy.LEVEL}:
        if not (text.isascii() and text.isdigit() and len(text) <= 2):  # noqa: PLR2004  digits
            raise _no_group(text)
        return int(text)
    if by is SplitBy.DAY and text not in SINGLE_DAYS:
        raise _no_group(text)
    return text


def _no_group(text: str) -> Invalid:
    fault = say("There is no group “%(key)s”. Choose one from the table.", key=text)
    return Invalid(fault, fields={"key": fault})


def _row(
    key: SplitKey, stories: Sequence[TicketStory], usual: dict[Stage, float], now: datetime
) -> BrokenRow:
    roads = [road_of(story, now) for story in stories if is_broken(story, now)]
    spreads = {
        stage: spread
        for stage in ROAD
        if (spread := percentiles([road[stage] for road in roads if stage in road])) is not None
    }
    return BrokenRow(key, lost_minutes(stories, usual, now), spreads)


def by_harm(row: BrokenRow) -> tuple[bool, float, int, str]:
    """Return what sorts groups: the largest share first, those with too few due last, by name."""
    broken = row.lost.broken
    if broken.greyed:
        return True, 0.0, 0, _in_order(row.key)
    return False, -(broken.rate or 0.0), -broken.n, str(row.key)


def _in_order(key: SplitKey) -> str:
    """Return a text that sorts as people count: hours and levels, days of the week, then names."""
    if isinstance(key, int):
        return f"{key:02d}"
    if key in SINGLE_DAYS:
        return str(SINGLE_DAYS.index(key))
    return "\uffff" if key is None else key


def _week(
    stories: Iterable[TicketStory], zone: ZoneInfo, now: datetime
) -> dict[tuple[int, int], Share]:
    counts: dict[tuple[int, int], list[bool]] = {}
    for story in stories:
        verdict = is_broken(story, now)
        if verdict is not None:
            local = story.received_at.astimezone(zone)
            counts.setdefault((local.weekday(), local.hour), []).append(verdict)
    return {cell: Share(sum(found), len(found)) for cell, found in sorted(counts.items())}


def _ticket(
    story: TicketStory, worst: Stage | None, now: datetime, *, is_late: bool
) -> BrokenTicket:
    road = road_of(story, now)
    stood = story.arrived_at or now
    due = story.arrive_due_at or stood
    whole = (stood - story.received_at).total_seconds()
    return BrokenTicket(
        story=story,
        is_broken=is_late,
        road=road,
        unrecorded=max(whole - sum(road.values()), 0.0),
        worst=worst,
        late_by=(stood - due).total_seconds(),
    )
