"""Which of the crews that are free goes to one ticket, and in which words is that said?

The planner weighs all tickets together with `look_ahead`; its choice is worded here. Where one
ticket is looked at alone, at the desk, the same wishes are weighed the same way.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from dispatch.domain.candidates import HARD_RULES
from dispatch.domain.look_ahead import DEFAULT_WEIGHTS
from dispatch.domain.sentences import Sentence, say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from dispatch.domain.candidates import Candidate, Need
    from dispatch.domain.look_ahead import Weights

_SECONDS_PER_MINUTE = 60


class Rule(StrEnum):
    """Whose crew it is that goes; or that it is late, not free yet, or that nobody may go."""

    HOME = "home"
    NEIGHBOUR = "neighbour"
    OTHER = "other"
    FASTEST = "fastest"
    WAITS = "waits"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Choice:
    """The crew for one ticket, the rule that chose it, and the reasons; no crew: it waits."""

    crew_id: int | None
    rule: Rule
    reasons: tuple[Sentence, ...]


def choose(
    need: Need,
    candidates: Sequence[Candidate],
    *,
    taken: AbstractSet[int] = frozenset(),
    weights: Weights = DEFAULT_WEIGHTS,
) -> Choice:
    """Choose one crew for one ticket by the wishes of `look_ahead`, as if it were the only one.

    `taken` are crews given to other tickets. Nobody is chosen only when every crew breaks a hard
    rule; the reasons then say where the ticket waits and why.
    """
    free = [one for one in candidates if one.excluded_by is None and one.crew_id not in taken]
    if not free:
        return Choice(None, Rule.NOBODY, why_nobody(need, candidates, taken))
    best = max(free, key=lambda one: (_gain(one, weights), *_kin(one)))
    return explain(need, best, candidates)


def explain(need: Need, chosen: Candidate, candidates: Sequence[Candidate]) -> Choice:
    """Say in one sentence why a crew goes, before what speaks for it."""
    free = [one for one in candidates if one.excluded_by is None]
    rule = _rule_of(chosen)
    home = min((_minutes(one) for one in free if one.home), default=None)
    return Choice(chosen.crew_id, rule, (_why(rule, need, chosen, home), *chosen.reasons))


def _gain(one: Candidate, weights: Weights) -> float:
    """Weigh a crew in minutes of driving, as the matching of `look_ahead` does."""
    chance = 1.0 if one.chance is None else one.chance
    eta = (one.eta_seconds or 0) / _SECONDS_PER_MINUTE
    wishes = weights.home * one.home + weights.continuity * one.knows
    wishes -= weights.evenness * one.extra_visits
    return round(weights.promise * chance - weights.drive * (eta - wishes), 6)


def _kin(one: Candidate) -> tuple[int, bool, bool, int]:
    """Order crews that are equally good: fewest visits, then nearest of kin; ids break ties."""
    return (-one.visits, one.home, one.neighbour, -one.crew_id)


def _rule_of(chosen: Candidate) -> Rule:
    if chosen.makes_promise is False:
        return Rule.FASTEST
    if chosen.home:
        return Rule.HOME
    return Rule.NEIGHBOUR if chosen.neighbour else Rule.OTHER


def _minutes(one: Candidate) -> tuple[bool, float]:
    """Order home crews: one in time before one that is late, the soonest first."""
    eta = math.inf if one.eta_seconds is None else one.eta_seconds
    return (one.makes_promise is False, eta)


def _why(rule: Rule, need: Need, chosen: Candidate, home: tuple[bool, float] | None) -> Sentence:
    """Say the rule in words; `home` says whether the best home crew is late, and its seconds."""
    if rule is Rule.FASTEST:
        return say("No crew is likely to be in time; this one is the best that may go")
    if rule is Rule.HOME:
        return _why_home(need)
    if need.owning_team_id is None:
        return say("No team owns this place; this crew is the soonest there")
    return _why_not_home(chosen, home)


def _why_not_home(chosen: Candidate, home: tuple[bool, float] | None) -> Sentence:
    if home is None:
        return say("No crew of the home team may go now")
    late, seconds = home
    if late:
        return say("The home team cannot make the circle")
    sooner = round((seconds - (chosen.eta_seconds or 0)) / _SECONDS_PER_MINUTE)
    if sooner < 1:
        return say("Best for all tickets together: the home team is needed elsewhere")
    return say("%(minutes)s min sooner there than the home team", minutes=sooner)


def _why_home(need: Need) -> Sentence:
    if need.point is None:
        return say("The place is not known yet; the home team goes, fewest visits first")
    if need.arrive_due_at is None:
        return say("The home team goes; no time of arrival was promised")
    return say("The home team goes, and it makes the circle")


def why_nobody(
    need: Need, candidates: Sequence[Candidate], taken: AbstractSet[int] = frozenset()
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
