"""Where was the promise of 30 minutes broken, worked out from very many facts at once?

What is broken, usual and worst, and in which order groups stand, is what `broken_promises` and
`lost_minutes` say of stories.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dispatch.domain.attainment import CIRCLE
from dispatch.domain.broken_promises import BrokenPromises, BrokenRow, by_harm
from dispatch.domain.lost_minutes import ROAD, LostMinutes
from dispatch.domain.microseconds import MICROSECONDS, micros
from dispatch.domain.part_of_week import HOURS
from dispatch.domain.samples import Share, median, percentiles_by_group
from dispatch.domain.stages import ENDS
from dispatch.domain.wall_clock import local_hours_of_week

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from numpy.typing import NDArray

    from dispatch.domain.broken_promises import SplitKey
    from dispatch.domain.facts import Facts
    from dispatch.domain.samples import Percentiles
    from dispatch.domain.stages import Stage

    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

_LIMIT = CIRCLE.total_seconds() * MICROSECONDS
_NO_STAGE = -1
ROAD_COLUMNS = frozenset({
    "received_at", "dispatched_at", "acknowledged_at", "en_route_at", "arrived_at", "completed_at",
    "closed_at", "arrive_due_at", "left_out", "crew",
})  # fmt: skip
"""What is read of a fact here, besides what facts are narrowed and grouped by."""


@dataclass(frozen=True, slots=True)
class RoadFacts:
    """The facts that take part in the promise of 30 minutes.

    `late` are the places of those that broke it, in the order of the calls. `spans` and `beyond`
    have a line for each stage of the road and a value for each of these: microseconds, NaN where
    they are not on record, and the seconds beyond the usual, 0 where there are none. `worst` is the
    number of the stage in which each lost most.
    """

    rows: Facts
    late: Ints
    spans: Floats
    usual: dict[Stage, float]
    beyond: Floats
    worst: Ints
    now: datetime

    def behind(
        self, members: Bools | None = None, *, stage: Stage | None, only_broken: bool
    ) -> list[int]:
        """Return the ids of tickets of a group, or of all, the latest against its promise first."""
        chosen = np.arange(self.rows.size)
        if stage is not None:
            chosen = self.late[self.worst == ROAD.index(stage)]
        elif only_broken:
            chosen = self.late
        if members is not None:
            chosen = chosen[members[chosen]]
        rows = self.rows[chosen]
        stood = np.where(np.isnan(rows["arrived_at"]), _micro(self.now), rows["arrived_at"])
        found: list[int] = rows["ticket"][
            np.lexsort((rows["ticket"], rows["arrive_due_at"] - stood))
        ].tolist()
        return found

    def split(
        self, keys: Sequence[SplitKey], codes: Ints, zone: ZoneInfo
    ) -> BrokenPromises:  # fmt: skip
        """Tell broken promises apart by the group of each row, given as its place in `keys`."""
        [total] = self._rows_of([None], np.zeros(self.rows.size, dtype=np.int64))
        return BrokenPromises(
            as_of=self.now,
            usual=self.usual,
            total=total,
            rows=sorted(
                (row for row in self._rows_of(keys, codes) if row.lost.broken.n), key=by_harm
            ),
            week=self._week(zone),
        )

    def _rows_of(self, keys: Sequence[SplitKey], codes: Ints) -> list[BrokenRow]:
        size, late = len(keys), codes[self.late]
        due, broken = (np.bincount(each, minlength=size).tolist() for each in (codes, late))
        over = [np.bincount(late, weights=each, minlength=size).tolist() for each in self.beyond]
        kinds = len(ROAD) + 1
        worst = np.bincount(late * kinds + self.worst + 1, minlength=size * kinds)
        tickets: list[list[int]] = worst.reshape(-1, kinds).tolist()
        roads = self._roads(late, size)
        return [
            BrokenRow(
                key,
                LostMinutes(
                    Share(broken[place], due[place]),
                    {stage: sums[place] for stage, sums in zip(ROAD, over, strict=True)
                     if sums[place]},
                    {stage: count for stage, count in zip(ROAD, tickets[place][1:], strict=True)
                     if count},
                    tickets[place][0],
                ),
                roads[place],
            )
            for place, key in enumerate(keys)
        ]  # fmt: skip

    def _roads(self, late: Ints, size: int) -> list[dict[Stage, Percentiles]]:
        found: list[dict[Stage, Percentiles]] = [{} for _ in range(size)]
        for stage, spans in zip(ROAD, self.spans, strict=True):
            known = ~np.isnan(spans)
            measured = percentiles_by_group(
                spans[known].astype(np.int64), late[known], size, MICROSECONDS
            )
            for group, one in zip(found, measured, strict=True):
                if one is not None:
                    group[stage] = one
        return found

    def _week(self, zone: ZoneInfo) -> dict[tuple[int, int], Share]:
        received = self.rows["received_at"]
        cells = local_hours_of_week(received, zone)
        due = np.bincount(cells)
        broken = np.bincount(cells[self.late], minlength=due.size)
        return {
            divmod(cell, HOURS): Share(int(broken[cell]), int(due[cell]))
            for cell in np.flatnonzero(due).tolist()
        }


def road_facts(facts: Facts, now: datetime) -> RoadFacts:
    """Return the facts that take part in the promise of 30 minutes, with their roads."""
    rows, late, is_kept = _taking_part(facts, _micro(now))
    usual = {}
    for stage in ROAD:
        begin, end = ENDS[stage]
        spans = rows[end] - rows[begin]
        middle = median(spans[np.flatnonzero(is_kept & (spans >= 0))] / MICROSECONDS)
        if middle is not None:
            usual[stage] = middle
    spans = _spans(rows[late], _micro(now))
    seconds = spans / MICROSECONDS
    limits = np.array([[usual.get(stage, 0.0)] for stage in ROAD])
    beyond = np.where(seconds > limits, seconds - limits, 0.0)
    worst = np.where(beyond.any(axis=0), beyond.argmax(axis=0), _NO_STAGE)
    return RoadFacts(rows, late, spans, usual, beyond, worst, now)


def _taking_part(facts: Facts, at: float) -> tuple[Facts, Ints, Bools]:
    """Return the facts that take part, the places of the late among them, and which are not."""
    received, due, arrived = (
        facts[name] for name in ("received_at", "arrive_due_at", "arrived_at")
    )
    promised = (facts["left_out"] == 0) & (due - received == _LIMIT)
    broken = arrived > due
    waits = promised & (at > due) & np.isnan(arrived)
    broken[waits] = _is_open(facts[waits])
    taking = promised & (broken | ((arrived >= received) & (arrived <= due)))
    rows, is_late = facts[taking], broken[np.flatnonzero(taking)]
    late = np.flatnonzero(is_late)
    # Sums of seconds are the same to the last bit only in the same order.
    order = order_of_calls(rows["received_at"][late], rows["ticket"][late])
    return rows, late[order], ~is_late


def order_of_calls(received: Floats, tickets: Ints) -> Ints:
    """Return the places of tickets in the order of their calls, those of one instant by ticket.

    What has been read is almost in order, which makes one sort quick and a second key slow.
    """
    order = np.argsort(received, kind="stable")
    alike = np.flatnonzero(np.diff(received[order]) == 0)
    alike = np.union1d(alike, alike + 1)
    some = order[alike]
    order[alike] = some[np.lexsort((tickets[some], received[some]))]
    return order


def _spans(rows: Facts, at: float) -> Floats:
    """Return the road of rows that broke the promise, a line for each of its stages."""
    begins, ends = (np.stack([rows[ENDS[stage][end]] for stage in ROAD]) for end in (0, 1))
    # Late and without an arrival is still open.
    still = np.flatnonzero(np.isnan(rows["arrived_at"]))
    begun = ~np.isnan(begins[:, still])
    ends[len(ROAD) - 1 - begun[::-1].argmax(axis=0), still] = at
    spans = ends - begins
    found: Floats = np.where(spans < 0, np.nan, spans)
    return found


def _is_open(rows: Facts) -> Bools:
    ends = [np.isnan(rows[name]) for name in ("arrived_at", "completed_at", "closed_at")]
    still: Bools = np.logical_and.reduce(ends)
    return still


def _micro(at: datetime) -> float:
    return float(micros([at])[0])
