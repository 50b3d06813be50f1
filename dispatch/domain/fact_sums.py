"""What do the facts of a span add up to, so that a long range need not count each ticket again?

Sums are tables of counts with a row for each group, and can be added and taken away. They hold for
the tickets of which nothing changes by the clock alone any more, but for what a few days after a
fix decide: those days are kept, so that sums can be brought forward.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from dispatch.domain.attainment import CIRCLE, MEASURES
from dispatch.domain.broken_promises import SplitBy
from dispatch.domain.counted_figures import BANDS, FLOWS, REPEATS, TABLES, CountedFigures
from dispatch.domain.fact_figures import CLOCKS, Columns, Tally
from dispatch.domain.facts import CAUSES, DAY, EXCLUSIONS, NONE, facts_of
from dispatch.domain.figures import REPEAT_DAYS, By
from dispatch.domain.first_time_fix import CONFIRMED_AFTER_DAYS
from dispatch.domain.histograms import BUCKETS, MIDDLES, percentiles_of
from dispatch.domain.lost_minutes import ROAD
from dispatch.domain.microseconds import MICROSECONDS, instant, micros
from dispatch.domain.stages import Stage
from dispatch.domain.wall_clock import local_hours, local_weekdays

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from numpy.typing import NDArray

    from dispatch.domain.fact_columns import FactColumns
    from dispatch.domain.facts import Facts, Rows
    from dispatch.domain.samples import Percentiles

    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int64]

SHOWN_STAGES = (Stage.RESPONSE, *ROAD, Stage.REPAIR, Stage.WRENCH)
"""The stages of the tickets that came in, of those that arrived, and of the repair."""
_TIMES = {f"{stage}_times": stage for stage in SHOWN_STAGES}
"""The names of the histograms in sums, a promise and a stage may have the same."""
SPLITS = (None, By.TEAM, By.GRID, By.HOUR, By.LEVEL, By.STORM, By.EVIDENCE)
"""What sums tell groups apart by; without any, all are one."""
SPLITS_OF_A_TEAM = tuple(by for by in SPLITS if by is not By.TEAM)
EDITION = 1
"""Which way of counting sums are of."""
SETTLED_WITHIN = timedelta(days=30)
"""Who waits longer for the close is not summed, so that the last close is not long after."""
MOST_APART = 1 / 20
"""Of a span in which a larger share must be counted one by one, no sums are kept."""
TURNS_TO_SUM_ANEW = 2_000
_OF_GROUPS = ("n", "circle", "within_30", "judged")
_CLOCKED = ("judged", *REPEATS)
"""The tables in which the days after a fix decide."""
_DAYS = sorted({CONFIRMED_AFTER_DAYS, *REPEAT_DAYS})


@dataclass(slots=True)
class Sums:
    """Counts by name, a row for each of `codes`, which are in order."""

    codes: Ints
    tables: dict[str, NDArray[Any]]

    def add(self, more: Sums, sign: int = 1) -> None:
        """Add the tables of others that are here too, or take them away with a `sign` of -1."""
        before, self.codes = self.codes, np.union1d(self.codes, more.codes)
        places, rows = (np.searchsorted(self.codes, each) for each in (before, more.codes))
        for name, table in self.tables.items():
            other = more.tables.get(name)
            width = max(table.shape[1], 0 if other is None else other.shape[1])
            if table.shape != (self.codes.size, width):
                self.tables[name] = np.zeros((self.codes.size, width), dtype=np.int64)
                self.tables[name][places, : table.shape[1]] = table
            if other is not None:
                _add(self.tables[name][:, : other.shape[1]], rows, other, sign)


def _add(table: NDArray[Any], rows: Ints, other: NDArray[Any], sign: int) -> None:
    if sign < 0:
        table[rows] -= other
    elif rows.size == len(table):
        table += other
    else:
        table[rows] += other


@dataclass(frozen=True, slots=True)
class SpanSums:
    """The sums of one span for one of `SPLITS`, of all tickets or a team's; nobody changes them.

    Those of all in one say more: `extra`. `weight` is what it takes of memory, in bytes.
    """

    sums: Sums
    extra: Mapping[str, NDArray[Any]]
    weight: int

    @property
    def as_at(self) -> datetime:
        """Return for which instant the sums are right."""
        return instant(float(self.extra["as_at"][0]))

    @property
    def zone(self) -> str:
        """Return by which zone hours are told apart."""
        return str(self.extra["zone"][0])

    @property
    def last_closed(self) -> float:
        """Return when the last of the tickets was closed, in microseconds since 1970."""
        return float(self.extra["last_closed"][0])

    @property
    def meaning(self) -> int:
        """Return `meaning_of_sums` as it was when they were written."""
        return int(self.extra["meaning"][0])

    @property
    def apart(self) -> Rows:
        """Return the facts that are in no sum."""
        return facts_of([self.extra["apart"].tobytes()])

    def turning(self, now: datetime) -> Ints:
        """Return the tickets of which a figure has changed by the clock alone until `now`."""
        until, since = (float(at) for at in micros([now, self.as_at]))
        fixed, parts = self.extra["fixed"], []
        for days in _DAYS:
            ends = np.array([since, until]) - days * DAY
            first, last = np.searchsorted(fixed, ends, side="right")
            parts.append(self.extra["tickets"][first:last])
        return np.unique(np.concatenate(parts))


@dataclass(frozen=True, slots=True)
class Summed(CountedFigures):
    """The figures of `size` groups, out of tables of counts."""

    size: int
    tables: Mapping[str, NDArray[Any]]

    def table(self, name: str) -> Ints:
        """Return one of `TABLES`, a row for each group."""
        return self.tables[name]

    def spread(self, stage: Stage) -> list[Percentiles | None]:
        """Measure one stage in seconds, by `histograms.WITHIN`."""
        return percentiles_of(self.tables[f"{stage}_times"])


def is_settled(facts: Facts, now: datetime) -> Bools:
    """Tell of which tickets nothing changes by the clock alone after `now`.

    But for what turns some days after the fix. They were closed within `SETTLED_WITHIN`, or were
    imported without a close.
    """
    received, closed = facts["received_at"], facts["closed_at"]
    at = float(micros([now])[0])
    longest = SETTLED_WITHIN.total_seconds() * MICROSECONDS
    is_closed = (closed >= received) & (closed <= received + longest) & (closed <= at)
    found: Bools = is_closed | (np.isnan(closed) & facts["imported"] & ~facts["is_open"])
    found &= (received <= at) & ~facts["is_held"]
    for measure, (promise, _) in MEASURES.items():
        stop, _, _ = CLOCKS[promise]
        found &= (facts[measure] != 0) | ~np.isnan(facts[stop])
    return found


def codes_of(facts: Facts, by: By | SplitBy | None, zone: ZoneInfo) -> Ints:
    """Return a number for the group of each fact that is the same for all facts of that group.

    The hour of the day or the day of the week in `zone`; of what has an id, how far it is from
    `NONE`.
    """
    if by is None:
        return np.zeros(facts.size, dtype=np.int64)
    if by == By.HOUR:
        return local_hours(facts["received_at"], zone)
    if by == SplitBy.DAY:
        return local_weekdays(facts["received_at"], zone)
    codes = facts[by].astype(np.int64)
    return codes if by in {By.STORM, By.EVIDENCE} else codes - NONE


def names_of_sums(by: By | None) -> tuple[str, ...]:
    """Return the names of what is summed for the groups of a split."""
    return (*(TABLES if by is None else _OF_GROUPS), *_TIMES)


def meaning_of_sums() -> int:
    """Return a number that differs once a column of sums stands for something else.

    Whoever changes what a table counts in another way gives `EDITION` its next number; sums of
    another meaning are not used, and written anew in their turn.
    """
    words = (
        EDITION, TABLES, EXCLUSIONS, CAUSES, FLOWS, BANDS, REPEAT_DAYS, CONFIRMED_AFTER_DAYS,
        CIRCLE, _TIMES, BUCKETS, _OF_GROUPS, tuple(MIDDLES),
    )  # fmt: skip
    return int.from_bytes(blake2b(repr(words).encode(), digest_size=4).digest())


def word_of(by: By | None, team: int | None = None) -> str:
    """Return the word under which sums are kept; they are of a team by its id, else of all."""
    word = "" if by is None else str(by)
    return word if team is None else f"{team}:{word}"


def sums_of(
    columns: Columns,
    by: By | None,
    zone: ZoneInfo,
    now: datetime,
    names: Iterable[str] | None = None,
) -> Sums:
    """Add up facts in the groups of a split, as at `now`; all that is summed, or what is named."""
    codes = codes_of(columns.rows, by, zone)
    is_used = np.bincount(codes) > 0
    tally = Tally(columns, (np.cumsum(is_used) - 1)[codes], int(is_used.sum()), now)
    return Sums(np.flatnonzero(is_used), {
        name: tally.times(_TIMES[name]) if name in _TIMES else tally.table(name)
        for name in names or names_of_sums(by)
    })  # fmt: skip


def turned(columns: Columns, by: By | None, zone: ZoneInfo, since: datetime, now: datetime) -> Sums:
    """Return what must be added to sums as at `since` of facts that have turned until `now`."""
    names = [name for name in names_of_sums(by) if name in _CLOCKED]
    found = sums_of(columns, by, zone, now, names)
    found.add(sums_of(columns, by, zone, since, names), -1)
    return found


def nothing(by: By | None) -> Sums:
    """Return sums of no facts, to add others to."""
    empty = {name: np.zeros((0, 0), dtype=np.int64) for name in names_of_sums(by)}
    return Sums(np.empty(0, dtype=np.int64), empty)


def regrouped(sums: Sums, places: Ints, size: int) -> Summed:
    """Return the figures of `size` groups; `places` is the group of each row, -1 for none."""
    order = np.argsort(places, kind="stable")
    order = order[np.searchsorted(places[order], 0) :]
    if order.size == size:
        return Summed(size, {name: table[order] for name, table in sums.tables.items()})
    starts = np.searchsorted(places[order], np.arange(size))
    return Summed(
        size, {name: np.add.reduceat(table[order], starts) for name, table in sums.tables.items()}
    )


def packed_sums(facts: FactColumns, zone: ZoneInfo, now: datetime) -> dict[str, bytes]:
    """Write the sums of a span by their words, of all and of each team.

    Nothing where too many of its tickets are not settled.
    """
    settled = is_settled(facts, now)
    summed, apart = facts[settled], facts[~settled]
    if apart.size > MOST_APART * facts.size:
        return {}
    turns = np.flatnonzero(summed["fixed_at"] + _DAYS[-1] * DAY > micros([now])[0])
    turns = turns[np.argsort(summed["fixed_at"][turns])]
    extra = {
        "as_at": micros([now]),
        "zone": np.array([str(zone)]),
        "last_closed": np.array([np.fmax.reduce(summed["closed_at"], initial=-np.inf)]),
        "meaning": np.array([meaning_of_sums()]),
        "apart": np.frombuffer(apart.rows().tobytes(), dtype=np.uint8),
        "fixed": summed["fixed_at"][turns],
        "tickets": summed["ticket"][turns],
    }
    whole = Columns(summed)
    found = {word_of(by): _written(sums_of(whole, by, zone, now)) for by in SPLITS[1:]}
    found[word_of(None)] = _written(sums_of(whole, None, zone, now), extra)
    for team in np.unique(summed["team"]).tolist():
        own = Columns(summed[summed["team"] == team])
        for by in SPLITS_OF_A_TEAM:
            found[word_of(by, team)] = _written(sums_of(own, by, zone, now))
    return found


def _written(sums: Sums, extra: Mapping[str, Any] = MappingProxyType({})) -> bytes:
    """Write sums, each as narrow as its numbers allow, times no further than there are any."""
    found: dict[str, Any] = {"codes": sums.codes}
    for name, table in sums.tables.items():
        used = table
        if name in _TIMES:
            used = table[:, : int(np.flatnonzero(table.any(axis=0)).max(initial=-1)) + 1]
        found[name] = used.astype(np.min_scalar_type(int(used.max(initial=0))))
    file = io.BytesIO()
    np.savez_compressed(file, **found, **{f"extra_{name}": array for name, array in extra.items()})
    return file.getvalue()


def unpacked_sums(packed: bytes) -> SpanSums:
    """Read what `packed_sums` has written under one word."""
    with np.load(io.BytesIO(packed)) as arrays:
        tables = dict(arrays)
    weight = sum(array.nbytes for array in tables.values())
    extra = {
        name.removeprefix("extra_"): tables.pop(name)
        for name in list(tables)
        if name.startswith("extra_")
    }
    return SpanSums(Sums(tables.pop("codes"), tables), extra, weight)


def sum_anew_at(facts: Facts, now: datetime) -> datetime | None:
    """Return when so many tickets will have turned that sums as at `now` are worth writing anew."""
    turns = np.concatenate([facts["fixed_at"] + days * DAY for days in _DAYS])
    turns = turns[turns > micros([now])[0]]
    if turns.size < TURNS_TO_SUM_ANEW:
        return None
    return instant(float(np.partition(turns, TURNS_TO_SUM_ANEW - 1)[TURNS_TO_SUM_ANEW - 1]))
