"""How is the demo's Changsha made from open data?

`python -m tools.changsha_slice FOLDER [OUT]` reads the public files of docs/data.md in FOLDER and
writes the grids, crews, households and past tickets of the city; the same input, the same bytes.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from tools.changsha_grids import DISTRICTS, cut_grids, read_districts, read_streets

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shapely.geometry import Polygon

    from tools.changsha_grids import Cell, Street

CITIES = Path(__file__).parents[1] / "dispatch" / "cli" / "demo_city"
RHYTHM = CITIES / "boston" / "tickets_2015.csv.gz"
SEED = 430_100
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
TEN_YEARS = timedelta(weeks=522)
"""Whole weeks, so that a Thursday of 2015 becomes a Thursday of 2025."""

# Residents of 2020 in tens of thousands; of the outer three only the part on the city's mains.
RESIDENTS = {
    "芙蓉区": 64.2,
    "天心区": 83.6,
    "岳麓区": 152.7,
    "开福区": 82.0,
    "雨花区": 127.4,
    "望城区": 89.1,
    "长沙县": 137.6 / 2,
    "浏阳市": 142.9 / 4,
    "宁乡市": 126.3 / 4,
}
# How much of a district stands on real buildings; the open map lacks the core of the city.
ON_BUILDINGS = {"芙蓉区": 0.0, "天心区": 0.0, "岳麓区": 0.25, "开福区": 0.35, "雨花区": 0.0}
SCATTER = 0.005
"""Degrees, about 500 m: how far from the middle of its street office a drawn point lies."""

TYPES = {
    "Watermain Break": "爆管",
    "Fire Hydrant": "消火栓损坏",
    "Catchbasin": "雨水口堵塞",
    "Plumbing": "户内管道",
    "Unsatisfactory Utilities - Electrical  Plumbing": "立管漏水",
    "No Utilities Residential - Water": "居民无水",
    "No Utilities - Food Establishment - Water": "餐饮无水",
    "Utility Casting Repair": "井盖损坏",
    "Utility Call-In": "其他来电",
    "BWSC Pothole": "路面下沉",
    "BWSC General Request": "一般诉求",
}
MEDIAN_HOURS = 3.0
LONGEST_HOURS = 120.0
HOUSEHOLDS = 400
SURNAMES = (
    "李王张刘陈杨黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏"
    "薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易"
)
TITLES = ("先生", "女士")
UNASSIGNED = "1400000"
"""Eleven digits that begin so belong to nobody: 1400 is kept for machines, with thirteen."""

CREWS = (
    ("general;mains", 0, 6, "抢修车"),
    ("general;meter;quality", 1, 8, "维修车"),
    ("general;mains", 0, 18, "抢修车"),
    ("general;meter;quality", 1, 20, "维修车"),
)
"""The crews of a team: skills, base, the hour at which twelve hours begin, vehicle."""
FAR_OUT = "general;mains;meter;quality"
"""Where the next crew is an hour away, each crew can do everything."""
CARRIED = {
    "excavator": "clamps_600;covers;hydrants;pumps;valves",
    "truck": "clamps_300;covers;hydrants;valves",
    "van": "clamps_150;covers;meters;sampling",
}
CARRIED_FAR_OUT = "clamps_300;covers;hydrants;meters;sampling;valves"
DIGGING_TEAMS = ("Yuhua Team", "Yuelu West Team")
"""The teams whose trucks bring an excavator."""
CONTRACTOR_TEAM, CONTRACTOR = "Ningxiang West Team", "湘流管道工程"
ROUNDS = 20
STAGGER = (0, 4, 8)
"""Hours by which the shifts of one team begin later than the next one's."""


class Spot(NamedTuple):
    """A place of the city and how one writes it down."""

    lat: float
    lon: float
    address: str
    is_building: bool


