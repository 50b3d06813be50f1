"""Which files do the import tests read?"""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "id,opened,closed,kind,where,lat,lon"
ROWS = [
    "A1,2026-01-05 08:00,2026-01-05 09:30,Main break,Wuyi Road,28.15,112.95",
    "A2,2026-01-05 10:00,,Leak,Shaoshan Road,28.15,113.05",
    "A3,2026-01-06 10:00,2026-01-06 09:00,Leak,Lushan Road,28.15,112.95",
    "A4,2026-01-06 11:00,2026-01-06 12:00,Something,City Hall,28.2,113.0",
    "A5,2026-01-07 11:00,2026-01-07 12:00,Leak,Far away,40.0,116.0",
]
MAP = """
source = "city"
[columns]
external_id = "id"
received_at = "opened"
completed_at = "closed"
category = "kind"
address = "where"
lat = "lat"
lon = "lon"
[format]
time = "%Y-%m-%d %H:%M"
time_zone = "Asia/Shanghai"
[categories]
"Main break" = "burst"
"Leak" = "leak"
[not_located]
points = [[28.2, 113.0]]
"""
BOSTON_MAP = """
[columns]
received_at = "OPEN_DT"
completed_at = "CLOSED_DT"
category = "TYPE"
address = "Location"
lat = "LATITUDE"
lon = "LONGITUDE"
external_id = "CASE_ENQUIRY_ID"
[format]
time = "%m/%d/%Y %I:%M:%S %p"
time_zone = "America/New_York"
[categories]
"Watermain Break" = "burst"
"Catchbasin" = "catch_basin"
[not_located]
points = [[42.3594, -71.0587]]
"""
CREWS = """crew,team,skills,base_lat,base_lon,shift_start,shift_end,vehicle
West 1,West Team,general;mains,28.15,112.95,08:00,20:00,Van 1
West 2,West Team,general,,,20:00,08:00,
East 1,East Team,divers;general,28.15,113.05,00:00,24:00,Truck 2
"""
WEST = [[112.90, 28.10], [113.00, 28.10], [113.00, 28.20], [112.90, 28.20], [112.90, 28.10]]
EAST = [[113.00, 28.10], [113.10, 28.10], [113.10, 28.20], [113.00, 28.20], [113.00, 28.10]]
BOW_TIE = [[113.2, 28.1], [113.3, 28.2], [113.3, 28.1], [113.2, 28.2], [113.2, 28.1]]


def table(*rows: str, header: str = HEADER) -> bytes:
    """Return a CSV file."""
    return ("\n".join([header, *(rows or ROWS)]) + "\n").encode()


def feature(name: str, ring: list[list[float]], **properties: Any) -> dict[str, Any]:
    """Return a GeoJSON feature of one ring."""
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {
        "type": "Feature",
        "properties": {"name": name, **properties},
        "geometry": geometry,
    }


def collection(*features: dict[str, Any]) -> bytes:
    """Return a GeoJSON file."""
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


CITY = collection(
    feature("West", WEST, team="West Team", zone="town"),
    feature("East", EAST, team="East Team", zone="suburb"),
)


def written(folder: Path, name: str, content: bytes | str) -> Path:
    """Write a file, packed when its name says so, and return its path."""
    path = folder / name
    raw = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    return path
