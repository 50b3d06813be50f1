"""Which ticket was followed by another of its category at the same place?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

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
    pool = [story for story in (*stories, *later) if story.outcome not in _NOT_ANOTHER]
    if not asked or not pool:
        return {}
    ends = micros(end for _, end in asked)
    received = micros(story.received_at for story in pool)
    those = [story for story, _ in asked]
    found = np.minimum(
        _next_by_household(those, ends, pool, received), _next_nearby(those, ends, pool, received)
    )
    return {
        story.number: instant(at)
        for story, at in zip(those, found.tolist(), strict=True)
        if math.isfinite(at)
    }


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
        if story.closed_at is None or story.outcome in _NOT_ANOTHER:
            continue
        end = fixed_at(story)
        if end is None:
            flagged += 1
        elif story.household is None and _point(story) is None:
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


def _point(story: TicketStory) -> tuple[float, float] | None:
    if not story.located or story.lat is None or story.lon is None:
        return None
    return story.lat, story.lon


def _codes(keys: Sequence[Hashable | None], known: dict[Hashable, int]) -> Ints:
    """Give equal keys equal numbers, and −1 where there is none; `known` grows."""
    return np.array(
        [-1 if key is None else known.setdefault(key, len(known)) for key in keys], dtype=np.int64
    )


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


def _next_by_household(
    asked: Sequence[TicketStory], ends: Floats, pool: Sequence[TicketStory], received: Floats
) -> Floats:
    known: dict[Hashable, int] = {}

    def keys(stories: Sequence[TicketStory]) -> list[Hashable | None]:
        return [None if s.household is None else (s.category, s.household) for s in stories]

    groups = _codes(keys(pool), known)
    return _next_in_group(groups, received, _codes(keys(asked), known), ends)


def _next_nearby(
    asked: Sequence[TicketStory], ends: Floats, pool: Sequence[TicketStory], received: Floats
) -> Floats:
    """Look at each distinct point of a category once, so that a busy address costs no more."""
    known: dict[Hashable, int] = {}

    def keys(stories: Sequence[TicketStory]) -> list[Hashable | None]:
        return [None if (at := _point(s)) is None else (s.category, *at) for s in stories]

    pool_sites, ask_sites = _codes(keys(pool), known), _codes(keys(asked), known)
    begins, ends_of, near = _adjacent(list(known))
    placed = np.flatnonzero(ask_sites >= 0)
    sites = ask_sites[placed]
    rows, columns = _spans(begins[sites], ends_of[sites])
    nexts = _next_in_group(pool_sites, received, near[columns], ends[placed[rows]])
    found = np.full(len(asked), np.inf)
    np.minimum.at(found, placed[rows], nexts)
    return found


def _adjacent(sites: list[Any]) -> tuple[Ints, Ints, Ints]:
    """Return for site i its neighbours within 30 m, itself too, as near[begins[i]:ends[i]]."""
    by_category: dict[str, list[int]] = {}
    for code, (category, _, _) in enumerate(sites):
        by_category.setdefault(category, []).append(code)
    xyz = _on_the_globe(np.array([site[1:] for site in sites], dtype=np.float64).reshape(-1, 2))
    empty = np.empty(0, dtype=np.int64)
    found = [(empty, empty)]
    for codes in by_category.values():
        members = np.array(codes, dtype=np.int64)
        found.extend((members[a], members[b]) for a, b in _near_pairs(xyz[members]))
    ones = np.concatenate([a for a, _ in found])
    others = np.concatenate([b for _, b in found])
    order = np.argsort(ones, kind="stable")
    counts = np.bincount(ones, minlength=len(sites))
    stops = np.cumsum(counts)
    return stops - counts, stops, others[order]


def _on_the_globe(degrees: Floats) -> Floats:
    """Turn latitude and longitude into metres from the centre of a sphere, one row each."""
    lat, lon = np.radians(degrees[:, 0]), np.radians(degrees[:, 1])
    flat = np.cos(lat)
    unit = np.stack([flat * np.cos(lon), flat * np.sin(lon), np.sin(lat)], axis=1)
    return unit * MEAN_EARTH_RADIUS_METRES


def _near_pairs(xyz: Floats) -> list[tuple[Ints, Ints]]:
    """Pair every two points within 30 m, both ways, by cells of 30 m and their 26 neighbours."""
    cells = np.floor(xyz / SAME_PLACE_METRES).astype(np.int64) + _MIDDLE
    keys = (cells[:, 0] << 2 * _AXIS_BITS) + (cells[:, 1] << _AXIS_BITS) + cells[:, 2]
    order = np.argsort(keys)
    ranked = keys[order]
    half_angle = SAME_PLACE_METRES / (2 * MEAN_EARTH_RADIUS_METRES)
    chord = 2 * MEAN_EARTH_RADIUS_METRES * math.sin(half_angle)
    steps = (-1, 0, 1)
    pairs = []
    for step in (
        (a << 2 * _AXIS_BITS) + (b << _AXIS_BITS) + c for a in steps for b in steps for c in steps
    ):
        low = np.searchsorted(ranked, keys + step, side="left")
        ones, columns = _spans(low, np.searchsorted(ranked, keys + step, side="right"))
        others = order[columns]
        is_near = np.sum((xyz[ones] - xyz[others]) ** 2, axis=1) <= chord**2
        pairs.append((ones[is_near], others[is_near]))
    return pairs


def _spans(begins: Ints, ends: Ints) -> tuple[Ints, Ints]:
    """Write out ranges as pairs of (which range, position in it)."""
    counts = ends - begins
    rows = np.repeat(np.arange(counts.size), counts)
    steps = np.arange(rows.size) - np.repeat(np.cumsum(counts) - counts, counts)
    return rows, np.repeat(begins, counts) + steps
