"""Who waits for a call back, and what came of calling?"""

from __future__ import annotations

from enum import StrEnum

from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import say

ON_THE_LINE = frozenset({"phone", "hotline"})
"""Channels by which the resident spoke to us already: the call itself was the contact."""

NOBODY_WAITS = frozenset({"sensor", "crew", "import"})
"""Channels behind which no resident stands."""


class CallOutcome(StrEnum):
    """What came of a call: we spoke to the resident, or nobody answered."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"


def owes_call_back(channel: str, phone: str | None) -> bool:
    """Tell whether a reporter waits for our call: there is a number, and nobody spoke to us yet.

    A transfer from the city hotline counts as waiting: its caller spoke to others.
    """
    return bool(phone) and channel not in ON_THE_LINE | NOBODY_WAITS


def check_outcome(outcome: str) -> CallOutcome:
    """Return the outcome of a call by its name.

    Raises:
        Invalid: when it is none.
    """
    if outcome not in set(CallOutcome):
        fault = say("Say whether the resident was reached.")
        raise Invalid(fault, fields={"outcome": fault})
    return CallOutcome(outcome)
