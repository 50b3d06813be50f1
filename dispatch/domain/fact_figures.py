"""What are the figures of very many tickets, for all groups of them at once?

Each method gives for every group what the function of the same name gives for its stories; what a
figure means, what is in and what is out stands there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from dispatch.domain.attainment import CIRCLE, MEASURES, Attainment, Promise
from dispatch.domain.exclusions import Exclusion
from dispatch.domain.facts import CAUSES, DAY, EXCLUSIONS, TIMES, followed_within
from dispatch.domain.figures import REPEAT_DAYS
from dispatch.domain.first_time_fix import CONFIRMED_AFTER_DAYS, FirstTimeFix
from dispatch.domain.five_ones import FiveOnes
from dispatch.domain.flow import AGE_BANDS, OLDEST_BAND, Flow
from dispatch.domain.microseconds import MICROSECONDS, micros
from dispatch.domain.return_visits import is_fixed, is_judged, is_visited_repair
from dispatch.domain.same_place import Repeat
from dispatch.domain.samples import Percentiles, Share, percentiles_by_group
from dispatch.domain.satisfaction import Satisfaction
from dispatch.domain.stages import ENDS, OF_EVERY_TICKET, Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from dispatch.domain.facts import Facts
    from dispatch.domain.figures import GroupKey

    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int64]
    Codes = NDArray[np.uint8]
    Floats = NDArray[np.float64]

_CLOCKS = {
    Promise.ARRIVE: ("arrived_at", "arrive_due_at", "held_seconds"),
    Promise.REPAIR: ("completed_at", "repair_due_at", "held_seconds_total"),
    Promise.CALL_BACK: ("reached_at", "call_back_due_at", "held_seconds_total"),
}
_FARED, _JUDGED = 8, 6
"""How many numbers `Columns.fared` and `Columns.judged` have for what is not left out."""
_DUPLICATE = EXCLUSIONS.index(Exclusion.DUPLICATE)
_AGES = [limit.total_seconds() * MICROSECONDS for _, limit in AGE_BANDS]
_BANDS = (*(name for name, _ in AGE_BANDS), OLDEST_BAND)


@dataclass
class Columns:
    """Rows of facts, with what every grouping of them needs."""

    rows: Facts
    _spans: dict[Stage, tuple[Ints, Ints]] = field(default_factory=dict, init=False)
    _fared: dict[tuple[str, datetime], Codes] = field(default_factory=dict, init=False)
    _judged: dict[datetime, Ints] = field(default_factory=dict, init=False)

    def spans(self, stage: Stage) -> tuple[Ints, Ints]:
        """Return which rows went through a stage, and their microseconds."""
        if stage not in self._spans:
            self._spans[stage] = self._spanning(stage)
        return self._spans[stage]

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
        from 8 on the reasons to leave it out.
        """
        if (measure, now) not in self._fared:
            self._fared[measure, now] = self._faring(measure, now)
        return self._fared[measure, now]

    def _faring(self, measure: str, now: datetime) -> Codes:
        promise, _ = MEASURES[measure]
        stop, due, held = (self.rows[name] for name in _CLOCKS[promise])
        received, why = self.rows["received_at"], self.rows[measure]
        limit = CIRCLE.total_seconds() * MICROSECONDS
        until = received + limit if measure == "within_30" else due
        is_open = np.isnan(stop)
        stood = np.where(is_open, _micro(now), stop)
        late = stood > until
        adjusted = late.copy()
        rows = np.flatnonzero(held)
        stood, until = stood[rows], until[rows]
        ran = np.maximum(stood - received[rows], 0)
        adjusted[rows] = stood - np.clip(held[rows] * MICROSECONDS, 0, ran) > until
        fared = 4 * is_open.view(np.uint8) + 2 * late.view(np.uint8) + adjusted.view(np.uint8)
        return np.where(why == 0, fared, _FARED + why)

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
    used = {words[code] for code in np.flatnonzero(np.bincount(codes)).tolist()}
    keys = sorted(used, key=lambda key: (key is None, key or 0))
    place = {key: number for number, key in enumerate(keys)}
    places = np.array([place.get(word, -1) for word in words], dtype=np.int64)
    return keys, places[codes]


