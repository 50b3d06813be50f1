"""Which figures does a group of tickets show, all together?

Each figure is defined once, in the module of its subject; this one groups tickets and puts the
figures of each group side by side, in the shape of `onevisit figures --json`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dispatch.domain.attainment import (
    Attainment,
    Promise,
    attainment,
    attainment_30,
    circle_attainment,
)
from dispatch.domain.first_time_fix import FirstTimeFix, first_time_fix, return_visit_causes
from dispatch.domain.five_ones import FiveOnes, five_ones
from dispatch.domain.flow import Flow, flow
from dispatch.domain.same_place import Repeat, next_at_same_place, repeat_rate
from dispatch.domain.samples import MINIMUM_SAMPLE, Percentiles, percentiles
from dispatch.domain.satisfaction import Satisfaction, satisfaction
from dispatch.domain.stages import Stage, durations

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from dispatch.domain.stories import TicketStory

    GroupKey = str | int | bool | None

REPEAT_DAYS = (7, 30, 90)


class By(StrEnum):
    """What tickets are grouped by."""

    GRID = "grid"
    TEAM = "team"
    HOUR = "hour"
    CATEGORY = "category"
    LEVEL = "level"
    STORM = "storm"
    EVIDENCE = "evidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """The figures of one group of tickets, as they stood at `as_of`. None is "no data"."""

    key: GroupKey
    as_of: datetime
    n: int
    attainment_30: Attainment
    circle: Attainment
    arrive: Attainment
    repair: Attainment
    call_back: Attainment
    stages: dict[Stage, Percentiles | None]
    first_time_fix: FirstTimeFix
    return_visit_causes: dict[str, int]
    repeat: tuple[Repeat, ...]
    five_ones: FiveOnes
    satisfaction: Satisfaction
    flow: Flow

    @property
    def greyed(self) -> bool:
        """Tell whether the group is too small to rank."""
        return self.n < MINIMUM_SAMPLE

    def as_json(self) -> dict[str, Any]:
        """Return the row of `figures --json`: minutes unrounded, null for a figure without data."""
        minutes = {stage: one and one.as_minutes() for stage, one in self.stages.items()}
        return {
            "key": self.key,
            "as_of": self.as_of.isoformat(),
            "n": self.n,
            "opened": self.flow.opened,
            "closed": self.flow.closed,
            "attainment_30": self.attainment_30.rate,
            "attainment_30_counts": self.attainment_30.as_json(),
            "circle_attainment": self.circle.as_json(),
            "arrive_attainment": self.arrive.as_json(),
            "repair_attainment": self.repair.as_json(),
            "call_back_attainment": self.call_back.as_json(),
            "response_minutes": minutes[Stage.RESPONSE],
            "repair_minutes": minutes[Stage.REPAIR],
            "stages": {str(stage): one for stage, one in minutes.items()},
            "first_time_fix": self.first_time_fix.as_json()
            if self.first_time_fix.share.n
            else None,
            "return_visit_causes": self.return_visit_causes,
            "repeat": {str(one.days): one.as_json() for one in self.repeat},
            "five_ones": self.five_ones.as_json(),
            "satisfaction": self.satisfaction.as_json(),
            "flow": self.flow.as_json(),
        }


def group_by(
    stories: Iterable[TicketStory], by: By | None, zone: ZoneInfo
) -> dict[GroupKey, list[TicketStory]]:
    """Group tickets by a fact of theirs, or by the local hour of the call in `zone`.

    Keys are in order, with the tickets that have none (no grid, no team) last under None. Without
    `by` all tickets are one group under None, even when there are none. The hour is the one on the
    wall: when clocks go back, both hours of that name share a group.
    """
    if by is None:
        return {None: list(stories)}
    groups: dict[GroupKey, list[TicketStory]] = {}
    for story in stories:
        key = story.received_at.astimezone(zone).hour if by is By.HOUR else getattr(story, by)
        groups.setdefault(key, []).append(story)
    return dict(sorted(groups.items(), key=lambda item: (item[0] is None, item[0] or 0)))


def figures_for(
    stories: Sequence[TicketStory],
    *,
    by: By | None,
    zone: ZoneInfo,
    now: datetime,
    later: Sequence[TicketStory] = (),
) -> list[FigureRow]:
    """Work out every figure for each group of tickets, as at `now`.

    `stories` are the tickets received in the range asked for; `later` those received after it,
    looked at only to see whether a fault came back.
    """
    followers = next_at_same_place(stories, later)
    return [_row(key, group, now, followers) for key, group in group_by(stories, by, zone).items()]


def ranked(rows: Iterable[FigureRow]) -> list[FigureRow]:
    """Rank groups by circle attainment, best first; ties by n, larger first.

    Out: a group whose rate stands on fewer than 20 tickets, which is too few to praise or blame.
    """
    known = [(row.circle.rate, row) for row in rows if not row.circle.greyed]
    return [
        row for _, row in sorted(known, key=lambda pair: (-(pair[0] or 0.0), -pair[1].circle.n))
    ]


def _row(
    key: GroupKey,
    stories: Sequence[TicketStory],
    now: datetime,
    followers: Mapping[str, datetime],
) -> FigureRow:
    return FigureRow(
        key=key,
        as_of=now,
        n=len(stories),
        attainment_30=attainment_30(stories, now),
        circle=circle_attainment(stories, now),
        arrive=attainment(stories, Promise.ARRIVE, now),
        repair=attainment(stories, Promise.REPAIR, now),
        call_back=attainment(stories, Promise.CALL_BACK, now),
        stages={stage: percentiles(seconds) for stage, seconds in durations(stories).items()},
        first_time_fix=first_time_fix(stories, now, followers),
        return_visit_causes=return_visit_causes(stories),
        repeat=tuple(repeat_rate(stories, days, now, followers) for days in REPEAT_DAYS),
        five_ones=five_ones(stories, now, followers),
        satisfaction=satisfaction(stories),
        flow=flow(stories, now),
    )
