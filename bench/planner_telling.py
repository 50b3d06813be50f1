"""What is it worth that a crew on site says how much longer it needs?

Run `python bench/planner_telling.py [SEEDS [LOAD ...]]`; each line is one figure as JSON, the mean
of the seeds. The city is Boston as in `planner_policies.py`. In the line with crews that tell, each
says twice on a visit what it still needs: five minutes after it arrived, and “about 10 min more”
when it sees the end. Both are wrong by a lognormal error of sigma 0.3, and the first is the nearest
of 10, 20, 40 and 80 minutes. Both lines meet the same calls and repairs.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from statistics import mean

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.planner_cities import boston
from bench.reporting import Report
from dispatch.domain.look_ahead import look_ahead
from dispatch.rehearsal.engine import rehearse

SHARES = {"onevisit": 0.0, "onevisit, crews tell": 1.0}


def measure(report: Report, load: float, seeds: int) -> None:
    """Rehearse with silent crews and with crews that tell, and print the means."""
    calm = boston(load, 1)
    place = {"city": "boston", "load": load, "seeds": seeds, "crews": len(calm.staff)}
    for name, share in SHARES.items():
        city = replace(calm, rules=replace(calm.rules, tells=share))
        runs = [rehearse(city, look_ahead, seed=seed).figures() for seed in range(1, seeds + 1)]
        kept = [figures["attainment_30"] for figures in runs]
        p90 = mean(figures["response_minutes"]["p90"] for figures in runs)
        each = [round(value, 4) for value in kept]
        report(
            f"{name} attainment_30", mean(kept), "", by_seed=each, p90_min=round(p90, 2), **place
        )


def main() -> None:
    """Measure Boston at the loads that are asked for."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    report = Report("planner_telling")
    for load in map(float, sys.argv[2:] or ("0.70", "0.85")):
        measure(report, load, seeds)


if __name__ == "__main__":
    main()
