"""Which promises were kept, and which are already broken while the ticket is still open?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from dispatch.domain.exclusions import Exclusion, left_out_of_times
from dispatch.domain.microseconds import MICROSECONDS, micros
from dispatch.domain.samples import MINIMUM_SAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from dispatch.domain.stories import TicketStory

CIRCLE = timedelta(minutes=30)
"""The service circle: from the call to the first arrival."""


class Promise(StrEnum):
    """A promise whose keeping is measured."""

    ARRIVE = "arrive"
    REPAIR = "repair"
    CALL_BACK = "call_back"


@dataclass(frozen=True, slots=True)
class Attainment:
    """Tickets by how their promise fared, raw, and again with time on hold taken off."""

    met: int = 0
    late: int = 0
    open_overdue: int = 0
    not_due: int = 0
    adjusted_met: int = 0
    adjusted_n: int = 0
    excluded: dict[Exclusion, int] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """Return how many tickets the rate stands on: met + late + open overdue."""
        return self.met + self.late + self.open_overdue

    @property
    def rate(self) -> float | None:
        """Return met ÷ (met + late + open overdue), or None when nothing was due."""
        return self.met / self.n if self.n else None

    @property
    def adjusted_rate(self) -> float | None:
        """Return the rate with time on hold taken off, to be shown beside the raw one."""
        return self.adjusted_met / self.adjusted_n if self.adjusted_n else None

    @property
    def greyed(self) -> bool:
        """Tell whether the sample is too small to lean on."""
        return self.n < MINIMUM_SAMPLE

    def as_json(self) -> dict[str, Any]:
        """Return both rates with every count behind them."""
        return {
            "rate": self.rate,
            "adjusted_rate": self.adjusted_rate,
            "n": self.n,
            "met": self.met,
            "late": self.late,
            "open_overdue": self.open_overdue,
            "not_due": self.not_due,
            "excluded": {str(reason): count for reason, count in self.excluded.items()},
        }


def attainment(stories: Sequence[TicketStory], promise: Promise, now: datetime) -> Attainment:
    """Measure how many promises of one kind were kept.

    Formula: met ÷ (met + late + open overdue). Met: arrived (or completed) at or before the target;
    late: after it; open overdue: not yet arrived (or completed) and the target is past, counted
    from the moment of the breach. A call back is met when the reporter was reached, or the repair
    was complete, by then. The target is the one that was promised at the call: returns,
    second dispatches and priority changes do not restart it. The adjusted rate takes time on hold
    off the time used, once, and never more than was used; it stands beside the raw rate.
    In: open and closed tickets with a promise. Out, listed by reason: duplicates, cancelled and
    solved by phone or notice; no promise; closed without a recorded arrival (or completion);
    flagged tickets and those that end before they begin. Not due yet is left out and counted apart.
    Source: metrics.md, attainment and quality.
    """
    return _judge(stories, promise, lambda story: _promised(story, promise), now)


def circle_attainment(stories: Sequence[TicketStory], now: datetime) -> Attainment:
    """Measure how many promises to arrive within 30 minutes were kept.

    Formula, in and out as for attainment of the arrival promise; besides, tickets whose promise was
    not 30 minutes from the call are out and listed. Source: metrics.md, circle attainment.
    """
    return _judge(stories, Promise.ARRIVE, _in_circle, now)


def attainment_30(stories: Sequence[TicketStory], now: datetime) -> Attainment:
    """Measure how many tickets were reached within 30 minutes, whatever had been promised.

    Formula: first arrival ≤ received + 30 min ÷ (all arrivals + open tickets past 30 min).
    In: every ticket with a recorded arrival; open ones that hold a promise to arrive.
    Out, listed: as for attainment; an open ticket that nobody promised to visit.
    Source: metrics.md, rules for every figure.
    """
    return attainment_within(stories, CIRCLE, now)


def attainment_within(
    stories: Sequence[TicketStory], limit: timedelta, now: datetime
) -> Attainment:
    """Measure how many tickets were reached within a limit, whatever had been promised.

    Formula, in and out as for arrivals within 30 minutes, with the limit in their place.
    """
    return _judge(stories, Promise.ARRIVE, lambda story: _within(story, limit), now)


def reasons_left_out(story: TicketStory) -> tuple[Exclusion | None, ...]:
    """Say for each of `MEASURES` why a ticket takes no part in it, None where it does."""
    general = left_out_of_times(story)
    if general is not None:
        return (general,) * len(MEASURES)
    return tuple(
        _order(story, promise) or (found if isinstance(found := target(story), Exclusion) else None)
        for promise, target in MEASURES.values()
    )


def _in_circle(story: TicketStory) -> datetime | Exclusion:
    due = _promised(story, Promise.ARRIVE)
    if isinstance(due, Exclusion) or due - story.received_at == CIRCLE:
        return due
    return Exclusion.OTHER_PROMISE


def _within(story: TicketStory, limit: timedelta) -> datetime | Exclusion:
    is_due = story.arrived_at is not None or story.arrive_due_at is not None
    return story.received_at + limit if is_due else Exclusion.NO_ARRIVAL_PROMISE


def _promised(story: TicketStory, promise: Promise) -> datetime | Exclusion:
    if promise is Promise.ARRIVE:
        return story.arrive_due_at or Exclusion.NO_ARRIVAL_PROMISE
    if promise is Promise.CALL_BACK:
        return story.call_back_due_at or Exclusion.NO_CALL_BACK_PROMISE
    return story.repair_due_at or Exclusion.NO_REPAIR_PROMISE


def _stopped_at(story: TicketStory, promise: Promise) -> datetime | None:
    if promise is Promise.CALL_BACK:
        # Its clock stops with the repair: nobody need be told then that a crew comes.
        return story.called_back_at or story.completed_at
    return story.arrived_at if promise is Promise.ARRIVE else story.completed_at


def _unrecorded(story: TicketStory, promise: Promise) -> Exclusion | None:
    """Say what is missing of a ticket that is over although its clock never stopped."""
    if promise is Promise.ARRIVE:
        is_over = story.completed_at is not None or story.closed_at is not None
        return Exclusion.ARRIVAL_NOT_RECORDED if is_over else None
    return Exclusion.COMPLETION_NOT_RECORDED if story.closed_at is not None else None


def _judge(
    stories: Sequence[TicketStory],
    promise: Promise,
    target: Callable[[TicketStory], datetime | Exclusion],
    now: datetime,
) -> Attainment:
    excluded: Counter[Exclusion] = Counter()
    kept: list[TicketStory] = []
    due: list[datetime] = []
    for story in stories:
        found = left_out_of_times(story) or _order(story, promise) or target(story)
        if isinstance(found, Exclusion):
            excluded[found] += 1
        else:
            kept.append(story)
            due.append(found)
    stopped = micros(_stopped_at(story, promise) for story in kept)
    reading = float(micros([now])[0])
    stood = np.where(np.isnan(stopped), reading, stopped)
    late = stood > micros(due)
    still_open = np.isnan(stopped)
    adjusted_late = stood - _held(kept, promise, stood) > micros(due)
    return Attainment(
        met=int(np.sum(~still_open & ~late)),
        late=int(np.sum(~still_open & late)),
        open_overdue=int(np.sum(still_open & late)),
        not_due=int(np.sum(still_open & ~late)),
        adjusted_met=int(np.sum(~still_open & ~adjusted_late)),
        adjusted_n=int(np.sum(~still_open | adjusted_late)),
        excluded=dict(excluded),
    )


def _order(story: TicketStory, promise: Promise) -> Exclusion | None:
    """Say what is wrong with the stop of a clock: never recorded, or before the start."""
    stop = _stopped_at(story, promise)
    if stop is None:
        return _unrecorded(story, promise)
    return Exclusion.OUT_OF_ORDER if stop < story.received_at else None


def _held(
    stories: Sequence[TicketStory], promise: Promise, stood: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return microseconds on hold before the clock stopped, at most the time it ran."""
    held = np.array(
        [
            story.held_seconds if promise is Promise.ARRIVE else story.held_seconds_total
            for story in stories
        ],
        dtype=np.float64,
    )
    ran = stood - micros(story.received_at for story in stories)
    return np.clip(held * MICROSECONDS, 0, np.maximum(ran, 0))


MEASURES: dict[str, tuple[Promise, Callable[[TicketStory], datetime | Exclusion]]] = {
    "within_30": (Promise.ARRIVE, lambda story: _within(story, CIRCLE)),
    "circle": (Promise.ARRIVE, _in_circle),
    "arrive": (Promise.ARRIVE, lambda story: _promised(story, Promise.ARRIVE)),
    "repair": (Promise.REPAIR, lambda story: _promised(story, Promise.REPAIR)),
    "call_back": (Promise.CALL_BACK, lambda story: _promised(story, Promise.CALL_BACK)),
}
"""What attainment is measured for, with the clock that stops it and its target."""
