"""In which stage did the tickets that broke the promise of 30 minutes lose their time?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dispatch.domain.attainment import CIRCLE
from dispatch.domain.exclusions import left_out_of_times
from dispatch.domain.samples import Share, percentiles
from dispatch.domain.stages import ENDS, Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from dispatch.domain.stories import TicketStory

ROAD = (Stage.DISPATCH, Stage.ACKNOWLEDGE, Stage.TURNOUT, Stage.TRAVEL)
"""The stages between the call and the first arrival, in their order."""


@dataclass(frozen=True, slots=True)
class LostMinutes:
    """Of the tickets that were due, how many broke the promise, and where they lost their time.

    `over` are the seconds beyond the usual, summed by stage; `tickets` counts the broken ones by
    the stage in which each lost most. `not_recorded` have no stage on record that was longer than
    usual.
    """

    broken: Share
    over: dict[Stage, float]
    tickets: dict[Stage, int]
    not_recorded: int

    @property
    def worst(self) -> Stage | None:
        """Return the stage with the most seconds beyond the usual, None when there is none."""
        return max(self.over, key=lambda stage: self.over[stage]) if self.over else None

    @property
    def worst_share(self) -> float | None:
        """Return the worst stage's part of all seconds beyond the usual."""
        return None if self.worst is None else self.over[self.worst] / sum(self.over.values())


def lost_minutes(
    stories: Iterable[TicketStory], usual: Mapping[Stage, float], now: datetime
) -> LostMinutes:
    """Find the stage in which tickets that broke the promise of 30 minutes lost their time.

    Formula: for each broken ticket and each stage of the road (dispatch, acknowledge, turnout,
    travel) the time beyond the usual; usual = the P50 of the stage over the tickets of the view
    that kept the promise. The worst stage of a ticket is that with the most time beyond the usual,
    the worst stage of a group that with the largest sum.
    In: tickets with a promise of 30 minutes that arrived late, or are open and overdue; the stage
    an open ticket is in counts up to now.
    Out: as for circle attainment; a stage with a missing end.
    Source: product.md, where the 30 minutes went.
    """
    over: dict[Stage, float] = {}
    tickets: dict[Stage, int] = {}
    broken = due = not_recorded = 0
    for story in stories:
        verdict = is_broken(story, now)
        due += verdict is not None
        if not verdict:
            continue
        broken += 1
        beyond = beyond_usual(story, usual, now)
        for stage, seconds in beyond.items():
            over[stage] = over.get(stage, 0.0) + seconds
        if beyond:
            worst = max(beyond, key=lambda stage: beyond[stage])
            tickets[worst] = tickets.get(worst, 0) + 1
        else:
            not_recorded += 1
    in_order = {stage: over[stage] for stage in ROAD if stage in over}
    return LostMinutes(Share(broken, due), in_order, tickets, not_recorded)


def is_broken(story: TicketStory, now: datetime) -> bool | None:
    """Tell whether a ticket broke its promise of 30 minutes; None when it takes no part in it.

    It is the judgement of `circle_attainment` on one ticket: true is late or open and overdue,
    false is met, None is left out or not due yet.
    """
    due = story.arrive_due_at
    if left_out_of_times(story) is not None or due is None or due - story.received_at != CIRCLE:
        return None
    if story.arrived_at is not None:
        return None if story.arrived_at < story.received_at else story.arrived_at > due
    if story.completed_at is not None or story.closed_at is not None or now <= due:
        return None
    return True


def usual_road(stories: Sequence[TicketStory], now: datetime) -> dict[Stage, float]:
    """Return the P50 in seconds of each stage of the road over tickets that kept the promise."""
    kept = [road_of(story, now) for story in stories if is_broken(story, now) is False]
    usual = {}
    for stage in ROAD:
        spread = percentiles([road[stage] for road in kept if stage in road])
        if spread is not None:
            usual[stage] = spread.p50
    return usual


def road_of(story: TicketStory, now: datetime) -> dict[Stage, float]:
    """Return the seconds of each stage of the road that is on record, in their order.

    While nobody has arrived, the stage that the ticket is in lasts up to `now`.
    """
    found: dict[Stage, float] = {}
    is_open = story.arrived_at is None and story.completed_at is None and story.closed_at is None
    for stage in ROAD:
        begin, end = (getattr(story, name) for name in ENDS[stage])
        if begin is None:
            continue
        if end is None and is_open and _is_in(story, stage):
            end = now
        if end is not None and end >= begin:
            found[stage] = (end - begin).total_seconds()
    return found


def beyond_usual(
    story: TicketStory, usual: Mapping[Stage, float], now: datetime
) -> dict[Stage, float]:
    """Return by how many seconds each stage of a ticket was longer than usual, where it was."""
    road = road_of(story, now)
    return {
        stage: seconds - usual.get(stage, 0.0)
        for stage, seconds in road.items()
        if seconds > usual.get(stage, 0.0)
    }


def worst_stage(story: TicketStory, usual: Mapping[Stage, float], now: datetime) -> Stage | None:
    """Return the stage in which a ticket lost most time beyond the usual, None when in none."""
    beyond = beyond_usual(story, usual, now)
    return max(beyond, key=lambda stage: beyond[stage]) if beyond else None


def _is_in(story: TicketStory, stage: Stage) -> bool:
    """Tell whether a stage is the last one that an open ticket has begun."""
    begun = [one for one in ROAD if getattr(story, ENDS[one][0]) is not None]
    return begun[-1] is stage
