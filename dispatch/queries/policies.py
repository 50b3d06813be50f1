"""Which promises are made today, and which were made to an older ticket?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from sqlalchemy import func, select

from dispatch.domain.service_policy import DEFAULT_POLICY, ServicePolicy
from dispatch.models.base import current_connection, db
from dispatch.models.people import ServicePolicyVersion

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine


@dataclass(frozen=True)
class PolicyInForce:
    """A policy with the row it is stored in; None where only the built-in default exists."""

    id: int | None
    version: int
    policy: ServicePolicy


_NEWEST = select(func.max(ServicePolicyVersion.id))
# Stored versions by row id, for each engine.
_kept: WeakKeyDictionary[Engine, dict[int, PolicyInForce]] = WeakKeyDictionary()


def policy_in_force() -> PolicyInForce:
    """Return the newest policy, or the built-in default before one was stored."""
    newest = current_connection().execute(_NEWEST).scalar_one()
    return policy_of(newest)


def policy_of(policy_id: int | None) -> PolicyInForce:
    """Return the policy that a ticket was promised under; a stored version never changes."""
    if policy_id is None:
        return PolicyInForce(None, 0, DEFAULT_POLICY)
    kept = _kept.setdefault(db.engine, {})
    if policy_id not in kept:
        row = db.session.get_one(ServicePolicyVersion, policy_id)
        kept[policy_id] = PolicyInForce(row.id, row.version, ServicePolicy.from_json(row.policy))
    return kept[policy_id]
