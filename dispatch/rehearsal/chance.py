"""What does chance decide about each ticket, the same whoever plans?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dispatch.domain.time_left import TIMES_OFFERED

if TYPE_CHECKING:
    from dispatch.rehearsal.city import City, Flags, Floats, StreetRules


TELLS_AFTER = 5 * 60.0
"""So many seconds after it arrived a crew has found the fault, and knows how long it will need."""

GUESS_SIGMA = 0.3
"""Spread of the logarithm of what a crew guesses around what it will need."""

_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Chance:
    """What would happen to each ticket; drawn from the seed alone, so that policies compare.

    `on_site` (2, n): the seconds of a first and of a second visit, `comes_back` whether a second
    is needed, `gives_up_after` the seconds until the caller cancels (inf: never). `guess`
    (2, 2, n): how many times what it still needs a crew takes it for, when it has found the fault
    and when it sees the end, on either visit; NaN where it says nothing.
    """

    on_site: Floats
    comes_back: Flags
    gives_up_after: Floats
    guess: Floats
    seed: int

    def declined(self, ticket: int, crews: int, share: float) -> Flags:
        """Tell which crews would decline a ticket."""
        made = np.random.default_rng([self.seed, 5, ticket])
        return made.random(crews) < share

    def taps(self, second: int, ticket: int) -> list[tuple[float, int]]:
        """Return after how many seconds on site a crew taps which of the minutes on its page.

        Once when it has found the fault, and once more when it sees the end.
        """
        stays = float(self.on_site[second, ticket])
        first, last = self.guess[:, second, ticket].tolist()
        if math.isnan(first) or stays <= TELLS_AFTER:
            return []
        left = (stays - TELLS_AFTER) / _MINUTE * first
        nearest = min(TIMES_OFFERED, key=lambda each: abs(math.log(each / left)))
        sees_end = stays - TIMES_OFFERED[0] * _MINUTE * last
        again = [(sees_end, TIMES_OFFERED[0])] if sees_end > TELLS_AFTER else []
        return [(TELLS_AFTER, nearest), *again]


def draw(city: City, seed: int) -> Chance:
    """Draw what happens to each ticket; each kind of chance has a stream of its own."""
    rules, tickets = city.rules, len(city.calls)
    streams = [np.random.default_rng([seed, kind]) for kind in range(5)]
    on_site = repair_seconds(streams[0], (2, tickets), rules)
    no_access = streams[1].random(tickets) < rules.no_access
    on_site[0, no_access] = rules.no_access_seconds
    fails = streams[2].random(tickets) < rules.second_visit
    cancels = streams[3].random(tickets) < rules.cancelled
    waits = streams[4].exponential(rules.cancel_after, tickets)
    gives_up_after = np.where(cancels, waits, np.inf)
    return Chance(on_site, no_access | fails, gives_up_after, _guesses(seed, tickets, rules), seed)


def _guesses(seed: int, tickets: int, rules: StreetRules) -> Floats:
    # Crews decline from streams of kind 5.
    stream = np.random.default_rng([seed, 6])
    tells = stream.random((2, tickets)) < rules.tells
    return np.where(tells, np.exp(GUESS_SIGMA * stream.standard_normal((2, 2, tickets))), np.nan)


def repair_seconds(
    stream: np.random.Generator, shape: tuple[int, int], rules: StreetRules
) -> Floats:
    """Draw lognormal times on site of the rules' mean and spread."""
    middle = math.log(rules.repair_mean) - rules.repair_sigma**2 / 2
    # Row by row: the first visits are the same whether second ones are drawn or not.
    drawn = stream.standard_normal(shape)
    return np.exp(middle + rules.repair_sigma * drawn)
