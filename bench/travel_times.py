"""How fast are matrices of drives by straight line and by road graph, beside a plain search?

Run `python bench/travel_times.py [--roads DIR]`; each line is one figure as JSON. The roads are
`auckland_roads` of the real data sets, else a made-up town of streets with bends. The peer is
`scipy.sparse.csgraph.dijkstra` over every arc from the fewer side, asked in the same run between
the same nodes; the drives of both are compared. "cold" is a first question, "warm" the same places
again, "week" the searches for 3,000 tickets one by one, each for 40 crews somewhere else.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.reporting import Report
from dispatch.adapters.road_times.road_files import read_roads
from dispatch.domain.road_chains import largest_strong_part
from dispatch.domain.road_graph import RoadGraph
from dispatch.domain.road_tables import RoadNetwork
from dispatch.domain.travel import StraightLine

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent
SHARED = Path(os.environ.get("ONEVISIT_SHARED_DATA", ROOT.parent / "shared" / "data"))
SIZES = ((50, 50), (200, 500))
WEEK_TICKETS, CREWS = 3_000, 40
TOWN_SIDE, TOWN_BENDS = 60, 10
SEED = 7
report = Report("travel_times")


def made_up_town() -> RoadNetwork:
    """Return a square of two-way streets, each with bends between its junctions."""
    rng = np.random.default_rng(SEED)
    step = 0.003
    corner = np.arange(TOWN_SIDE**2).reshape(TOWN_SIDE, TOWN_SIDE)
    rows, columns = np.divmod(np.arange(TOWN_SIDE**2), TOWN_SIDE)
    places = [np.column_stack((28.2 + step * rows, 113.0 + step * columns))]
    starts = np.concatenate((corner[:, :-1].ravel(), corner[:-1].ravel()))
    ends = np.concatenate((corner[:, 1:].ravel(), corner[1:].ravel()))
    chain = [starts]
    for bend in range(1, TOWN_BENDS + 1):
        share = bend / (TOWN_BENDS + 1)
        chain.append(len(starts) * (bend - 1) + TOWN_SIDE**2 + np.arange(len(starts)))
        places.append(places[0][starts] * (1 - share) + places[0][ends] * share)
    chain.append(ends)
    forward = np.concatenate([np.column_stack(pair) for pair in pairwise(chain)])
    arcs = np.vstack((forward, forward[:, ::-1]))
    everywhere = np.vstack(places)
    return RoadNetwork(
        everywhere, arcs, rng.uniform(2, 8, len(arcs)), np.ones(len(everywhere), dtype=bool)
    )


def best_ms(work: Callable[[], object], rounds: int = 9) -> float:
    """Return the milliseconds of the quickest of some runs."""
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return min(taken) * 1e3


def timed_ms(work: Callable[[], np.ndarray]) -> tuple[float, np.ndarray]:
    """Return the milliseconds of one run and what it gave."""
    began = time.perf_counter()
    found = work()
    return (time.perf_counter() - began) * 1e3, found


def main() -> None:
    """Measure every source at every size."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--roads", type=Path, default=SHARED / "auckland_roads")
    folder = asked.parse_args().roads
    began = time.perf_counter()
    network = read_roads(folder) if folder.exists() else made_up_town()
    report("read", time.perf_counter() - began, "s", roads=folder.name if folder.exists() else "-")
    began = time.perf_counter()
    graph = RoadGraph(network)
    report("contract", time.perf_counter() - began, "s", 5.0)
    report("nodes", len(graph.places), "nodes", arcs=len(network.arcs), left_out=graph.left_out)
    report("junctions", graph.junctions, "nodes")
    table = csr_matrix((network.seconds, network.arcs.T), shape=(len(network.places),) * 2)
    rng = np.random.default_rng(SEED)
    nodes = np.flatnonzero(
        network.accessible & largest_strong_part(len(network.places), *network.arcs.T)
    )
    for crews, tickets in SIZES:
        matrices(graph, table, network, rng.choice(nodes, crews), rng.choice(nodes, tickets))
    week(network, rng)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    report("memory", memory, "MB", 400.0)


def matrices(
    graph: RoadGraph,
    table: csr_matrix,
    network: RoadNetwork,
    starts: np.ndarray,
    ends: np.ndarray,
) -> None:
    """Measure one matrix of both sources beside the plain search."""
    origins, goals = network.places[starts], network.places[ends]
    size = f"{len(starts)}x{len(ends)}"
    straight = StraightLine()
    report(f"straight_line_{size}", best_ms(lambda: straight.seconds(origins, goals, 8)), "ms", 5)
    cold, found = timed_ms(lambda: graph.seconds(origins, goals, 8))
    report(f"road_graph_{size}_cold", cold, "ms")
    report(f"road_graph_{size}_warm", best_ms(lambda: graph.seconds(origins, goals, 8)), "ms", 25)
    plain, rows = timed_ms(lambda: dijkstra(table, indices=starts)[:, ends])
    report(f"peer_dijkstra_{size}", plain, "ms")
    report(f"road_graph_{size}_cold_to_peer", cold / plain, "x", 1.0)
    # Neighbours may go straight over small streets, which the peer does not know.
    apart = np.where(found < rows - 1.0, 0.0, np.abs(found - rows))
    report(f"road_graph_{size}_difference", float(apart.max()), "s", 0.01)


def week(network: RoadNetwork, rng: np.random.Generator) -> None:
    """Measure a week's tickets one by one on a graph that knows no drive yet."""
    graph = RoadGraph(network)
    low, high = graph.places.min(axis=0), graph.places.max(axis=0)
    tickets = rng.choice(graph.places, WEEK_TICKETS)
    spots = rng.choice(graph.places, (WEEK_TICKETS, CREWS))
    took = np.empty(WEEK_TICKETS)
    for number, ticket in enumerate(tickets):
        began = time.perf_counter()
        graph.seconds(spots[number], ticket[None], 8)
        took[number] = (time.perf_counter() - began) * 1e3
    report("week_3000_tickets_40_crews", float(took.sum()) / 1e3, "s", 10.0)
    report("week_one_ticket_p50", float(np.percentile(took, 50)), "ms")
    report("week_one_ticket_p99", float(np.percentile(took, 99)), "ms")
    reach = best_ms(lambda: graph.reach((low + high)[None] / 2, 1_800), 3)
    report("reach_30_minutes", reach, "ms")


if __name__ == "__main__":
    main()
