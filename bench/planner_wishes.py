"""What do continuity and fairness cost: which share is reached within 30 minutes with and without?

Run `python bench/planner_wishes.py [SEEDS [CITY]]`; each line is one figure as JSON, the mean of
the seeds on the cities of `planner_policies.py`. Crews have no shifts there: visits since the start
are counted, and the extra ones, 3 at most either way, are as many as they can be. A household is
known for four calls in ten, to a crew that is drawn. Each wish is measured with its weight in the
product, and both with ten times that.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from statistics import mean, pstdev
from typing import TYPE_CHECKING

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.planner_cities import boston, two_peaks
from bench.reporting import Report
from dispatch.domain.candidates import MOST_EXTRA_VISITS
from dispatch.domain.look_ahead import DEFAULT_WEIGHTS, Weights, look_ahead
from dispatch.rehearsal.chance import draw
from dispatch.rehearsal.city import NONE, City
from dispatch.rehearsal.engine import Run

if TYPE_CHECKING:
    from dispatch.domain.outlook import Outlook

CITIES = {"boston": boston, "two-peaks": two_peaks}
LOADS = (0.70, 0.85)
KNOWN = 0.4
MOST_LOST = 0.01
NEITHER = replace(DEFAULT_WEIGHTS, continuity=0.0, evenness=0.0)
ASKED: dict[str, Weights] = {
    "neither": NEITHER,
    "continuity": replace(NEITHER, continuity=DEFAULT_WEIGHTS.continuity),
    "fairness": replace(NEITHER, evenness=DEFAULT_WEIGHTS.evenness),
    "both": DEFAULT_WEIGHTS,
    "both, ten times": replace(
        DEFAULT_WEIGHTS,
        continuity=10 * DEFAULT_WEIGHTS.continuity,
        evenness=10 * DEFAULT_WEIGHTS.evenness,
    ),
}
show = Report("planner_wishes")


class Wishful(Run):
    """A run in which crews know households, and whose visits are held against each other's."""

    def __init__(self, city: City, weights: Weights, seed: int) -> None:
        super().__init__(city, lambda seen: look_ahead(seen, weights), draw(city, seed))
        dice = np.random.default_rng(seed)
        calls, crews = len(city.calls), len(city.staff)
        is_known = dice.random(calls) < KNOWN
        self.knower = np.where(is_known, dice.integers(0, crews, calls), NONE)
        self._plain, self.sight.outlook = self.sight.outlook, self._outlook

    def _outlook(self, crews: np.ndarray, now: float) -> tuple[Outlook, np.ndarray]:
        seen, jobs = self._plain(crews, now)
        visits = self.visits_of_crews()
        extra = np.clip(visits - visits.mean(), -MOST_EXTRA_VISITS, MOST_EXTRA_VISITS)
        knows = self.knower[jobs % len(self.knower)][:, None] == crews[None, :]
        return replace(seen, knows=knows, extra_visits=extra[crews]), jobs

    def visits_of_crews(self) -> np.ndarray:
        """Count the tickets that each crew has reached."""
        return np.bincount(self.crew_of[self.crew_of != NONE], minlength=len(self.city.staff))


def measure(name: str, load: float, seeds: int) -> None:
    """Rehearse every weighting on the same seeds and print the means."""
    reached, known, uneven = (defaultdict[str, list[float]](list) for _ in range(3))
    for seed in range(1, seeds + 1):
        city = CITIES[name](load, seed)
        for asked, weights in ASKED.items():
            run = Wishful(city, weights, seed)
            figures = run.to_the_end(lambda _share: None).figures()
            crew = run.crew_of[: len(city.calls)]
            reached[asked].append(figures["attainment_30"])
            known[asked].append(float(np.mean((crew == run.knower)[run.knower != NONE])))
            uneven[asked].append(pstdev(run.visits_of_crews().tolist()))
    place = {"city": name, "load": load, "seeds": seeds, "crews": len(city.staff)}
    for asked, values in reached.items():
        show(
            f"attainment_30, {asked}",
            mean(values),
            "",
            mean(reached["neither"]) - MOST_LOST if "ten" not in asked else None,
            floor=True,
            known_crew_went=round(mean(known[asked]), 3),
            visits_deviation=round(mean(uneven[asked]), 1),
            **place,
        )


def main() -> None:
    """Measure the cities at two loads."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    for name in sys.argv[2:] or CITIES:
        for load in LOADS:
            measure(name, load, seeds)


if __name__ == "__main__":
    main()
