"""How does an overdue ticket become something that is put right and signed off?"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from dispatch.domain.errors import Forbidden
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.service_policy import ClockKind

LONGEST_RECTIFICATION = 4_000
LONGEST_NAME = 100
LONGEST_REASON = 300

PUT_RIGHT_WITHIN = timedelta(days=7)
"""How long an item may take that a rule opened."""

WATCHED = frozenset({ClockKind.ARRIVE, ClockKind.RESTORE, ClockKind.REPAIR})
"""The promises whose breach opens an item by itself."""


class ItemState(StrEnum):
    """Where an item stands."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    SIGNED_OFF = "signed_off"
    REJECTED = "rejected"


S = ItemState

ITEM_STATE_NAMES: dict[ItemState, Sentence] = {
    S.OPEN: say("open"),
    S.IN_PROGRESS: say("in progress"),
    S.DONE: say("awaits sign-off"),
    S.SIGNED_OFF: say("signed off"),
    S.REJECTED: say("sent back"),
}

FOLLOWS: dict[ItemState, frozenset[ItemState]] = {
    S.OPEN: frozenset({S.IN_PROGRESS, S.DONE}),
    S.IN_PROGRESS: frozenset({S.DONE}),
    S.DONE: frozenset({S.SIGNED_OFF, S.REJECTED}),
    S.REJECTED: frozenset({S.IN_PROGRESS, S.DONE}),
    S.SIGNED_OFF: frozenset(),
}

UNSETTLED = frozenset({S.OPEN, S.IN_PROGRESS, S.REJECTED})
"""States in which somebody still has to put something right."""


class LateCause(StrEnum):
    """Why a ticket was late; a closed list."""

    LATE_DISPATCH = "late_dispatch"
    NO_CREW = "no_crew"
    TRAVEL = "travel"
    PARTS = "parts"
    ACCESS = "access"
    OTHER_DEPARTMENT = "other_department"
    WRONG_GRID = "wrong_grid"
    OTHER = "other"


LATE_CAUSE_NAMES: dict[LateCause, Sentence] = {
    LateCause.LATE_DISPATCH: say("Dispatched late"),
    LateCause.NO_CREW: say("No crew was free"),
    LateCause.TRAVEL: say("The drive took too long"),
    LateCause.PARTS: say("Parts were missing"),
    LateCause.ACCESS: say("No access to the place"),
    LateCause.OTHER_DEPARTMENT: say("Another department was late"),
    LateCause.WRONG_GRID: say("It was in the wrong grid"),
    LateCause.OTHER: say("Another cause"),
}


def check_item_transition(state: ItemState, target: ItemState) -> None:
    """Refuse a step of an item that the table does not hold.

    Raises:
        Forbidden: naming the present state and the one asked for.
    """
    if target not in FOLLOWS[state]:
        raise Forbidden(
            say(
                "This item is %(state)s, so it cannot become %(target)s.",
                state=ITEM_STATE_NAMES[state],
                target=ITEM_STATE_NAMES[target],
            ),
            facts={"state": str(state), "target": str(target)},
        )
