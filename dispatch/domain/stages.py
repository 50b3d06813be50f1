"""How long did each stage between the call and the close take?"""

from __future__ import annotations

from enum import StrEnum
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

from dispatch.domain.exclusions import Exclusion, left_out_of_times
from dispatch.domain.microseconds import MICROSECONDS, micros
from dispatch.domain.sentences import Sentence, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dispatch.domain.stories import TicketStory


class Stage(StrEnum):
    """A slice of a ticket's time, from one first event to another."""

    ANSWER = "answer"
    DISPATCH = "dispatch"
    ACKNOWLEDGE = "acknowledge"
    TURNOUT = "turnout"
    TRAVEL = "travel"
    RESPONSE = "response"
    LOCATE = "locate"
    RESTORE = "restore"
    REPAIR = "repair"
    WRENCH = "wrench"
    FOLLOW_UP = "follow_up"
    CLOSURE = "closure"


STAGE_NAMES: dict[Stage, Sentence] = {
    Stage.ANSWER: say("Answer"),
    Stage.DISPATCH: say("Dispatch"),
    Stage.ACKNOWLEDGE: say("Acknowledge"),
    Stage.TURNOUT: say("Turnout"),
    Stage.TRAVEL: say("Travel"),
    Stage.RESPONSE: say("Response"),
    Stage.LOCATE: say("Locate"),
    Stage.RESTORE: say("Restore"),
    Stage.REPAIR: say("Repair"),
    Stage.WRENCH: say("Work on site"),
    Stage.FOLLOW_UP: say("Follow-up"),
    Stage.CLOSURE: say("Closure"),
}

ENDS: dict[Stage, tuple[str, str]] = {
    Stage.ANSWER: ("rang_at", "answered_at"),
    Stage.DISPATCH: ("received_at", "dispatched_at"),
    Stage.ACKNOWLEDGE: ("dispatched_at", "acknowledged_at"),
    Stage.TURNOUT: ("acknowledged_at", "en_route_at"),
    Stage.TRAVEL: ("en_route_at", "arrived_at"),
    Stage.RESPONSE: ("received_at", "arrived_at"),
    Stage.LOCATE: ("arrived_at", "working_at"),
    Stage.RESTORE: ("received_at", "restored_at"),
    Stage.REPAIR: ("received_at", "completed_at"),
    Stage.WRENCH: ("arrived_at", "completed_at"),
    Stage.FOLLOW_UP: ("completed_at", "verified_at"),
    Stage.CLOSURE: ("received_at", "closed_at"),
}
"""The two instants of each stage (metrics.md, the stages of the 30 minutes)."""

OF_EVERY_TICKET = frozenset({Stage.ANSWER, Stage.CLOSURE})
"""Stages that a duplicate, a cancelled ticket and one solved by phone go through as well."""


def durations(stories: Sequence[TicketStory]) -> dict[Stage, NDArray[np.float64]]:
    """Measure every stage in seconds, one value for each ticket that went through it.

    Formula: the effective time of the first event that ends the stage − that of the first event
    that begins it. Answer: ring → answered. Dispatch: received → dispatched. Acknowledge:
    dispatched → acknowledged. Turnout: acknowledged → en route. Travel: en route → arrived.
    Response: received → first arrival. Locate: arrived → working. Restore: received → supply
    restored or leak stopped. Repair: received → completed. Work on site (wrench): arrived →
    completed. Follow-up: completed → verified. Closure: received → closed.
    In: tickets with both ends recorded. A return or a second dispatch restarts nothing.
    Out: a stage with a missing end (it has no value; it is not zero); a negative stage; flagged
    tickets; and, except for answer and closure, duplicates, cancelled tickets and those solved by
    phone or notice. `left_out` lists them. Holds are not taken off. Source: metrics.md.
    """
    return {stage: seconds[~np.isnan(seconds)] for stage, seconds in _measure(stories)[0].items()}


def left_out(stories: Sequence[TicketStory]) -> dict[Stage, dict[Exclusion, tuple[str, ...]]]:
    """List the tickets that have both ends of a stage and still no value, by stage and reason."""
    numbers = [story.number for story in stories]
    listed: dict[Stage, dict[Exclusion, tuple[str, ...]]] = {}
    for stage, why in _measure(stories)[1].items():
        reasons: dict[Exclusion, list[str]] = {}
        for number, reason in zip(numbers, why, strict=True):
            if reason is not None:
                reasons.setdefault(reason, []).append(number)
        listed[stage] = {reason: tuple(found) for reason, found in reasons.items()}
    return listed


def _measure(
    stories: Sequence[TicketStory],
) -> tuple[dict[Stage, NDArray[np.float64]], dict[Stage, list[Exclusion | None]]]:
    """Return seconds by stage, NaN without a value, and why a stage with both ends has none."""
    fields = {field for ends in ENDS.values() for field in ends}
    columns = {field: micros(map(attrgetter(field), stories)) for field in fields}
    general = [left_out_of_times(story) for story in stories]
    own_times = [Exclusion.FLAGGED if story.flags else None for story in stories]
    seconds: dict[Stage, NDArray[np.float64]] = {}
    why: dict[Stage, list[Exclusion | None]] = {}
    for stage, (begin, end) in ENDS.items():
        spans = (columns[end] - columns[begin]) / MICROSECONDS
        reasons = own_times if stage in OF_EVERY_TICKET else general
        out = np.array([reason is not None for reason in reasons], dtype=bool)
        measured, negative = ~np.isnan(spans), spans < 0
        why[stage] = [
            (reason or (Exclusion.OUT_OF_ORDER if below else None)) if both else None
            for reason, below, both in zip(
                reasons, negative.tolist(), measured.tolist(), strict=True
            )
        ]
        seconds[stage] = np.where(out | negative, np.nan, spans)
    return seconds, why
