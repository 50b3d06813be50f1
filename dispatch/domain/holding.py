"""How long may a ticket be paused, for each reason?"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from dispatch.domain.budgets import Budget
from dispatch.domain.strict_json import MINUTES_A_DAY, read_object
from dispatch.domain.visit_state import HoldReason


@dataclass(frozen=True)
class HoldLimits:
    """The longest pause for each reason of the closed list; a part of the service policy."""

    resident_unavailable: Budget
    waiting_for_part: Budget
    waiting_for_permit: Budget
    other_department: Budget
    unsafe_conditions: Budget
    waiting_for_payment: Budget

    def of(self, reason: HoldReason) -> Budget:
        """Return the longest pause for one reason."""
        longest: Budget = getattr(self, reason)
        return longest

    def as_json(self) -> dict[str, Any]:
        """Return a JSON object that `from_json` reads back."""
        return {each.name: getattr(self, each.name).as_json() for each in fields(self)}

    @classmethod
    def from_json(cls, stored: object, path: str = "") -> HoldLimits:
        """Read a budget for each reason; raises Invalid, naming every wrong field."""
        return cls(
            **read_object(stored, path, {str(each): Budget.from_json for each in HoldReason})
        )


DEFAULT_HOLDS = HoldLimits(
    resident_unavailable=Budget(minutes=2 * MINUTES_A_DAY),
    waiting_for_part=Budget(minutes=3 * MINUTES_A_DAY),
    waiting_for_permit=Budget(working_days=5),
    other_department=Budget(minutes=2 * MINUTES_A_DAY),
    unsafe_conditions=Budget(minutes=MINUTES_A_DAY),
    waiting_for_payment=Budget(working_days=20),
)
