"""How long may a pause last that begins now?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dispatch.domain.service_policy import due_at
from dispatch.domain.visit_state import HOLD_NAMES
from dispatch.queries.policies import policy_in_force

if TYPE_CHECKING:
    from datetime import datetime


def hold_limits(now: datetime) -> list[dict[str, Any]]:
    """Return the longest pause for each reason, with its end for one that begins now."""
    policy = policy_in_force().policy
    return [
        {
            "reason": str(reason),
            "name": name,
            "longest": policy.holds.of(reason).as_json(),
            "ends_at": due_at(policy.holds.of(reason), now, policy),
        }
        for reason, name in HOLD_NAMES.items()
    ]
