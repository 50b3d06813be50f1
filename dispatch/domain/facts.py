"""What does one ticket add to the figures, written as a row of fixed width?

A row holds everything of a ticket that a figure looks at: each time, each reason to leave it out as
the figure's own definition gives it, and counts. Bulk figures are worked out from very many rows at
once (`fact_figures`); one that would have to ask a story again has a field missing here.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from dispatch.domain.arrival import ArrivalGrade
from dispatch.domain.attainment import MEASURES, reasons_left_out
from dispatch.domain.exclusions import Exclusion, left_out_of_times
from dispatch.domain.first_time_fix import (
    CAUSE_NOT_RECORDED,
    arrivals,
    is_closed_repair,
    is_fixed_first_time,
    return_visit_causes,
)
from dispatch.domain.microseconds import MICROSECONDS, micros
from dispatch.domain.responsibility import Holder, HolderKind
from dispatch.domain.same_place import Sites, fixed_at, is_another, next_times, point_of
from dispatch.domain.satisfaction import satisfaction
from dispatch.domain.task_state import TaskKind
from dispatch.domain.visit_state import Cause, HoldReason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from dispatch.domain.fact_columns import FactColumns
    from dispatch.domain.stories import TicketStory

    Rows = NDArray[np.void]
    Facts: TypeAlias = Rows | FactColumns

NONE = -1
"""The number that stands for no grid, no team, no household, no level, no crew, no pipe."""

EXCLUSIONS: tuple[Exclusion | None, ...] = (None, *Exclusion)
CAUSES: tuple[str | None, ...] = (None, CAUSE_NOT_RECORDED, *Cause)
GRADES: tuple[str | None, ...] = (None, *ArrivalGrade)
HOLDERS: tuple[HolderKind | None, ...] = (None, *HolderKind)
_WORDS: dict[HolderKind | None, tuple[str, ...]] = {
    HolderKind.HOLD: tuple(HoldReason),
    HolderKind.DEPARTMENT: tuple(TaskKind),
}
"""What the number of a holder stands for, where it is not the id of a team or crew."""
_EXCLUSION_CODES = {why: code for code, why in enumerate(EXCLUSIONS)}
_GRADE_CODES = {grade: code for code, grade in enumerate(GRADES)}
_CAUSE_CODES = {cause: code for code, cause in enumerate(CAUSES)}

TIMES = (
    "received_at", "dispatched_at", "acknowledged_at", "en_route_at", "arrived_at", "working_at",
    "restored_at", "completed_at", "verified_at", "closed_at", "arrive_due_at", "repair_due_at",
    "call_back_due_at",
)  # fmt: skip
COUNTS = (
    "returns", "dispatches", "reports", "contacts_by_reporter", "duplicates", "teams", "crews",
)  # fmt: skip
ANSWERS = ("asked", "answered", "solved", "process", "result", "not_fixed", "refused")
_SIGNS = ("storm", "imported", "auto", "override")
_LAYOUT = {
    "d": (*TIMES, "reached_at", "fixed_at", "held_seconds", "held_seconds_total", "lat", "lon"),
    "q": ("ticket", "category"),
    "i": ("grid", "team", "household", "level", "crew", "holder"),
    "I": (*COUNTS, "arrivals", *ANSWERS),
    "B": ("outcome", "left_out", *MEASURES, "cause", "evidence", "holder_kind"),
    "?": (
        *_SIGNS,
        "flagged",
        "closed_repair",
        "clean",
        "counted",
        "has_place",
        "is_open",
        "is_held",
    ),
}
_TYPES = {"d": "<f8", "q": "<i8", "i": "<i4", "I": "<u4", "B": "u1", "?": "?"}
FACT = np.dtype(
    [(name, _TYPES[kind]) for kind, names in _LAYOUT.items() for name in names]
    + [("followed_at", "<f8"), ("pipe", "<i4"), ("reopened", "?")]
)
_ROW = struct.Struct("<" + "".join(kind * len(names) for kind, names in _LAYOUT.items()) + "di?")


@dataclass(frozen=True, slots=True)
class Keys:
    """What the tables know of a ticket beside its story; None is none.

    `crew` is the one that a promise is told of (`visit_told_of`), `pipe` the width in millimetres.
    `holder` is who had the ticket when the promise of 30 minutes fell due, where it was not kept.
    `is_open` is false for imported tickets, which do not wait; `is_held` says that a hold is
    counted up to now, so that the row holds for the instant at which it was written alone.
    """

    ticket: int
    grid: int | None
    team: int | None
    household: int | None
    crew: int | None = None
    holder: Holder | None = None
    pipe: int | None = None
    is_open: bool = False
    is_held: bool = False


def layout_number() -> int:
    """Return a number that differs once the meaning of any byte of a row has changed."""
    words = repr((FACT.descr, EXCLUSIONS, CAUSES, GRADES, HOLDERS, tuple(_WORDS.items())))
    return int.from_bytes(blake2b(words.encode(), digest_size=4).digest())


def fact_of(story: TicketStory, keys: Keys) -> bytes:
    """Write a ticket's story as a row; nothing is known yet of what followed at its place."""
    lat, lon = point_of(story) or (np.nan, np.nan)
    ends = [getattr(story, name) for name in TIMES]
    ends += [story.called_back_at or story.completed_at, fixed_at(story)]
    said = satisfaction([story])
    counted = story.closed_at is not None and is_another(story)
    return _ROW.pack(
        *micros(ends),
        story.held_seconds,
        story.held_seconds_total,
        lat,
        lon,
        keys.ticket,
        number_of(story.category),
        *_or_none(keys.grid, keys.team, keys.household, story.level, keys.crew),
        _holder_number(keys.holder),
        *(getattr(story, name) for name in COUNTS),
        len(arrivals(story)),
        said.asked, said.answered.hits, said.solved.hits, said.process.hits, said.result.hits,
        said.not_fixed, said.refused,
        _EXCLUSION_CODES[None if story.outcome is None else Exclusion(story.outcome)],
        _EXCLUSION_CODES[left_out_of_times(story)],
        *(_EXCLUSION_CODES[why] for why in reasons_left_out(story)),
        _cause_code(story),
        _GRADE_CODES[story.evidence],
        HOLDERS.index(keys.holder and keys.holder.kind),
        *(getattr(story, name) for name in _SIGNS),
        bool(story.flags),
        is_closed_repair(story),
        is_fixed_first_time(story, {}),
        counted,
        story.household is not None or point_of(story) is not None,
        keys.is_open,
        keys.is_held,
        np.nan,
        *_or_none(keys.pipe),
        story.reopened > 0,
    )  # fmt: skip


