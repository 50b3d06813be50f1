"""Which ticket was followed by another of its category at the same place?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dispatch.domain.exclusions import Exclusion
from dispatch.domain.microseconds import instant, micros
from dispatch.domain.place import MEAN_EARTH_RADIUS_METRES
from dispatch.domain.samples import Share

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from dispatch.domain.stories import TicketStory

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

SAME_PLACE_METRES = 30.0
"""Two tickets this near are at the same place (metrics.md, first-time fix)."""

CELL_METRES = 120.0
"""The edge of the cells by which a table finds what is near; more than twice the 30 m."""

_NOT_ANOTHER = frozenset({"duplicate", "cancelled"})
# 21 bits an axis: a cell number is below 2**20 in size, the radius of the earth over 30 m.
_AXIS_BITS = 21
_MIDDLE = 1 << (_AXIS_BITS - 1)


@dataclass(frozen=True, slots=True)
class Repeat:
    """Closed tickets that were followed by another within `days`, of all closed ones."""

    days: int
    share: Share
    provisional: int
    excluded: dict[Exclusion, int]

    def as_json(self) -> dict[str, Any]:
        """Return the rate with n, and how many tickets may still be followed."""
        listed = {str(reason): count for reason, count in self.excluded.items()}
        return self.share.as_json() | {"provisional": self.provisional, "excluded": listed}


def fixed_at(story: TicketStory) -> datetime | None:
    """Return when a closed ticket's work ended: its completion, else its close.

    None for a ticket that is open, a duplicate, cancelled, or flagged.
    """
    if story.closed_at is None or story.outcome in _NOT_ANOTHER or story.flags:
        return None
    return max(story.received_at, story.completed_at or story.closed_at)


class Sites(NamedTuple):
    """Tickets as columns, one entry each, for looking at very many of them at once.

    Categories and households are numbers, equal for what is equal, households −1 where there is
    none; degrees are WGS-84, NaN where the place is not known; times are microseconds since 1970.
    """

    category: Ints
    household: Ints
    lat: Floats
    lon: Floats
    times: Floats


def next_at_same_place(
    stories: Sequence[TicketStory], later: Sequence[TicketStory] = ()
) -> dict[str, datetime]:
    """Find for each closed ticket when the next one at its place and of its category was received.

    The same place is the same household, or a point within 30 m in a straight line. The next ticket
    is received after the work of the first ended; duplicates and cancelled ones are not another
    ticket. `later` holds tickets outside the range asked for that may follow one inside it. Keys
    are ticket numbers; a ticket without a follower is absent.
    """
    asked = [(story, end) for story in stories if (end := fixed_at(story)) is not None]
    pool = [story for story in (*stories, *later) if is_another(story)]
    those = [story for story, _ in asked]
    known: dict[Hashable, int] = {}
    found = next_times(
        _sites(those, micros(end for _, end in asked), known),
        _sites(pool, micros(story.received_at for story in pool), known),
    )
    return {
        story.number: instant(at)
        for story, at in zip(those, found.tolist(), strict=True)
        if math.isfinite(at)
    }


def next_times(asked: Sites, pool: Sites) -> Floats:
    """Find for each ticket when the next one at its place and of its category was received.

    The times of `asked` are the ends of work, those of `pool` the calls; the answer is infinite
    where nothing followed. Duplicates and cancelled tickets do not belong into the pool.
    """
    if not asked.times.size or not pool.times.size:
        return np.full(asked.times.size, np.inf)
    return np.minimum(_next_by_household(asked, pool), _next_nearby(asked, pool))


def is_another(story: TicketStory) -> bool:
    """Tell whether a ticket can show that a fault came back."""
    return story.outcome not in _NOT_ANOTHER


def point_of(story: TicketStory) -> tuple[float, float] | None:
    """Return the degrees of a ticket that is located, else None."""
    if not story.located or story.lat is None or story.lon is None:
        return None
    return story.lat, story.lon


def cells_of(lat: Floats, lon: Floats) -> Ints:
    """Return the number of the cell of 120 m that each point lies in, for finding neighbours."""
    return _numbered(on_the_globe(lat, lon), CELL_METRES)


def cells_in_reach(lat: Floats, lon: Floats) -> Ints:
    """Return the numbers of all cells that hold a point within 30 m of one of these."""
    xyz = on_the_globe(lat, lon)
    corners = [xyz + SAME_PLACE_METRES * np.array(sides) for sides in product((-1, 1), repeat=3)]
    return np.unique(_numbered(np.concatenate(corners), CELL_METRES))


def are_near(lat: Floats, lon: Floats, to_lat: Floats, to_lon: Floats) -> NDArray[np.bool_]:
    """Tell which points lie within 30 m of one of some others; what is NaN is near nothing."""
    placed, others = np.flatnonzero(~np.isnan(lat)), ~np.isnan(to_lat)
    xyz = [on_the_globe(to_lat[others], to_lon[others]), on_the_globe(lat[placed], lon[placed])]
    first = xyz[0].shape[0]
    pairs = _near_pairs(np.concatenate(xyz), SAME_PLACE_METRES, np.arange(first))
    is_near = np.zeros(first + placed.size, dtype=np.bool_)
    for _, found in pairs:
        is_near[found] = True
    told = np.zeros(lat.size, dtype=np.bool_)
    told[placed] = is_near[first:]
    return told


def on_the_globe(lat: Floats, lon: Floats) -> Floats:
    """Turn degrees into metres from the centre of a sphere, one row a point."""
    lat, lon = np.radians(lat), np.radians(lon)
    flat = np.cos(lat)
    unit = np.stack([flat * np.cos(lon), flat * np.sin(lon), np.sin(lat)], axis=1)
    return unit * MEAN_EARTH_RADIUS_METRES


def spans(begins: Ints, ends: Ints) -> tuple[Ints, Ints]:
    """Write out ranges as pairs of (which range, position in it)."""
    counts = ends - begins
    rows = np.repeat(np.arange(counts.size), counts)
    steps = np.arange(rows.size) - np.repeat(np.cumsum(counts) - counts, counts)
    return rows, np.repeat(begins, counts) + steps


def repeat_rate(
    stories: Sequence[TicketStory],
    days: int,
    now: datetime,
    followers: Mapping[str, datetime] | None = None,
) -> Repeat:
    """Measure how many closed tickets were followed by another at the same place.

    Formula: closed tickets followed within 7, 30 or 90 days by a ticket of the same category at the
    same household or within 30 m ÷ closed tickets; provisional until a ticket's days are over.
    In: every closed ticket, imported ones too. Out: open tickets, duplicates, cancelled; listed:
    flagged tickets and those whose place is not known. `days` says which of the three. `followers`
    is the answer of `next_at_same_place`, found among these stories when not given.
    Source: metrics.md, repeat rate.
    """
    nexts = next_at_same_place(stories) if followers is None else followers
    hits = n = provisional = nowhere = flagged = 0
    for story in stories:
        if story.closed_at is None or not is_another(story):
            continue
        end = fixed_at(story)
        if end is None:
            flagged += 1
        elif story.household is None and point_of(story) is None:
            nowhere += 1
        else:
            n += 1
            hits += is_followed(story, end, nexts, days)
            provisional += now < end + timedelta(days=days)
    listed = {Exclusion.FLAGGED: flagged, Exclusion.PLACE_NOT_KNOWN: nowhere}
    return Repeat(
        days, Share(hits, n), provisional, {why: count for why, count in listed.items() if count}
    )


def is_followed(
    story: TicketStory, end: datetime, followers: Mapping[str, datetime], days: int
) -> bool:
    """Tell whether another ticket came to the same place within so many days of the end."""
    following = followers.get(story.number)
    return following is not None and following <= end + timedelta(days=days)


def _sites(stories: Sequence[TicketStory], times: Floats, known: dict[Hashable, int]) -> Sites:
    """Turn stories into columns; `known` gives equal words equal numbers, and grows."""
    nowhere = (math.nan, math.nan)
    points = np.array([point_of(story) or nowhere for story in stories], dtype=np.float64)
    words = [(story.category, story.household) for story in stories]
    numbers = [
        (
            known.setdefault(category, len(known)),
            -1 if household is None else known.setdefault((household,), len(known)),
        )
        for category, household in words
    ]
    columns = np.array(numbers, dtype=np.int64).reshape(-1, 2)
    lat, lon = points.reshape(-1, 2).T
    return Sites(columns[:, 0], columns[:, 1], lat, lon, times)


def _same(*columns: NDArray[Any]) -> Ints:
    """Give rows that are equal in every column equal numbers from 0 on."""
    codes = np.zeros(columns[0].size, dtype=np.int64)
    for column in columns:
        found, part = np.unique(column, return_inverse=True)
        _, codes = np.unique(codes * found.size + part, return_inverse=True)
    return codes


def _next_in_group(groups: Ints, times: Floats, ask_groups: Ints, ask_times: Floats) -> Floats:
    """Return the first time after each asked time within its group, infinite when there is none."""
    order = np.lexsort((times, groups))
    groups, times = groups[order], times[order]
    ticks = np.unique(times)
    width = ticks.size + 1
    keys = groups * width + np.searchsorted(ticks, times)
    first = np.searchsorted(
        keys, ask_groups * width + np.searchsorted(ticks, ask_times, side="right")
    )
    inside = np.minimum(first, keys.size - 1)
    is_there = (first < keys.size) & (groups[inside] == ask_groups) & (ask_groups >= 0)
    return np.where(is_there, times[inside], np.inf)


def _next_by_household(asked: Sites, pool: Sites) -> Floats:
    households = np.concatenate([pool.household, asked.household])
    groups = _same(np.concatenate([pool.category, asked.category]), households)
    groups[households < 0] = -1
    mine, theirs = groups[pool.times.size :], groups[: pool.times.size]
    return _next_in_group(theirs, pool.times, mine, asked.times)


def _next_nearby(asked: Sites, pool: Sites) -> Floats:
    """Look at each distinct point of a category once, so that a busy address costs no more."""
    members = np.flatnonzero(~np.isnan(pool.lat))
    placed = np.flatnonzero(~np.isnan(asked.lat))
    found = np.full(asked.times.size, np.inf)
    if not members.size or not placed.size:
        return found
    category, lat, lon = (
        np.concatenate([getattr(pool, name)[members], getattr(asked, name)[placed]])
        for name in ("category", "lat", "lon")
    )
    _, firsts, codes = np.unique(_same(category, lat, lon), return_index=True, return_inverse=True)
    begins, stops, near = _adjacent(category[firsts], on_the_globe(lat[firsts], lon[firsts]))
    asking = codes[members.size :]
    rows, columns = spans(begins[asking], stops[asking])
    ends = asked.times[placed[rows]]
    nexts = _next_in_group(codes[: members.size], pool.times[members], near[columns], ends)
    np.minimum.at(found, placed[rows], nexts)
    return found


def _adjacent(categories: Ints, xyz: Floats) -> tuple[Ints, Ints, Ints]:
    """Return for site i its neighbours within 30 m, itself too, as near[begins[i]:ends[i]]."""
    empty = np.empty(0, dtype=np.int64)
    found = [(empty, empty)]
    for category in np.unique(categories):
        members = np.flatnonzero(categories == category)
        near = _near_pairs(xyz[members], SAME_PLACE_METRES)
        found.extend((members[a], members[b]) for a, b in near)
    ones = np.concatenate([a for a, _ in found])
    others = np.concatenate([b for _, b in found])
    order = np.argsort(ones, kind="stable")
    counts = np.bincount(ones, minlength=categories.size)
    stops = np.cumsum(counts)
    return stops - counts, stops, others[order]


def _numbered(xyz: Floats, edge: float) -> Ints:
    """Give every point the number of the cube of so many metres that it lies in."""
    cells = np.floor(xyz / edge).astype(np.int64) + _MIDDLE
    return (cells[:, 0] << 2 * _AXIS_BITS) + (cells[:, 1] << _AXIS_BITS) + cells[:, 2]


def _near_pairs(xyz: Floats, metres: float, asking: Ints | None = None) -> list[tuple[Ints, Ints]]:
    """Pair points so near, both ways, by cells of that size and their 26 neighbours.

    `asking` are the points for which others are looked for, None for every one.
    """
    if asking is None:
        asking = np.arange(xyz.shape[0])
    keys = _numbered(xyz, metres)
    order = np.argsort(keys)
    ranked = keys[order]
    half_angle = metres / (2 * MEAN_EARTH_RADIUS_METRES)
    chord = 2 * MEAN_EARTH_RADIUS_METRES * math.sin(half_angle)
    steps = (-1, 0, 1)
    pairs = []
    for step in (
        (a << 2 * _AXIS_BITS) + (b << _AXIS_BITS) + c for a in steps for b in steps for c in steps
    ):
        wanted = keys[asking] + step
        low = np.searchsorted(ranked, wanted, side="left")
        rows, columns = spans(low, np.searchsorted(ranked, wanted, side="right"))
        ones, others = asking[rows], order[columns]
        is_near = np.sum((xyz[ones] - xyz[others]) ** 2, axis=1) <= chord**2
        pairs.append((ones[is_near], others[is_near]))
    return pairs
