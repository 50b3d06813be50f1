"""How fast does a point find its grid among 10,000, beside a bare shapely STRtree?

Run `python bench/point_to_grid.py`; each line is one figure as JSON. The peer is a plain
`shapely.STRtree.query(point, predicate="intersects")`, which knows no borders, no outside and no
ties, over the same polygons and points in the same run.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.reporting import Report
from dispatch.domain.grids import GridIndex, GridShape, hexagons
from dispatch.domain.place import Point

if TYPE_CHECKING:
    from collections.abc import Callable

CITY = shapely.box(112.7, 28.0, 113.3, 28.5)
EDGE_METRES = 355.0
POLYGONS = 10_000
SINGLE_POINTS = 20_000
BULK_POINTS = 1_000_000
report = Report("point_to_grid")


def bare_tree(cells: list[shapely.Geometry]) -> shapely.STRtree:
    """Build the peer and ask it once, for GEOS builds on the first question."""
    tree = shapely.STRtree(cells)
    tree.query(shapely.Point(0.0, 0.0))
    return tree


def seconds(work: Callable[[], object]) -> float:
    """Time one run."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def microseconds_each(ask: Callable[[Point], object], points: list[Point]) -> np.ndarray:
    """Time each question on its own, after a short warm-up."""
    for point in points[:500]:
        ask(point)
    taken = np.empty(len(points))
    for number, point in enumerate(points):
        began = time.perf_counter_ns()
        ask(point)
        taken[number] = (time.perf_counter_ns() - began) / 1_000
    return taken


def main() -> None:
    """Build a city of 10,000 hexagons and ask it."""
    rng = np.random.default_rng(7)
    cells = hexagons(CITY, EDGE_METRES)[:POLYGONS]
    grids = [GridShape(key, f"grid {key}", key % 40, cell) for key, cell in enumerate(cells)]
    report("polygons", len(grids), "polygons", POLYGONS, floor=True)
    west, south, east, north = shapely.total_bounds(cells)
    lons, lats = rng.uniform(west, east, BULK_POINTS), rng.uniform(south, north, BULK_POINTS)

    index = GridIndex(grids)
    report("load", min(seconds(lambda: GridIndex(grids)) for _ in range(3)), "s", 1.0)
    peer = shapely.STRtree(cells)
    report("peer_load", min(seconds(lambda: bare_tree(cells)) for _ in range(3)), "s")

    pairs = zip(lats[:SINGLE_POINTS].tolist(), lons[:SINGLE_POINTS].tolist(), strict=True)
    points = [Point(lat, lon) for lat, lon in pairs]
    ours = microseconds_each(index.find_grid, points)
    report("find_grid_p50", float(np.percentile(ours, 50)), "µs", 50.0)
    report("find_grid_p99", float(np.percentile(ours, 99)), "µs", 200.0)
    bare = microseconds_each(
        lambda point: peer.query(shapely.Point(point.lon, point.lat), predicate="intersects"),
        points,
    )
    report("peer_strtree_p50", float(np.percentile(bare, 50)), "µs")
    report("peer_strtree_p99", float(np.percentile(bare, 99)), "µs")
    report("find_grid_to_peer_p50", float(np.percentile(ours, 50) / np.percentile(bare, 50)), "x")

    report("bulk_1000000", seconds(lambda: index.find_many(lats, lons)), "s", 5.0)
    report(
        "peer_bulk_1000000",
        seconds(lambda: peer.query(shapely.points(lons, lats), predicate="intersects")),
        "s",
    )
    near = seconds(lambda: [index.neighbours(key) for key in range(1000)])
    report("neighbours_first", near / 1000 * 1e6, "µs")


if __name__ == "__main__":
    main()
