"""How do the districts of Changsha become grids of a steward's size, with names and teams?"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely
from shapely.geometry import shape

from dispatch.domain.grids import Plane, hexagons
from dispatch.domain.place import Datum, to_wgs84_many

if TYPE_CHECKING:
    from shapely.geometry import Polygon

    Shapes = np.ndarray[Any, np.dtype[np.object_]]

STREETS = Path(__file__).with_name("changsha_streets.csv")
DEGREE = 1e-5
"""Every corner lies on a multiple of this, about a metre, so neighbours share their corners."""
SNAP = 2e-4
GAP = 3e-3
SIMPLER = 2.5e-3
LEAST_SHARE = 0.4
"""A cell cut smaller than this share of a hexagon joins its neighbour."""


class District(NamedTuple):
    """A district: its English name, the edge of its hexagons in metres, its zone and teams.

    Several teams share a district from west to east, or from south to north.
    """

    english: str
    edge: float
    zone: str
    teams: tuple[tuple[str, str], ...]
    shares_by_lat: bool = False


DISTRICTS = {
    "芙蓉区": District("Furong", 1_300, "town", (("Furong", "芙蓉"),)),
    "天心区": District("Tianxin", 1_600, "town", (("Tianxin", "天心"),)),
    "岳麓区": District(
        "Yuelu", 2_200, "town", (("Yuelu West", "岳麓西"), ("Yuelu East", "岳麓东"))
    ),
    "开福区": District("Kaifu", 1_700, "town", (("Kaifu", "开福"),)),
    "雨花区": District("Yuhua", 1_900, "town", (("Yuhua", "雨花"),)),
    "望城区": District("Wangcheng", 3_000, "town", (("Wangcheng", "望城"),)),
    "长沙县": District(
        "Changsha County",
        4_700,
        "suburb",
        (("Xingsha", "星沙"), ("County North", "县北")),
        shares_by_lat=True,
    ),
    "浏阳市": District(
        "Liuyang", 8_000, "suburb", (("Liuyang West", "浏阳西"), ("Liuyang East", "浏阳东"))
    ),
    "宁乡市": District(
        "Ningxiang", 6_500, "suburb", (("Ningxiang West", "宁乡西"), ("Ningxiang East", "宁乡东"))
    ),
}
RENAMED = {"宁乡县": "宁乡市"}


class Street(NamedTuple):
    """The rough middle of a street office or town, as `changsha_streets.csv` sets it."""

    district: str
    name: str
    pinyin: str
    lat: float
    lon: float


@dataclass(frozen=True)
class Cell:
    """One grid: where it lies, its two names and its team's two names."""

    district: str
    shape: Polygon
    name: str
    name_zh: str
    team: str
    team_zh: str

    @property
    def feature(self) -> dict[str, Any]:
        """Return it as a feature of the file."""
        properties = {
            "name": self.name,
            "name_zh": self.name_zh,
            "team": self.team,
            "team_zh": self.team_zh,
            "zone": DISTRICTS[self.district].zone,
        }
        ring = [[round(x, 5), round(y, 5)] for x, y in self.shape.exterior.coords]
        geometry = {"type": "Polygon", "coordinates": [ring]}
        return {"type": "Feature", "properties": properties, "geometry": geometry}


def read_streets() -> list[Street]:
    """Read the middles of the street offices and towns, which are ours and rough."""
    with STREETS.open(encoding="utf-8", newline="") as file:
        return [
            Street(
                row["district"], row["street"], row["pinyin"], float(row["lat"]), float(row["lon"])
            )
            for row in csv.DictReader(file)
        ]


def read_districts(path: Path) -> dict[str, Polygon]:
    """Read the districts of a GCJ-02 file as one clean coverage in WGS-84, with simple borders."""
    collection = json.loads(path.read_text(encoding="utf-8"))
    found = {
        RENAMED.get(each["properties"]["name"], each["properties"]["name"]): each["geometry"]
        for each in collection["features"]
    }
    shapes = np.array([shape(found[name]) for name in DISTRICTS], dtype=np.object_)
    shapes = shapely.transform(shapes, _to_wgs84)
    shapes = shapely.make_valid(shapes, method="structure", keep_collapsed=False)
    shapes = shapely.coverage_clean(shapes, snapping_distance=SNAP, gap_width=GAP)
    shapes = shapely.coverage_simplify(shapes, SIMPLER)
    return dict(zip(DISTRICTS, map(_largest, shapes), strict=True))


def _to_wgs84(lons_lats: np.ndarray[Any, np.dtype[np.float64]]) -> Any:
    lats, lons = to_wgs84_many(lons_lats[:, 1], lons_lats[:, 0], Datum.GCJ02)
    return np.column_stack([lons, lats])