@dataclass(frozen=True)
class AddressBook:
    """Where in the city something may happen: its buildings, street offices and communities."""

    districts: dict[str, Polygon]
    streets: dict[str, list[Street]]
    communities: dict[tuple[str, str], list[str]]
    buildings: dict[str, list[tuple[float, float]]]

    def draw(self, dice: Random) -> Spot:
        """Draw a place: a district by its residents, then a building or a point near a middle."""
        [district] = dice.choices(list(RESIDENTS), list(RESIDENTS.values()))
        is_building = dice.random() < ON_BUILDINGS.get(district, 1.0)
        if is_building:
            lat, lon = dice.choice(self.buildings[district])
            street = min(
                self.streets[district], key=lambda one: (one.lat - lat) ** 2 + (one.lon - lon) ** 2
            )
        else:
            street = self._street(district, dice)
            lat, lon = self._near(street, dice)
        community = dice.choice(self.communities[district, street.name])
        number = dice.randrange(1, 30)
        kind = "组" if community.endswith("村") else "栋"
        address = f"{district}{street.name} {community} {number}{kind}"
        return Spot(lat, lon, address, is_building)

    def _street(self, district: str, dice: Random) -> Street:
        streets = self.streets[district]
        weights = [len(self.communities[district, one.name]) for one in streets]
        return dice.choices(streets, weights)[0]

    def _near(self, street: Street, dice: Random) -> tuple[float, float]:
        while True:
            lat = round(dice.gauss(street.lat, SCATTER), 4)
            lon = round(dice.gauss(street.lon, SCATTER), 4)
            if shapely.contains_xy(self.districts[street.district], lon, lat):
                return lat, lon


def read_address_book(folder: Path, districts: dict[str, Polygon]) -> AddressBook:
    """Read the communities and the buildings that lie inside the nine districts."""
    streets: dict[str, list[Street]] = defaultdict(list)
    for street in read_streets():
        streets[street.district].append(street)
    communities: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in _rows((folder / "changsha_communities.csv").read_bytes()):
        communities[row["district"], row["street"]].append(_plain(row["name"]))
    buildings: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in _rows((folder / "changsha_buildings.csv").read_bytes()):
        lat, lon = round(float(row["lat"]), 4), round(float(row["lon"]), 4)
        for name, district in districts.items():
            if shapely.contains_xy(district, lon, lat):
                buildings[name].append((lat, lon))
    return AddressBook(districts, dict(streets), dict(communities), dict(buildings))


def _plain(community: str) -> str:
    """Return a community's name as people say it, without the word for its committee."""
    for ending in ("居民委员会", "村民委员会", "居委会", "委员会", "委会"):
        community = community.removesuffix(ending)
    return community


def tickets(book: AddressBook, rhythm: bytes) -> list[dict[str, object]]:
    """Make up a year of tickets with the hours, weekdays, months and kinds of another city's."""
    dice = Random(SEED)  # noqa: S311  made-up tickets
    rows = []
    for row in _rows(gzip.decompress(rhythm)):
        opened = _ten_years_on(row["opened"])
        hours = min(MEDIAN_HOURS * dice.lognormvariate(0, 0.9), LONGEST_HOURS)
        closed = opened + timedelta(seconds=round(3600 * hours))
        rows.append((opened, closed, TYPES[row["type"]], book.draw(dice)))
    rows.sort(key=lambda each: each[:2])
    return [
        {
            "case_id": f"CS-2025-{number:04d}",
            "opened": opened.strftime(TIME_FORMAT),
            "closed": closed.strftime(TIME_FORMAT),
            "type": kind,
            "place": spot.address,
            "lat": f"{spot.lat:.4f}",
            "lon": f"{spot.lon:.4f}",
            "on_building": "yes" if spot.is_building else "no",
        }
        for number, (opened, closed, kind, spot) in enumerate(rows, start=1)
    ]


def _ten_years_on(opened: str) -> datetime:
    at = datetime.strptime(opened, TIME_FORMAT) + TEN_YEARS  # noqa: DTZ007  local time, as written
    return at - timedelta(weeks=52) if at.year > 2025 else at  # noqa: PLR2004  its last day


def households(book: AddressBook) -> list[dict[str, object]]:
    """Make up service points at drawn places; names and numbers belong to nobody."""
    dice = Random(SEED + 1)  # noqa: S311  made-up households
    numbers = dice.sample(range(10_000), HOUSEHOLDS)
    rows: list[dict[str, object]] = []
    for place, number in enumerate(numbers):
        spot = book.draw(dice)
        unit = f"{dice.randrange(1, 4)}单元 {dice.randrange(1, 19)}0{dice.randrange(1, 5)}"
        rows.append(
            {
                "account": f"CS-{100_200 + 37 * place}",
                "name": dice.choice(SURNAMES) + dice.choice(TITLES),
                "phone": f"{UNASSIGNED}{number:04d}",
                "address": spot.address
                if spot.address.endswith("组")
                else f"{spot.address} {unit}",
                "lat": f"{spot.lat:.4f}",
                "lon": f"{spot.lon:.4f}",
            }
        )
    return rows


