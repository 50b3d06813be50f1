"""What does chance decide about each ticket, the same whoever plans?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from dispatch.rehearsal.city import City, Flags, Floats, StreetRules


@dataclass(frozen=True, slots=True)
class Chance:
    """What would happen to each ticket; drawn from the seed alone, so that policies compare.

    `on_site` (2, n): the seconds of a first and of a second visit, `comes_back` whether a second
    is needed, `gives_up_after` the seconds until the caller cancels (inf: never).
    """

    on_site: Floats
    comes_back: Flags
    gives_up_after: Floats
    seed: int

    def declined(self, ticket: int, crews: int, share: float) -> Flags:
        """Tell which crews would decline a ticket."""
        made = np.random.default_rng([self.seed, 5, ticket])
        return made.random(crews) < share


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
    return Chance(on_site, no_access | fails, np.where(cancels, waits, np.inf), seed)


def repair_seconds(
    stream: np.random.Generator, shape: tuple[int, int], rules: StreetRules
) -> Floats:
    """Draw lognormal times on site of the rules' mean and spread."""
    middle = math.log(rules.repair_mean) - rules.repair_sigma**2 / 2
    # Row by row: the first visits are the same whether second ones are drawn or not.
    drawn = stream.standard_normal(shape)
    return np.exp(middle + rules.repair_sigma * drawn)
