"""Which state may a visit go to next, and what does that make of its ticket?"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from dispatch.domain.errors import Forbidden
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.ticket_state import TicketState

if TYPE_CHECKING:
    from collections.abc import Iterable


class VisitState(StrEnum):
    """Where one trip of one crew stands."""

    DISPATCHED = "dispatched"
    ACKNOWLEDGED = "acknowledged"
    EN_ROUTE = "en_route"
    ARRIVED = "arrived"
    WORKING = "working"
    COMPLETED = "completed"
    CANNOT_COMPLETE = "cannot_complete"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    HANDED_OVER = "handed_over"


V = VisitState

ROAD = (V.DISPATCHED, V.ACKNOWLEDGED, V.EN_ROUTE, V.ARRIVED, V.WORKING)
ACTIVE = frozenset(ROAD)
ON_SITE = frozenset({V.ARRIVED, V.WORKING})
BEFORE_ARRIVAL = ACTIVE - ON_SITE

# The desk calls a crew back, or another crew takes its ticket over.
_BY_OTHERS = frozenset({V.WITHDRAWN, V.HANDED_OVER})

FOLLOWS: dict[VisitState, frozenset[VisitState]] = {
    V.DISPATCHED: frozenset({V.ACKNOWLEDGED, V.EN_ROUTE, V.ARRIVED, V.DECLINED, V.WITHDRAWN}),
    V.ACKNOWLEDGED: frozenset({V.EN_ROUTE, V.ARRIVED, V.DECLINED}) | _BY_OTHERS,
    V.EN_ROUTE: frozenset({V.ARRIVED, V.DECLINED}) | _BY_OTHERS,
    V.ARRIVED: frozenset({V.WORKING, V.COMPLETED, V.CANNOT_COMPLETE}) | _BY_OTHERS,
    V.WORKING: frozenset({V.COMPLETED, V.CANNOT_COMPLETE}) | _BY_OTHERS,
    V.COMPLETED: frozenset(),
    V.CANNOT_COMPLETE: frozenset(),
    V.DECLINED: frozenset(),
    V.WITHDRAWN: frozenset(),
    V.HANDED_OVER: frozenset(),
}

VISIT_STATE_NAMES: dict[VisitState, Sentence] = {
    V.DISPATCHED: say("dispatched"),
    V.ACKNOWLEDGED: say("acknowledged"),
    V.EN_ROUTE: say("on the way"),
    V.ARRIVED: say("on site"),
    V.WORKING: say("working"),
    V.COMPLETED: say("completed"),
    V.CANNOT_COMPLETE: say("could not be fixed"),
    V.DECLINED: say("declined"),
    V.WITHDRAWN: say("withdrawn"),
    V.HANDED_OVER: say("handed over"),
}

GIVEN_BACK = frozenset({V.DECLINED, V.WITHDRAWN, V.HANDED_OVER})
"""What a visit ends in when its crew has the ticket no longer without having done it."""


class Cause(StrEnum):
    """Why a visit ended without the repair; a closed list."""

    PART_MISSING = "part_missing"
    SKILL_MISSING = "skill_missing"
    PLACE_NOT_FOUND = "place_not_found"
    NO_ACCESS = "no_access"
    VALVE_WILL_NOT_SHUT = "valve_will_not_shut"
    NOT_OUR_PIPE = "not_our_pipe"
    WEATHER_OR_TRAFFIC = "weather_or_traffic"
    RESIDENT_POSTPONED = "resident_postponed"
    TEMPORARY_REPAIR = "temporary_repair"


CAUSE_NAMES: dict[Cause, Sentence] = {
    Cause.PART_MISSING: say("A part is missing"),
    Cause.SKILL_MISSING: say("Skill or hands are missing"),
    Cause.PLACE_NOT_FOUND: say("The place was not found"),
    Cause.NO_ACCESS: say("No access"),
    Cause.VALVE_WILL_NOT_SHUT: say("A valve will not shut"),
    Cause.NOT_OUR_PIPE: say("Not our pipe"),
    Cause.WEATHER_OR_TRAFFIC: say("Weather or traffic"),
    Cause.RESIDENT_POSTPONED: say("The resident postponed"),
    Cause.TEMPORARY_REPAIR: say("Temporary repair only"),
}


class HoldReason(StrEnum):
    """Why a ticket may be paused; a closed list."""

    RESIDENT_UNAVAILABLE = "resident_unavailable"
    WAITING_FOR_PART = "waiting_for_part"
    WAITING_FOR_PERMIT = "waiting_for_permit"
    OTHER_DEPARTMENT = "other_department"
    UNSAFE_CONDITIONS = "unsafe_conditions"
    WAITING_FOR_PAYMENT = "waiting_for_payment"


HOLD_NAMES: dict[HoldReason, Sentence] = {
    HoldReason.RESIDENT_UNAVAILABLE: say("The resident is not available"),
    HoldReason.WAITING_FOR_PART: say("Waiting for a part"),
    HoldReason.WAITING_FOR_PERMIT: say("Waiting for a permit"),
    HoldReason.OTHER_DEPARTMENT: say("Waiting for another department"),
    HoldReason.UNSAFE_CONDITIONS: say("Conditions are not safe"),
    HoldReason.WAITING_FOR_PAYMENT: say("Waiting for the payment"),
}


def check_visit_transition(state: VisitState, target: VisitState) -> None:
    """Refuse a step of a visit that the table does not hold.

    Raises:
        Forbidden: naming the present state and the one asked for.
    """
    if target not in FOLLOWS[state]:
        raise Forbidden(
            say(
                "This visit is %(state)s, so it cannot become %(target)s.",
                state=VISIT_STATE_NAMES[state],
                target=VISIT_STATE_NAMES[target],
            ),
            facts={"state": str(state), "target": str(target)},
        )


def ticket_state_for(visits: Iterable[VisitState], *, fixed: bool) -> TicketState:
    """Return the ticket state that its visits add up to.

    The furthest active visit speaks for the ticket. With none active the ticket is completed
    where the last visit fixed the fault, else it waits at the desk for the next crew.
    """
    active = [state for state in visits if state in ACTIVE]
    if active:
        return TicketState(max(active, key=ROAD.index))
    return TicketState.COMPLETED if fixed else TicketState.ACCEPTED
