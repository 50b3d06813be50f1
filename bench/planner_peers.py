"""How does our planner compare with vehicle-routing engines that plan anew at every event?

Run `python bench/planner_peers.py [SEEDS]`; each line is one figure as JSON, the mean of the seeds.
VROOM (pyvroom) and PyVRP come with `pip install 'onevisit[bench]'`; one that is not there is left
out, and said so. One day of the made-up city with two peaks and 16 crews is rehearsed at 55 and
70 %, the same calls and repair times for everybody. An engine gets what ours gets and the drives
between tickets besides: crews start where they are, those at work after the mean time that their
repair still needs, for 45 minutes on each ticket. A ticket that some crew can still reach in time
has its promise as a window and ten times the priority, or twice the prize, of one that is late.
Each crew heads for the first ticket of its route.
"""

from __future__ import annotations

import importlib
import sys
from abc import ABC, abstractmethod
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.planner_cities import two_peaks
from bench.reporting import Report
from dispatch.domain import desk_rules
from dispatch.domain.look_ahead import look_ahead
from dispatch.domain.outlook import NOBODY, Outlook
from dispatch.domain.repair_time import mean_left
from dispatch.rehearsal.bound import bound_of
from dispatch.rehearsal.chance import draw
from dispatch.rehearsal.engine import Run

if TYPE_CHECKING:
    from dispatch.rehearsal.city import City, Policy
    from dispatch.rehearsal.outcome import Outcome

LOADS, CREWS, DAYS = (0.55, 0.70), 16, 1
NO_WAY = 10**6
PRIZE_IN_TIME, PRIZE_LATE = 100_000, 50_000
PYVRP_ITERATIONS, VROOM_EXPLORATION = 200, 5
report = Report("planner_peers")


@dataclass(frozen=True)
class Instance:
    """One instant in whole seconds; places are the crews' (m) and then the tickets' (n).

    `window` is what is left of a ticket's promise, None where nobody can be in time.
    """

    between: np.ndarray
    ready: list[int]
    window: list[int | None]
    work: list[int]


class Engine(ABC):
    """A policy that asks a vehicle-routing engine for routes, and sends crews to their starts."""

    def __init__(self, module: Any) -> None:
        self.engine = module
        self.run: Run | None = None

    def __call__(self, seen: Outlook) -> np.ndarray:
        """Return for each crew the first ticket of its route."""
        plan = np.full(seen.crews, NOBODY)
        for crew, ticket in self.first_tickets(self._instance(seen)):
            plan[crew] = ticket
        return plan

    @abstractmethod
    def first_tickets(self, instance: Instance) -> list[tuple[int, int]]:
        """Return the crews that have a route, and the ticket each begins with."""

    def _instance(self, seen: Outlook) -> Instance:
        """Write an instant down as a routing problem; every crew may go everywhere here."""
        assert self.run is not None
        calls, sight = self.run.city.calls, self.run.sight
        place = calls.place[np.array(sight.open) % len(calls)]
        between = np.full((seen.crews + seen.tickets,) * 2, float(NO_WAY))
        between[: seen.crews, seen.crews :] = seen.drive.T
        between[seen.crews :, seen.crews :] = self.run.city.travel.seconds(place, place, None)
        working = ~np.isnan(seen.on_site)
        ready = np.zeros(seen.crews)
        ready[working] = mean_left(
            seen.on_site[working], seen.repair_mean[working], seen.repair_sigma[working]
        )
        soonest = (ready[None, :] + seen.drive).min(axis=1)
        return Instance(
            between=np.rint(between).astype(np.int64),
            ready=np.rint(ready).astype(int).tolist(),
            window=[
                int(slack) + 1 if first <= slack else None
                for first, slack in zip(soonest.tolist(), seen.slack.tolist(), strict=True)
            ],
            work=seen.work.astype(int).tolist(),
        )


class Vroom(Engine):
    """Asks VROOM: windows are hard, and a ticket that fits nowhere waits."""

    def first_tickets(self, instance: Instance) -> list[tuple[int, int]]:
        """Solve with one thread at the highest exploration."""
        vroom, crews = self.engine, len(instance.ready)
        problem = vroom.Input()
        problem.set_durations_matrix(profile="car", matrix_input=instance.between)
        problem.add_vehicle(
            [
                vroom.Vehicle(crew, start=crew, time_window=vroom.TimeWindow(ready, NO_WAY))
                for crew, ready in enumerate(instance.ready)
            ]
        )
        problem.add_job(
            [
                vroom.Job(
                    ticket,
                    location=crews + ticket,
                    default_service=instance.work[ticket],
                    priority=1 if window is None else 10,
                    time_windows=[] if window is None else [vroom.TimeWindow(0, window)],
                )
                for ticket, window in enumerate(instance.window)
            ]
        )
        routes = problem.solve(exploration_level=VROOM_EXPLORATION, nb_threads=1).routes
        jobs = routes[routes["type"] == "job"].drop_duplicates("vehicle_id")
        return list(zip(jobs["vehicle_id"].tolist(), jobs["id"].astype(int).tolist(), strict=True))