def _largest(district: Any) -> Polygon:
    """Return the main part without holes; what lies apart is under one part in a hundred."""
    parts = [part for part in shapely.get_parts(district) if part.geom_type == "Polygon"]
    return shapely.Polygon(max(parts, key=shapely.area).exterior)


def cut_grids(districts: dict[str, Polygon], streets: list[Street]) -> list[Cell]:
    """Cut the districts into hexagons that share their corners, and name each."""
    cells = []
    for district, faces in _faces(districts).items():
        shapes = _without_slivers(faces, DISTRICTS[district].edge)
        teams = _teams_of(district, shapes)
        names = _names_of(district, shapes, [each for each in streets if each.district == district])
        cells += [
            Cell(district, one, f"{DISTRICTS[district].english} {plain}", chinese, *team)
            for one, (plain, chinese), team in zip(shapes, names, teams, strict=True)
        ]
    return sorted(cells, key=lambda cell: (list(DISTRICTS).index(cell.district), cell.name_zh))


def _faces(districts: dict[str, Polygon]) -> dict[str, list[Polygon]]:
    """Draw every border and every hexagon at once, on one raster, and see what they enclose."""
    lines = [one.boundary for one in districts.values()]
    for name, one in districts.items():
        inner = [cell.boundary for cell in hexagons(one, DISTRICTS[name].edge)]
        lines.append(shapely.intersection(shapely.union_all(inner), one))
    drawn = shapely.union_all(lines, grid_size=DEGREE)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(drawn)))
    found: dict[str, list[Polygon]] = defaultdict(list)
    for face in faces:
        middle = shapely.point_on_surface(face)
        for name, one in districts.items():
            if shapely.contains(one, middle):
                found[name].append(face)
                break
    return {name: found[name] for name in districts}


def _without_slivers(faces: list[Polygon], edge: float) -> list[Polygon]:
    """Join each face that is small to the neighbour with which it shares most border."""
    plane = Plane.around(np.array(faces, dtype=np.object_))
    least = LEAST_SHARE * 1.5 * 3**0.5 * edge**2
    shapes = sorted(faces, key=lambda face: face.bounds)
    while True:
        areas = shapely.area(shapely.transform(np.array(shapes, dtype=np.object_), plane.metres))
        order = [int(place) for place in np.argsort(areas) if areas[place] < least]
        for small in order:
            shared = [
                shapely.length(shapely.intersection(shapes[small].boundary, other.boundary))
                if place != small
                else 0.0
                for place, other in enumerate(shapes)
            ]
            into = int(np.argmax(shared))
            joined = shapely.union(shapes[small], shapes[into])
            if shared[into] > 0 and not joined.interiors:
                shapes[into] = joined
                del shapes[small]
                break
        else:
            return shapes


def _teams_of(district: str, shapes: list[Polygon]) -> list[tuple[str, str]]:
    """Share a district among its teams, with as many grids to each."""
    teams = DISTRICTS[district].teams
    middles = [each.centroid for each in shapes]
    along = [each.y if DISTRICTS[district].shares_by_lat else each.x for each in middles]
    rank = np.argsort(np.argsort(along))
    return [
        (f"{english} Team", f"{chinese}片区队")
        for english, chinese in (teams[int(one) * len(teams) // len(shapes)] for one in rank)
    ]


def _names_of(district: str, shapes: list[Polygon], streets: list[Street]) -> list[tuple[str, str]]:
    """Name each grid after the nearest street office, numbered from the north."""
    flat = Plane(28.2)
    spots = flat.metres(np.array([[each.lon, each.lat] for each in streets]))
    middles = flat.metres(np.array([[each.centroid.x, each.centroid.y] for each in shapes]))
    nearest = [int(np.argmin(np.hypot(*(spots - middle).T))) for middle in middles]
    counted: dict[int, int] = defaultdict(int)
    names: dict[int, tuple[str, str]] = {}
    for place in sorted(range(len(shapes)), key=lambda each: (-middles[each][1], each)):
        street = nearest[place]
        counted[street] += 1
        number = f"{counted[street]:02d}"
        stem = short(streets[street].name)
        names[place] = (f"{streets[street].pinyin} {number}", f"{district}·{stem} {number}")
    return [names[place] for place in range(len(shapes))]


def short(street: str) -> str:
    """Return the name of a street office or town without the word for its kind."""
    for kind in ("街道", "镇", "乡"):
        stem = street.removesuffix(kind)
        if stem != street and len(stem) > 1:
            return stem
    return street
