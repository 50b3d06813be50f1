"""How much work came in, went out and is waiting, and how was it handed on?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dispatch.domain.samples import Share

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from dispatch.domain.stories import TicketStory

AGE_BANDS: tuple[tuple[str, timedelta], ...] = (
    ("under_4_hours", timedelta(hours=4)),
    ("under_1_day", timedelta(days=1)),
    ("under_3_days", timedelta(days=3)),
    ("under_7_days", timedelta(days=7)),
    ("under_30_days", timedelta(days=30)),
)
"""Each band ends before its age; what is older falls into the last, `OLDEST_BAND`."""

OLDEST_BAND = "30_days_and_over"


@dataclass(frozen=True, slots=True)
class CrewWork:
    """Visits of one crew with an arrival, and the seconds it was on site."""

    visits: int
    on_site_seconds: float


@dataclass(frozen=True, slots=True)
class Flow:
    """The tickets of a period by what became of them, and the backlog at its end."""

    opened: int
    closed: int
    backlog: int
    overdue: int
    age_bands: dict[str, int]
    returns: int
    dispatches: int
    dispatched: int
    by_rule: Share
    overrides: int
    duplicates: int
    reports: int

    @property
    def dispatches_per_ticket(self) -> float | None:
        """Return dispatches ÷ tickets that were dispatched, or None when there are none."""
        return self.dispatches / self.dispatched if self.dispatched else None

    @property
    def duplicates_per_report(self) -> float | None:
        """Return duplicate tickets ÷ reports, or None without reports."""
        return self.duplicates / self.reports if self.reports else None

    def as_json(self) -> dict[str, Any]:
        """Return the counts and the three ratios."""
        return {
            "opened": self.opened,
            "closed": self.closed,
            "backlog": self.backlog,
            "overdue": self.overdue,
            "age_bands": self.age_bands,
            "returns": self.returns,
            "dispatches_per_ticket": self.dispatches_per_ticket,
            "by_rule": self.by_rule.as_json(),
            "overrides": self.overrides,
            "duplicates_per_report": self.duplicates_per_report,
        }


@dataclass(frozen=True, slots=True)
class _Period:
    """A stretch of time as it can be known at `now`."""

    now: datetime
    since: datetime | None
    before: datetime | None

    @property
    def end(self) -> datetime:
        return self.now if self.before is None else min(self.now, self.before)

    def has_happened(self, at: datetime | None) -> bool:
        """Tell whether an instant had come by the end of the period."""
        return at is not None and at <= self.now and (self.before is None or at < self.before)

    def holds(self, at: datetime | None) -> bool:
        """Tell whether an instant lies in the period."""
        return at is not None and self.has_happened(at) and (self.since is None or at >= self.since)

    def leaves_open(self, story: TicketStory) -> bool:
        """Tell whether a ticket is in the backlog at the end of the period."""
        is_work = story.outcome is None and not (story.imported and story.closed_at is None)
        is_here = is_work and self.has_happened(story.received_at)
        return is_here and not self.has_happened(story.closed_at)


def flow(
    stories: Sequence[TicketStory],
    now: datetime,
    *,
    since: datetime | None = None,
    before: datetime | None = None,
) -> Flow:
    """Count what came in and went out in a period, and what was waiting at its end.

    Formula: opened = received in the period; closed = closed in it, whenever received; backlog =
    received by its end and not closed by then; overdue = the part of the backlog past its promise
    to arrive without an arrival, or past its promise to repair without a completion; age bands =
    the backlog by time since the call. Returns, dispatches per dispatched ticket, share by rule =
    first crew chosen by a rule ÷ dispatched tickets, overrides, and duplicates per report are of
    the tickets opened in the period. In: tickets of all kinds. The period includes `since` and not
    `before`; without `before` it runs up to `now`, which it includes. Out of the backlog:
    duplicates, cancelled and solved by phone or notice, and past tickets that were imported without
    a close. Source: metrics.md, flow.
    """
    period = _Period(now, since, before)
    opened = [story for story in stories if period.holds(story.received_at)]
    waiting = [story for story in stories if period.leaves_open(story)]
    dispatched = [story for story in opened if story.dispatches]
    return Flow(
        opened=len(opened),
        closed=sum(period.holds(story.closed_at) for story in stories),
        backlog=len(waiting),
        overdue=sum(is_overdue(story, period.end) for story in waiting),
        age_bands=_by_age(waiting, period.end),
        returns=sum(story.returns for story in opened),
        dispatches=sum(story.dispatches for story in dispatched),
        dispatched=len(dispatched),
        by_rule=Share(sum(story.auto for story in dispatched), len(dispatched)),
        overrides=sum(story.override for story in opened),
        duplicates=sum(story.outcome == "duplicate" for story in opened),
        reports=sum(story.reports for story in opened),
    )


def is_overdue(story: TicketStory, at: datetime) -> bool:
    """Tell whether an open ticket is past a promise at an instant and has not kept it by then.

    Formula: the promise to arrive is past and nobody has arrived, or the promise to repair is past
    and the repair is not complete. Time on hold is not taken off.
    In: every ticket that is open at the instant, whatever days are shown.
    Out: closed tickets; past tickets that were imported; the promises that a ticket does not hold.
    """
    return _is_broken(
        story.arrive_due_at, story.arrived_at or story.completed_at, at
    ) or _is_broken(story.repair_due_at, story.completed_at, at)


def work_by_crew(stories: Iterable[TicketStory]) -> dict[str, CrewWork]:
    """Add up the work of each crew, by the crew's name in order.

    Formula: visits with an arrival, and seconds from arrival to the end of the visit. In: every
    visit, planned tasks too. Out: a visit without an arrival; one that still lasts, or that ends
    before it begins, counts as a visit and adds no time. Source: metrics.md, flow.
    """
    visits: Counter[str] = Counter()
    seconds: dict[str, float] = {}
    for story in stories:
        for visit in story.visits:
            if visit.crew is None or visit.arrived_at is None:
                continue
            ended_at = visit.ended_at or visit.arrived_at
            spent = (ended_at - visit.arrived_at) / timedelta(seconds=1)
            visits[visit.crew] += 1
            seconds[visit.crew] = seconds.get(visit.crew, 0.0) + max(spent, 0.0)
    return {crew: CrewWork(visits[crew], seconds[crew]) for crew in sorted(visits)}


def _is_broken(due_at: datetime | None, stopped_at: datetime | None, at: datetime) -> bool:
    return due_at is not None and due_at < at and (stopped_at is None or stopped_at > at)


def _by_age(waiting: Iterable[TicketStory], at: datetime) -> dict[str, int]:
    bands = dict.fromkeys((*(name for name, _ in AGE_BANDS), OLDEST_BAND), 0)
    for story in waiting:
        age = at - story.received_at
        bands[next((name for name, limit in AGE_BANDS if age < limit), OLDEST_BAND)] += 1
    return bands