class PyVrp(Engine):
    """Asks PyVRP: tickets are prizes, and a route's end costs nothing."""

    def first_tickets(self, instance: Instance) -> list[tuple[int, int]]:
        """Solve with a fixed number of iterations, so that a run can be repeated."""
        pyvrp, crews = self.engine, len(instance.ready)
        between = instance.between.copy()
        between[:, :crews] = 0
        late = {"prize": PRIZE_LATE, "required": False}
        problem = pyvrp.ProblemData(
            locations=[pyvrp.Location(0, 0) for _ in between],
            clients=[
                pyvrp.Client(crews + ticket, service_duration=instance.work[ticket], **late)
                if window is None
                else pyvrp.Client(
                    crews + ticket,
                    service_duration=instance.work[ticket],
                    tw_late=window,
                    prize=PRIZE_IN_TIME,
                    required=False,
                )
                for ticket, window in enumerate(instance.window)
            ],
            depots=[pyvrp.Depot(crew) for crew in range(crews)],
            vehicle_types=[
                pyvrp.VehicleType(start_depot=crew, end_depot=crew, tw_early=ready)
                for crew, ready in enumerate(instance.ready)
            ],
            distance_matrices=[between],
            duration_matrices=[between],
        )
        stop = pyvrp.stop.MaxIterations(PYVRP_ITERATIONS)
        found = pyvrp.solve(problem, stop, seed=1, collect_stats=False, display=False).best
        return [
            (route.vehicle_type(), next(stop.idx for stop in route if stop.is_client()))
            for route in found.routes()
            if route.num_clients()
        ]


def policies() -> dict[str, Policy]:
    """Return the planners; says which peer is not installed."""
    found: dict[str, Policy] = {"nearest": desk_rules.nearest, "onevisit": look_ahead}
    for name, module, engine in (("vroom", "vroom", Vroom), ("pyvrp", "pyvrp", PyVrp)):
        try:
            found[name] = engine(importlib.import_module(module))
        except ImportError:
            print(f"left out: {name} is not installed (the extra `bench`)", file=sys.stderr)
    return found


def rehearsed(city: City, policy: Policy, seed: int) -> Outcome:
    """Run the city; an engine looks up where the tickets are in the run."""
    run = Run(city, policy, draw(city, seed))
    if isinstance(policy, Engine):
        policy.run = run
    return run.to_the_end(lambda _share: None)


def measure(load: float, seeds: int, planners: dict[str, Policy]) -> None:
    """Rehearse every planner on the same days and print the means."""
    kept: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    bounds = []
    for seed in range(1, seeds + 1):
        city = two_peaks(load, seed, crews=CREWS, days=DAYS)
        for name, policy in planners.items():
            outcome = rehearsed(city, policy, seed)
            figures, ours = outcome.figures(), kept[name]
            ours["attainment_30"].append(figures["attainment_30"])
            waits = (outcome.reached - outcome.received)[~np.isnan(outcome.reached)] / 60
            ours["mean_min"].append(float(waits.mean()))
            ours["p90_min"].append(figures["response_minutes"]["p90"])
            ours["km_per_ticket"].append(figures["travel_km_per_ticket"])
            ours["decision_p50_ms"].append(figures["decision_ms"]["p50"])
            ours["decision_p99_ms"].append(figures["decision_ms"]["p99"])
            if name == "onevisit":
                bounds.append(bound_of(outcome).attainment_30.rate or 0.0)
    place = {"load": load, "seeds": seeds, "crews": CREWS}
    for name, values in kept.items():
        means = {figure: round(mean(each), 3) for figure, each in values.items()}
        share = means.pop("attainment_30")
        report(f"{name} attainment_30", share, "", **means, **place)
    report("bound attainment_30", mean(bounds), "", **place)


def main() -> None:
    """Compare the planners at two loads."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    planners = policies()
    for load in LOADS:
        measure(load, seeds, planners)


if __name__ == "__main__":
    main()
