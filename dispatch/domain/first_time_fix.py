"""Was the fault fixed on the first visit, and if not, what was missing?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dispatch.domain.exclusions import Exclusion
from dispatch.domain.same_place import fixed_at, is_followed, next_at_same_place
from dispatch.domain.samples import Share

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from dispatch.domain.stories import TicketStory, VisitStory

CONFIRMED_AFTER_DAYS = 30
"""Days without another ticket at the place after which a fix is confirmed (metrics.md)."""

CAUSE_NOT_RECORDED = "not_recorded"


@dataclass(frozen=True, slots=True)
class FirstTimeFix:
    """First-time fixes of all judged tickets, and of those whose 30 days are over."""

    share: Share
    confirmed: Share
    excluded: dict[Exclusion, int]

    @property
    def provisional(self) -> int:
        """Return how many tickets in n are still inside their 30 days."""
        return self.share.n - self.confirmed.n

    def as_json(self) -> dict[str, Any]:
        """Return the rate so far, the confirmed rate, and the counts behind them."""
        return self.share.as_json() | {
            "provisional": self.provisional,
            "confirmed_rate": self.confirmed.rate,
            "confirmed_n": self.confirmed.n,
            "excluded": {str(reason): count for reason, count in self.excluded.items()},
        }


def first_time_fix(
    stories: Sequence[TicketStory],
    now: datetime,
    followers: Mapping[str, datetime] | None = None,
) -> FirstTimeFix:
    """Measure how many repairs succeeded on the first visit and held for 30 days.

    Formula: closed repair tickets with exactly one arrived visit, that visit completed, no visit
    that could not complete, no reopening, no "not fixed" answer, and no new ticket of the same
    category at the same household or within 30 m in the next 30 days ÷ closed repair tickets with
    at least one arrival. Provisional until a ticket's 30 days are over, then confirmed.
    In: repairs, counted from visits. A planned task of another department (reinstatement) does not
    fail it, and a crew sent to support that arrives while the first is still there is part of the
    same visit. Out: other kinds, open tickets, those nobody visited, duplicates, cancelled, solved
    by phone or notice; flagged tickets are listed. `followers` is the answer of
    `next_at_same_place`, found among these stories when not given. Source: metrics.md, first-time
    fix.
    """
    nexts = next_at_same_place(stories) if followers is None else followers
    hits = n = confirmed_hits = confirmed_n = flagged = 0
    for story in stories:
        if not is_closed_repair(story) or not arrivals(story):
            continue
        end = fixed_at(story)
        if end is None:
            flagged += 1
            continue
        is_over = now >= end + timedelta(days=CONFIRMED_AFTER_DAYS)
        is_fixed = is_fixed_first_time(story, nexts)
        n += 1
        hits += is_fixed
        confirmed_n += is_over
        confirmed_hits += is_fixed and is_over
    return FirstTimeFix(
        Share(hits, n),
        Share(confirmed_hits, confirmed_n),
        {Exclusion.FLAGGED: flagged} if flagged else {},
    )


def is_fixed_first_time(story: TicketStory, followers: Mapping[str, datetime]) -> bool:
    """Tell whether a closed repair was fixed on its only visit and has held so far."""
    end = fixed_at(story)
    arrived = arrivals(story)
    return (
        end is not None
        and len(arrived) == 1
        and arrived[0].outcome == "completed"
        and not any(visit.outcome == "cannot_complete" for visit in _own(story))
        and not story.reopened
        and not any(answer.fixed is False for answer in story.answers)
        and not is_followed(story, end, followers, CONFIRMED_AFTER_DAYS)
    )


def is_closed_repair(story: TicketStory) -> bool:
    """Tell whether a ticket is a repair that was carried to its close."""
    return story.kind == "repair" and story.closed_at is not None and story.outcome is None


def arrivals(story: TicketStory) -> tuple[VisitStory, ...]:
    """Return the visits that count as separate arrivals, in the order of arrival.

    Planned tasks of other departments are not counted; nor is a supporting crew that arrives before
    the visit it supports has ended.
    """
    arrived = sorted(
        ((visit.arrived_at, visit) for visit in _own(story) if visit.arrived_at is not None),
        key=lambda pair: (pair[0], pair[1].role == "support"),
    )
    counted: list[VisitStory] = []
    for at, visit in arrived:
        joins = visit.role == "support" and any(
            one.ended_at is None or at <= one.ended_at for one in counted
        )
        if not joins:
            counted.append(visit)
    return tuple(counted)


def return_visit_causes(stories: Iterable[TicketStory]) -> dict[str, int]:
    """Count why first visits failed, most frequent cause first.

    Formula: one cause, from the closed list, for each repair whose first ended visit could not
    complete; "not_recorded" where the crew gave none. In: open and closed repairs. Out: visits that
    were declined or withdrawn, planned tasks of other departments, duplicates, cancelled, solved by
    phone or notice. Source: metrics.md, return-visit causes.
    """
    causes: Counter[str] = Counter()
    for story in stories:
        if story.kind != "repair" or story.outcome is not None:
            continue
        ended = [v for v in _own(story) if v.outcome in {"completed", "cannot_complete"}]
        if ended and ended[0].outcome == "cannot_complete":
            causes[ended[0].cause or CAUSE_NOT_RECORDED] += 1
    return dict(causes.most_common())


def _own(story: TicketStory) -> list[VisitStory]:
    """Return the visits for the fault itself, in the order of dispatch."""
    return [visit for visit in story.visits if not visit.planned_task]
