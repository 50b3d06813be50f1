"""Did one call, one ticket, one team, one arrival and one fix come true?"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from dispatch.domain.first_time_fix import (
    CONFIRMED_AFTER_DAYS,
    arrivals,
    first_time_fix,
    is_closed_repair,
)
from dispatch.domain.same_place import fixed_at, is_followed, next_at_same_place
from dispatch.domain.samples import Share

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from dispatch.domain.stories import TicketStory


@dataclass(frozen=True, slots=True)
class FiveOnes:
    """The five shares, each with its own n."""

    one_call: Share
    one_ticket: Share
    one_team: Share
    one_arrival: Share
    one_fix: Share

    def as_json(self) -> dict[str, Any]:
        """Return the five under their names."""
        return {one.name: getattr(self, one.name).as_json() for one in fields(self)}


def five_ones(
    stories: Sequence[TicketStory],
    now: datetime,
    followers: Mapping[str, datetime] | None = None,
) -> FiveOnes:
    """Measure the five ones over closed repair tickets.

    Formula: one call = every reporter contacted us once ÷ tickets whose contacts are recorded. One
    ticket = no other was merged into it and none of its category followed at its place within 30
    days ÷ closed. One team = one team held it ÷ tickets whose teams are recorded. One
    arrival = exactly one arrived visit ÷ tickets with at least one. One fix = first-time fix.
    In: closed repairs. Out: duplicates, cancelled, solved by phone or notice, other kinds, open
    tickets; for one call, one ticket and one team also imported tickets, whose calls, merges and
    teams are not known; for one ticket also flagged ones. Source: metrics.md, the five ones.
    """
    nexts = next_at_same_place(stories) if followers is None else followers
    closed = [story for story in stories if is_closed_repair(story)]
    ours = [story for story in closed if not story.imported]
    arrived = [len(arrivals(story)) for story in closed]
    return FiveOnes(
        one_call=_share(s.contacts_by_reporter == 1 for s in ours if s.contacts_by_reporter),
        one_ticket=_share(
            not s.duplicates and not is_followed(s, end, nexts, CONFIRMED_AFTER_DAYS)
            for s in ours
            if (end := fixed_at(s)) is not None
        ),
        one_team=_share(s.teams == 1 for s in ours if s.teams),
        one_arrival=_share(count == 1 for count in arrived if count),
        one_fix=first_time_fix(closed, now, nexts).share,
    )


def _share(verdicts: Iterable[bool]) -> Share:
    known = list(verdicts)
    return Share(sum(known), len(known))
