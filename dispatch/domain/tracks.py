"""Which of a crew's positions must be kept to draw its way again, and where was it in between?"""

from __future__ import annotations

import math
import struct
from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from dispatch.domain.place import MEAN_EARTH_RADIUS_METRES, Point

if TYPE_CHECKING:
    from collections.abc import Sequence

TOLERANCE_METRES = 20.0
"""So far at most is the drawn way, at each instant, from a position that was left out."""

GAP = timedelta(minutes=3)
"""Without a position for longer, nobody knows where the crew was."""

WORST_METRES = 250.0
"""A position less exact than this says nothing about a way."""

STRETCH = timedelta(hours=1)
TAIL = 30
"""So many positions are gathered before they are thinned."""

_ROW = struct.Struct("<HiiH")
_MICRO = 1e6
_UNKNOWN = 0
# Metres of a way are at most `WORST_METRES`, so the highest bit is free.
_MOCKED = 0x8000


class Fix(NamedTuple):
    """A position: when, where in WGS-84, and how exact in metres, None when not known.

    `mocked` is set where the phone says that a program made it up.
    """

    at: datetime
    point: Point
    accuracy_metres: float | None = None
    mocked: bool = False


@dataclass(frozen=True, slots=True)
class Track:
    """The positions of one stretch in order; the first `settled` of them are thinned already."""

    fixes: tuple[Fix, ...] = ()
    settled: int = 0


def stretch_of(at: datetime) -> datetime:
    """Return the beginning of the hour in which an instant lies."""
    return at.replace(minute=0, second=0, microsecond=0)


def is_worth_drawing(accuracy_metres: float | None) -> bool:
    """Tell whether a position is exact enough for a way."""
    return accuracy_metres is None or accuracy_metres <= WORST_METRES


def add_fix(track: Track, fix: Fix) -> Track:
    """Put a position into its place, to the second, and thin what has gathered.

    The later of two in the same second stays. A late one reopens what was thinned after it.
    """
    second = fix._replace(at=fix.at.replace(microsecond=0))
    fixes = list(track.fixes)
    place = bisect_left(fixes, second.at, key=lambda each: each.at)
    is_known = place < len(fixes) and fixes[place].at == second.at
    fixes[place : place + is_known] = [second]
    settled = min(track.settled, place)
    if len(fixes) - settled < TAIL:
        return Track(tuple(fixes), settled)
    anchor = max(0, settled - 1)
    kept = (*fixes[:anchor], *thin(fixes[anchor:]))
    return Track(kept, len(kept))


def thin(fixes: Sequence[Fix]) -> list[Fix]:
    """Leave out what lies on the way: within 20 m of where the crew would be at that instant.

    Douglas and Peucker's rule (1973) with the time-aware distance of Meratnia and de By (2004), so
    that waiting and speed survive as well as turns. Ends of a gap stay, and no gap is made.
    """
    kept: list[int] = []
    open_parts = [(0, len(fixes) - 1)] if fixes else []
    while open_parts:
        first, last = open_parts.pop()
        split = _split(fixes, first, last)
        if split is None:
            kept += [first, last]
        else:
            open_parts += [(first, split), (split, last)]
    return [fixes[place] for place in sorted(set(kept))]


def _split(fixes: Sequence[Fix], first: int, last: int) -> int | None:
    """Return the position between two others that must stay, None where none must."""
    inner = range(first + 1, last)
    if not inner:
        return None
    far = [metres_off(fixes[first], fixes[last], fixes[place]) for place in inner]
    if max(far) > TOLERANCE_METRES:
        return first + 1 + far.index(max(far))
    if fixes[last].at - fixes[first].at <= GAP:
        return None
    middle = fixes[first].at + (fixes[last].at - fixes[first].at) / 2
    return min(inner, key=lambda place: abs(fixes[place].at - middle))


def metres_off(before: Fix, after: Fix, seen: Fix) -> float:
    """Return how far a position is from where an even drive would have been at its instant."""
    guess = point_at(before, after, seen.at)
    north = math.radians(seen.point.lat - guess.lat)
    east = math.radians(_turn(guess.lon, seen.point.lon)) * math.cos(math.radians(guess.lat))
    return MEAN_EARTH_RADIUS_METRES * math.hypot(north, east)


def point_at(before: Fix, after: Fix, at: datetime) -> Point:
    """Return where an even drive between two positions is at an instant between them."""
    span = (after.at - before.at) / timedelta(seconds=1)
    share = (at - before.at) / timedelta(seconds=1) / span if span else 0.0
    start, end = before.point, after.point
    lon = start.lon + share * _turn(start.lon, end.lon)
    return Point(start.lat + share * (end.lat - start.lat), (lon + 180.0) % 360.0 - 180.0)


def _turn(from_lon: float, to_lon: float) -> float:
    """Return the degrees of longitude from one to another, the short way round."""
    return (to_lon - from_lon + 180.0) % 360.0 - 180.0


def pack(begins_at: datetime, fixes: Sequence[Fix]) -> bytes:
    """Return twelve bytes a position: seconds, millionths of a degree, metres."""
    return b"".join(
        _ROW.pack(
            int((fix.at - begins_at).total_seconds()),
            round(fix.point.lat * _MICRO),
            round(fix.point.lon * _MICRO),
            (_UNKNOWN if fix.accuracy_metres is None else max(1, round(fix.accuracy_metres)))
            | (_MOCKED if fix.mocked else 0),
        )
        for fix in fixes
    )


def unpack(begins_at: datetime, packed: bytes) -> list[Fix]:
    """Return the positions that `pack` wrote."""
    return [
        Fix(
            begins_at + timedelta(seconds=seconds),
            Point(lat / _MICRO, lon / _MICRO),
            None if metres & ~_MOCKED == _UNKNOWN else float(metres & ~_MOCKED),
            bool(metres & _MOCKED),
        )
        for seconds, lat, lon, metres in _ROW.iter_unpack(packed)
    ]