def crews(cells: Sequence[Cell], past: Iterable[dict[str, object]]) -> list[dict[str, object]]:
    """Give each team four crews in shifts that overlap, at two bases amid its tickets."""
    where: dict[str, list[tuple[float, float]]] = defaultdict(list)
    spots = np.array([[float(str(row["lon"])), float(str(row["lat"]))] for row in past])
    for cell in cells:
        inside = shapely.contains_xy(cell.shape, spots[:, 0], spots[:, 1])
        where[cell.team] += [(float(lat), float(lon)) for lon, lat in spots[inside]]
    rows: list[dict[str, object]] = []
    teams = {cell.team: (cell.team_zh, DISTRICTS[cell.district].zone) for cell in cells}
    for team, (team_zh, zone) in teams.items():
        bases = _bases(where[team])
        number = len(rows) // len(CREWS)
        later = STAGGER[number % len(STAGGER)]
        for place, (skills, base, hour, vehicle) in enumerate(CREWS, start=1):
            rows.append(
                {
                    "crew": f"{team_zh.removesuffix('片区队')}{place}班",
                    "team": team,
                    "skills": FAR_OUT if zone == "suburb" else skills,
                    "base_lat": f"{bases[base][0]:.4f}",
                    "base_lon": f"{bases[base][1]:.4f}",
                    "shift_start": f"{(hour + later) % 24:02d}:00",
                    "shift_end": f"{(hour + later + 12) % 24:02d}:00",
                    "vehicle": f"{vehicle} {number + 1:02d}-{place}",
                    **_means(team, zone, "mains" in skills),
                }
            )
    return rows


def _means(team: str, zone: str, is_truck: bool) -> dict[str, str]:  # noqa: FBT001  a fact
    """Return what the vehicle of a crew is and carries, and for whom and where it works."""
    far_out = zone == "suburb"
    kind = "truck" if is_truck or far_out else "van"
    if is_truck and team in DIGGING_TEAMS:
        kind = "excavator"
    is_own = team != CONTRACTOR_TEAM
    return {
        "vehicle_class": kind,
        "carries": CARRIED_FAR_OUT if far_out else CARRIED[kind],
        "contractor": "" if is_own else CONTRACTOR,
        "area": "" if is_own else "own",
    }


def _bases(spots: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return two tickets amid two halves of a team's tickets, each the half that is nearest."""
    found = np.array(sorted(spots))
    along = int(np.argmax(np.ptp(np.percentile(found, [10, 90], axis=0), axis=0)))
    middles = np.percentile(found, [25, 75], axis=0)
    middles[:, 1 - along] = np.median(found[:, 1 - along])
    for _ in range(ROUNDS):
        nearest = np.argmin([np.hypot(*(found - middle).T) for middle in middles], axis=0)
        middles = np.array([np.median(found[nearest == half], axis=0) for half in (0, 1)])
    amid = [found[int(np.argmin(np.hypot(*(found - middle).T)))] for middle in middles]
    return [(float(lat), float(lon)) for lat, lon in amid]


def build(folder: Path, out: Path) -> None:
    """Write the four files of the city."""
    districts = read_districts(folder / "changsha_districts_gcj02.geojson")
    cells = cut_grids(districts, read_streets())
    book = read_address_book(folder, districts)
    past = tickets(book, RHYTHM.read_bytes())
    out.mkdir(parents=True, exist_ok=True)
    _write_grids(cells, out / "grids.geojson")
    (out / "crews.csv").write_text(_csv(crews(cells, past)), encoding="utf-8")
    (out / "households.csv").write_text(_csv(households(book)), encoding="utf-8")
    packed = gzip.compress(_csv(past).encode(), compresslevel=9, mtime=0)
    (out / "tickets_2025.csv.gz").write_bytes(packed)


def _write_grids(cells: Iterable[Cell], path: Path) -> None:
    lines = [json.dumps(cell.feature, ensure_ascii=False, separators=(",", ":")) for cell in cells]
    text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"
    path.write_text(text, encoding="utf-8")


def _rows(content: bytes) -> Iterable[dict[str, str]]:
    return csv.DictReader(io.StringIO(content.decode("utf-8-sig")))


def _csv(rows: Sequence[dict[str, object]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


if __name__ == "__main__":
    build(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else CITIES / "changsha")  # noqa: PLR2004  the program, FOLDER, OUT