def _or_none(*numbers: int | None) -> list[int]:
    return [NONE if number is None else number for number in numbers]


def facts_of(packed: Iterable[bytes]) -> Rows:
    """Read rows back as one array of `FACT`."""
    read = b"".join(packed)
    return np.frombuffer(read, dtype=FACT) if read else np.empty(0, dtype=FACT)


def received_or_waiting(facts: Facts, begin: float, end: float) -> NDArray[np.bool_]:
    """Tell which tickets were received from `begin` and before `end`, or waited when it began.

    Those that waited were received before and not closed by then; past tickets that were imported
    without a close are not work that waits. Instants are microseconds since 1970.
    """
    received, closed = facts["received_at"], facts["closed_at"]
    waited = (closed >= begin) | (np.isnan(closed) & facts["is_open"])
    found: NDArray[np.bool_] = (received < end) & ((received >= begin) | waited)
    return found


def with_followers(asked: Rows, pool: Rows) -> Rows:
    """Fill in when the next ticket came to the place of each, looked for in the pool."""
    found = asked.copy()
    found["followed_at"] = np.nan
    ended = np.flatnonzero(~np.isnan(asked["fixed_at"]))
    others = pool[~np.isin(pool["outcome"], _NOT_ANOTHER)]
    nexts = next_times(_sites(asked[ended], "fixed_at"), _sites(others, "received_at"))
    found["followed_at"][ended] = np.where(np.isfinite(nexts), nexts, np.nan)
    return found


def followed_within(facts: Facts, days: int) -> NDArray[np.bool_]:
    """Tell of each ticket whether another came to its place within so many days of its end."""
    found: NDArray[np.bool_] = facts["followed_at"] <= facts["fixed_at"] + days * DAY
    return found


@lru_cache(maxsize=4096)
def number_of(word: str) -> int:
    """Return a number for a word that is the same in every process."""
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), signed=True)


DAY = 86_400 * MICROSECONDS
_NOT_ANOTHER = [_EXCLUSION_CODES[Exclusion.DUPLICATE], _EXCLUSION_CODES[Exclusion.CANCELLED]]


def holder_of(kind: int, number: int) -> Holder | None:
    """Return the holder for which a row has these two numbers, None where it has none."""
    found = HOLDERS[kind]
    if found is None:
        return None
    if number == NONE:
        return Holder(found)
    return Holder(found, _WORDS[found][number] if found in _WORDS else str(number))


def _holder_number(holder: Holder | None) -> int:
    if holder is None or not holder.key:
        return NONE
    words = _WORDS.get(holder.kind)
    if words is None:
        return int(holder.key)
    return words.index(holder.key) if holder.key in words else NONE


def _cause_code(story: TicketStory) -> int:
    causes = return_visit_causes([story])
    return _CAUSE_CODES.get(next(iter(causes), None), _CAUSE_CODES[CAUSE_NOT_RECORDED])


def _sites(facts: Any, times: str) -> Sites:
    household = facts["household"].astype(np.int64)
    return Sites(facts["category"], household, facts["lat"], facts["lon"], facts[times])
