"""Which crew goes to which ticket, and by which rule?

This is the place where a better planner lives: `plan` keeps its shape, its inside may change.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from dispatch.domain.candidates import HARD_RULES
from dispatch.domain.sentences import Sentence, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from dispatch.domain.candidates import Candidate, Need

_LAST = datetime.max.replace(tzinfo=UTC)


class Rule(StrEnum):
    """Why this crew: the first of these that any crew satisfies."""

    HOME = "home"
    NEIGHBOUR = "neighbour"
    OTHER = "other"
    FASTEST = "fastest"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Choice:
    """The crew for one ticket, the rule that chose it, and the reasons; no crew: it waits."""

    crew_id: int | None
    rule: Rule
    reasons: tuple[Sentence, ...]


def choose(
    need: Need, candidates: Sequence[Candidate], *, taken: AbstractSet[int] = frozenset()
) -> Choice:
    """Choose one crew: home team, else a neighbour, else any team in time, else the fastest.

    `taken` are crews given to other tickets in the same round. Nobody is chosen only when every
    crew breaks a hard rule; the reasons then say where the ticket waits and why.
    """
    free = [one for one in candidates if one.excluded_by is None and one.crew_id not in taken]
    if not free:
        return Choice(None, Rule.NOBODY, _why_nobody(need, candidates, taken))
    # Without a promise or a place nobody is late, so the order of teams decides alone.
    in_time = [one for one in free if one.makes_promise is not False]
    for rule, members in (
        (Rule.HOME, [one for one in in_time if one.home]),
        (Rule.NEIGHBOUR, [one for one in in_time if one.neighbour]),
        (Rule.OTHER, in_time),
    ):
        if members:
            home_is_late = any(one.home for one in free)
            return _best_of(members, rule, _why(rule, need, home_is_late=home_is_late))
    late = say("No crew can make the circle; this one is the fastest")
    return _best_of(free, Rule.FASTEST, late)


def plan(
    needs: Iterable[Need], candidates_by_ticket: Mapping[int, Sequence[Candidate]]
) -> list[tuple[int, Choice]]:
    """Choose for every ticket, the most urgent first, and give no crew twice.

    Urgency is level, then arrival due, then age. Greedy; the answer is in that order.
    """
    taken: set[int] = set()
    chosen: list[tuple[int, Choice]] = []
    for need in sorted(needs, key=_urgency):
        choice = choose(need, candidates_by_ticket.get(need.ticket_id, ()), taken=taken)
        if choice.crew_id is not None:
            taken.add(choice.crew_id)
        chosen.append((need.ticket_id, choice))
    return chosen


def _best_of(members: Sequence[Candidate], rule: Rule, why: Sentence) -> Choice:
    best = min(members, key=_preference)
    return Choice(best.crew_id, rule, (why, *best.reasons))


def _urgency(need: Need) -> tuple[int, datetime, datetime, int]:
    due_at = need.arrive_due_at or _LAST
    return (int(need.level), due_at, need.received_at or _LAST, need.ticket_id)


def _preference(candidate: Candidate) -> tuple[float, int, bool, bool, int]:
    """Order crews: soonest, then fewest visits this shift, then nearest of kin; ids break ties."""
    eta = math.inf if candidate.eta_seconds is None else candidate.eta_seconds
    kin = (not candidate.home, not candidate.neighbour)
    return (eta, candidate.visits, *kin, candidate.crew_id)


def _why(rule: Rule, need: Need, *, home_is_late: bool) -> Sentence:
    """Say the rule in words; `home_is_late` when a home crew may go but not in time."""
    if rule is Rule.HOME:
        return _why_home(need)
    if rule is Rule.NEIGHBOUR and home_is_late:
        return say("Neighbouring team: the home team cannot make the circle")
    if rule is Rule.NEIGHBOUR:
        return say("Neighbouring team: no crew of the home team may go now")
    if need.owning_team_id is None:
        return say("No team owns this place; this crew is the soonest there")
    return say("Neither the home team nor a neighbour can go in time; this crew can")


def _why_home(need: Need) -> Sentence:
    if need.point is None:
        return say("The place is not known yet; the home team goes, fewest visits first")
    if need.arrive_due_at is None:
        return say("The home team goes first; no time of arrival was promised")
    return say("The home team goes first, and it makes the circle")


def _why_nobody(
    need: Need, candidates: Sequence[Candidate], taken: AbstractSet[int]
) -> tuple[Sentence, ...]:
    """Say where the ticket waits, then how many crews each rule kept back."""
    waits = (
        say("No crew may go now; the ticket waits at the desk")
        if need.owning_team_id is None
        else say("No crew may go now; the ticket waits at the team leader")
    )
    if not candidates:
        return (waits, say("There is no crew to choose from"))
    kept_back = Counter(one.excluded_by for one in candidates if one.excluded_by is not None)
    sent = sum(one.excluded_by is None and one.crew_id in taken for one in candidates)
    counts = [
        Sentence(rule.counted, {"count": kept_back[rule.name]})
        for rule in HARD_RULES
        if kept_back[rule.name]
    ]
    if sent:
        counts.append(say("Crews just sent to a more urgent ticket: %(count)s", count=sent))
    return (waits, *counts)
