"""Whose is a fault that a team says is not its own, and who decides until when?"""

from __future__ import annotations

from enum import StrEnum

from dispatch.domain.errors import Forbidden
from dispatch.domain.sentences import Sentence, say

LONGEST_DEPARTMENT = 100

DISPUTE_LADDER: tuple[float, ...] = (0.0, 0.5, 0.8, 1.0)
"""At which shares of the time to decide somebody is told; the first is the opening itself."""


class DisputeGround(StrEnum):
    """Why a team says that a fault is not its own; a closed list."""

    NOT_OUR_AREA = "not_our_area"
    NOT_OUR_PIPE = "not_our_pipe"


GROUND_NAMES: dict[DisputeGround, Sentence] = {
    DisputeGround.NOT_OUR_AREA: say("Not our area"),
    DisputeGround.NOT_OUR_PIPE: say("Not our pipe"),
}


class DisputeState(StrEnum):
    """Where a dispute stands: `lapsed` when the time was up and nobody had decided.

    `over` when the ticket was cancelled or merged, so that there is nothing left to decide.
    """

    OPEN = "open"
    DECIDED = "decided"
    LAPSED = "lapsed"
    OVER = "over"


DISPUTE_STATE_NAMES: dict[DisputeState, Sentence] = {
    DisputeState.OPEN: say("to decide"),
    DisputeState.DECIDED: say("decided"),
    DisputeState.LAPSED: say("time was up"),
    DisputeState.OVER: say("ended with the ticket"),
}


def check_open(state: DisputeState) -> None:
    """Refuse to settle a dispute twice.

    Raises:
        Forbidden: naming how it was settled.
    """
    if state is not DisputeState.OPEN:
        name = DISPUTE_STATE_NAMES[state]
        fault = say("This dispute is settled already: %(state)s.", state=name)
        raise Forbidden(fault, facts={"state": str(state)})
