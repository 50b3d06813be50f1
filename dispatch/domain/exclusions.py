"""Why is a ticket left out of a figure?"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from dispatch.domain.sentences import Sentence, say
from dispatch.domain.ticket_kinds import PLANNED_KINDS, has_steps

if TYPE_CHECKING:
    from dispatch.domain.stories import TicketStory


class Exclusion(StrEnum):
    """A reason to leave a ticket out; it is listed beside the figure."""

    PLANNED = "planned_visit"
    REQUEST = "request"
    DUPLICATE = "duplicate"
    SOLVED_BY_PHONE = "solved_by_phone"
    ANSWERED_BY_NOTICE = "answered_by_notice"
    CANCELLED = "cancelled"
    FLAGGED = "flagged"
    OUT_OF_ORDER = "times_out_of_order"
    NO_ARRIVAL_PROMISE = "no_arrival_promise"
    NO_REPAIR_PROMISE = "no_repair_promise"
    NO_CALL_BACK_PROMISE = "no_call_back_promise"
    OTHER_PROMISE = "another_promise"
    ARRIVAL_NOT_RECORDED = "arrival_not_recorded"
    COMPLETION_NOT_RECORDED = "completion_not_recorded"
    PLACE_NOT_KNOWN = "place_not_known"


EXCLUSION_NAMES: dict[Exclusion, Sentence] = {
    Exclusion.PLANNED: say("A planned visit, for which nobody waited"),
    Exclusion.REQUEST: say("A request with steps of its own, promised in working days"),
    Exclusion.DUPLICATE: say("Duplicate of another ticket"),
    Exclusion.SOLVED_BY_PHONE: say("Solved by phone"),
    Exclusion.ANSWERED_BY_NOTICE: say("Answered by a notice of interruption"),
    Exclusion.CANCELLED: say("Cancelled"),
    Exclusion.FLAGGED: say("Its recorded times contradict each other"),
    Exclusion.OUT_OF_ORDER: say("It ends before it begins"),
    Exclusion.NO_ARRIVAL_PROMISE: say("No arrival time was promised"),
    Exclusion.NO_REPAIR_PROMISE: say("No repair time was promised"),
    Exclusion.NO_CALL_BACK_PROMISE: say("No call back was promised"),
    Exclusion.OTHER_PROMISE: say("The promise was not 30 minutes"),
    Exclusion.ARRIVAL_NOT_RECORDED: say("The arrival was not recorded"),
    Exclusion.COMPLETION_NOT_RECORDED: say("The completion was not recorded"),
    Exclusion.PLACE_NOT_KNOWN: say("The place is not known"),
}


def left_out_of_times(story: TicketStory) -> Exclusion | None:
    """Say why a ticket takes no part in any figure of time after the call.

    `None` when it does. Formula: the first reason that holds is listed. Nobody waits for a planned
    visit; a request is promised step by step in working days; a duplicate is timed by its parent; a
    ticket that was cancelled, solved by phone or answered by a notice was not waited for; the times
    of a flagged one cannot be trusted. Each figure adds reasons of its own, which its definition
    names.
    In: every ticket that was received in the days shown.
    Out: no ticket.
    """
    if story.kind in PLANNED_KINDS:
        return Exclusion.PLANNED
    if has_steps(story.kind):
        return Exclusion.REQUEST
    if story.outcome is not None:
        return Exclusion(story.outcome)
    return Exclusion.FLAGGED if story.flags else None