@dataclass(frozen=True, slots=True)
class Tally:
    """The figures of rows in `size` groups, as at `now`; `codes` is the group of each row."""

    columns: Columns
    codes: Ints
    size: int
    now: datetime

    @property
    def _rows(self) -> Facts:
        return self.columns.rows

    def n(self) -> list[int]:
        """Count the tickets of each group."""
        found: list[int] = np.bincount(self.codes, minlength=self.size).tolist()
        return found

    def every_figure(self) -> dict[str, list[Any]]:
        """Return every figure of `FigureRow` by its name, a value for each group."""
        return {
            "n": self.n(),
            "attainment_30": self.attainment("within_30"),
            "circle": self.attainment("circle"),
            "arrive": self.attainment("arrive"),
            "repair": self.attainment("repair"),
            "call_back": self.attainment("call_back"),
            "stages": self.stages(),
            "first_time_fix": self.first_time_fix(),
            "return_visit_causes": self.return_visit_causes(),
            "repeat": list(zip(*(self.repeat(days) for days in REPEAT_DAYS), strict=True)),
            "five_ones": self.five_ones(),
            "satisfaction": self.satisfaction(),
            "flow": self.flow(),
        }

    def attainment(self, measure: str) -> list[Attainment]:
        """Count one of `MEASURES` by how the promise fared, raw and with holds taken off."""
        found = []
        fared = self.columns.fared(measure, self.now)
        for row in self._by_code(fared, _FARED + len(EXCLUSIONS)):
            met, met_raw, late, late_raw, waits, waits_over, overdue, overdue_over = row[:_FARED]
            ended = met + met_raw + late + late_raw
            found.append(Attainment(
                met + met_raw, late + late_raw, overdue + overdue_over, waits + waits_over,
                met + late, ended + waits_over + overdue_over,
                {why: n for why, n in zip(EXCLUSIONS, row[_FARED:], strict=True) if why and n},
            ))  # fmt: skip
        return found

    def stages(
        self, wanted: Iterable[Stage] = tuple(ENDS)
    ) -> list[dict[Stage, Percentiles | None]]:
        """Measure stages in seconds."""
        found: list[dict[Stage, Percentiles | None]] = [{} for _ in range(self.size)]
        for stage in wanted:
            for group, one in zip(found, self.spread(stage), strict=True):
                group[stage] = one
        return found

    def spread(self, stage: Stage) -> list[Percentiles | None]:
        """Measure one stage in seconds."""
        rows, spans = self.columns.spans(stage)
        return percentiles_by_group(spans, self.codes[rows], self.size, MICROSECONDS)

    def first_time_fix(self) -> list[FirstTimeFix]:
        """Count first-time fixes, so far and confirmed."""
        found = []
        for row in self._by_code(self.columns.judged(self.now), _JUDGED):
            _, flagged, once, lasting, again, judged_over = row
            known, over = once + lasting + again + judged_over, lasting + judged_over
            found.append(
                FirstTimeFix(
                    Share(once + lasting, known),
                    Share(lasting, over),
                    {Exclusion.FLAGGED: flagged} if flagged else {},
                )
            )
        return found

    def return_visit_causes(self) -> list[dict[str, int]]:
        """Count why first visits failed, most frequent cause first."""
        counts = self._by_code(self._rows["cause"], len(CAUSES))
        return [
            {
                str(CAUSES[code]): row[code]
                for code in sorted(range(1, len(CAUSES)), key=lambda code: -row[code])
                if row[code]
            }
            for row in counts
        ]

    def repeat(self, days: int) -> list[Repeat]:
        """Count closed tickets that were followed by another at the same place."""
        rows = self._rows
        ended = rows["counted"] & ~np.isnan(rows["fixed_at"])
        placed = ended & rows["has_place"]
        lasts = placed & (_micro(self.now) < rows["fixed_at"] + days * DAY)
        listed = self._listed({
            Exclusion.FLAGGED: rows["counted"] & ~ended,
            Exclusion.PLACE_NOT_KNOWN: ended & ~rows["has_place"],
        })  # fmt: skip
        shares = self._shares(placed & followed_within(rows, days), placed)
        return [
            Repeat(days, share, provisional, why)
            for share, provisional, why in zip(shares, self._count(lasts), listed, strict=True)
        ]

    def five_ones(self) -> list[FiveOnes]:
        """Count the five ones over closed repairs."""
        rows = self._rows
        closed = rows["closed_repair"]
        ours = closed & ~rows["imported"]
        called, held = rows["contacts_by_reporter"], rows["teams"]
        known = ours & ~np.isnan(rows["fixed_at"])
        alone = (rows["duplicates"] == 0) & ~followed_within(rows, CONFIRMED_AFTER_DAYS)
        arrived = closed & (rows["arrivals"] > 0)
        shares = zip(
            self._shares(ours & (called == 1), ours & (called > 0)),
            self._shares(known & alone, known),
            self._shares(ours & (held == 1), ours & (held > 0)),
            self._shares(arrived & (rows["arrivals"] == 1), arrived),
            [fix.share for fix in self.first_time_fix()],
            strict=True,
        )
        return [FiveOnes(*each) for each in shares]

    def satisfaction(self) -> list[Satisfaction]:
        """Count the follow-ups and their answers."""
        names = ("asked", "answered", "solved", "process", "result", "not_fixed", "refused")
        return [
            Satisfaction(
                asked, Share(n, asked), Share(solved, n), Share(process, n), Share(result, n),
                not_fixed=not_fixed, not_said=n - solved - not_fixed, refused=refused,
                silent=asked - n - refused,
            )
            for asked, n, solved, process, result, not_fixed, refused in zip(
                *(self._sum(name) for name in names), strict=True
            )
        ]  # fmt: skip

    def flow(self, *, since: datetime | None = None, before: datetime | None = None) -> list[Flow]:
        """Count what came in and went out in a period, and what was waiting at its end."""
        rows = self._rows
        now, start = _micro(self.now), -np.inf if since is None else _micro(since)
        stop = np.inf if before is None else _micro(before)
        end = min(now, stop)

        def happened(at: Floats) -> Bools:
            return (at <= now) & (at < stop)

        received, closed = rows["received_at"], rows["closed_at"]
        opened = happened(received) & (received >= start)
        waits = ~rows["imported"] | ~np.isnan(closed)
        waiting = waits & (rows["outcome"] == 0) & happened(received) & ~happened(closed)
        sent = opened & (rows["dispatches"] > 0)
        counts: dict[str, Any] = {
            "opened": self._count(opened),
            "closed": self._count(happened(closed) & (closed >= start)),
            "backlog": self._count(waiting),
            "overdue": self._count(waiting & _overdue(rows, end)),
            "age_bands": self._ages(waiting, end),
            "returns": self._sum("returns", opened),
            "dispatches": self._sum("dispatches", sent),
            "dispatched": self._count(sent),
            "by_rule": self._shares(sent & rows["auto"], sent),
            "overrides": self._count(opened & rows["override"]),
            "duplicates": self._count(opened & (rows["outcome"] == _DUPLICATE)),
            "reports": self._sum("reports", opened),
        }
        return [
            Flow(**dict(zip(counts, each, strict=True)))
            for each in zip(*counts.values(), strict=True)
        ]

    def _ages(self, waiting: Bools, end: float) -> list[dict[str, int]]:
        ages = end - self._rows["received_at"][waiting]
        bands = np.searchsorted(_AGES, ages, side="right")
        table = self.codes[waiting] * len(_BANDS) + bands
        counts = np.bincount(table, minlength=self.size * len(_BANDS)).reshape(-1, len(_BANDS))
        return [dict(zip(_BANDS, row, strict=True)) for row in counts.tolist()]

    def _count(self, mask: Bools) -> list[int]:
        if self.size == 1:
            return [int(np.count_nonzero(mask))]
        found: list[int] = np.bincount(self.codes[mask], minlength=self.size).tolist()
        return found

    def _sum(self, name: str, mask: Bools | None = None) -> list[int]:
        values = self._rows[name] if mask is None else np.where(mask, self._rows[name], 0)
        if self.size == 1:
            return [int(values.sum(dtype=np.int64))]
        sums = np.bincount(self.codes, weights=values, minlength=self.size)
        whole: list[int] = sums.astype(np.int64).tolist()
        return whole

    def _shares(self, hits: Bools, n: Bools) -> list[Share]:
        return [Share(*each) for each in zip(self._count(hits), self._count(n), strict=True)]

    def _by_code(self, column: Any, kinds: int) -> list[list[int]]:
        """Count each code of a column in each group."""
        table = np.bincount(self.codes * kinds + column, minlength=self.size * kinds)
        counts: list[list[int]] = table.reshape(-1, kinds).tolist()
        return counts

    def _listed(self, masks: dict[Exclusion, Bools]) -> list[dict[Exclusion, int]]:
        counts: Iterable[tuple[int, ...]] = zip(
            *(self._count(mask) for mask in masks.values()), strict=True
        )
        return [
            {why: count for why, count in zip(masks, row, strict=True) if count} for row in counts
        ]


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
