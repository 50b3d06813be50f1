"""How long does it take to rehearse a week, how long does the planner think, does it grow?

Run `python bench/rehearsal_week.py`; each line is one figure as JSON. A week of 3,000 tickets and
40 crews in the made-up city is rehearsed without the yardstick, and the memory of the
process is read after the first day's calls and at the end; then one decision is timed for
three sizes, with half of the crews at work and a fifth of the tickets late.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.planner_cities import made_up, staffed
from bench.reporting import Report
from dispatch.domain.look_ahead import look_ahead
from dispatch.domain.outlook import NOBODY, REPAIR_MEAN_SECONDS, REPAIR_SIGMA, Outlook
from dispatch.rehearsal.engine import rehearse

TICKETS, CREWS, DAYS, SEED = 3_000, 40, 7, 1
SIZES = ((40, 20, None, 300), (200, 500, 50.0, 100), (1_000, 5_000, 2_000.0, 10))
report = Report("rehearsal_week")


def resident() -> float:
    """Return the memory that this process holds in megabytes (Linux)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def week() -> None:
    """Time the week."""
    city = staffed(made_up(TICKETS, DAYS, np.random.default_rng(SEED)), CREWS)
    began = time.perf_counter()
    after_a_day: list[float] = []

    def notice(share: float) -> None:
        if share >= 1 / DAYS and not after_a_day:
            after_a_day.append(resident())

    outcome = rehearse(city, look_ahead, seed=SEED, on_progress=notice)
    grown = resident() - after_a_day[0]
    size = {"tickets": TICKETS, "crews": CREWS}
    report("week", time.perf_counter() - began, "s", 20.0, decisions=len(outcome.decisions), **size)
    report("week memory after a day", after_a_day[0], "MB", 250.0, **size)
    report("week memory grown in the six days after", grown, "MB", 5.0, **size)
    for name, value in outcome.figures()["decision_ms"].items():
        report(f"week decision {name}", value, "ms", **size)
    report("week attainment_30", outcome.figures()["attainment_30"], "", **size)


def instant(crews: int, tickets: int, dice: np.random.Generator) -> Outlook:
    """Return an instant with crews and tickets at random in a city of 20 km."""
    here, there = dice.uniform(0, 20_000, (crews, 2)), dice.uniform(0, 20_000, (tickets, 2))
    metres = np.hypot(*(there[:, None] - here[None]).transpose(2, 0, 1))
    on_site = np.where(np.arange(crews) % 2, dice.uniform(0, 3_600, crews), np.nan)
    waited = dice.uniform(0, 1.25 * 1_800, tickets)
    return Outlook(
        drive=metres * 1.3 / (32 / 3.6),
        may_go=dice.random((tickets, crews)) < 0.8,
        home=dice.random((tickets, crews)) < 0.1,
        slack=1_800 - waited,
        waited=waited,
        weight=dice.choice([1.0, 2.0, 4.0], tickets),
        work=np.full(tickets, REPAIR_MEAN_SECONDS),
        heading=np.full(crews, NOBODY),
        can_turn=np.ones(crews, dtype=np.bool_),
        on_site=on_site,
        repair_mean=np.full(crews, REPAIR_MEAN_SECONDS),
        repair_sigma=np.full(crews, REPAIR_SIGMA),
        spread=0.2,
        arrivals=crews / 1.2,
    )


def main() -> None:
    """Measure the week, then one decision by size."""
    week()
    dice = np.random.default_rng(SEED)
    for crews, tickets, limit, rounds in SIZES:
        taken = []
        for _ in range(rounds):
            seen = instant(crews, tickets, dice)
            began = time.perf_counter()
            look_ahead(seen)
            taken.append((time.perf_counter() - began) * 1e3)
        p50, p99 = np.percentile(taken, [50, 99]).tolist()
        size = {"crews": crews, "tickets": tickets, "rounds": rounds}
        report(f"decision {crews}x{tickets} p50", p50, "ms", **size)
        report(f"decision {crews}x{tickets} p99", p99, "ms", limit, **size)


if __name__ == "__main__":
    main()
