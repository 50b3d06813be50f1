"""What do very many tickets add to the figures, for all groups of them at once?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from dispatch.domain.attainment import CIRCLE, MEASURES, Promise
from dispatch.domain.counted_figures import BANDS, FARED, REPEATS, CountedFigures
from dispatch.domain.exclusions import Exclusion
from dispatch.domain.facts import ANSWERS, CAUSES, DAY, EXCLUSIONS, TIMES, followed_within
from dispatch.domain.first_time_fix import CONFIRMED_AFTER_DAYS
from dispatch.domain.flow import AGE_BANDS
from dispatch.domain.histograms import buckets_of, histogram
from dispatch.domain.microseconds import MICROSECONDS, micros
from dispatch.domain.return_visits import is_fixed, is_judged, is_visited_repair
from dispatch.domain.samples import Percentiles, percentiles_by_group
from dispatch.domain.stages import ENDS, OF_EVERY_TICKET, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from dispatch.domain.counted_figures import Table
    from dispatch.domain.facts import Facts
    from dispatch.domain.figures import GroupKey

    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int64]
    Codes = NDArray[np.uint8]
    Floats = NDArray[np.float64]

CLOCKS = {
    Promise.ARRIVE: ("arrived_at", "arrive_due_at", "held_seconds"),
    Promise.REPAIR: ("completed_at", "repair_due_at", "held_seconds_total"),
    Promise.CALL_BACK: ("reached_at", "call_back_due_at", "held_seconds_total"),
}
"""What stops the clock of a promise, when it falls due, and what holds take off."""
_JUDGED = 6
"""How many numbers `Columns.judged` has."""
_DUPLICATE = EXCLUSIONS.index(Exclusion.DUPLICATE)
_AGES = [limit.total_seconds() * MICROSECONDS for _, limit in AGE_BANDS]


@dataclass
class Columns:
    """Rows of facts, with what every grouping of them needs."""

    rows: Facts
    _spans: dict[Stage, tuple[Ints, Ints]] = field(default_factory=dict, init=False)
    _buckets: dict[Stage, Ints] = field(default_factory=dict, init=False)
    _fared: dict[tuple[str, datetime], Codes] = field(default_factory=dict, init=False)
    _judged: dict[datetime, Ints] = field(default_factory=dict, init=False)

    def spans(self, stage: Stage) -> tuple[Ints, Ints]:
        """Return which rows went through a stage, and their microseconds."""
        if stage not in self._spans:
            self._spans[stage] = self._spanning(stage)
        return self._spans[stage]

    def buckets(self, stage: Stage) -> Ints:
        """Return in which bucket of `histograms` the time of each of these rows is."""
        if stage not in self._buckets:
            self._buckets[stage] = buckets_of(self.spans(stage)[1])
        return self._buckets[stage]

    def _spanning(self, stage: Stage) -> tuple[Ints, Ints]:
        begin, end = ENDS[stage]
        if begin not in TIMES or end not in TIMES:
            nothing = np.empty(0, dtype=np.int64)
            return nothing, nothing
        spans = self.rows[end] - self.rows[begin]
        out = self.rows["flagged" if stage in OF_EVERY_TICKET else "left_out"]
        rows = np.flatnonzero((spans >= 0) & (out == 0))
        return rows, spans[rows].astype(np.int64)

    def fared(self, measure: str, now: datetime) -> Codes:
        """Return how one of `MEASURES` fared in each row, as a number.

        The sum of 4 while it runs, 2 where it is late and 1 where it is late with holds taken off;
        from `FARED` on the reasons to leave it out.
        """
        if (measure, now) not in self._fared:
            self._fared[measure, now] = self._faring(measure, now)
        return self._fared[measure, now]

    def _faring(self, measure: str, now: datetime) -> Codes:
        received, why = self.rows["received_at"], self.rows[measure]
        held = self.rows[CLOCKS[MEASURES[measure][0]][2]]
        is_open, stood, until = self._stood(measure, now)
        late = stood > until
        adjusted = late.copy()
        rows = np.flatnonzero(held)
        stood, until = stood[rows], until[rows]
        ran = np.maximum(stood - received[rows], 0)
        adjusted[rows] = stood - np.clip(held[rows] * MICROSECONDS, 0, ran) > until
        fared = 4 * is_open.view(np.uint8) + 2 * late.view(np.uint8) + adjusted.view(np.uint8)
        return np.where(why == 0, fared, FARED + why)

    def kept(self, measure: str, now: datetime) -> tuple[Bools, Bools]:
        """Return in which rows one of `MEASURES` is known, and in which of them it was kept, raw.

        They are those that `Attainment` has as n and as met.
        """
        is_open, stood, until = self._stood(measure, now)
        in_time, is_in = ~(stood > until), self.rows[measure] == 0
        return is_in & ~(is_open & in_time), is_in & ~is_open & in_time

    def _stood(self, measure: str, now: datetime) -> tuple[Bools, Floats, Floats]:
        """Return where the clock of a promise runs, when each stopped or is read, and its end."""
        stop, due, _ = CLOCKS[MEASURES[measure][0]]
        limit = CIRCLE.total_seconds() * MICROSECONDS
        is_open = np.isnan(self.rows[stop])
        stood = np.where(is_open, _micro(now), self.rows[stop])
        until = self.rows["received_at"] + limit if measure == "within_30" else self.rows[due]
        return is_open, stood, until

    def repeated(self, days: int) -> tuple[Bools, Bools]:
        """Return which tickets were closed at a known place, and which of them came again."""
        rows = self.rows
        placed = rows["counted"] & rows["has_place"] & ~np.isnan(rows["fixed_at"])
        return placed, placed & followed_within(rows, days)

    def judged(self, now: datetime) -> Ints:
        """Return what a first-time fix says of each row.

        0 nothing, 1 that its times are flagged, 2 fixed the first time and 4 not; one more where
        that is confirmed.
        """
        if now not in self._judged:
            rows = self.rows
            known = is_judged(rows)
            is_over = _micro(now) >= rows["fixed_at"] + CONFIRMED_AFTER_DAYS * DAY
            said = np.where(is_fixed(rows), 2, 4) + is_over
            self._judged[now] = np.where(known, said, is_visited_repair(rows).astype(np.int64))
        return self._judged[now]


def grouped(words: Sequence[GroupKey], codes: Ints) -> tuple[list[GroupKey], Ints]:
    """Return the groups that `group_by` would make, and the group of each row.

    `words` are the names that the codes stand for; rows with equal names share a group.
    """
    keys, places = groups_of(words, np.bincount(codes))
    return keys, places[codes]


def groups_of(words: Sequence[GroupKey], counts: Ints) -> tuple[list[GroupKey], Ints]:
    """Return the groups of codes that were counted, and the group of each word, -1 for none."""
    used = {words[code] for code in np.flatnonzero(counts).tolist()}
    keys = sorted(used, key=lambda key: (key is None, key or 0))
    place = {key: number for number, key in enumerate(keys)}
    return keys, np.array([place.get(word, -1) for word in words], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Tally(CountedFigures):
    """What rows in `size` groups add up to, as at `now`; `codes` is the group of each row.

    The flow is that from `since` and before `before`, of all times without them.
    """

    columns: Columns
    codes: Ints
    size: int
    now: datetime
    since: datetime | None = None
    before: datetime | None = None

    @property
    def _rows(self) -> Facts:
        return self.columns.rows

    def table(self, name: str) -> Table:
        """Return one of `TABLES`, a row for each group."""
        if name in MEASURES:
            fared = self.columns.fared(name, self.now)
            return self._by_code(fared, FARED + len(EXCLUSIONS))
        if name in REPEATS:
            return self._repeated(REPEATS[name])
        counts: dict[str, Callable[[], Table]] = {
            "n": self._n,
            "judged": lambda: self._by_code(self.columns.judged(self.now), _JUDGED),
            "causes": lambda: self._by_code(self._rows["cause"], len(CAUSES)),
            "five_ones": self._five_ones,
            "satisfaction": lambda: np.stack([self._sum(each) for each in ANSWERS], axis=1),
            "flow": self._flow,
        }
        return counts[name]()

    def spread(self, stage: Stage) -> list[Percentiles | None]:
        """Measure one stage in seconds."""
        rows, spans = self.columns.spans(stage)
        return percentiles_by_group(spans, self.codes[rows], self.size, MICROSECONDS)

    def times(self, stage: Stage) -> Table:
        """Count the times of one stage in the buckets of `histograms`."""
        rows, _ = self.columns.spans(stage)
        return histogram(self.columns.buckets(stage), self.codes[rows], self.size)

    def _n(self) -> Table:
        return np.bincount(self.codes, minlength=self.size).reshape(-1, 1)

    def _repeated(self, days: int) -> Table:
        rows = self._rows
        ended = rows["counted"] & ~np.isnan(rows["fixed_at"])
        placed, again = self.columns.repeated(days)
        return self._counts(
            again,
            placed,
            placed & (_micro(self.now) < rows["fixed_at"] + days * DAY),
            rows["counted"] & ~ended,
            ended & ~rows["has_place"],
        )

    def _five_ones(self) -> Table:
        rows = self._rows
        closed = rows["closed_repair"]
        ours = closed & ~rows["imported"]
        called, held = rows["contacts_by_reporter"], rows["teams"]
        known = ours & ~np.isnan(rows["fixed_at"])
        alone = (rows["duplicates"] == 0) & ~followed_within(rows, CONFIRMED_AFTER_DAYS)
        arrived = closed & (rows["arrivals"] > 0)
        return self._counts(
            ours & (called == 1), ours & (called > 0),
            known & alone, known,
            ours & (held == 1), ours & (held > 0),
            arrived & (rows["arrivals"] == 1), arrived,
        )  # fmt: skip

    def _flow(self) -> Table:
        rows = self._rows
        now, start = _micro(self.now), -np.inf if self.since is None else _micro(self.since)
        stop = np.inf if self.before is None else _micro(self.before)
        end = min(now, stop)

        def happened(at: Floats) -> Bools:
            return (at <= now) & (at < stop)

        received, closed = rows["received_at"], rows["closed_at"]
        opened = happened(received) & (received >= start)
        waits = ~rows["imported"] | ~np.isnan(closed)
        waiting = waits & (rows["outcome"] == 0) & happened(received) & ~happened(closed)
        sent = opened & (rows["dispatches"] > 0)
        counts = [
            self._count(opened),
            self._count(happened(closed) & (closed >= start)),
            self._count(waiting),
            self._count(waiting & _overdue(rows, end)),
            self._sum("returns", opened),
            self._sum("dispatches", sent),
            self._count(sent),
            self._count(sent & rows["auto"]),
            self._count(opened & rows["override"]),
            self._count(opened & (rows["outcome"] == _DUPLICATE)),
            self._sum("reports", opened),
        ]
        return np.column_stack([*counts, self._ages(waiting, end)])

    def _ages(self, waiting: Bools, end: float) -> Table:
        ages = end - self._rows["received_at"][waiting]
        bands = np.searchsorted(_AGES, ages, side="right")
        table = self.codes[waiting] * len(BANDS) + bands
        return np.bincount(table, minlength=self.size * len(BANDS)).reshape(-1, len(BANDS))

    def _counts(self, *masks: Bools) -> Table:
        return np.stack([self._count(mask) for mask in masks], axis=1)

    def _count(self, mask: Bools) -> Ints:
        if self.size == 1:
            return np.array([np.count_nonzero(mask)])
        return np.bincount(self.codes[mask], minlength=self.size)

    def _sum(self, name: str, mask: Bools | None = None) -> Ints:
        values = self._rows[name] if mask is None else np.where(mask, self._rows[name], 0)
        if self.size == 1:
            return np.array([values.sum(dtype=np.int64)])
        sums = np.bincount(self.codes, weights=values, minlength=self.size)
        return sums.astype(np.int64)

    def _by_code(self, column: Any, kinds: int) -> Table:
        """Count each code of a column in each group."""
        table = np.bincount(self.codes * kinds + column, minlength=self.size * kinds)
        return table.reshape(-1, kinds)


def _micro(at: datetime) -> float:
    return float(micros([at])[0])


def _overdue(rows: Facts, at: float) -> Bools:
    """Tell which tickets are past a promise at an instant and had not kept it by then."""

    def broken(due: str, stopped: Floats) -> Bools:
        late: Bools = (rows[due] < at) & ~(stopped <= at)
        return late

    completed = rows["completed_at"]
    reached = np.where(np.isnan(rows["arrived_at"]), completed, rows["arrived_at"])
    return broken("arrive_due_at", reached) | broken("repair_due_at", completed)
