"""Are emergencies reached in time when a storm brings more calls than anybody could serve?

Run `python bench/planner_storm.py [SEEDS]`; each line is one figure as JSON, the mean of the seeds.
The made-up city with two peaks and 40 crews at a load of 70 % gets 3.5 times the calls from 8 to 14
o'clock of its second day. 15 % of the calls are of level 1 and 35 % of level 2; the planner weighs
levels 1, 2 and 3 as 4, 2 and 1. What level 1 reaches is held against two yardsticks: what the
search with full knowledge reaches of it while it counts every call alike, and what it reaches when
level 1 is all that it has to serve; the second is the harder one, and the limit.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import mean

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.planner_cities import made_up, staffed, with_levels
from bench.reporting import Report
from dispatch.domain import desk_rules
from dispatch.domain.look_ahead import TURNED_ONCE, look_ahead
from dispatch.rehearsal.bound import bound_of
from dispatch.rehearsal.city import DAY, HOUR, City, StreetRules
from dispatch.rehearsal.engine import rehearse
from dispatch.rehearsal.storm import with_storm

LOAD, CREWS, DAYS = 0.7, 40, 3
FACTOR, BEGINS, HOURS = 3.5, 32.0, 6.0
SHARES = {1: 0.15, 2: 0.35, 3: 0.50}
WEIGHTS = (4.0, 2.0, 1.0, 1.0)
AIM = 0.95
report = Report("planner_storm")


def storm_city(seed: int) -> City:
    """Return the city with its storm; the crews are those of quiet days."""
    dice = np.random.default_rng(1_000 + seed)
    calls = int(dice.poisson(LOAD * CREWS / StreetRules().repair_mean * DAYS * DAY))
    calm = with_levels(made_up(calls, DAYS, dice), SHARES, dice)
    stormy = with_storm(calm, FACTOR, BEGINS, HOURS, seed)
    return replace(staffed(stormy, CREWS, calm), rules=StreetRules(level_weights=WEIGHTS))


def measure(seed: int, kept: dict[str, list[float]]) -> None:
    """Rehearse one storm and keep the shares of its calls that were reached, by level."""
    city = storm_city(seed)
    at = city.calls.received / HOUR
    during = (at >= BEGINS) & (at < BEGINS + HOURS)
    turning_once = replace(city, rules=replace(city.rules, most_turns=1))
    for name, town, plan in (
        ("nearest", city, desk_rules.nearest),
        ("onevisit, one diversion,", turning_once, partial(look_ahead, weights=TURNED_ONCE)),
        ("onevisit", city, look_ahead),
    ):
        outcome = rehearse(town, plan, seed=seed)
        for level in SHARES:
            among = during & (outcome.level == level)
            kept[f"{name} level {level}"].append(outcome.attainment_30(among).rate or 0.0)
        kept[f"{name} all levels"].append(outcome.attainment_30(during).rate or 0.0)
    first = outcome.level == 1
    p90 = outcome.response_minutes(during & first) or {}
    kept["onevisit level 1 p90 minutes"].append(float(p90.get("p90", np.nan)))
    alike = bound_of(outcome)
    alone = bound_of(replace(outcome, cancelled=outcome.cancelled | ~first))
    kept["bound level 1, every call alike"].append(alike.among(during & first).rate or 0.0)
    kept["bound level 1, nothing else"].append(alone.among(during).rate or 0.0)
    kept["calls in the storm"].append(float(during.sum()))


def main() -> None:
    """Measure some storms."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    kept: dict[str, list[float]] = defaultdict(list)
    for seed in range(1, seeds + 1):
        measure(seed, kept)
    for figure, values in kept.items():
        report(figure, mean(values), "", spread=round(float(np.ptp(values)), 3), seeds=seeds)
    ours = mean(kept["onevisit level 1"])
    for bound in ("every call alike", "nothing else"):
        share = ours / mean(kept[f"bound level 1, {bound}"])
        report(f"level 1 to the bound, {bound}", share, "", AIM, floor=True, seeds=seeds)


if __name__ == "__main__":
    main()
