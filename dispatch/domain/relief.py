"""Why does a crew hand its ticket over to another crew, and how does that stand?"""

from __future__ import annotations

from enum import StrEnum

from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import Sentence, say

RELIEF_LADDER: tuple[float, ...] = (1.0,)
"""The desk is told once the time to answer is over; until then it is the asked crew's to say."""


class ReliefState(StrEnum):
    """How the wish of a crew to hand over stands."""

    ASKED = "asked"
    DECLINED = "declined"
    TAKEN_BACK = "taken_back"
    DONE = "done"
    LAPSED = "lapsed"
    """The visit ended before anybody answered."""


class ReliefReason(StrEnum):
    """Why a crew hands over; a closed list."""

    SHIFT_ENDS = "shift_ends"
    URGENT_ELSEWHERE = "urgent_elsewhere"
    SKILL_MISSING = "skill_missing"
    EQUIPMENT_MISSING = "equipment_missing"
    VEHICLE_DOWN = "vehicle_down"
    CREW_UNFIT = "crew_unfit"


RELIEF_NAMES: dict[ReliefReason, Sentence] = {
    ReliefReason.SHIFT_ENDS: say("Our shift ends"),
    ReliefReason.URGENT_ELSEWHERE: say("Needed more urgently elsewhere"),
    ReliefReason.SKILL_MISSING: say("Another skill is needed"),
    ReliefReason.EQUIPMENT_MISSING: say("Another crew has the equipment"),
    ReliefReason.VEHICLE_DOWN: say("The vehicle has broken down"),
    ReliefReason.CREW_UNFIT: say("Somebody is hurt or unwell"),
}


def check_wish(reason: str, done: str) -> None:
    """Refuse a hand-over that does not say why, or what has been done so far.

    Raises:
        Invalid: naming the field.
    """
    if reason not in set(ReliefReason):
        fault = say("Choose why the ticket is handed over.")
        raise Invalid(fault, fields={"reason": fault})
    if not done.strip():
        fault = say("Write what has been done so far, so that the other crew can go on from there.")
        raise Invalid(fault, fields={"note": fault})
