"""What do the columns of somebody else's table mean to us?"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dispatch.domain.categories import CATEGORIES
from dispatch.domain.file_faults import FileFaults, is_control, shown
from dispatch.domain.place import Datum
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from collections.abc import Callable

TIMES = (
    "received_at",
    "accepted_at",
    "dispatched_at",
    "acknowledged_at",
    "en_route_at",
    "arrived_at",
    "working_at",
    "restored_at",
    "completed_at",
    "verified_at",
    "closed_at",
)
"""The times a past ticket may bring, in the order in which they should follow each other."""

COLUMNS = (
    *TIMES,
    "category",
    "level",
    "description",
    "address",
    "lat",
    "lon",
    "household",
    "external_id",
)
ISO_TIME = "iso"
POINT_DECIMALS = 6
MOST_DEGREES = 180
LONGEST_SOURCE = 64
_AT_LINE = re.compile(r"at line (\d+)")


@dataclass(frozen=True)
class ColumnMap:
    """Our name → their column, how their times and points are written, and what is kept.

    `keep` holds the values a row's column must have, `not_located` the points (rounded to a
    millionth of a degree, in the file's datum) that mean "we could not find it".
    """

    columns: dict[str, str]
    time_format: str
    zone: ZoneInfo
    datum: Datum = Datum.WGS84
    keep: dict[str, frozenset[str]] = field(default_factory=dict)
    categories: dict[str, str] = field(default_factory=dict)
    not_located: frozenset[tuple[float, float]] = frozenset()
    source: str = "import"


def read_column_map(content: bytes, file: str, zone: ZoneInfo) -> ColumnMap:
    """Read a column map in TOML; `zone` is the utility's, for a map that names none.

    Raises Invalid naming every wrong field at once.
    """
    faults = FileFaults(file)
    parts = _toml(content, faults)
    readers: dict[str, Callable[[Any, FileFaults], Any]] = {
        "columns": _columns,
        "filter": _keep,
        "categories": _categories,
        "not_located": _not_located,
        "source": _source,
    }
    for name in parts:
        if name not in {*readers, "format"}:
            faults.add(say("This field is not known."), field=shown(name))
    found = {name: read(parts.get(name), faults) for name, read in readers.items()}
    time_format, zone, datum = _format(parts.get("format", {}), zone, faults)
    faults.check()
    return ColumnMap(
        columns=found["columns"],
        time_format=time_format,
        zone=zone,
        datum=datum,
        keep=found["filter"],
        categories=found["categories"],
        not_located=found["not_located"],
        source=found["source"],
    )


def _toml(content: bytes, faults: FileFaults) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as fault:
        reason = say("Byte %(byte)s is not UTF-8: save the file as UTF-8.", byte=fault.start + 1)
        raise faults.refuse(reason, line=content.count(b"\n", 0, fault.start) + 1) from fault
    except tomllib.TOMLDecodeError as fault:
        at = _AT_LINE.search(str(fault))
        reason = say(
            'This is not a column map in TOML: write names = "texts" under [headings], as '
            "docs/data.md shows."
        )
        raise faults.refuse(reason, line=int(at[1]) if at else None) from fault
    except RecursionError as fault:
        raise faults.refuse(say("This is nested too deeply for a column map.")) from fault


def _table_of_texts(value: Any, name: str, faults: FileFaults) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        faults.add(say("This must be a table of names and texts."), field=name)
        return {}
    wrong = [key for key, text in value.items() if not isinstance(text, str) or not text.strip()]
    for key in wrong:
        faults.add(say("This must be a text that is not empty."), field=f"{name}.{shown(key)}")
    return {key: text.strip() for key, text in value.items() if key not in wrong}


def _columns(value: Any, faults: FileFaults) -> dict[str, str]:
    columns = _table_of_texts(value, "columns", faults)
    for name in columns:
        if name not in COLUMNS:
            faults.add(
                say("We have no column of this name. Ours are: %(ours)s.", ours=", ".join(COLUMNS)),
                field=f"columns.{shown(name)}",
            )
    if "received_at" not in columns:
        faults.add(say("Say which column holds the time of the call."), field="columns.received_at")
    if ("lat" in columns) != ("lon" in columns):
        missing = "lon" if "lat" in columns else "lat"
        faults.add(say("Name both lat and lon, or neither of them."), field=f"columns.{missing}")
    if "lat" not in columns and "lon" not in columns and "address" not in columns:
        faults.add(
            say("Say where the fault was: name lat and lon, or address."), field="columns.address"
        )
    return columns


def _format(value: Any, zone: ZoneInfo, faults: FileFaults) -> tuple[str, ZoneInfo, Datum]:
    parts = _table_of_texts(value, "format", faults)
    for name in parts:
        if name not in {"time", "time_zone", "datum"}:
            faults.add(say("This field is not known."), field=f"format.{shown(name)}")
    time_format = parts.get("time", ISO_TIME)
    if time_format != ISO_TIME and not _can_be_read(time_format):
        faults.add(
            say("This is not a format of dates and times such as %(example)s.", example=EXAMPLE),
            field="format.time",
        )
    try:
        zone = ZoneInfo(parts["time_zone"]) if "time_zone" in parts else zone
    except (ZoneInfoNotFoundError, ValueError, OSError):
        faults.add(
            say("There is no time zone of this name. Write one such as America/New_York."),
            field="format.time_zone",
        )
    datum = parts.get("datum", Datum.WGS84)
    if datum not in set(Datum):
        faults.add(say("Use wgs84, gcj02 or bd09."), field="format.datum")
        datum = Datum.WGS84
    return time_format, zone, Datum(datum)


EXAMPLE = "%Y-%m-%d %H:%M:%S"
_PROBE = datetime(2001, 2, 3, 4, 5, 6)  # noqa: DTZ001  a face of a clock, to try a format with


def _can_be_read(time_format: str) -> bool:
    """Tell whether a format gives back the day that it wrote; `%z` is taken on trust."""
    try:
        text = _PROBE.strftime(time_format.replace("%z", "+0000"))
        read = datetime.strptime(text, time_format)  # noqa: DTZ007  likewise
    except ValueError:
        return False
    return read.date() == _PROBE.date()


def _keep(value: Any, faults: FileFaults) -> dict[str, frozenset[str]]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        faults.add(say("This must be a table of columns and lists of texts."), field="filter")
        return {}
    kept = {}
    for name, texts in value.items():
        if isinstance(texts, list) and texts and all(isinstance(text, str) for text in texts):
            kept[name] = frozenset(text.strip() for text in texts)
        else:
            faults.add(say("This must be a list of texts."), field=f"filter.{shown(name)}")
    return kept


def _categories(value: Any, faults: FileFaults) -> dict[str, str]:
    ours = [rule.key for rule in CATEGORIES]
    categories = _table_of_texts(value, "categories", faults)
    for theirs, key in categories.items():
        if key not in ours:
            faults.add(
                say(
                    "There is no category “%(key)s”. Ours are: %(ours)s.",
                    key=shown(key),
                    ours=", ".join(ours),
                ),
                field=f"categories.{shown(theirs)}",
            )
    return categories


def _not_located(value: Any, faults: FileFaults) -> frozenset[tuple[float, float]]:
    if value is None:
        return frozenset()
    points = value.get("points", []) if isinstance(value, dict) else None
    unknown = isinstance(value, dict) and set(value) - {"points"}
    if not isinstance(points, list) or unknown or not all(_is_point(each) for each in points):
        faults.add(
            say("This must be a list of [latitude, longitude] pairs."), field="not_located.points"
        )
        return frozenset()
    return frozenset(rounded(lat, lon) for lat, lon in points)


def _is_point(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == len(("lat", "lon"))
        and all(
            isinstance(part, int | float)
            and not isinstance(part, bool)
            and abs(part) <= MOST_DEGREES
            for part in value
        )
    )


def rounded(lat: float, lon: float) -> tuple[float, float]:
    """Return a point as `ColumnMap.not_located` holds it."""
    return round(float(lat), POINT_DECIMALS), round(float(lon), POINT_DECIMALS)


def _source(value: Any, faults: FileFaults) -> str:
    if value is None:
        return "import"
    if isinstance(value, str) and 0 < len(value.strip()) <= LONGEST_SOURCE:
        if not is_control(value):
            return value.strip()
        faults.add(say("A control character cannot stand in a name: remove it."), field="source")
        return "import"
    faults.add(say("This must be a short text of at most 64 characters."), field="source")
    return "import"
