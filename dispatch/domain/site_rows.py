"""Which candidate sites does a table name, and which of its cells cannot be meant?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dispatch.domain.errors import Invalid
from dispatch.domain.file_faults import FileFaults, shown
from dispatch.domain.place import Point, check_point, looks_swapped
from dispatch.domain.sentences import say
from dispatch.domain.table_rows import columns_of, read_table

if TYPE_CHECKING:
    from collections.abc import Iterable

SITE_COLUMNS = ("name", "lat", "lon")
LONGEST_NAME = 100


class SiteRow(NamedTuple):
    """One candidate site as a file names it, in WGS-84."""

    name: str
    point: Point


def read_site_rows(lines: Iterable[bytes], file: str) -> list[SiteRow]:
    """Read every row of a table with the columns name, lat and lon.

    Raises Invalid naming the faults of all rows, up to twenty, or that there is no row.
    """
    faults = FileFaults(file)
    rows = read_table(lines, faults)
    header = next(rows)
    places = columns_of(header, SITE_COLUMNS, faults)
    faults.check()
    found: dict[str, SiteRow] = {}
    for row in rows:
        name, lat, lon = (row.cells[places[column]] for column in SITE_COLUMNS)
        if not 0 < len(name) <= LONGEST_NAME:
            faults.add(
                say("Write a text of 1 to %(limit)s characters.", limit=LONGEST_NAME),
                line=row.line,
                field="name",
            )
        elif name in found:
            faults.add(
                say("“%(value)s” stands in this file twice: give each its own name.", value=name),
                line=row.line,
                field="name",
            )
        point = _point(lat, lon, row.line, faults)
        if point is not None:
            found[name] = SiteRow(name, point)
    faults.check()
    if not found:
        raise faults.refuse(
            say("The file holds no sites: write one on each line below the header.")
        )
    return list(found.values())


def _point(lat: str, lon: str, line: int, faults: FileFaults) -> Point | None:
    degrees = []
    for field, text in (("lat", lat), ("lon", lon)):
        try:
            degrees.append(float(text))
        except ValueError:
            reason = say(
                "“%(value)s” is not a number of degrees such as 28.2278.", value=shown(text)
            )
            faults.add(reason, line=line, field=field)
    if len(degrees) != len(SITE_COLUMNS[1:]):
        return None
    try:
        return check_point(*degrees)
    except Invalid as refusal:
        field, reason = next(iter(refusal.fields.items()))
        reason = refusal.sentence if looks_swapped(*degrees) else reason
        faults.add(reason, line=line, field=field)
        return None
