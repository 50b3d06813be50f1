"""In whose hands do promises break, why do tickets wait, and how often do they change hands?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dispatch.domain.rectification import UNSETTLED, ItemState
from dispatch.domain.samples import Share

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from numpy.typing import ArrayLike

    from dispatch.domain.responsibility import Holder

MOST_HOPS = 4
"""From so many on, teams or crews of one ticket are counted together."""


class TicketHold(NamedTuple):
    """One pause of a ticket; `to_at` is None while it lasts."""

    ticket: int
    reason: str
    from_at: datetime
    to_at: datetime | None

    def seconds(self, now: datetime) -> float:
        """Return how long it lasted, up to now at most."""
        return max((min(self.to_at or now, now) - self.from_at).total_seconds(), 0.0)


class TicketReturn(NamedTuple):
    """One return of a ticket to the desk, with what was said."""

    ticket: int
    reason: str


class TicketItem(NamedTuple):
    """One item of the rectification list."""

    ticket: int
    state: str
    due_at: datetime

    def is_overdue(self, now: datetime) -> bool:
        """Tell whether somebody should have put it right by now."""
        return self.state in UNSETTLED and self.due_at < now


@dataclass(frozen=True, slots=True)
class HoldRow:
    """The pauses for one reason: how many, of how many tickets, how long, how many last."""

    reason: str
    holds: int
    tickets: int
    seconds: float
    lasting: int


@dataclass(frozen=True, slots=True)
class Returned:
    """How often tickets went back to the desk: returns, their tickets, and the reasons given."""

    returns: int
    tickets: Share
    reasons: list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Hops:
    """How many tickets were taken on by one, two, three, or four and more; `several` by over one.

    `counts` are in that order.
    """

    counts: tuple[int, ...]
    several: Share


@dataclass(frozen=True, slots=True)
class Items:
    """How many items there are, and how they stand; overdue ones are among the open."""

    all: int
    open: int
    overdue: int
    done: int
    signed_off: int


def broken_by_holder(
    held: Iterable[tuple[Holder | None, int]],
) -> list[tuple[Holder | None, int]]:
    """Count the broken promises of 30 minutes by who held the ticket when each fell due.

    Formula: one for each broken promise, to whoever had the ticket in hand 30 minutes after the
    call: the desk until a team has it, the team until a crew is sent, then the crew that is
    furthest; another department while its task keeps the crew waiting; a hold by its reason.
    In: tickets that broke the promise of 30 minutes, as for circle attainment.
    Out: nothing; who held it may not be on record.
    Source: product.md, E4.
    `held` are holders with a number of tickets each; who is told twice holds both.
    """
    counts: Counter[Holder | None] = Counter()
    for holder, tickets in held:
        counts[holder] += tickets
    return sorted(counts.items(), key=lambda one: (-one[1], one[0] is None, one[0] or ()))


def hold_reasons(holds: Iterable[TicketHold], now: datetime) -> list[HoldRow]:
    """Add up the time on hold by the reason that was given.

    Formula: the end of each pause − its beginning, summed by reason; one that lasts counts up to
    now.
    In: every pause of the tickets received in the range, before and after the arrival.
    Out: nothing. A ticket that waited for two reasons counts in both rows.
    """
    by_reason: dict[str, list[TicketHold]] = {}
    for one in holds:
        by_reason.setdefault(one.reason, []).append(one)
    rows = [
        HoldRow(
            reason,
            holds=len(found),
            tickets=len({one.ticket for one in found}),
            seconds=sum(one.seconds(now) for one in found),
            lasting=sum(one.to_at is None for one in found),
        )
        for reason, found in by_reason.items()
    ]
    return sorted(rows, key=lambda row: (-row.seconds, row.reason))


def returned(returns: Sequence[TicketReturn], tickets: int) -> Returned:
    """Count how often tickets were given back to the desk, and why.

    Formula: the number of returns; the share of tickets that were returned at least once; the
    reasons in the words in which they were given, the most frequent first.
    In: all tickets received in the range.
    Out: crews that were withdrawn or refused, which is no return.
    """
    reasons = Counter(one.reason for one in returns)
    return Returned(
        len(returns),
        Share(len({one.ticket for one in returns}), tickets),
        sorted(reasons.items(), key=lambda one: (-one[1], one[0])),
    )


def hops(takers: ArrayLike) -> Hops:
    """Count how many teams, or crews, a ticket went through.

    Formula: the different teams (crews) of which a crew took the ticket on: it acknowledged, set
    off or arrived.
    In: tickets received in the range that at least one crew took on.
    Out: tickets that nobody took on; a crew that was sent and refused or was withdrawn before.
    """
    _, *counts = np.bincount(np.minimum(takers, MOST_HOPS), minlength=MOST_HOPS + 1).tolist()
    in_order = tuple(counts)
    return Hops(in_order, Share(sum(in_order[1:]), sum(in_order)))


def item_figures(items: Sequence[TicketItem], now: datetime) -> Items:
    """Count how the items of the rectification list stand now.

    Formula: open is what somebody still has to put right, sent back included; overdue is what is
    open after its due date; done waits for the sign-off of a second person.
    In: all items of the tickets received in the range.
    Out: nothing; a ticket that was signed off and came onto the list again has two items.
    """
    states = Counter(one.state for one in items)
    return Items(
        len(items),
        open=sum(states[state] for state in UNSETTLED),
        overdue=sum(one.is_overdue(now) for one in items),
        done=states[ItemState.DONE],
        signed_off=states[ItemState.SIGNED_OFF],
    )
