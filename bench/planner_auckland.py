"""Which share of calls does each planner reach within 30 minutes on the roads of Auckland?

Run `python bench/planner_auckland.py [SEEDS]`; each line is one figure as JSON, the mean of the
seeds. Roads, the 14 stations and the people in each cell of 40 m come from `auckland_roads` of the
real data sets; without that folder this says so and stops. Calls fall where people live, three
times as many as the folder's own rate of 280 a day so that 14 stations have some 40 crews, with two
peaks a day, for two days. A call belongs to the station whose drive is shortest; crews are shared
out among the stations by calls, as many as the load asks for (drives included).
"""

from __future__ import annotations

import csv
import os
import struct
import sys
import tarfile
from itertools import dropwhile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.planner_cities import demand_from, moments
from bench.planner_policies import LOADS, measure
from bench.reporting import Report
from dispatch.adapters.road_times.road_files import read_roads
from dispatch.domain.road_graph import RoadGraph
from dispatch.rehearsal.city import ALWAYS, City, Staff, StreetRules, all_skilled
from dispatch.rehearsal.staffing import shared_out

ROOT = Path(__file__).parent.parent
SHARED = Path(os.environ.get("ONEVISIT_SHARED_DATA", ROOT.parent / "shared" / "data"))
FOLDER = SHARED / "auckland_roads"
PEOPLE = "auckland-urban-pop-density-40m.tar.gz"
CALLS_A_DAY, DAYS = 3 * 280.0, 2
WIDTH, HEIGHT, ROW_STARTS, CELL, CORNER = 256, 257, 273, 33550, 33922


def table_below(path: Path, first: str) -> list[dict[str, str]]:
    """Return the rows of a table whose head begins with `first`, below other lines."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = dropwhile(lambda line: not line.startswith(first), file)
        return [row for row in csv.DictReader(lines) if row[first]]


def people() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the north-west corners (n, 2) of inhabited cells, their people, and a cell's size.

    The file is a GeoTIFF with one strip of plain 64-bit numbers a row.
    """
    with tarfile.open(FOLDER / PEOPLE) as packed:
        raster = packed.extractfile(packed.getmembers()[0])
        content = raster.read() if raster else b""
    tags = tags_of(content)
    width, height = int(tags[WIDTH][0]), int(tags[HEIGHT][0])
    rows = [np.frombuffer(content, "<f8", width, int(at)) for at in tags[ROW_STARTS]]
    found = np.nan_to_num(np.stack(rows).reshape(height, width)).clip(0.0)
    size = np.array([-tags[CELL][1], tags[CELL][0]])
    north_west = np.array([tags[CORNER][4], tags[CORNER][3]])
    cells = np.argwhere(found > 0)
    return north_west + cells * size, found[found > 0], size


def tags_of(content: bytes) -> dict[int, tuple[float, ...]]:
    """Return the numbers of each field of a little-endian TIFF."""
    kinds = {3: "H", 4: "I", 12: "d"}
    (start,) = struct.unpack_from("<I", content, 4)
    (count,) = struct.unpack_from("<H", content, start)
    tags = {}
    for number in range(count):
        at = start + 2 + 12 * number
        tag, kind, length = struct.unpack_from("<HHI", content, at)
        if kind in kinds:
            layout = f"<{length}{kinds[kind]}"
            inside = struct.calcsize(layout) <= 4
            where = at + 8 if inside else struct.unpack_from("<I", content, at + 8)[0]
            tags[tag] = struct.unpack_from(layout, content, where)
    return tags


class Auckland:
    """The roads, stations and people; every load and seed shares them."""

    def __init__(self) -> None:
        self.roads = RoadGraph(read_roads(FOLDER))
        stations = table_below(FOLDER / "stations_1.csv", "index")
        self.names = tuple(row["NAME"].removeprefix("St John ") for row in stations)
        self.stations = np.array([(float(row["y"]), float(row["x"])) for row in stations])
        self.cells, self.people, self.cell = people()

    def city(self, load: float, seed: int) -> City:
        """Return some days of calls with the crews for a load."""
        dice = np.random.default_rng(2_000 + seed)
        calls, rules = int(dice.poisson(CALLS_A_DAY * DAYS)), StreetRules()
        received = moments(dice, calls, DAYS)
        lives = dice.choice(len(self.cells), calls, p=self.people / self.people.sum())
        place = self.cells[lives] + dice.random((calls, 2)) * self.cell
        drives = np.nan_to_num(self.roads.seconds(self.stations, place, None), nan=np.inf)
        demand = demand_from(received, place, np.argmin(drives, axis=0), DAYS)
        drive = drives.min(axis=0)
        reached = np.isfinite(drive)
        work = calls * (rules.repair_mean + float(drive[reached].mean()))
        crews = round(work / demand.seconds / load)
        share = shared_out(crews, np.bincount(demand.calls.team, minlength=len(self.names)))
        station = np.repeat(np.arange(len(self.names)), share)
        staff = Staff(
            base=self.stations[station],
            team=station,
            skilled=all_skilled(crews),
            duties=(ALWAYS,) * crews,
        )
        names = {"grid_names": self.names, "team_names": self.names}
        return City(
            starts_at=demand.starts_at,
            zone=demand.period.zone,
            seconds=demand.seconds,
            calls=demand.calls,
            staff=staff,
            travel=self.roads,
            rules=rules,
            **names,
        )


def main() -> None:
    """Measure three loads."""
    report = Report("planner_auckland")
    if not FOLDER.exists():
        print(f"left out: no {FOLDER.name} (see docs/data.md)", file=sys.stderr)
        return
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    auckland = Auckland()
    for load in LOADS:
        measure(report, "auckland", auckland.city, load, seeds)


if __name__ == "__main__":
    main()
